//! Kinds whose writes touch more than their own object: services and definitions.

use serde_json::Value;

use super::Engine;
use super::request::Request;
use crate::cluster::embedded::kinds::definition::{self, Names};
use crate::cluster::embedded::kinds::service::Reservation;
use crate::cluster::embedded::kinds::{Kind, ResourceId};
use crate::cluster::embedded::status::Status;
use crate::cluster::embedded::store::{Key, Object};

/// Identity of definitions.
pub(in crate::cluster::embedded) fn definitions() -> ResourceId {
    ResourceId::new("apiextensions.k8s.io", "customresourcedefinitions")
}

fn is_service(kind: &Kind) -> bool {
    kind.group.is_empty() && kind.plural == "services"
}

fn is_definition(kind: &Kind) -> bool {
    *kind.resource == definitions()
}

impl Engine {
    /// Reserves what the object needs and completes it, just before it is written.
    pub(super) fn complete(
        &self,
        request: &Request,
        object: &mut Value,
        old: Option<&Value>,
    ) -> Result<Option<Reservation>, Status> {
        if is_definition(&request.kind) {
            let taken = self.names_taken(object);
            definition::accept(object, &taken, &self.now());
            return Ok(None);
        }
        if !is_service(&request.kind) {
            return Ok(None);
        }
        let reserved = self.inner.addresses.assign(object, old);
        reserved.map(Some).map_err(|causes| {
            let name = object["metadata"]["name"].as_str().unwrap_or_default();
            request.invalid(name, causes)
        })
    }

    /// Follows up on a write that was made; `new` is missing when the object is gone.
    pub(super) fn settle(&self, kind: &Kind, old: Option<&Value>, new: Option<&Value>) {
        if is_service(kind) {
            if let Some(old) = old {
                self.inner.addresses.settle(old, new);
            }
        } else if is_definition(kind) {
            self.publish(old, new);
        }
    }

    /// Serves, or ceases to serve, the kinds of a definition.
    fn publish(&self, old: Option<&Value>, new: Option<&Value>) {
        let identity = |definition: &Value| {
            let spec = &definition["spec"];
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            (text(&spec["group"]), text(&spec["names"]["plural"]))
        };
        let unchanged = |old: &Value, new: &Value| {
            old["spec"] == new["spec"]
                && definition::is_established(old) == definition::is_established(new)
        };
        match (old, new) {
            (Some(old), Some(new)) if unchanged(old, new) => {}
            (_, Some(new)) => {
                let (group, plural) = identity(new);
                let kinds = if definition::is_established(new) {
                    definition::kinds(new)
                } else {
                    Vec::new()
                };
                self.inner.registry.replace(&group, &plural, kinds);
                self.inner.store.nudge(&ResourceId::new(group, plural));
            }
            (Some(old), None) => {
                let (group, plural) = identity(old);
                self.inner.registry.replace(&group, &plural, Vec::new());
                self.inner.store.nudge(&ResourceId::new(group, plural));
            }
            (None, None) => {}
        }
    }

    /// Looks again at the names of a definition that were refused before.
    pub(in crate::cluster::embedded) fn accept_definition(
        &self,
        definition: &Object,
    ) -> Result<(), Status> {
        let taken = self.names_taken(definition.value());
        let key = Key::new("", definition.name());
        let now = self.now();
        self.adjust(&definitions(), &key, definition.uid(), |definition| {
            definition::accept(definition, &taken, &now);
        })?;
        Ok(())
    }

    /// Names that other definitions of the same group have.
    fn names_taken(&self, object: &Value) -> Names {
        let mut taken = Names::default();
        let (others, _) = self.inner.store.list(&definitions(), None);
        for other in others {
            let other = other.value();
            let same_group = other["spec"]["group"] == object["spec"]["group"];
            if same_group && other["metadata"]["name"] != object["metadata"]["name"] {
                taken.add_accepted(other);
            }
        }
        taken
    }
}
