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

impl Review<'_> {
    /// The errors of one layer. Layers that do not apply to a kind find none.
    pub fn run(self, layer: Layer) -> Result<Vec<FieldError>, ReviewError> {
        let text = |key: &str| self.new[key].as_str().unwrap_or_default();
        let rules = self.rules;
        match (text("apiVersion"), text("kind")) {
            ("core.gardener.cloud/v1beta1", "Shoot") => self.shoot(layer),
            ("core.gardener.cloud/v1beta1", "Seed") => self.statically(
                layer,
                "Seed",
                |new: &Seed| seed::create(new, rules),
                |new, old| seed::update(new, old, rules),
            ),
            ("extensions.gardener.cloud/v1alpha1", "Network") => self.statically(
                layer,
                "Network",
                |new: &Network| network::create(new, rules),
                |new, old| network::update(new, old, rules),
            ),
            ("extensions.gardener.cloud/v1alpha1", "DNSRecord") => self.statically(
                layer,
                "DNSRecord",
                |new: &DnsRecord| dns_record::create(new, rules),
                |new, old| dns_record::update(new, old, rules),
            ),
            (api_version, kind) => Err(ReviewError::UnknownKind {
                kind: kind.to_owned(),
                api_version: api_version.to_owned(),
            }),
        }
    }

    fn shoot(self, layer: Layer) -> Result<Vec<FieldError>, ReviewError> {
        let new: Shoot = read(self.new, "Shoot")?;
        let old: Option<Shoot> = self.old.map(|old| read(old, "Shoot")).transpose()?;
        let rules = self.rules;
        Ok(match (layer, &old) {
            (Layer::Static, None) => shoot::create(&new, rules),
            (Layer::Static, Some(old)) => shoot::update(&new, old, rules),
            (Layer::Registry, None) => node_count::validate(&new, rules).into_iter().collect(),
            (Layer::Registry, Some(_)) => Vec::new(),
            (Layer::Status, _) => shoot_status::validate(&new),
            (Layer::Admission, old) => admission::networks(&new, old.as_ref(), self.seed, rules),
            (Layer::ProviderLocal, old) => provider_local::validate(&new, old.as_ref(), rules),
            (Layer::Kube, _) => kube_limits::validate(&new),
        })
    }

    fn statically<T: DeserializeOwned>(
        self,
        layer: Layer,
        kind: &'static str,
        create: impl Fn(&T) -> Vec<FieldError>,
        update: impl Fn(&T, &T) -> Vec<FieldError>,
    ) -> Result<Vec<FieldError>, ReviewError> {
        let new: T = read(self.new, kind)?;
        if layer != Layer::Static {
            return Ok(Vec::new());
        }
        Ok(match self.old {
            None => create(&new),
            Some(old) => update(&new, &read(old, kind)?),
        })
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
