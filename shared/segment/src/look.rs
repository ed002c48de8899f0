//! Looking again and again: into memory that is there already, and nothing is made anew that has not changed.

use std::time::Duration;

use crate::layout::header;
use crate::snapshot::{Raw, Snapshot};
use crate::{ReadError, Reader};

/// The last look.
#[derive(Debug, Default)]
pub(crate) struct Last {
    /// Of which server.
    epoch: u64,
    /// What was copied, of which the snapshot was made.
    raw: Raw,
    /// The memory of the look before it.
    spare: Raw,
    snapshot: Snapshot,
}

impl Reader {
    /// The same as [`Reader::snapshot`], for who looks often: as long as nobody comes or goes, a look allocates nothing.
    pub fn look(&mut self) -> Result<&Snapshot, ReadError> {
        self.look_with(|reader, raw, before| reader.copy(raw, before))
    }

    /// The same as [`Reader::snapshot_guarded`], for who looks often.
    pub fn look_guarded(&mut self, deadline: Duration) -> Result<&Snapshot, ReadError> {
        self.look_with(|reader, raw, before| reader.copy_guarded(raw, before, deadline))
    }

    fn look_with(
        &mut self,
        copy: impl FnOnce(&Reader, &mut Raw, &Raw) -> Result<u64, ReadError>,
    ) -> Result<&Snapshot, ReadError> {
        let mut last = self.last.take().unwrap_or_default();
        // Another server may number its lists of members as the one before it did.
        let epoch = self.mapping.load(header::EPOCH);
        if std::mem::replace(&mut last.epoch, epoch) != epoch {
            *last = Last { epoch, ..Last::default() };
        }
        let looked = copy(self, &mut last.spare, &last.raw)
            .and_then(|generation| last.spare.refresh(&mut last.snapshot, &last.raw, &self.view, generation));
        if looked.is_ok() {
            std::mem::swap(&mut last.raw, &mut last.spare);
        }
        let last = self.last.insert(last);
        looked.map(|()| &last.snapshot)
    }
}
