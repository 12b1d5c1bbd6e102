//! Who we are to a registry: stored credentials, challenges, tokens (distribution specification, "Authentication").

mod authenticator;
pub(super) mod challenge;
mod config_file;
mod credential;
mod helper;
mod scope;
mod store;
mod token;

pub(super) use authenticator::Authenticator;
pub use config_file::{AuthFile, AuthFileError};
pub use credential::Credential;
pub(super) use scope::Scope;
pub use store::CredentialStore;
