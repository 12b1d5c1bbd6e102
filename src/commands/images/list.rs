//! `garden6 images list`: which images are needed, of which registries, and whether those can be reached.

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use serde_json::{Value, json};

use super::{
    cluster,
    environment::{self, EnvironmentImages},
    sources::{SourceRequest, Sources},
};
use crate::{
    commands::Context,
    config::EnvironmentName,
    counted::counted,
    exit::Exit,
    failure::Failure,
    mirror::{
        ImageRef,
        inventory::{
            Open,
            reach::{Reach, ReachSettings, RegistryReport, SystemNames, Verdict},
        },
        plan::{Origin, Wanted},
    },
    net::IpFamily,
    ui::{Format, Style},
};

/// Why nothing is known about a registry that nobody asked.
const OFFLINE: &str = "`--online` tests it";

/// A call of the command.
#[derive(Clone, Debug)]
pub struct Request {
    /// Files that name images.
    pub sources: SourceRequest,
    /// The environment whose own images count.
    pub environment: Option<EnvironmentName>,
    /// The cluster whose workloads count.
    pub cluster: Option<ClusterChoice>,
    /// How registries are tested, if they are.
    pub online: Option<Online>,
    /// The shape of the result.
    pub format: Format,
}

/// Which cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClusterChoice {
    /// That of an environment.
    Environment(EnvironmentName),
    /// That which a kubeconfig names.
    Kubeconfig(PathBuf),
}

/// How registries are tested.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Online {
    /// How long a host may take.
    pub patience: Duration,
    /// Whether content is asked for where that counts as a pull.
    pub counted_pulls: bool,
}

/// An image and all who want it.
struct Needed {
    image: ImageRef,
    why: Vec<Origin>,
}

/// Images by registry.
type Registries = BTreeMap<String, BTreeMap<String, Needed>>;

/// Lists the images.
pub async fn run(context: &Context, request: &Request) -> Result<Exit, Failure> {
    let mut sources = Sources::read(&request.sources)?;
    let mut unknown = Vec::new();
    if let Some(name) = &request.environment {
        let EnvironmentImages {
            wanted,
            unknown: missing,
        } = environment::images(context, name)?;
        sources.wanted.extend(wanted);
        unknown.extend(missing);
    }
    if let Some(choice) = &request.cluster {
        sources
            .wanted
            .extend(cluster::images(context, choice).await?);
    }
    let registries = grouped(std::mem::take(&mut sources.wanted));
    if registries.is_empty() && sources.open.is_empty() {
        return Err(Failure::new(
            Exit::NothingSelected,
            "nothing names an image",
        ));
    }
    let reports = match request.online {
        Some(online) => test(context, &registries, online).await,
        None => registries
            .keys()
            .map(|registry| RegistryReport::not_tested(registry, OFFLINE))
            .collect(),
    };
    let value = value(&registries, &reports, &sources.open, &unknown);
    let style = context.ui.data_style();
    context.ui.report(request.format, &value, |_| {
        text(&registries, &reports, style)
    })?;
    if request.format == Format::Text {
        sources.warn_of_open(context);
        for missing in &unknown {
            context.ui.progress().warn(missing.clone());
        }
    }
    Ok(match request.online {
        Some(_) => exit(&reports),
        None => Exit::Success,
    })
}

fn grouped(wanted: Vec<Wanted>) -> Registries {
    let mut registries = Registries::new();
    for Wanted { source, origin, .. } in wanted {
        let images = registries.entry(source.canonical_registry()).or_default();
        let needed = images.entry(source.to_string()).or_insert_with(|| Needed {
            image: source,
            why: Vec::new(),
        });
        if !needed.why.contains(&origin) {
            needed.why.push(origin);
        }
    }
    registries
}

async fn test(context: &Context, registries: &Registries, online: Online) -> Vec<RegistryReport> {
    let step = context.ui.progress().step("registries");
    let reach = Reach {
        names: SystemNames,
        settings: ReachSettings {
            patience: online.patience,
            counted_pulls: online.counted_pulls,
        },
    };
    let questions = registries.iter().map(|(registry, images)| {
        let image = images.values().next().map(|needed| needed.image.clone());
        (registry.clone(), image)
    });
    let reports = reach.test(questions.collect()).await;
    step.done(format!("{} tested", reports.len()));
    reports
}

/// The weakest registry decides.
fn exit(reports: &[RegistryReport]) -> Exit {
    let verdicts = reports.iter().map(|report| report.verdict(IpFamily::V6));
    match verdicts.min() {
        Some(Verdict::Unusable) => Exit::Failure,
        Some(Verdict::NotTested) => Exit::Environment,
        Some(Verdict::Usable) | None => Exit::Success,
    }
}

fn value(
    registries: &Registries,
    reports: &[RegistryReport],
    open: &[Open],
    unknown: &[String],
) -> Value {
    let groups = registries
        .iter()
        .zip(reports)
        .map(|((registry, images), report)| {
            let images = images
                .iter()
                .map(|(reference, needed)| json!({"reference": reference, "why": needed.why}));
            json!({
                "registry": registry,
                "ipv6": report.verdict(IpFamily::V6),
                "ipv4": report.verdict(IpFamily::V4),
                "families": report.families,
                "images": images.collect::<Vec<_>>(),
            })
        });
    let open = open
        .iter()
        .map(|open| json!({"name": open.name, "repository": open.repository, "why": open.origin}));
    json!({
        "images": registries.values().map(BTreeMap::len).sum::<usize>(),
        "registries": groups.collect::<Vec<_>>(),
        "open": open.collect::<Vec<_>>(),
        "unknown": unknown,
    })
}

fn text(registries: &Registries, reports: &[RegistryReport], style: Style) -> String {
    let mut lines = Vec::new();
    for ((registry, images), report) in registries.iter().zip(reports) {
        let verdict = |family| {
            let verdict = report.verdict(family);
            match verdict {
                Verdict::Usable => style.good(verdict),
                Verdict::Unusable => style.bad(verdict),
                Verdict::NotTested => style.warning(verdict),
            }
        };
        lines.push(format!(
            "{} ({}), IPv6 {}, IPv4 {}",
            style.strong(registry),
            counted(images.len(), "image", "images"),
            verdict(IpFamily::V6),
            verdict(IpFamily::V4)
        ));
        lines.extend(legs(report, style));
        for (reference, needed) in images {
            let first = needed
                .why
                .first()
                .map(ToString::to_string)
                .unwrap_or_default();
            let more = match needed.why.len() {
                0 | 1 => String::new(),
                number => format!(" and {} more", number - 1),
            };
            lines.push(format!(
                "  {reference}  {}",
                style.dim(format!("{first}{more}"))
            ));
        }
    }
    lines.push(String::new());
    lines.join("\n")
}

/// Where a registry was asked: every leg that does not simply work.
fn legs(report: &RegistryReport, style: Style) -> Vec<String> {
    let mut lines = Vec::new();
    for family in &report.families {
        for leg in &family.legs {
            let is_silent = leg.outcome.verdict() == Verdict::Usable
                || matches!(&leg.outcome, crate::mirror::inventory::reach::Outcome::NotTested { reason } if reason == OFFLINE);
            if !is_silent {
                let host = leg.host.as_deref().unwrap_or("-");
                lines.push(format!(
                    "  {}",
                    style.dim(format!(
                        "{} {} {host}: {}",
                        family.family, leg.leg, leg.outcome
                    ))
                ));
            }
        }
    }
    lines
}
