//! Objects survive the way through YAML.

use std::fmt::Debug;

use garden6::{
    api::{
        core::{CloudProfile, Project, Seed, Shoot},
        extensions::{Cluster, DnsRecord, Infrastructure, Network, OperatingSystemConfig, Worker},
    },
    yaml,
};
use proptest::{prelude::*, test_runner::TestCaseResult};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

use super::documents;

/// What can be read as `T` is written as YAML and read as the same `T`, which is written as the
/// same YAML.
fn survives<T>(object: &Value) -> TestCaseResult
where
    T: Serialize + DeserializeOwned + PartialEq + Debug,
{
    let Ok(typed) = serde_json::from_value::<T>(object.clone()) else {
        return Ok(());
    };
    let text = yaml::emit(&typed);
    let again: T = match yaml::parse(&text, "own output") {
        Ok(again) => again,
        Err(error) => return Err(TestCaseError::fail(format!("{error} in\n{text}"))),
    };
    prop_assert_eq!(&typed, &again, "in\n{}", text);
    prop_assert_eq!(text, yaml::emit(&again));
    Ok(())
}

proptest! {
    #[test]
    fn objects_with_rules_survive(object in documents::any()) {
        survives::<Shoot>(&object)?;
        survives::<Seed>(&object)?;
        survives::<Network>(&object)?;
        survives::<DnsRecord>(&object)?;
    }

    #[test]
    fn objects_without_rules_survive(spec in documents::value(), config in documents::value()) {
        let names = json!({"name": "a", "namespace": "b"});
        let object = json!({"metadata": names, "spec": {
            "type": "local", "region": "local", "purpose": "reconcile",
            "providerConfig": config, "pools": [{"providerConfig": config}], "more": spec,
        }});
        survives::<CloudProfile>(&object)?;
        survives::<Project>(&object)?;
        survives::<Cluster>(&object)?;
        survives::<Infrastructure>(&object)?;
        survives::<OperatingSystemConfig>(&object)?;
        survives::<Worker>(&object)?;
    }

    #[test]
    fn any_document_survives(document in documents::value()) {
        let text = yaml::emit(&document);
        let again: Value = match yaml::parse(&text, "own output") {
            Ok(again) => again,
            Err(error) => return Err(TestCaseError::fail(format!("{error} in\n{text}"))),
        };
        prop_assert_eq!(document, again, "in\n{}", text);
    }
}
