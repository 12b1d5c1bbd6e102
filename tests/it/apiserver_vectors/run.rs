//! Running the steps of one vector.

use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use reqwest::Response;
use serde_json::Value;

use super::client::Clients;
use super::fact::{check, plain, regex};
use super::model::{Expect, Step, Vector, applies};
use super::path;
use super::scope::Scope;

const TIMEOUT: Duration = Duration::from_secs(30);
const BEFORE_DURING: Duration = Duration::from_millis(400);
const BETWEEN_TRIES: Duration = Duration::from_millis(50);

/// Runs a vector to its end, or to the first expectation that does not hold.
pub(super) async fn vector(
    clients: &Clients,
    paths: &Value,
    index: usize,
    vector: &Vector,
) -> Result<(), String> {
    if !applies(vector.since.as_deref()) {
        return Ok(());
    }
    let mut scope = Scope::new(index, paths);
    if !vector.needs_nothing() {
        clients.create_namespace(scope.get("ns")).await?;
        clients.create_namespace(scope.get("ns2")).await?;
    }
    for (number, step) in vector.setup.iter().enumerate() {
        run(clients, &mut scope, step)
            .await
            .map_err(|reason| format!("setup {number}: {reason}"))?;
    }
    run(clients, &mut scope, &vector.main_step()).await?;
    for (number, step) in vector.then.iter().enumerate() {
        run(clients, &mut scope, step)
            .await
            .map_err(|reason| format!("then {number}: {reason}"))?;
    }
    Ok(())
}

async fn run(clients: &Clients, scope: &mut Scope, step: &Step) -> Result<(), String> {
    if let Some(seconds) = step.sleep {
        tokio::time::sleep(Duration::from_secs_f64(seconds)).await;
    }
    let start = Instant::now();
    let patience = Duration::from_secs_f64(step.retry.unwrap_or(0.0));
    loop {
        match attempt(clients, scope, step).await {
            Err(_) if start.elapsed() < patience => tokio::time::sleep(BETWEEN_TRIES).await,
            outcome => return outcome,
        }
    }
}

async fn attempt(clients: &Clients, scope: &mut Scope, step: &Step) -> Result<(), String> {
    let Some(request) = &step.request else {
        return Ok(());
    };
    let timeout = step.timeout.map_or(TIMEOUT, Duration::from_secs_f64);
    let begun = Instant::now();
    let response = clients
        .request(request, scope, timeout)?
        .send()
        .await
        .map_err(|error| format!("the request failed: {error:?}"))?;
    let expect = step.expect.clone().unwrap_or_default();
    let code = response.status().as_u16();
    let code_fits = match (expect.code, expect.code_in.as_slice()) {
        (Some(wanted), _) => code == wanted,
        (None, []) => (200..300).contains(&code) || step.expect.is_some(),
        (None, several) => several.contains(&code),
    };
    if !code_fits {
        let body = response.text().await.unwrap_or_default();
        return Err(format!(
            "code {code} instead of {:?}{:?}: {}",
            expect.code,
            expect.code_in,
            short(&body)
        ));
    }
    headers(&response, &expect, scope)?;
    for (name, header) in &step.capture_header {
        let value = response
            .headers()
            .get(header)
            .and_then(|value| value.to_str().ok());
        let value = value.ok_or_else(|| format!("there is no header {header} to capture"))?;
        scope.set(name, value.to_owned());
    }
    if expect.events.is_some() || expect.closed_within.is_some() {
        return watch(clients, scope, step, &expect, response, begun).await;
    }
    let text = response
        .text()
        .await
        .map_err(|error| format!("the body failed: {error:?}"))?;
    document(scope, step, &expect, &text)
        .map_err(|reason| format!("{reason}; the body is {}", short(&text)))
}

fn headers(response: &Response, expect: &Expect, scope: &Scope) -> Result<(), String> {
    for (name, wanted) in &expect.headers {
        let wanted = scope.fill(wanted);
        let values: Vec<&str> = response
            .headers()
            .get_all(name)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .collect();
        let pattern = regex(&wanted);
        let fits = values.iter().any(|value| {
            value.contains(&wanted)
                || pattern
                    .as_ref()
                    .is_ok_and(|pattern| pattern.is_match(value))
        });
        if !fits {
            return Err(format!("header {name}: {values:?} is not {wanted:?}"));
        }
    }
    for name in &expect.no_headers {
        if let Some(value) = response.headers().get(name) {
            return Err(format!(
                "header {name} is {value:?} and should not be there"
            ));
        }
    }
    Ok(())
}

fn document(scope: &mut Scope, step: &Step, expect: &Expect, text: &str) -> Result<(), String> {
    for pattern in &expect.text {
        if !regex(&scope.fill(pattern))?.is_match(text) {
            return Err(format!("the text does not match {pattern:?}"));
        }
    }
    let needs_document =
        !expect.body.is_empty() || expect.reason.is_some() || !step.capture.is_empty();
    if !needs_document {
        return Ok(());
    }
    let document: Value =
        serde_json::from_str(text).map_err(|error| format!("the body is not JSON: {error}"))?;
    if let Some(reason) = &expect.reason
        && document["reason"].as_str() != Some(reason)
    {
        return Err(format!("reason {} instead of {reason}", document["reason"]));
    }
    for fact in &expect.body {
        check(&document, &scope.fill_all(fact))?;
    }
    for (name, at) in &step.capture {
        let found = path::find(&document, &scope.fill(at))?;
        let found = found.ok_or_else(|| format!("there is nothing at {at} to capture"))?;
        scope.set(name, plain(&found));
    }
    Ok(())
}

/// Reads a watch, sends the steps of `during` meanwhile, and compares the events in order.
async fn watch(
    clients: &Clients,
    scope: &mut Scope,
    step: &Step,
    expect: &Expect,
    response: Response,
    begun: Instant,
) -> Result<(), String> {
    let during = async {
        let mut scope = scope.clone();
        if !step.during.is_empty() {
            tokio::time::sleep(BEFORE_DURING).await;
        }
        for (number, step) in step.during.iter().enumerate() {
            Box::pin(run(clients, &mut scope, step))
                .await
                .map_err(|reason| format!("during {number}: {reason}"))?;
        }
        Ok::<_, String>(scope)
    };
    let wanted = expect.events.clone().unwrap_or_default();
    let to_the_end = expect.events_exact || expect.closed_within.is_some();
    let read = read_events(response, if to_the_end { usize::MAX } else { wanted.len() });
    let (after, events) = tokio::join!(during, read);
    *scope = after?;
    let events = events?;
    if let Some(seconds) = expect.closed_within
        && begun.elapsed() > Duration::from_secs_f64(seconds)
    {
        return Err(format!("the stream ended after {:?}", begun.elapsed()));
    }
    let shown = || short(&Value::Array(events.clone()).to_string());
    if events.len() < wanted.len() || (expect.events_exact && events.len() != wanted.len()) {
        return Err(format!(
            "{} events instead of {}: {}",
            events.len(),
            wanted.len(),
            shown()
        ));
    }
    for (number, (event, wanted)) in events.iter().zip(&wanted).enumerate() {
        if event["type"].as_str() != Some(&wanted.event_type) {
            return Err(format!(
                "event {number} is no {}: {}",
                wanted.event_type,
                shown()
            ));
        }
        for fact in &wanted.body {
            check(&event["object"], &scope.fill_all(fact))
                .map_err(|reason| format!("event {number}: {reason}"))?;
        }
    }
    Ok(())
}

/// Reads up to so many events; the stream has to end cleanly if it ends.
async fn read_events(response: Response, most: usize) -> Result<Vec<Value>, String> {
    let mut events = Vec::new();
    let mut rest = Vec::new();
    let mut chunks = response.bytes_stream();
    while events.len() < most {
        let Some(chunk) = chunks.next().await else {
            break;
        };
        rest.extend(chunk.map_err(|error| format!("the stream broke off: {error:?}"))?);
        while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = rest.drain(..=end).collect();
            events.push(
                serde_json::from_slice(&line)
                    .map_err(|error| format!("an event is not JSON: {error}"))?,
            );
        }
    }
    if events.len() < most && !rest.is_empty() {
        return Err("the stream ended in the middle of an event".to_owned());
    }
    Ok(events)
}

fn short(text: &str) -> String {
    text.chars().take(700).collect()
}
