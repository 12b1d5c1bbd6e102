//! Validation of an object of any kind, for callers that hold a document rather than a type.

use serde::de::DeserializeOwned;
use serde_json::Value;
use thiserror::Error;

use super::{
    FieldError, Rules, admission, dns_record, kube_limits, network, node_count, provider_local,
    seed, shoot, shoot_status,
};
use crate::api::{
    core::{Seed, Shoot},
    extensions::{DnsRecord, Network},
};

/// A layer of validation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layer {
    /// The object alone.
    Static,
    /// What storing a new object checks on top of the static rules.
    Registry,
    /// The status alone.
    Status,
    /// The object together with its Seed.
    Admission,
    /// What the local provider adds.
    ProviderLocal,
    /// What Kubernetes components would refuse later.
    Kube,
}

impl Layer {
    /// The HTTP status with which Gardener answers violations.
    pub const fn http_status(self) -> u16 {
        match self {
            Self::Admission | Self::ProviderLocal => 403,
            Self::Static | Self::Registry | Self::Status | Self::Kube => 422,
        }
    }
}

/// A document that cannot be validated.
#[derive(Debug, Error)]
pub enum ReviewError {
    /// There are no rules for the kind.
    #[error("there are no rules for kind `{kind}` of `{api_version}`")]
    UnknownKind {
        /// What the document says it is.
        kind: String,
        /// The group and version it claims.
        api_version: String,
    },
    /// The document does not fit its kind.
    #[error("the document is no {kind}")]
    Malformed {
        /// What the document says it is.
        kind: &'static str,
        /// Where it does not fit.
        #[source]
        source: serde_json::Error,
    },
}

/// A document to validate.
#[derive(Clone, Copy, Debug)]
pub struct Review<'a> {
    /// The object as it should be.
    pub new: &'a Value,
    /// The object as it was, for an update.
    pub old: Option<&'a Value>,
    /// The Seed of a Shoot, if it has one.
    pub seed: Option<&'a Seed>,
    /// The rule set.
    pub rules: &'a Rules,
}

impl<'a> Review<'a> {
    /// The errors of one layer. Layers that do not apply to a kind find none.
    pub fn run(self, layer: Layer) -> Result<Vec<FieldError>, ReviewError> {
        Ok(self.read()?.run(layer))
    }

    /// Reads the documents, once for all layers.
    pub fn read(self) -> Result<Subject<'a>, ReviewError> {
        let text = |key: &str| self.new[key].as_str().unwrap_or_default();
        let typed = match (text("apiVersion"), text("kind")) {
            ("core.gardener.cloud/v1beta1", "Shoot") => Typed::Shoot(self.pair("Shoot")?),
            ("core.gardener.cloud/v1beta1", "Seed") => Typed::Seed(self.pair("Seed")?),
            ("extensions.gardener.cloud/v1alpha1", "Network") => {
                Typed::Network(self.pair("Network")?)
            }
            ("extensions.gardener.cloud/v1alpha1", "DNSRecord") => {
                Typed::DnsRecord(self.pair("DNSRecord")?)
            }
            (api_version, kind) => {
                return Err(ReviewError::UnknownKind {
                    kind: kind.to_owned(),
                    api_version: api_version.to_owned(),
                });
            }
        };
        Ok(Subject {
            typed,
            seed: self.seed,
            rules: self.rules,
        })
    }

    fn pair<T: DeserializeOwned>(self, kind: &'static str) -> Result<Box<Pair<T>>, ReviewError> {
        let new = read(self.new, kind)?;
        let old = self.old.map(|old| read(old, kind)).transpose()?;
        Ok(Box::new(Pair { new, old }))
    }
}

/// The documents of a review, read.
#[derive(Debug)]
pub struct Subject<'a> {
    typed: Typed,
    seed: Option<&'a Seed>,
    rules: &'a Rules,
}

#[derive(Debug)]
enum Typed {
    Shoot(Box<Pair<Shoot>>),
    Seed(Box<Pair<Seed>>),
    Network(Box<Pair<Network>>),
    DnsRecord(Box<Pair<DnsRecord>>),
}

#[derive(Debug)]
struct Pair<T> {
    new: T,
    old: Option<T>,
}

impl<T> Pair<T> {
    fn statically(
        &self,
        create: impl Fn(&T) -> Vec<FieldError>,
        update: impl Fn(&T, &T) -> Vec<FieldError>,
    ) -> Vec<FieldError> {
        match &self.old {
            None => create(&self.new),
            Some(old) => update(&self.new, old),
        }
    }
}

impl Subject<'_> {
    /// The errors of one layer. Layers that do not apply to a kind find none.
    pub fn run(&self, layer: Layer) -> Vec<FieldError> {
        let rules = self.rules;
        match (&self.typed, layer) {
            (Typed::Shoot(pair), layer) => self.shoot_layer(pair, layer),
            (Typed::Seed(pair), Layer::Static) => pair.statically(
                |new| seed::create(new, rules),
                |new, old| seed::update(new, old, rules),
            ),
            (Typed::Network(pair), Layer::Static) => pair.statically(
                |new| network::create(new, rules),
                |new, old| network::update(new, old, rules),
            ),
            (Typed::DnsRecord(pair), Layer::Static) => pair.statically(
                |new| dns_record::create(new, rules),
                |new, old| dns_record::update(new, old, rules),
            ),
            _ => Vec::new(),
        }
    }

    /// The object as it should be, if it is a Shoot.
    pub fn shoot(&self) -> Option<&Shoot> {
        match &self.typed {
            Typed::Shoot(pair) => Some(&pair.new),
            _ => None,
        }
    }

    fn shoot_layer(&self, pair: &Pair<Shoot>, layer: Layer) -> Vec<FieldError> {
        let Pair { new, old } = pair;
        let rules = self.rules;
        match (layer, old) {
            (Layer::Static, _) => pair.statically(
                |new| shoot::create(new, rules),
                |new, old| shoot::update(new, old, rules),
            ),
            (Layer::Registry, None) => node_count::validate(new, rules).into_iter().collect(),
            (Layer::Registry, Some(_)) => Vec::new(),
            (Layer::Status, _) => shoot_status::validate(new),
            (Layer::Admission, old) => admission::networks(new, old.as_ref(), self.seed, rules),
            (Layer::ProviderLocal, old) => provider_local::validate(new, old.as_ref(), rules),
            (Layer::Kube, _) => kube_limits::validate(new),
        }
    }
}

fn read<T: DeserializeOwned>(value: &Value, kind: &'static str) -> Result<T, ReviewError> {
    T::deserialize(value).map_err(|source| ReviewError::Malformed { kind, source })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn run(new: &Value) -> Result<Vec<FieldError>, ReviewError> {
        let rules = Rules::default();
        let review = Review {
            new,
            old: None,
            seed: None,
            rules: &rules,
        };
        review.run(Layer::Static)
    }

    #[test]
    fn a_kind_without_rules_is_said_so() {
        let error = run(&json!({"apiVersion": "v1", "kind": "Pod"})).unwrap_err();
        assert_eq!(
            error.to_string(),
            "there are no rules for kind `Pod` of `v1`"
        );
    }

    #[test]
    fn a_document_that_is_no_shoot_is_said_so() {
        let document = json!({
            "apiVersion": "core.gardener.cloud/v1beta1",
            "kind": "Shoot",
            "metadata": {"name": "x"},
            "spec": {"networking": {"ipFamilies": "IPv6"}},
        });
        let error = run(&document).unwrap_err();
        assert_eq!(error.to_string(), "the document is no Shoot");
    }
}
