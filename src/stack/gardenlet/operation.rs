//! One pass over one Shoot: what it works with.

use std::sync::Arc;

use kube::{ResourceExt as _, runtime::reflector::ObjectRef};

use crate::{
    api::{
        core::{CloudProfile, Project, Seed, Shoot},
        gates::ApiProfile,
    },
    net::Families,
    stack::{
        context::Context,
        error::ReconcileError,
        feeds::filled,
        names::{AaaaName, project_of_namespace, technical_id},
        networks::{ShootRanges, shoot_families},
    },
};

/// One pass over one Shoot.
pub(crate) struct Operation<'a> {
    pub(crate) context: &'a Context,
    pub(crate) shoot: &'a Shoot,
    pub(crate) seed: Arc<Seed>,
    pub(crate) cloud_profile: Option<Arc<CloudProfile>>,
    pub(crate) project: String,
    /// The namespace in the Seed.
    pub(crate) namespace: String,
    pub(crate) families: Families,
}

impl<'a> Operation<'a> {
    pub(crate) async fn new(
        context: &'a Context,
        shoot: &'a Shoot,
        seed_name: &str,
    ) -> Result<Self, ReconcileError> {
        let stores = &context.stores;
        filled(&stores.seeds).await;
        filled(&stores.projects).await;
        filled(&stores.cloud_profiles).await;
        let seed = stores
            .seeds
            .get(&ObjectRef::<Seed>::new(seed_name))
            .ok_or_else(|| {
                ReconcileError::configuration(format!("there is no Seed `{seed_name}`"))
            })?;
        let cloud_profile = shoot
            .spec
            .cloud_profile
            .as_ref()
            .map(|reference| reference.name.as_str())
            .or(shoot.spec.cloud_profile_name.as_deref())
            .and_then(|name| stores.cloud_profiles.get(&ObjectRef::new(name)));
        let project = project_name(context, &shoot.namespace().unwrap_or_default());
        // The technical ID never changes, even if the rule for it does.
        let namespace = shoot
            .status
            .as_ref()
            .and_then(|status| status.technical_id.clone())
            .unwrap_or_else(|| technical_id(&project, &shoot.name_any()));
        Ok(Self {
            context,
            shoot,
            seed,
            cloud_profile,
            project,
            namespace,
            families: shoot_families(shoot),
        })
    }

    /// The name of the Shoot.
    pub(crate) fn name(&self) -> String {
        self.shoot.name_any()
    }

    /// The ranges in effect.
    pub(crate) fn ranges(&self) -> ShootRanges {
        ShootRanges::wanted(self.shoot, &self.seed).with_status(self.shoot)
    }

    /// How AAAA record objects are named.
    pub(crate) fn aaaa_name(&self) -> AaaaName {
        match self.context.options.api_profile {
            ApiProfile::Gep21 => AaaaName::Suffixed,
            // Gardener never has two record sets for a name; here a dual-stack Shoot has.
            ApiProfile::Upstream if self.families.is_dual() => AaaaName::Suffixed,
            ApiProfile::Upstream => AaaaName::Plain,
        }
    }
}

/// The project that owns a namespace.
fn project_name(context: &Context, namespace: &str) -> String {
    let owner = context
        .stores
        .projects
        .find(|project: &Project| project.spec.namespace.as_deref() == Some(namespace));
    owner.map_or_else(
        || project_of_namespace(namespace).to_owned(),
        |project| project.name_any(),
    )
}
