//! A case: data about what is shown, and the function that shows it.

use std::{fmt, pin::Pin, str::FromStr, sync::Arc, time::Duration};

use serde::Serialize;
use thiserror::Error;

use super::{context::Context, failure::CaseResult, lane::Lane, need::Need};
use crate::{
    nearest,
    net::{Families, IpFamily},
};

/// The part of the system that a case is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Area {
    /// Bring-up of the cluster.
    Cluster,
    /// Kinds, defaulting, validation.
    Api,
    /// Pods and nodes.
    Pod,
    /// Services and load balancing.
    Svc,
    /// Names.
    Dns,
    /// Network policies.
    Netpol,
    /// The life of a Shoot.
    Shoot,
    /// Both families at once.
    Dual,
    /// Refusals and safety.
    Neg,
    /// The runner itself.
    Harness,
}

impl Area {
    /// All areas.
    pub const ALL: [Self; 10] = [
        Self::Cluster,
        Self::Api,
        Self::Pod,
        Self::Svc,
        Self::Dns,
        Self::Netpol,
        Self::Shoot,
        Self::Dual,
        Self::Neg,
        Self::Harness,
    ];
}

impl fmt::Display for Area {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Cluster => "cluster",
            Self::Api => "api",
            Self::Pod => "pod",
            Self::Svc => "svc",
            Self::Dns => "dns",
            Self::Netpol => "netpol",
            Self::Shoot => "shoot",
            Self::Dual => "dual",
            Self::Neg => "neg",
            Self::Harness => "harness",
        })
    }
}

/// A word that names no area.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("unknown area `{word}`{}", nearest::hint(nearest))]
pub struct UnknownArea {
    /// What was written.
    pub word: String,
    /// The areas that look most like it.
    pub nearest: Vec<String>,
}

impl FromStr for Area {
    type Err = UnknownArea;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|area| area.to_string() == word)
            .ok_or_else(|| UnknownArea {
                word: word.to_owned(),
                nearest: nearest::nearest(word, Self::ALL.iter().map(ToString::to_string)),
            })
    }
}

/// The environments, by IP family, in which a case says something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// Any.
    Any,
    /// One family only, whichever.
    SingleStack,
    /// Both families.
    DualStack,
    /// Environments that have IPv6, alone or not.
    WithIpv6,
    /// Environments that have nothing but this family.
    Only(IpFamily),
}

impl Scope {
    /// Whether the case says something in an environment of these families.
    pub fn admits(self, families: Families) -> bool {
        match self {
            Self::Any => true,
            Self::SingleStack => !families.is_dual(),
            Self::DualStack => families.is_dual(),
            Self::WithIpv6 => families.contains(IpFamily::V6),
            Self::Only(family) => families.is_single(family),
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("any families"),
            Self::SingleStack => f.write_str("a single family"),
            Self::DualStack => f.write_str("both families"),
            Self::WithIpv6 => f.write_str("IPv6"),
            Self::Only(family) => write!(f, "{family} only"),
        }
    }
}

/// Classes of time limits, for cases and for polls. All are scaled by `--timeout-scale`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum TimeoutClass {
    /// A call or a few: 10 s.
    Api,
    /// Until controllers have reacted: 30 s.
    Reconcile,
    /// Until objects are gone: 2 min.
    CleanUp,
    /// Until workloads run: 3 min.
    Rollout,
    /// Until images are pulled and run: 5 min.
    Pull,
    /// Until a Shoot is up, or gone: 20 min.
    ShootUp,
}

impl TimeoutClass {
    /// The limit, before scaling.
    pub const fn limit(self) -> Duration {
        Duration::from_secs(match self {
            Self::Api => 10,
            Self::Reconcile => 30,
            Self::CleanUp => 120,
            Self::Rollout => 180,
            Self::Pull => 300,
            Self::ShootUp => 1200,
        })
    }
}

/// A resource that only one case at a time may change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Lock {
    /// Seeds and other objects that the scheduler looks at.
    Seeds,
    /// Node state.
    Nodes,
}

/// The future of a case.
pub type CaseFuture = Pin<Box<dyn Future<Output = CaseResult> + Send>>;

/// One thing that is shown about an environment.
#[derive(Clone, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Case {
    /// Stable name, as in `SVC-01`; never used again for something else.
    pub id: &'static str,
    /// What is shown, as a statement.
    pub title: &'static str,
    /// The area.
    pub area: Area,
    /// The smallest lane that holds the case.
    pub lane: Lane,
    /// Where it applies.
    pub scope: Scope,
    /// What it needs.
    pub needs: &'static [Need],
    /// How long it may take.
    pub timeout: TimeoutClass,
    /// How much of `--jobs` it takes up.
    pub weight: usize,
    /// What it changes that others must not change meanwhile.
    pub locks: &'static [Lock],
    /// Whether it must run alone.
    pub serial: bool,
    /// Whether it gets a namespace of its own.
    pub namespaced: bool,
    /// What it does and why, for `explain`.
    pub purpose: &'static str,
    #[serde(skip)]
    run: Arc<dyn Fn(Context) -> CaseFuture + Send + Sync>,
}

impl Case {
    /// A presubmit case for environments of any family that ends within [`TimeoutClass::Reconcile`].
    pub fn new<F>(
        id: &'static str,
        area: Area,
        title: &'static str,
        run: impl Fn(Context) -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = CaseResult> + Send + 'static,
    {
        Self {
            id,
            title,
            area,
            lane: Lane::Presubmit,
            scope: Scope::Any,
            needs: &[],
            timeout: TimeoutClass::Reconcile,
            weight: 1,
            locks: &[],
            serial: false,
            namespaced: true,
            purpose: "",
            run: Arc::new(move |context| Box::pin(run(context))),
        }
    }

    /// Sets the smallest lane.
    #[must_use]
    pub fn lane(mut self, lane: Lane) -> Self {
        self.lane = lane;
        self
    }

    /// Sets where the case applies.
    #[must_use]
    pub fn scope(mut self, scope: Scope) -> Self {
        self.scope = scope;
        self
    }

    /// Sets what the case needs.
    #[must_use]
    pub fn needs(mut self, needs: &'static [Need]) -> Self {
        self.needs = needs;
        self
    }

    /// Sets how long the case may take.
    #[must_use]
    pub fn timeout(mut self, class: TimeoutClass) -> Self {
        self.timeout = class;
        self
    }

    /// Sets how much of `--jobs` the case takes up.
    #[must_use]
    pub fn weight(mut self, weight: usize) -> Self {
        self.weight = weight;
        self
    }

    /// Sets what the case changes that others must not change meanwhile.
    #[must_use]
    pub fn locks(mut self, locks: &'static [Lock]) -> Self {
        self.locks = locks;
        self
    }

    /// Makes the case run alone.
    #[must_use]
    pub fn serial(mut self) -> Self {
        self.serial = true;
        self
    }

    /// Does without a namespace: the case only reads, or works on objects without one.
    #[must_use]
    pub fn without_namespace(mut self) -> Self {
        self.namespaced = false;
        self
    }

    /// Says what the case does and why.
    #[must_use]
    pub fn purpose(mut self, text: &'static str) -> Self {
        self.purpose = text;
        self
    }

    /// Starts the case.
    pub(super) fn start(&self, context: Context) -> CaseFuture {
        (self.run)(context)
    }
}

impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Case")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// The families of an environment as they appear in the name of a variant: `v6`, `v4`, `v6+v4`.
pub fn variant(families: Families) -> String {
    let words: Vec<&str> = families
        .iter()
        .map(|family| match family {
            IpFamily::V4 => "v4",
            IpFamily::V6 => "v6",
        })
        .collect();
    words.join("+")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_admits_what_its_name_says() {
        let environments = ["ipv6", "ipv4", "ipv6,ipv4", "ipv4,ipv6"];
        for (scope, admitted) in [
            (Scope::Any, [true, true, true, true]),
            (Scope::SingleStack, [true, true, false, false]),
            (Scope::DualStack, [false, false, true, true]),
            (Scope::WithIpv6, [true, false, true, true]),
            (Scope::Only(IpFamily::V6), [true, false, false, false]),
        ] {
            let found = environments.map(|text| scope.admits(text.parse().unwrap()));
            assert_eq!(found, admitted, "{scope}");
        }
    }

    #[test]
    fn variants_keep_the_order_of_families() {
        let name = |text: &str| variant(text.parse().unwrap());
        assert_eq!(name("ipv6"), "v6");
        assert_eq!(name("ipv4,ipv6"), "v4+v6");
    }
}
