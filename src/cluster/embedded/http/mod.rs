//! The HTTP skin: TLS, request grammar, content negotiation, tables.
//!
//! It turns requests into operations of the engine and outcomes into responses, and knows no rule
//! of any kind.

mod api;
mod authority;
mod body;
mod document;
mod health;
mod identity;
mod impersonation;
mod metrics;
mod negotiate;
mod path;
mod percent;
mod protobuf;
mod query;
mod respond;
mod server;
mod shape;
mod table;
mod tls;
mod version;
mod watching;

pub(crate) use api::Api;
pub(crate) use authority::Authority;
pub use authority::AuthorityError;
pub use identity::TokenUser;
pub(crate) use identity::{Tokens, authenticated};
pub(crate) use respond::ResponseBody;
pub(crate) use server::Server;
pub use tls::TlsError;
pub(crate) use tls::server_config;
