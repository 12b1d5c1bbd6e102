//! Manifests of the garden: the local Seed, a Shoot on it, and what the Shoot's networking extension is asked.

mod families;
mod namespaces;
mod network;
mod operating_system;
mod policies;
mod seed;
mod shoot;

use serde_json::Value;

pub use families::expressible;
pub use namespaces::namespaces;
pub use network::network;
pub use operating_system::operating_system;
pub use policies::network_policies;
pub use seed::{block_cidrs, seed, seed_manifest};
pub use shoot::shoot;

use super::{GenerateError, Templates, compare};
use crate::yaml;

/// The name of the Seed, of the Shoot and of the project.
pub const LOCAL: &str = "local";
/// The namespace of the project.
pub const PROJECT_NAMESPACE: &str = "garden-local";
/// The namespace of everything that belongs to no project.
pub const GARDEN_NAMESPACE: &str = "garden";
/// The namespace of the Shoot's control plane in the Seed.
pub const CONTROL_PLANE_NAMESPACE: &str = "shoot--local--local";
/// The domain under which Shoots have names for components of the landscape.
pub const INTERNAL_DOMAIN: &str = "internal.local.gardener.cloud";

/// Renders a manifest and makes sure that it says what is expected.
fn render(
    templates: &Templates,
    template: &'static str,
    data: &Value,
    expected: &Value,
) -> Result<String, GenerateError> {
    let text = templates.render(template, data)?;
    let found: Value = yaml::parse(&text, template).map_err(|source| GenerateError::ReadBack {
        document: template,
        source: Box::new(source),
    })?;
    compare::require(template, expected, &found)?;
    Ok(text)
}
