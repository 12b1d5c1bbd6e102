//! Admission as a webhook, for clusters whose control plane is not ours.
//!
//! The process makes its own authority at every start and writes it into the webhook
//! configurations, so no key is ever stored. That holds as long as one process serves.

mod authority;
mod registration;
mod review;
mod server;

pub(crate) use authority::Authority;
pub(crate) use registration::register;
pub(crate) use server::Webhook;
