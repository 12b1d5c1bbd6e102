//! Rules of the small kinds that every client uses.

pub(super) mod configmap;
pub(super) mod event;
pub(super) mod lease;
pub(super) mod namespace;
pub(super) mod secret;
