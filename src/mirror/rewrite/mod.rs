//! Files that name images, with the names of copies instead. All else keeps its bytes.

mod containerd;
mod edit;
mod error;
mod in_place;
mod lines;
mod overwrite;
mod reference;
mod yaml;

pub use error::RewriteError;
pub use in_place::{Change, Rewritten, in_place};
pub use overwrite::overwrite;
