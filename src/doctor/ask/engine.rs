//! Questions about the engine.

use semver::Version;

use super::{Ask, Platform, if_known};
use crate::{
    doctor::{
        Scope,
        facts::{
            ClusterContainers, Component, Context, DesktopSettings, Docker, EngineInfo,
            EngineNetwork, EngineVersion, Ping, Plan, ProbeAnswers, VmSettings,
        },
        finding::Gap,
        parse::versions,
    },
    net::{Cidr, IpFamily},
};

/// Where rules look when no network was named.
const KIND_NETWORK: &str = "kind";
/// kind's variable that names another one.
const NETWORK_VARIABLE: &str = "KIND_EXPERIMENTAL_DOCKER_NETWORK";

fn nothing(what: &str) -> Gap {
    Gap::Unknown(format!("the engine gave no answer to {what}"))
}

impl<'a> Ask<'a> {
    /// Everything about the engine, for questions that have no method.
    pub(in crate::doctor) const fn docker(&self) -> &'a Docker {
        &self.facts.docker
    }

    /// What is going to be created.
    pub(in crate::doctor) const fn plan(&self) -> &'a Plan {
        &self.facts.plan
    }

    /// Whether the engine answers.
    pub(in crate::doctor) fn ping(&self) -> Result<&'a Ping, Gap> {
        let fact = &self.docker().ping;
        let ping = self.answer(Scope::Host, "GET /_ping", fact, ToString::to_string)?;
        ping.ok_or_else(|| nothing("GET /_ping"))
    }

    /// The endpoint that clients use.
    pub(in crate::doctor) fn endpoint(&self) -> Result<Option<&'a str>, Gap> {
        let fact = &self.docker().endpoint;
        let endpoint = self.answer(Scope::Host, "endpoint", fact, Clone::clone)?;
        Ok(endpoint.map(String::as_str))
    }

    /// The selected context.
    pub(in crate::doctor) fn context(&self) -> Result<Option<&'a Context>, Gap> {
        let fact = &self.docker().context;
        self.answer(Scope::Host, "context", fact, |context| {
            format!("{} (exists: {})", context.selected, context.exists)
        })
    }

    /// `GET /info`.
    pub(in crate::doctor) fn info(&self) -> Result<&'a EngineInfo, Gap> {
        let fact = &self.docker().info;
        let info = self.answer(Scope::Engine, "GET /info", fact, |info| {
            info.operating_system.clone()
        })?;
        info.ok_or_else(|| nothing("GET /info"))
    }

    /// `GET /version`.
    pub(in crate::doctor) fn engine_version(&self) -> Result<&'a EngineVersion, Gap> {
        let fact = &self.docker().version;
        let version = self.answer(Scope::Engine, "GET /version", fact, |version| {
            version.version.clone()
        })?;
        version.ok_or_else(|| nothing("GET /version"))
    }

    /// The version of the engine itself; products around it count their own.
    pub(in crate::doctor) fn engine(&self) -> Result<Version, Gap> {
        let version = self.engine_version()?;
        let text = match version.components.get("Engine") {
            Some(Component::Version(text)) => text,
            _ => &version.version,
        };
        versions::version(text)
            .ok_or_else(|| Gap::Unknown(format!("the engine's version `{text}` cannot be read")))
    }

    /// Networks of the engine, in its order.
    pub(in crate::doctor) fn networks(&self) -> Result<&'a [EngineNetwork], Gap> {
        let fact = &self.docker().networks;
        let networks = self.answer(Scope::Engine, "GET /networks", fact, |networks| {
            let names: Vec<&str> = networks.iter().map(|network| &*network.name).collect();
            names.join(", ")
        })?;
        networks
            .map(Vec::as_slice)
            .ok_or_else(|| nothing("GET /networks"))
    }

    /// The name of the network that nodes join.
    pub(in crate::doctor) fn node_network_name(&self) -> Result<&'a str, Gap> {
        if let Some(name) = &self.plan().network {
            return Ok(name);
        }
        Ok(self.env(NETWORK_VARIABLE)?.unwrap_or(KIND_NETWORK))
    }

    /// The networks that nodes may join, first the one that counts; several can share the name.
    pub(in crate::doctor) fn node_networks(&self) -> Result<Vec<&'a EngineNetwork>, Gap> {
        let name = self.node_network_name()?;
        let networks = self.networks()?.iter();
        Ok(networks.filter(|network| network.name == name).collect())
    }

    /// kind's clusters.
    pub(in crate::doctor) fn clusters(&self) -> Result<&'a [ClusterContainers], Gap> {
        let fact = &self.docker().clusters;
        let clusters = self.answer(Scope::Engine, "GET /containers/json", fact, |clusters| {
            let names: Vec<&str> = clusters.iter().map(|cluster| &*cluster.name).collect();
            names.join(", ")
        })?;
        clusters
            .map(Vec::as_slice)
            .ok_or_else(|| nothing("GET /containers/json"))
    }

    /// What `--probe` found; none where it was not given.
    pub(in crate::doctor) fn probe(&self) -> Option<&'a ProbeAnswers> {
        let fact = &self.docker().probe;
        if_known(self.answer(Scope::Engine, "probe", fact, |probe| format!("{probe:?}")))
    }

    /// Docker Desktop's settings, where they can be read.
    pub(in crate::doctor) fn desktop(&self) -> Option<&'a DesktopSettings> {
        let fact = &self.docker().desktop;
        if_known(
            self.answer(Scope::Host, "desktop settings", fact, |settings| {
                format!("{settings:?}")
            }),
        )
    }

    /// The virtual machine's settings, for rules that cannot do without them.
    pub(in crate::doctor) fn vm_settings(&self) -> Result<&'a VmSettings, Gap> {
        let fact = &self.docker().vm;
        let settings = self.answer(Scope::Host, "vm settings", fact, |settings| {
            format!("{settings:?}")
        })?;
        settings.ok_or_else(|| Gap::Unknown("the virtual machine has no settings".to_owned()))
    }

    /// The virtual machine's settings, where they can be read.
    pub(in crate::doctor) fn vm(&self) -> Option<&'a VmSettings> {
        let fact = &self.docker().vm;
        if_known(self.answer(Scope::Host, "vm settings", fact, |settings| {
            format!("{settings:?}")
        }))
    }

    /// The release of the kernel that runs the engine.
    pub(in crate::doctor) fn kernel(&self) -> Result<Version, Gap> {
        let text = match self.info() {
            Ok(info) if !info.kernel_version.is_empty() => info.kernel_version.as_str(),
            // The Mac's own files tell nothing of the machine that runs the engine.
            Err(gap) if self.platform() == Platform::Macos => return Err(gap),
            _ => self
                .file(Scope::Engine, "/proc/version")?
                .unwrap_or_default(),
        };
        versions::version(text)
            .ok_or_else(|| Gap::Unknown(format!("the kernel's release `{text}` cannot be read")))
    }
}

/// The prefixes of a network of one family; what cannot be read is left out.
pub(in crate::doctor) fn subnets(network: &EngineNetwork, family: IpFamily) -> Vec<Cidr> {
    let all = network.subnets.iter().filter_map(|text| text.parse().ok());
    all.filter(|cidr: &Cidr| cidr.family() == family).collect()
}
