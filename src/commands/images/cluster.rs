//! The images of a running cluster: of its pods, and of workloads that have none at the moment.

use k8s_openapi::api::{
    apps::v1::{DaemonSet, Deployment, StatefulSet},
    batch::v1::{CronJob, Job},
    core::v1::{Pod, ReplicationController},
};
use kube::{Api, Client, Resource, api::ListParams};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::json;

use super::list::ClusterChoice;
use crate::{
    cluster::{connect, kubeconfig},
    commands::{Context, kubeconfig::no_environment, store::Store},
    failure::Failure,
    mirror::{
        inventory::image_fields,
        plan::{Origin, Wanted},
    },
};

/// Objects that are asked for at once.
const PAGE: u32 = 500;

/// The images of all workloads of a cluster.
pub(super) async fn images(
    context: &Context,
    choice: &ClusterChoice,
) -> Result<Vec<Wanted>, Failure> {
    let path = match choice {
        ClusterChoice::Kubeconfig(path) => path.clone(),
        ClusterChoice::Environment(name) => {
            if Store(&context.state_dir).load(name)?.is_none() {
                return Err(no_environment(name));
            }
            context.state_dir.environment(name).kubeconfig()
        }
    };
    let kubeconfig = kubeconfig::read(&path).map_err(Failure::environment)?;
    let client = connect::client(&kubeconfig)
        .await
        .map_err(Failure::environment)?;
    let mut wanted = Vec::new();
    collect::<Pod>(&client, &mut wanted).await?;
    collect::<Deployment>(&client, &mut wanted).await?;
    collect::<DaemonSet>(&client, &mut wanted).await?;
    collect::<StatefulSet>(&client, &mut wanted).await?;
    collect::<CronJob>(&client, &mut wanted).await?;
    collect::<Job>(&client, &mut wanted).await?;
    collect::<ReplicationController>(&client, &mut wanted).await?;
    Ok(wanted)
}

/// Adds the images of all objects of a kind. A cluster that does not serve the kind has none of it.
async fn collect<K>(client: &Client, wanted: &mut Vec<Wanted>) -> Result<(), Failure>
where
    K: Resource<DynamicType = ()> + Clone + DeserializeOwned + Serialize + std::fmt::Debug,
{
    let api: Api<K> = Api::all(client.clone());
    let mut parameters = ListParams::default().limit(PAGE);
    loop {
        let page = match api.list(&parameters).await {
            Ok(page) => page,
            Err(kube::Error::Api(status)) if status.code == 404 => return Ok(()),
            Err(error) => return Err(Failure::environment(error)),
        };
        for item in &page.items {
            add(item, wanted)?;
        }
        match page.metadata.continue_.filter(|token| !token.is_empty()) {
            Some(token) => parameters = parameters.continue_token(&token),
            None => return Ok(()),
        }
    }
}

fn add<K>(item: &K, wanted: &mut Vec<Wanted>) -> Result<(), Failure>
where
    K: Resource<DynamicType = ()> + Serialize,
{
    let mut object = serde_json::to_value(item).map_err(Failure::internal)?;
    object["kind"] = json!(K::kind(&()));
    object["apiVersion"] = json!(K::api_version(&()));
    for field in image_fields(&object) {
        let source = field.text.parse().map_err(|error| {
            Failure::new(
                crate::exit::Exit::Failure,
                format!("{}: {error}", field.what),
            )
        })?;
        wanted.push(Wanted {
            source,
            destination: None,
            origin: Origin {
                file: "cluster".to_owned(),
                line: None,
                what: field.what,
            },
        });
    }
    Ok(())
}
