//! Which objects a list or watch is about.

use std::fmt;

use crate::cluster::embedded::store::Object;

type Predicate = dyn Fn(&Object) -> bool + Send + Sync;

/// Which objects a list or watch is about: a namespace, a name, and selectors.
#[derive(Default)]
pub struct Filter {
    /// Only this namespace.
    pub namespace: Option<String>,
    /// Only this name.
    pub name: Option<String>,
    /// Label and field selectors, when there are any.
    pub predicate: Option<Box<Predicate>>,
}

impl Filter {
    /// Whether an object with this namespace and name can match at all.
    pub fn covers(&self, namespace: &str, name: &str) -> bool {
        self.namespace
            .as_ref()
            .is_none_or(|wanted| wanted == namespace)
            && self.name.as_ref().is_none_or(|wanted| wanted == name)
    }

    /// Whether the selectors choose the object.
    pub fn selects(&self, object: &Object) -> bool {
        self.predicate
            .as_ref()
            .is_none_or(|predicate| predicate(object))
    }
}

impl fmt::Debug for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Filter")
            .field("namespace", &self.namespace)
            .field("name", &self.name)
            .field("selectors", &self.predicate.is_some())
            .finish()
    }
}
