//! Keeping attempts apart: a namespace each, labels on everything, and a clean-up that is checked.

use std::{collections::BTreeMap, fmt, time::Duration};

use async_trait::async_trait;
use k8s_openapi::api::core::v1::Namespace;
use kube::{
    Api, Client,
    api::{ApiResource, DeleteParams, DynamicObject, ObjectMeta, PostParams, Preconditions},
};
use tokio::time::{Instant, sleep};

use super::{failure::describe, seed::Seed};

/// Label with the name of the run.
pub const RUN_LABEL: &str = "e2e.garden6.dev/run";
/// Label with the ID of the case.
pub const CASE_LABEL: &str = "e2e.garden6.dev/case";
/// Label with the number of the attempt.
pub const ATTEMPT_LABEL: &str = "e2e.garden6.dev/attempt";

/// What belongs to one attempt and to nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The name of the run.
    pub run: String,
    /// The ID of the case.
    pub case: String,
    /// The attempt, counted from 1.
    pub attempt: u32,
    /// The part of names that follows from the seed.
    pub suffix: String,
    /// The namespace, if the case wants one.
    pub namespace: Option<String>,
}

impl Place {
    /// The place of an attempt. All names follow from the seed, case and attempt.
    pub fn new(run: &str, seed: Seed, case: &str, attempt: u32, namespaced: bool) -> Self {
        let suffix = seed.suffix(&[case, &attempt.to_string()], 6);
        Self {
            run: run.to_owned(),
            case: case.to_owned(),
            attempt,
            namespace: namespaced.then(|| format!("e2e-{}-{suffix}", case.to_lowercase())),
            suffix,
        }
    }

    /// The labels of everything that is made for the attempt.
    pub fn labels(&self) -> BTreeMap<String, String> {
        [
            (RUN_LABEL, self.run.clone()),
            (CASE_LABEL, self.case.clone()),
            (ATTEMPT_LABEL, self.attempt.to_string()),
        ]
        .map(|(key, value)| (key.to_owned(), value))
        .into()
    }
}

/// An object that an attempt promised to make outside its namespace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leftover {
    /// Its kind.
    pub kind: ApiResource,
    /// Its namespace, if its kind has any.
    pub namespace: Option<String>,
    /// Its name.
    pub name: String,
}

impl fmt::Display for Leftover {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ", self.kind.kind)?;
        if let Some(namespace) = &self.namespace {
            write!(f, "{namespace}/")?;
        }
        f.write_str(&self.name)
    }
}

/// Prepares the place of an attempt and removes it again.
#[async_trait]
pub trait Isolation: Send + Sync {
    /// Makes the place.
    async fn prepare(&self, place: &Place) -> Result<(), String>;

    /// Removes the place and `owned`, within `limit`. Returns what could not be removed.
    async fn clean(&self, place: &Place, owned: &[Leftover], limit: Duration) -> Vec<String>;
}

/// Isolation by namespaces of the target.
pub struct Namespaces {
    client: Client,
}

impl Namespaces {
    /// Namespaces of the cluster behind `client`.
    pub fn new(client: Client) -> Self {
        Self { client }
    }

    fn api(&self, leftover: &Leftover) -> Api<DynamicObject> {
        let client = self.client.clone();
        match &leftover.namespace {
            Some(namespace) => Api::namespaced_with(client, namespace, &leftover.kind),
            None => Api::all_with(client, &leftover.kind),
        }
    }

    /// Deletes an object and waits until it is gone. Says what is in the way when it stays.
    async fn remove(&self, object: &Leftover, deadline: Instant) -> Result<(), String> {
        const LONGEST_PAUSE: Duration = Duration::from_millis(500);
        let api = self.api(object);
        let mut pause = Duration::from_millis(10);
        // Another object of the same name is none of our business: it is the first that has to go.
        let mut uid: Option<String> = None;
        let mut state;
        loop {
            match api.get_opt(&object.name).await {
                Ok(None) => return Ok(()),
                Ok(Some(found)) if uid.is_some() && uid != found.metadata.uid => return Ok(()),
                Ok(Some(found)) => {
                    uid = found.metadata.uid.clone();
                    state = remains(&found);
                    if found.metadata.deletion_timestamp.is_none() {
                        let parameters = DeleteParams::background().preconditions(Preconditions {
                            uid: uid.clone(),
                            resource_version: None,
                        });
                        if let Err(error) = api.delete(&object.name, &parameters).await {
                            state = describe(&error);
                        }
                    }
                }
                Err(error) => state = describe(&error),
            }
            if Instant::now() + pause >= deadline {
                return Err(format!("{object}: {state}"));
            }
            sleep(pause).await;
            pause = (pause * 3 / 2).min(LONGEST_PAUSE);
        }
    }
}

/// What keeps an object from going away, as far as it says so itself.
fn remains(object: &DynamicObject) -> String {
    let metadata = &object.metadata;
    if let Some(finalizers) = metadata.finalizers.as_ref().filter(|list| !list.is_empty()) {
        return format!("held by finalizers {}", finalizers.join(", "));
    }
    let conditions = object.data.pointer("/status/conditions");
    let messages: Vec<&str> = conditions
        .and_then(serde_json::Value::as_array)
        .into_iter()
        .flatten()
        .filter(|condition| condition["status"] == "True")
        .filter_map(|condition| condition["message"].as_str())
        .collect();
    if messages.is_empty() {
        "still there".to_owned()
    } else {
        messages.join("; ")
    }
}

#[async_trait]
impl Isolation for Namespaces {
    async fn prepare(&self, place: &Place) -> Result<(), String> {
        let Some(name) = &place.namespace else {
            return Ok(());
        };
        let namespace = Namespace {
            metadata: ObjectMeta {
                name: Some(name.clone()),
                labels: Some(place.labels()),
                ..ObjectMeta::default()
            },
            ..Namespace::default()
        };
        let api = Api::<Namespace>::all(self.client.clone());
        let Err(error) = api.create(&PostParams::default(), &namespace).await else {
            return Ok(());
        };
        // A first try whose answer was lost may have made it.
        let found = api.get_opt(name).await.ok().flatten();
        let ours = found.is_some_and(|found| {
            found.metadata.deletion_timestamp.is_none()
                && found.metadata.labels.is_some_and(|found| {
                    let labels = place.labels();
                    labels
                        .iter()
                        .all(|(key, value)| found.get(key) == Some(value))
                })
        });
        if ours {
            return Ok(());
        }
        Err(format!(
            "namespace {name} cannot be made: {}",
            describe(&error)
        ))
    }

    async fn clean(&self, place: &Place, owned: &[Leftover], limit: Duration) -> Vec<String> {
        let deadline = Instant::now() + limit;
        let mut left_behind = Vec::new();
        let mut note = |result: Result<(), String>| left_behind.extend(result.err());
        // The namespace goes first: what is in it may hold on to what is outside.
        if let Some(name) = &place.namespace {
            let namespace = Leftover {
                kind: ApiResource::erase::<Namespace>(&()),
                namespace: None,
                name: name.clone(),
            };
            note(self.remove(&namespace, deadline).await);
        }
        for object in owned.iter().rev() {
            note(self.remove(object, deadline).await);
        }
        left_behind
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_from_seed_case_and_attempt() {
        let place = |seed, attempt| Place::new("run-1", Seed(seed), "SHO-01", attempt, true);
        assert_eq!(place(1, 1), place(1, 1));
        assert_ne!(place(1, 1).namespace, place(1, 2).namespace);
        assert_ne!(place(1, 1).namespace, place(2, 1).namespace);
        let namespace = place(1, 1).namespace.unwrap();
        assert!(namespace.starts_with("e2e-sho-01-"), "{namespace}");
        assert!(namespace.len() <= 63);
        assert_eq!(Place::new("r", Seed(1), "X", 1, false).namespace, None);
    }

    #[test]
    fn what_holds_an_object_is_named() {
        let object = |value| serde_json::from_value::<DynamicObject>(value).unwrap();
        let held = object(serde_json::json!({
            "metadata": {"name": "x", "finalizers": ["garden6.dev/a", "garden6.dev/b"]},
        }));
        assert_eq!(
            remains(&held),
            "held by finalizers garden6.dev/a, garden6.dev/b"
        );
        let namespace = object(serde_json::json!({
            "metadata": {"name": "x"},
            "status": {"conditions": [
                {"status": "False", "message": "no"},
                {"status": "True", "message": "some resources are remaining"},
            ]},
        }));
        assert_eq!(remains(&namespace), "some resources are remaining");
    }
}
