//! Waiting for a state, with the reason why it is not reached yet.

use std::{fmt, time::Duration};

use k8s_openapi::api::core::v1::Node;
use kube::{Api, Client, api::ListParams};
use thiserror::Error;
use tokio::time::{Instant, sleep, timeout};

use crate::progress::Step;

/// Something did not come in time.
#[derive(Debug, Error)]
#[error("{what} did not come within {} s: {last}", after.as_secs())]
pub struct WaitError {
    /// What was waited for.
    pub what: String,
    /// How long.
    pub after: Duration,
    /// What was seen last.
    pub last: String,
}

/// One look at what is waited for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Look<T> {
    /// It is there.
    Reached(T),
    /// It is not there yet, for this reason.
    NotYet(String),
}

/// What is waited for, how long, and how often it is looked at.
#[derive(Debug, Clone)]
pub struct Wait {
    what: String,
    limit: Duration,
    pause: Duration,
}

impl Wait {
    /// Waits for `what` for at most `limit`.
    pub fn new(what: impl Into<String>, limit: Duration) -> Self {
        Self {
            what: what.into(),
            limit,
            pause: Duration::from_millis(250),
        }
    }

    /// Looks again after `pause`.
    #[must_use]
    pub fn every(mut self, pause: Duration) -> Self {
        self.pause = pause;
        self
    }

    /// Looks until it is there; a look that takes longer than the rest of the time counts as not yet.
    pub async fn until<T, F>(
        &self,
        step: &Step,
        mut look: impl FnMut() -> F,
    ) -> Result<T, WaitError>
    where
        F: Future<Output = Look<T>>,
    {
        let started = Instant::now();
        let mut last = String::from("nothing was seen yet");
        loop {
            let left = self.limit.saturating_sub(started.elapsed());
            if left.is_zero() {
                return Err(WaitError {
                    what: self.what.clone(),
                    after: self.limit,
                    last,
                });
            }
            match timeout(left, look()).await {
                Ok(Look::Reached(value)) => return Ok(value),
                Ok(Look::NotYet(reason)) => {
                    if reason != last {
                        step.detail(format!("waiting for {}: {reason}", self.what));
                        last = reason;
                    }
                }
                Err(_) => continue,
            }
            sleep(self.pause.min(left)).await;
        }
    }
}

/// Waits until the API server says that it is ready.
pub async fn api_ready(client: &Client, limit: Duration, step: &Step) -> Result<(), WaitError> {
    Wait::new("the API server", limit)
        .until(step, || ready(client))
        .await
}

/// One look at `/readyz`.
pub async fn ready(client: &Client) -> Look<()> {
    let request = http::Request::get("/readyz")
        .body(Vec::new())
        .expect("invariant: a constant path makes a request");
    match client.request_text(request).await {
        Ok(_) => Look::Reached(()),
        Err(error) => Look::NotYet(chain(&error)),
    }
}

/// Waits until `count` nodes are registered.
pub async fn nodes_registered(
    client: &Client,
    count: usize,
    limit: Duration,
    step: &Step,
) -> Result<Vec<Node>, WaitError> {
    let judge = |nodes: Vec<Node>| {
        if nodes.len() >= count {
            Look::Reached(nodes)
        } else {
            Look::NotYet(format!("{} of {count} are there", nodes.len()))
        }
    };
    Wait::new("nodes", limit)
        .until(step, || look_at_nodes(client, judge))
        .await
}

/// Waits until `count` nodes are registered and have pod ranges.
pub async fn nodes_with_ranges(
    client: &Client,
    count: usize,
    limit: Duration,
    step: &Step,
) -> Result<Vec<Node>, WaitError> {
    let judge = |nodes: Vec<Node>| {
        let ranged = nodes
            .iter()
            .filter(|node| !pod_ranges(node).is_empty())
            .count();
        if ranged >= count {
            Look::Reached(nodes)
        } else {
            Look::NotYet(format!("{ranged} of {count} nodes have one"))
        }
    };
    Wait::new("pod ranges of the nodes", limit)
        .until(step, || look_at_nodes(client, judge))
        .await
}

/// Waits until `count` nodes are ready.
pub async fn nodes_ready(
    client: &Client,
    count: usize,
    limit: Duration,
    step: &Step,
) -> Result<Vec<Node>, WaitError> {
    let judge = |nodes: Vec<Node>| {
        let waiting: Vec<String> = nodes.iter().filter_map(why_not_ready).collect();
        if nodes.len() >= count && waiting.is_empty() {
            Look::Reached(nodes)
        } else if waiting.is_empty() {
            Look::NotYet(format!("{} of {count} nodes are registered", nodes.len()))
        } else {
            Look::NotYet(waiting.join("; "))
        }
    };
    Wait::new("ready nodes", limit)
        .until(step, || look_at_nodes(client, judge))
        .await
}

async fn look_at_nodes<T>(client: &Client, judge: impl Fn(Vec<Node>) -> Look<T>) -> Look<T> {
    match Api::<Node>::all(client.clone())
        .list(&ListParams::default())
        .await
    {
        Ok(list) => judge(list.items),
        Err(error) => Look::NotYet(chain(&error)),
    }
}

/// The pod ranges of a node; Kubernetes fills the singular field as well.
pub fn pod_ranges(node: &Node) -> Vec<String> {
    let Some(spec) = &node.spec else {
        return Vec::new();
    };
    match &spec.pod_cidrs {
        Some(ranges) if !ranges.is_empty() => ranges.clone(),
        _ => spec.pod_cidr.iter().cloned().collect(),
    }
}

/// Whether the node's Ready condition is true.
pub fn is_ready(node: &Node) -> bool {
    why_not_ready(node).is_none()
}

fn why_not_ready(node: &Node) -> Option<String> {
    let name = node.metadata.name.as_deref().unwrap_or_default();
    let ready = node
        .status
        .iter()
        .flat_map(|status| status.conditions.iter().flatten())
        .find(|condition| condition.type_ == "Ready");
    match ready {
        Some(condition) if condition.status == "True" => None,
        Some(condition) => Some(format!(
            "{name}: {}",
            condition
                .message
                .as_deref()
                .unwrap_or("the kubelet gives no reason")
        )),
        None => Some(format!("{name}: the kubelet has not reported yet")),
    }
}

/// An error with its causes on one line.
pub(crate) fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    struct Chain<'a>(&'a (dyn std::error::Error + 'static));
    impl fmt::Display for Chain<'_> {
        fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(formatter, "{}", self.0)?;
            let mut source = self.0.source();
            while let Some(error) = source {
                write!(formatter, ": {error}")?;
                source = error.source();
            }
            Ok(())
        }
    }
    Chain(error).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::progress::Progress;

    #[tokio::test(start_paused = true)]
    async fn the_last_reason_is_part_of_the_error() {
        let step = Progress::silent().step("test");
        let error = Wait::new("rain", Duration::from_secs(3))
            .until(&step, || async {
                Look::<()>::NotYet("blue sky".to_owned())
            })
            .await
            .unwrap_err();
        assert_eq!(error.to_string(), "rain did not come within 3 s: blue sky");
    }

    #[tokio::test(start_paused = true)]
    async fn a_look_that_hangs_does_not_hang_the_wait() {
        let step = Progress::silent().step("test");
        let wait = Wait::new("rain", Duration::from_secs(3));
        let result = wait.until(&step, std::future::pending::<Look<()>>).await;
        assert!(result.is_err());
    }

    #[tokio::test]
    async fn what_is_there_is_returned_at_once() {
        let step = Progress::silent().step("test");
        let wait = Wait::new("rain", Duration::from_secs(3));
        assert_eq!(
            wait.until(&step, || async { Look::Reached(7) })
                .await
                .unwrap(),
            7
        );
        step.done("ok");
    }
}
