//! Where the client's files are, and writing them so that nobody else reads them and none is ever half written.

use std::fs::{DirBuilder, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;

/// The largest file that is read; a larger one is none of ours.
const FILE_BYTES_MAX: u64 = 4 * 1024 * 1024;

/// Where the files are. None where the system does not say where people live.
#[derive(Clone, Debug, Default)]
pub(crate) struct Files {
    /// What a person has configured.
    pub config: Option<PathBuf>,
    /// Whom we trust.
    pub trust: Option<PathBuf>,
}

impl Files {
    /// Where the platform puts such files.
    pub fn of_platform() -> Self {
        let Ok(places) = etcetera::choose_base_strategy() else { return Self::default() };
        let state = places.state_dir().unwrap_or_else(|| places.data_dir());
        Self {
            config: Some(places.config_dir().join("parlor/config.toml")),
            trust: Some(state.join("parlor/trust.toml")),
        }
    }
}

/// The text of a file; nothing if there is none.
pub(crate) fn read(path: &Path) -> io::Result<Option<String>> {
    let size = match std::fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        metadata => metadata?.len(),
    };
    if size > FILE_BYTES_MAX {
        return Err(io::Error::other(format!("it has more than {FILE_BYTES_MAX} bytes")));
    }
    std::fs::read_to_string(path).map(Some)
}

/// Whether others than the owner can read a file.
pub(crate) fn read_by_others(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & 0o077 != 0)
}

/// Writes a file that only its owner can read: the whole new one, or the old one stays.
pub(crate) fn write(path: &Path, text: &str) -> io::Result<()> {
    // What a link points to is meant, not the link.
    let path = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let directory = path.parent().unwrap_or(Path::new("."));
    DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
    let new = path.with_extension(format!("new-{}", std::process::id()));
    let written = (|| {
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&new)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        std::fs::rename(&new, &path)
    })();
    if written.is_err() {
        // It may never have been made.
        let _ = std::fs::remove_file(&new);
    }
    written
}

/// Writes what becomes of a file's text, while nobody else who does so is at it.
pub(crate) fn change(path: &Path, to: impl FnOnce(&str) -> Result<String, String>) -> Result<(), String> {
    let path = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let directory = path.parent().unwrap_or(Path::new("."));
    let locked = DirBuilder::new().recursive(true).mode(0o700).create(directory).and_then(|()| {
        // The directory is locked, because the file will be another one afterwards.
        let lock = std::fs::File::open(directory)?;
        lock.lock()?;
        Ok(lock)
    });
    let _lock = locked.map_err(|error| error.to_string())?;
    let text = read(&path).map_err(|error| error.to_string())?;
    write(&path, &to(&text.unwrap_or_default())?).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_for_their_owner_alone() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("deep/er/file.toml");
        assert_eq!(read(&path).unwrap(), None);
        for text in ["one", "two"] {
            write(&path, text).unwrap();
            assert_eq!(read(&path).unwrap().as_deref(), Some(text));
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
            assert!(!read_by_others(&path));
        }
        let directory = path.parent().unwrap();
        assert_eq!(std::fs::metadata(directory).unwrap().permissions().mode() & 0o777, 0o700);
        assert_eq!(std::fs::read_dir(directory).unwrap().count(), 1, "nothing else is left behind");
    }
}
