//! Paths to fields, spelled as Kubernetes spells them.

use std::fmt;

/// The path to a field, for instance `spec.networking.ipFamilies[1]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path(String);

impl Path {
    /// A path of one or more field names, joined by dots.
    pub fn new(root: &str) -> Self {
        Self(root.to_owned())
    }

    /// The path to a field of the object at this path.
    #[must_use]
    pub fn child(&self, name: &str) -> Self {
        Self(format!("{}.{name}", self.0))
    }

    /// The path to an entry of the list at this path.
    #[must_use]
    pub fn index(&self, index: usize) -> Self {
        Self(format!("{}[{index}]", self.0))
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_read_like_kubernetes_paths() {
        let path = Path::new("spec").child("networking").child("ipFamilies");
        assert_eq!(path.index(1).to_string(), "spec.networking.ipFamilies[1]");
    }
}
