//! The allocator: prefixes of both families, children, addresses, figures.
//!
//! Answers are those of metal-stack's go-ipam where those are sane (placement above all, so that
//! pools continue identically), and none of its leaks: nothing is remembered of what was released,
//! and what has something below it is never given away. Every operation costs the logarithm of
//! what a prefix holds.

mod addresses;
mod block;
mod blocks;
mod error;
mod figures;
mod namespace;
mod namespaces;
mod prefix;
mod text;

pub(super) use addresses::{Addresses, Usable};
pub use error::EngineError;
pub use figures::Usage;
pub use namespaces::{DEFAULT_NAMESPACE, Engine};
pub use prefix::{PrefixView, Reserve};
pub use text::{address, prefix};
