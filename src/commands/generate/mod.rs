//! `garden6 generate`: the files of an environment, for use with other tools.

mod output;
mod overrides;
mod review;

use std::{collections::BTreeMap, path::PathBuf};

use super::{Context, backends, refusal::refused};
use crate::{
    api::validation::Rules,
    cluster::kind::CalicoManifest,
    config::{
        BackendKind, Cni, EnvironmentRequest, ResolveError,
        check::{self, Versions},
    },
    exit::Exit,
    failure::Failure,
    generate::{
        Artifact, CalicoSource, GenerateError, Plan, PlanSettings, TEMPLATE_SUFFIX, Templates,
        calico, coredns, folder, garden, hosts_toml, kind,
    },
};

/// Which files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// kind's cluster document.
    Kind,
    /// Calico for the cluster, patched for its families.
    Calico,
    /// CoreDNS for a cluster of its families.
    CoreDns,
    /// How containerd reaches registries.
    HostsToml,
    /// The network policies of a Shoot's control plane.
    Policies,
    /// The kernel settings of a Shoot's machines.
    OperatingSystem,
    /// A Shoot.
    Shoot,
    /// The Seed.
    Seed,
    /// A Network.
    Network,
    /// Everything, with a text that says how to use it.
    All,
}

/// What to do with the files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Write them.
    Write,
    /// Show how those that are there differ, and fail if any does.
    Check,
    /// Show how those that are there differ.
    Diff,
}

/// A call of the command.
#[derive(Clone, Debug)]
pub struct Request {
    /// Which files.
    pub what: What,
    /// The environment that was asked for.
    pub environment: EnvironmentRequest,
    /// What only the files need to know.
    pub settings: PlanSettings,
    /// The folder with templates that replace those of the program.
    pub templates: Option<PathBuf>,
    /// Where the files go.
    pub output: OutputRequest,
}

/// Where files go, and whether they are written at all.
#[derive(Clone, Debug)]
pub struct OutputRequest {
    /// A folder, or the one file; standard output without one.
    pub out: Option<PathBuf>,
    /// What to do.
    pub mode: Mode,
}

/// Makes the files. None is written before all of them are known to be good.
pub async fn run(context: &Context, request: &Request) -> Result<Exit, Failure> {
    let templates = match &request.templates {
        Some(folder) => overrides::templates(folder)?,
        None => Templates::with_overrides(BTreeMap::new()).map_err(Failure::internal)?,
    };
    let environment = request
        .environment
        .resolve(BackendKind::Kind)
        .map_err(refused)?;
    let versions = Versions {
        kubernetes: request.settings.kubernetes.clone(),
        ..Versions::default()
    };
    let findings = check::versions(environment.plan.families, &versions);
    if !findings.is_empty() {
        return Err(refused(ResolveError::Plan { findings }));
    }
    let plan = Plan::new(environment, request.settings.clone()).map_err(failure)?;
    let artifacts = artifacts(context, request.what, &plan, &templates).await?;
    output::deliver(context, &request.output, &artifacts)
}

/// Exports the templates of the program; their names alone where no folder is named.
pub fn export_templates(context: &Context, request: &OutputRequest) -> Result<Exit, Failure> {
    let sources = Templates::sources().iter();
    if request.out.is_none() {
        let names: Vec<&str> = sources.map(|(name, _)| *name).collect();
        context.ui.data(&(names.join("\n") + "\n"))?;
        return Ok(Exit::Success);
    }
    let artifacts: Vec<Artifact> = sources
        .map(|(name, text)| Artifact::new(format!("{name}{TEMPLATE_SUFFIX}"), (*text).to_owned()))
        .collect();
    output::deliver(context, request, &artifacts)
}

async fn artifacts(
    context: &Context,
    what: What,
    plan: &Plan,
    templates: &Templates,
) -> Result<Vec<Artifact>, Failure> {
    let rules = Rules {
        profile: plan.environment.api_profile,
        gates: plan.environment.feature_gates.clone(),
    };
    let one = |path: &str, text: Result<String, GenerateError>| {
        Ok::<_, Failure>(vec![Artifact::new(path, text.map_err(failure)?)])
    };
    match what {
        What::Kind => {
            let document = kind::render(&plan.cluster(), templates).map_err(failure)?;
            Ok(vec![Artifact::new("kind.yaml", document.text)])
        }
        What::Calico => {
            let source = calico_source(context, plan).await?;
            let text = calico::manifest(plan, &source.text, &source.origin);
            let resources = calico::resources(plan).map_err(failure)?;
            one("calico.yaml", text.map(|text| text + &resources))
        }
        What::CoreDns => one(
            "coredns.yaml",
            coredns::coredns(&plan.environment, templates),
        ),
        What::HostsToml => hosts_toml(plan, templates).map_err(failure),
        What::Policies => one("policies.yaml", garden::network_policies(plan)),
        What::OperatingSystem => one("operating-system.yaml", garden::operating_system()),
        What::Shoot | What::Seed | What::Network => {
            warn_of_families(context, plan, &rules)?;
            let (path, text) = match what {
                What::Shoot => ("shoot.yaml", garden::shoot(plan, &rules, templates)),
                What::Seed => ("seed.yaml", garden::seed_manifest(plan, &rules, templates)),
                _ => ("network.yaml", garden::network(plan, &rules, templates)),
            };
            let artifact = Artifact::new(path, text.map_err(failure)?);
            review::review(plan, &rules, &artifact)?;
            Ok(vec![artifact])
        }
        What::All => all(context, plan, &rules, templates).await,
    }
}

/// Every file. Manifests that the API profile cannot express are left out, and that is said.
async fn all(
    context: &Context,
    plan: &Plan,
    rules: &Rules,
    templates: &Templates,
) -> Result<Vec<Artifact>, Failure> {
    let source = match &plan.environment.cni {
        Cni::Calico { .. } => Some(calico_source(context, plan).await?),
        Cni::Ptp => None,
    };
    let files =
        |rules: Option<&Rules>| folder(plan, rules, source.as_ref(), templates).map_err(failure);
    if let Err(refusal) = garden::expressible(plan.environment.plan.families, rules) {
        context
            .ui
            .progress()
            .warn(format!("garden is left out: {refusal}"));
        return files(None);
    }
    warn_of_families(context, plan, rules)?;
    let complete = files(Some(rules))?;
    let refused = complete
        .iter()
        .filter(|file| review::is_judged(file))
        .find_map(|file| review::review(plan, rules, file).err());
    match refused {
        None => Ok(complete),
        Some(refusal) => {
            let reason = refusal.chain().join(": ");
            context
                .ui
                .progress()
                .warn(format!("garden is left out: {reason}"));
            files(None)
        }
    }
}

/// Calico's manifest: a file of the user's, the cached one, or a download that is checked.
async fn calico_source(context: &Context, plan: &Plan) -> Result<CalicoSource, Failure> {
    let given = match &plan.environment.cni {
        Cni::Calico { manifest } => manifest.as_deref(),
        Cni::Ptp => {
            return Err(Failure::usage(
                "calico has no part in an environment with CNI ptp",
            ));
        }
    };
    let cache = context.state_dir.cache();
    let manifest = CalicoManifest {
        given,
        cache: &cache,
    };
    let step = context.ui.progress().step("the manifest of calico");
    let (text, path) = manifest
        .read(&step)
        .await
        .map_err(|error| backends::failure(error.into()))?;
    let origin = path.display().to_string();
    step.done(origin.clone());
    Ok(CalicoSource { text, origin })
}

/// Says so where the manifests have fewer families than the environment.
fn warn_of_families(context: &Context, plan: &Plan, rules: &Rules) -> Result<(), Failure> {
    let wanted = plan.environment.plan.families;
    let expressed = garden::expressible(wanted, rules).map_err(failure)?;
    if expressed != wanted {
        context.ui.progress().warn(format!(
            "the API profile {} knows no dual-stack, the manifests are {expressed} only: \
             `--feature-gates DualStack=true` or `--api-profile upstream` changes that",
            rules.profile
        ));
    }
    Ok(())
}

/// What the user asked for, or handed in, is at fault unless our own output is wrong.
fn failure(error: GenerateError) -> Failure {
    match error {
        GenerateError::Refused { .. } => Failure::new(Exit::Failure, error),
        GenerateError::ReadBack { .. } | GenerateError::Differs { .. } => Failure::internal(error)
            .hint(
                "a template of your own has to say all that the plan says; without one this is a \
                 defect of garden6",
            ),
        _ => Failure::usage(error),
    }
}
