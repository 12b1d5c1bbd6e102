//! Admission as a webhook, for clusters whose control plane is not ours.
//!
//! The authority and the serving certificate live in a Secret, so a restart or another replica
//! serves with the same ones. [`Keeper`] renews them in time and keeps the bundles of the webhook
//! configurations in step; what it does when is decided in [`rotation`].

mod authority;
mod certificate;
mod keeper;
mod keys;
mod registration;
mod review;
mod rotation;
mod server;

#[cfg(test)]
mod tests;

pub(crate) use keeper::Keeper;
pub(crate) use server::Webhook;
