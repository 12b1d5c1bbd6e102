//! Vectors of the doctor: hosts as recorded facts, and exactly the findings that each must have.

use std::collections::{BTreeMap, BTreeSet};

use garden6::doctor::{
    self, Facts, Item, Profile, Request, Status, Target, catalogue,
    facts::hosts::{self, RecordedHost},
};
use serde_json::Value;

use super::Case;

type Verdict = Result<(), String>;

/// Runs the whole file: the catalogue, then each host with each target and profile.
pub(super) fn run(content: &Value) -> Vec<Case> {
    let mut cases = catalogue_cases(content);
    match hosts::all(content) {
        Ok(hosts) => {
            for host in &hosts {
                cases.extend(host_cases(content, host));
            }
        }
        Err(error) => cases.push(case("hosts".to_owned(), Err(error.to_string()))),
    }
    cases
}

fn case(id: String, verdict: Verdict) -> Case {
    Case {
        id,
        kind: None,
        verdict,
    }
}

fn texts(value: &Value) -> Vec<&str> {
    let list = value.as_array().into_iter().flatten();
    list.filter_map(Value::as_str).collect()
}

/// What the file says about each check, and what the catalogue says.
fn catalogue_cases(content: &Value) -> Vec<Case> {
    let wanted = content["checks"].as_object().into_iter().flatten();
    wanted
        .map(|(id, wanted)| {
            let verdict = catalogue::find(id)
                .ok_or_else(|| "there is no such check".to_owned())
                .and_then(|check| compare_check(wanted, check));
            case(format!("catalogue {id}"), verdict)
        })
        .collect()
}

fn letters(value: &Value) -> Vec<Option<Status>> {
    texts(value)
        .iter()
        .map(|letter| match *letter {
            "F" => Some(Status::Fail),
            "W" => Some(Status::Warn),
            "I" => Some(Status::Info),
            _ => None,
        })
        .collect()
}

fn compare_check(wanted: &Value, check: &catalogue::Check) -> Verdict {
    for key in wanted.as_object().into_iter().flatten().map(|(key, _)| key) {
        let known = ["platforms", "scope", "sev", "fix", "needs", "over"];
        if !known.contains(&key.as_str()) {
            return Err(format!("`{key}` is not known"));
        }
    }
    let platforms: Vec<String> = check.platforms.iter().map(ToString::to_string).collect();
    let needs: Vec<String> = check.needs.iter().map(ToString::to_string).collect();
    same("scope", &wanted["scope"], &check.scope.to_string())?;
    same("fix", &wanted["fix"], check.fix.word())?;
    let mut sorted = texts(&wanted["platforms"]);
    sorted.sort_unstable();
    let mut own: Vec<&str> = platforms.iter().map(String::as_str).collect();
    own.sort_unstable();
    equal("platforms", &sorted, &own)?;
    equal("needs", &texts(&wanted["needs"]), &needs)?;
    equal("sev", &letters(&wanted["sev"]), &Vec::from(check.ceiling.0))?;
    for (target, ceiling) in wanted["over"].as_object().into_iter().flatten() {
        let target: Target = target.parse().map_err(|error| format!("{error}"))?;
        let own: Vec<_> = Profile::ALL
            .iter()
            .map(|profile| check.worst(target, *profile))
            .collect();
        equal("over", &letters(ceiling), &own)?;
    }
    Ok(())
}

fn same(what: &str, wanted: &Value, found: &str) -> Verdict {
    if wanted == found {
        Ok(())
    } else {
        Err(format!("{what} is {found}, wanted {wanted}"))
    }
}

fn equal<A: PartialEq<B> + std::fmt::Debug, B: std::fmt::Debug>(
    what: &str,
    wanted: &[A],
    found: &[B],
) -> Verdict {
    if wanted
        .iter()
        .zip(found)
        .all(|(wanted, found)| wanted == found)
        && wanted.len() == found.len()
    {
        Ok(())
    } else {
        Err(format!("{what} is {found:?}, wanted {wanted:?}"))
    }
}

fn host_cases(content: &Value, host: &RecordedHost) -> Vec<Case> {
    let facts = match host.facts() {
        Ok(facts) => facts,
        Err(error) => return vec![case(host.id.clone(), Err(error.to_string()))],
    };
    let targets = match &host.entry["targets"] {
        Value::Null => texts(&content["default_targets"]),
        own => texts(own),
    };
    let expected = host.entry["expect"].as_object();
    let mut cases = Vec::new();
    for target in &targets {
        let name = format!("{} {target}", host.id);
        match expected.and_then(|expected| expected.get(*target)) {
            Some(expect) => cases.extend(target_cases(content, &facts, &name, target, expect)),
            None => cases.push(case(name, Err("nothing is expected".to_owned()))),
        }
    }
    for target in expected.into_iter().flatten().map(|(target, _)| target) {
        if !targets.contains(&target.as_str()) {
            let name = format!("{} {target}", host.id);
            cases.push(case(
                name,
                Err("expected, but not a target of the host".to_owned()),
            ));
        }
    }
    cases
}

fn request(target: &str) -> Result<Request, String> {
    let (target, profile) = target.split_once('/').ok_or("not TARGET/PROFILE")?;
    Ok(Request::new(
        target.parse().map_err(|error| format!("{error}"))?,
        profile.parse().map_err(|error| format!("{error}"))?,
    ))
}

fn target_cases(
    content: &Value,
    facts: &Facts,
    name: &str,
    target: &str,
    expect: &Value,
) -> Vec<Case> {
    let request = match request(target) {
        Ok(request) => request,
        Err(error) => return vec![case(name.to_owned(), Err(error))],
    };
    let report = doctor::run(facts, &request).expect("all checks are asked for");
    let runs = |id: &str| report.item(id).is_some_and(Item::applies);
    let wanted = match wanted(content, expect, runs) {
        Ok(wanted) => wanted,
        Err(error) => return vec![case(name.to_owned(), Err(error))],
    };
    let mut cases: Vec<Case> = content["checks"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(id, _)| {
            let verdict = match report.item(id) {
                Some(item) => compare(item, wanted.get(id).copied()),
                None => Err("there is no such check".to_owned()),
            };
            case(format!("{name} {id}"), verdict)
        })
        .collect();
    let overall = same("overall", &expect["overall"], report.overall.word());
    cases.push(case(format!("{name} overall"), overall));
    cases
}

/// The status of each check that is listed.
fn wanted(
    content: &Value,
    expect: &Value,
    runs: impl Fn(&str) -> bool,
) -> Result<BTreeMap<String, Status>, String> {
    let mut wanted = BTreeMap::new();
    for (word, list) in expect.as_object().into_iter().flatten() {
        if word == "overall" {
            continue;
        }
        let status = Status::WORST_FIRST
            .into_iter()
            .find(|status| status.word() == word)
            .ok_or_else(|| format!("`{word}` is no status"))?;
        let mut listed = BTreeSet::new();
        for entry in texts(list) {
            if let Some(id) = entry.strip_prefix('!') {
                listed.remove(id);
            } else if let Some(group) = entry.strip_prefix('@') {
                let members = texts(&content["groups"][group]);
                if members.is_empty() {
                    return Err(format!("there is no group `{group}`"));
                }
                listed.extend(members.into_iter().filter(|id| runs(id)));
            } else {
                listed.insert(entry);
            }
        }
        wanted.extend(listed.into_iter().map(|id| (id.to_owned(), status)));
    }
    Ok(wanted)
}

/// What is not listed must pass, or not run at all.
fn compare(item: &Item, wanted: Option<Status>) -> Verdict {
    if !item.applies() {
        return match wanted {
            None => Ok(()),
            Some(wanted) => Err(format!("does not run ({}), wanted {wanted}", item.summary)),
        };
    }
    let wanted = wanted.unwrap_or(Status::Pass);
    if item.status == wanted {
        Ok(())
    } else {
        Err(format!(
            "{} ({}), wanted {wanted}",
            item.status, item.summary
        ))
    }
}
