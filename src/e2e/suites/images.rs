//! Images that nodes cannot pull from where they are, and run from the registry of the environment.

use std::sync::Arc;

use serde_json::json;

use super::support::{StandIn, image_listener, node_names, stack_image};
use crate::{
    e2e::{Area, Case, CaseResult, Context, Need, Stop, TimeoutClass, check},
    mirror::{
        DEFAULT_REGISTRY, Descriptor, Digest, Endpoint, ImageRef, RegistryClient, media_type,
        transfer::{Job, Outcome, Place, Stores, Transfer, TransferOptions},
    },
    net::HostPort,
    progress::Progress,
};

/// The image that only the stand-in has.
const NAME: &str = "library/garden6-only-here";
const TAG: &str = "v1";

pub(in crate::e2e) fn cases() -> Vec<Case> {
    vec![
        Case::new(
            "POD-07",
            Area::Pod,
            "a pod runs from a mirrored image of docker.io",
            mirrored,
        )
        .needs(&[Need::RealPackets, Need::Stack])
        .timeout(TimeoutClass::Pull)
        .purpose(
            "An image that only a stand-in for docker.io has is mirrored to the registry of the \
             environment with its digest kept, and a pod on a node that reaches nothing else runs from it.",
        ),
    ]
}

async fn mirrored(context: Context) -> CaseResult {
    context.arrange("make an image that only a stand-in for docker.io has");
    let stack: ImageRef = stack_image(&context).await?.parse().map_err(broken)?;
    let registry = stack.registry().to_owned();
    let address: HostPort = registry.parse().map_err(broken)?;
    // The host reaches the registry on its loopback, under the port it has everywhere.
    let published =
        std::net::SocketAddr::new(context.families().primary().loopback(), address.port);
    let local = Endpoint::plain_http(&published.into());
    let tag = context.unique(TAG);
    let stand_in = stand_in(&local, &stack, &tag).await?;

    context.step("mirror it");
    let source = format!("{DEFAULT_REGISTRY}/{NAME}:{tag}");
    let target = format!("{registry}/3rd/garden6-only-here:{tag}");
    let stores = Stores::default()
        .reached_at(
            DEFAULT_REGISTRY,
            Endpoint::plain_http(&stand_in.address().into()),
        )
        .reached_at(&registry, local);
    let place = |text: &str| -> CaseResult<Place> { text.parse().map_err(broken) };
    let job = Job::new(place(&source)?, place(&target)?);
    let transfer = Transfer::new(Arc::new(stores), TransferOptions::default());
    let report = transfer.run(&[job], &Progress::silent()).await;
    let image = check::present("report of the image", report.images.first())?;
    let cause = image.failure.as_ref().map(|failure| failure.cause.clone());
    check::that(
        image.outcome == Outcome::Copied,
        "outcome of the copy",
        "copied",
        format!("{:?} {}", image.outcome, cause.unwrap_or_default()),
    )?;
    check::equal("digest", &Some(stand_in.digest().clone()), &image.digest)?;

    context.step("run a pod from it");
    let nodes = node_names(&context).await?;
    let node = check::present("node", nodes.first())?;
    image_listener(&context, "mirrored", node, &target).await?;
    Ok(())
}

/// The stack's image under another name and with a configuration of its own, so that its digest is nowhere else.
async fn stand_in(local: &Endpoint, stack: &ImageRef, tag: &str) -> CaseResult<StandIn> {
    let client = RegistryClient::new(local).map_err(broken)?;
    let repository = stack.repository();
    let reference = stack.tag().unwrap_or_default();
    let read = client
        .manifest(repository, reference)
        .await
        .map_err(broken)?;
    let (manifest, _) = check::present("the manifest of the stack's image", read)?;
    let mut manifest: serde_json::Value = serde_json::from_slice(&manifest)?;
    let mut blobs = Vec::new();
    for layer in manifest["layers"].as_array().into_iter().flatten() {
        let layer: Descriptor = serde_json::from_value(layer.clone())?;
        blobs.push(client.blob(repository, &layer).await.map_err(broken)?);
    }
    let config: Descriptor = serde_json::from_value(manifest["config"].clone())?;
    let config = client.blob(repository, &config).await.map_err(broken)?;
    let mut config: serde_json::Value = serde_json::from_slice(&config)?;
    config["config"]["Labels"]["only-here"] = json!(tag);
    let config = bytes::Bytes::from(config.to_string());
    manifest["config"] = json!(Descriptor {
        media_type: media_type::CONFIG.to_owned(),
        digest: Digest::of(&config),
        size: config.len() as u64,
    });
    blobs.push(config);
    StandIn::start(NAME, tag, manifest.to_string().into(), blobs)
        .await
        .map_err(broken)
}

fn broken(error: impl std::fmt::Display) -> Stop {
    Stop::broken(error.to_string())
}
