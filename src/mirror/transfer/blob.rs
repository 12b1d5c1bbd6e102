//! One blob of an image: looked for, mounted or sent.

use http::StatusCode;

use super::image::ImageCopy;
use crate::mirror::{
    Descriptor, Existing, MirrorError,
    registry::{SMALL, Whereabouts},
};

impl ImageCopy<'_> {
    /// Brings over a blob, unless the target has it.
    pub(super) async fn place_blob(&self, blob: &Descriptor) -> Result<(), MirrorError> {
        let placed = self.bring_blob(blob).await;
        if placed.is_err() {
            self.count(|counts| counts.failed.add(blob.size));
            self.fail();
        }
        placed
    }

    async fn bring_blob(&self, blob: &Descriptor) -> Result<(), MirrorError> {
        let holders = self.shared.ledger.entry(&self.to.key(), &blob.digest);
        let mut holders = holders.lock().await;
        self.go_on()?;
        let repository = self.to.repository();
        if holders.iter().any(|holder| holder == repository) {
            self.count(|counts| counts.mounted.add(blob.size));
            return Ok(());
        }
        let dry_run = self.shared.options.dry_run;
        let holder = match holders.first() {
            Some(holder) => Some(holder.clone()),
            None if self.from.key() == self.to.key() => Some(self.from.repository().to_owned()),
            None => None,
        };
        let is_unseen = holder.is_none() && !dry_run && blob.size <= SMALL && self.is_target_new();
        // An attempt to mount tells as much as a look.
        let is_looked_for = dry_run || holder.is_none() && !is_unseen;
        if is_looked_for && self.to.has_blob(blob).await.or_else(forbidden_is_absent)? {
            self.shared.siblings.found_something();
            self.count(|counts| counts.present.add(blob.size));
            holders.push(repository.to_owned());
            return Ok(());
        }
        let holder = match holder {
            None => self.shared.siblings.holder(&self.to, blob).await,
            known => known,
        };
        if dry_run {
            self.count(|counts| match holder {
                Some(_) => counts.mounted.add(blob.size),
                None => counts.moved.add(blob.size),
            });
        } else {
            let whereabouts = match &holder {
                Some(holder) => Whereabouts::At(holder),
                None if is_unseen => Whereabouts::Unseen,
                None => Whereabouts::Missing,
            };
            self.send_blob(blob, whereabouts).await?;
        }
        holders.push(repository.to_owned());
        Ok(())
    }

    /// Whether looking there would only take time: it is a registry in which this run has found nothing.
    pub(super) fn is_target_new(&self) -> bool {
        self.to.client().is_some() && self.shared.siblings.are_new()
    }

    async fn send_blob(
        &self,
        blob: &Descriptor,
        whereabouts: Whereabouts<'_>,
    ) -> Result<(), MirrorError> {
        self.go_on()?;
        self.begin();
        self.shared.meter.expect(self.number, blob.size);
        let source = self.from.source(&blob.digest);
        let stored = self.to.put_blob(blob, &source, whereabouts, &self.flow);
        let stored = stored.await?;
        self.count(|counts| match stored {
            Existing::Sent => counts.moved.add(blob.size),
            Existing::Mounted => counts.mounted.add(blob.size),
            Existing::Found => counts.present.add(blob.size),
        });
        if stored == Existing::Found {
            self.shared.siblings.found_something();
        }
        if stored != Existing::Sent {
            self.shared.meter.spare(self.number, blob.size);
        }
        Ok(())
    }
}

fn forbidden_is_absent(error: MirrorError) -> Result<bool, MirrorError> {
    if error.status() == Some(StatusCode::FORBIDDEN) {
        Ok(false)
    } else {
        Err(error)
    }
}
