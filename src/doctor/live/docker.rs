//! What the engine says about itself, within one time-out for everything.

use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use http::Method;
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::{
    endpoint::Endpoint,
    engine::{Answer, EngineClient, EngineError, quote},
};
use crate::doctor::{
    Fact,
    facts::{Docker, EngineNetwork, Ping, ProbeAnswers},
    parse::engine as parse,
};

/// Time for the engine, from the first connection to the last byte of the last answer.
pub const TIME_OUT: Duration = Duration::from_secs(3);
/// Networks that are inspected at the same time.
const AT_ONCE: usize = 16;

/// kind's containers, running or not.
const CLUSTERS: &str =
    "/containers/json?all=1&filters=%7B%22label%22%3A%5B%22io.x-k8s.kind.cluster%22%5D%7D";

/// Asks everything at once and fills in what comes back. Returns how far the engine's clock is
/// from this one, in seconds.
pub(super) async fn ask(endpoint: &Endpoint, time_out: Duration, docker: &mut Docker) -> Fact<f64> {
    let deadline = Instant::now() + time_out;
    let client = EngineClient::new(endpoint.clone(), time_out);
    let before = Timestamp::now();
    let timed_info = async {
        let answer = client.get("/info").await;
        (answer, Timestamp::now())
    };
    let (ping, version, (info, after), networks, clusters) = tokio::join!(
        client.get("/_ping"),
        client.get("/version"),
        timed_info,
        client.get("/networks"),
        client.get(CLUSTERS),
    );
    let ping = ping_of(ping);
    docker.ping = Fact::Known(ping.clone());
    docker.client_max_api = Fact::Known(bollard::API_DEFAULT_VERSION.to_string());
    if ping != Ping::Ok {
        // Nothing else of the engine can be known, and the checks know that.
        return Fact::Unavailable("no engine answers, whose clock could be compared".to_owned());
    }
    let info = body(info);
    let skew = match &info {
        Fact::Known(info) => skew(info, before, after),
        other => other.clone().map(|_| 0.0),
    };
    docker.version = body(version).map(|answer| parse::version(&answer));
    docker.info = info.map(|answer| parse::info(&answer));
    docker.clusters = body(clusters).map(|answer| parse::clusters(&answer));
    docker.networks = match body(networks) {
        Fact::Known(list) => {
            let left = deadline.saturating_duration_since(Instant::now());
            inspected(&EngineClient::new(endpoint.clone(), left), &list).await
        }
        other => other.map(|_| Vec::new()),
    };
    skew
}

/// Makes a network with IPv6 and removes it.
pub(super) async fn probe(endpoint: &Endpoint, time_out: Duration) -> ProbeAnswers {
    let client = EngineClient::new(endpoint.clone(), time_out);
    let id = uuid::Uuid::new_v4().simple().to_string();
    let name = format!("garden6-probe-{}", &id[..12]);
    let request = json!({
        "Name": name,
        "Driver": "bridge",
        "EnableIPv6": true,
        "CheckDuplicate": true,
        "Labels": {"garden6.dev/probe": "doctor"},
        "IPAM": {"Config": [{"Subnet": random_ula(&id)}]},
    });
    let made = client
        .request(Method::POST, "/networks/create", Some(&request))
        .await;
    // Also after an error: it may have come too late.
    let removed = client
        .request(Method::DELETE, &format!("/networks/{name}"), None)
        .await;
    let answer = match (made, removed) {
        (Ok(answer), Ok(_)) if answer.is_success() => "ok".to_owned(),
        (Ok(answer), Err(error)) if answer.is_success() => {
            format!("network {name} could not be removed: {error}")
        }
        (Ok(answer), _) => format!("{} {}", answer.status, quote(&answer.body)),
        (Err(error), _) => error.to_string(),
    };
    ProbeAnswers {
        create_v6_network: Some(answer),
    }
}

/// A prefix of local addresses that nobody else is likely to have (RFC 4193 section 3.2.2).
fn random_ula(id: &str) -> String {
    format!(
        "fd{}:{}:{}:{}::/64",
        &id[12..14],
        &id[14..18],
        &id[18..22],
        &id[22..26]
    )
}

fn ping_of(answer: Result<Answer, EngineError>) -> Ping {
    match answer {
        Ok(answer) if answer.is_success() && answer.body.trim() == "OK" => Ping::Ok,
        Ok(Answer { status, body }) => Ping::Other(format!(
            "what answers is no engine: HTTP {status} \"{}\"",
            quote(&body)
        )),
        Err(EngineError::Absent { .. }) => Ping::NoSocket,
        Err(EngineError::Refused { .. }) => Ping::Refused,
        Err(EngineError::Denied { .. }) => Ping::Denied,
        Err(EngineError::TimedOut { .. }) => Ping::TimedOut,
        Err(error @ (EngineError::Garbage { .. } | EngineError::Other { .. })) => {
            Ping::Other(error.to_string())
        }
    }
}

/// The body of a good answer. An answer that refuses or is no JSON is one that we do not have.
fn body(answer: Result<Answer, EngineError>) -> Fact<Value> {
    match answer {
        Ok(answer) if answer.is_success() => match serde_json::from_str(&answer.body) {
            Ok(value) => Fact::Known(value),
            Err(_) => Fact::Unavailable(format!(
                "the engine's answer is no JSON: \"{}\"",
                quote(&answer.body)
            )),
        },
        Ok(Answer { status, body }) => {
            Fact::Unavailable(format!("the engine refuses: {} ({status})", quote(&body)))
        }
        Err(EngineError::Denied { .. }) => Fact::Denied,
        Err(error) => Fact::Unavailable(error.to_string()),
    }
}

/// The list leaves out which containers are attached; each network says it of itself. A network
/// that goes away meanwhile stays as it was listed.
async fn inspected(client: &EngineClient, list: &Value) -> Fact<Vec<EngineNetwork>> {
    let Some(list) = list.as_array() else {
        return Fact::Unavailable("the engine's answer is no list".to_owned());
    };
    let inspections: Vec<_> = list
        .iter()
        .map(|listed| async move {
            let id = listed["Id"].as_str().unwrap_or_default();
            let answer = body(client.get(&format!("/networks/{id}")).await);
            parse::network(answer.known().unwrap_or(listed))
        })
        .collect();
    let networks = stream::iter(inspections).buffered(AT_ONCE).collect().await;
    Fact::Known(networks)
}

/// Seconds that the engine's clock is ahead, to the tenth. Half the way there and back is not its.
fn skew(info: &Value, before: Timestamp, after: Timestamp) -> Fact<f64> {
    let time = info["SystemTime"].as_str().unwrap_or_default();
    let Ok(engine) = time.parse::<Timestamp>() else {
        return Fact::Unavailable("the engine does not tell its time".to_owned());
    };
    let middle = before + before.duration_until(after) / 2;
    let seconds = middle.duration_until(engine).as_secs_f64();
    Fact::Known((seconds * 10.0).round() / 10.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_answers_to_a_ping_must_be_an_engine() {
        let answer = |status, body: &str| {
            ping_of(Ok(Answer {
                status,
                body: body.to_owned(),
            }))
        };
        assert_eq!(answer(200, "OK"), Ping::Ok);
        assert_eq!(
            answer(200, "<html>\n"),
            Ping::Other("what answers is no engine: HTTP 200 \"<html>\"".to_owned())
        );
        assert!(matches!(answer(503, "OK"), Ping::Other(_)));
    }

    #[test]
    fn the_clock_is_compared_with_the_middle_of_the_question() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let info = json!({"SystemTime": "2026-11-21T12:00:05.1+00:00"});
        let (before, after) = (at("2026-11-21T12:00:00Z"), at("2026-11-21T12:00:01Z"));
        assert_eq!(skew(&info, before, after), Fact::Known(4.6));
        assert!(matches!(
            skew(&json!({}), before, after),
            Fact::Unavailable(_)
        ));
    }

    #[test]
    fn a_probe_takes_a_prefix_of_local_addresses() {
        let prefix = random_ula("0123456789abcdef0123456789abcdef");
        let cidr: crate::net::Cidr = prefix.parse().unwrap();
        assert_eq!((cidr.prefix_len(), &prefix[..2]), (64, "fd"));
    }

    #[test]
    fn refusals_and_garbage_are_not_answers() {
        let answer = |status, text: &str| {
            body(Ok(Answer {
                status,
                body: text.to_owned(),
            }))
        };
        assert_eq!(answer(200, "[1]"), Fact::Known(json!([1])));
        assert_eq!(
            answer(403, r#"{"message":"no"}"#),
            Fact::Unavailable("the engine refuses: {\"message\":\"no\"} (403)".to_owned())
        );
        assert!(matches!(answer(200, "<html>"), Fact::Unavailable(_)));
    }
}
