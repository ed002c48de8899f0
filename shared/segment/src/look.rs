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
    /// Of which publication, if it has succeeded.
    generation: Option<u64>,
    /// What was copied, of which the snapshot was made.
    raw: Raw,
    /// The memory of the look before it.
    spare: Raw,
    snapshot: Snapshot,
}

impl Reader {
    /// The same as [`Reader::snapshot`], for who looks often: as long as nobody comes or goes, a look allocates nothing,
    /// and as long as nothing is published, it copies nothing.
    pub fn look(&mut self) -> Result<&Snapshot, ReadError> {
        self.look_with(Reader::look_ahead)
    }

    /// The same as [`Reader::snapshot_guarded`], for who looks often. What is copied before the guard is taken is not
    /// copied again under it, unless something was published in between: so it is held for as short as can be, and not at
    /// all as long as nothing is published, since the last look is one cut of what there is.
    pub fn look_guarded(&mut self, deadline: Duration) -> Result<&Snapshot, ReadError> {
        self.look_with(|reader, last| {
            let ahead = reader.look_ahead(last).ok();
            if let Some(generation) = ahead.filter(|_| ahead == last.generation) {
                return Ok(generation);
            }
            let ((), generation, _) = reader.guarded(deadline, |generation| {
                if ahead != Some(generation) {
                    last.spare.copy_again(&reader.mapping, &reader.view.geometry, generation, &last.raw);
                }
            })?;
            Ok(generation)
        })
    }

    /// Copies what is not that of the last look. Says of which generation it is.
    fn look_ahead(&self, last: &mut Last) -> Result<u64, ReadError> {
        let generation = self.mapping.load(header::GEN);
        // One ahead is the other copy being written; more is damage, of which copying tells.
        let under_way = self.mapping.load(header::INTENT).wrapping_sub(generation);
        if last.generation == Some(generation) && under_way <= 1 {
            return Ok(generation);
        }
        self.copy(&mut last.spare, &last.raw)
    }

    fn look_with(
        &mut self,
        copy: impl FnOnce(&Reader, &mut Last) -> Result<u64, ReadError>,
    ) -> Result<&Snapshot, ReadError> {
        let mut last = self.last.take().unwrap_or_default();
        // Another server may number its lists of members as the one before it did.
        let epoch = self.mapping.load(header::EPOCH);
        if std::mem::replace(&mut last.epoch, epoch) != epoch {
            *last = Last { epoch, ..Last::default() };
        }
        let looked = copy(self, &mut last).and_then(|generation| {
            if last.generation != Some(generation) {
                last.spare.refresh(&mut last.snapshot, &last.raw, &self.view, generation)?;
                last.generation = Some(generation);
                let Last { raw, spare, .. } = &mut *last;
                std::mem::swap(raw, spare);
            }
            Ok(())
        });
        let last = self.last.insert(last);
        looked.map(|()| &last.snapshot)
    }
}
