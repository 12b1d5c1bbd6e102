//! The certificates of the webhook on an embedded control plane, with a clock of their own.

use std::{
    net::{Ipv6Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use k8s_openapi::api::{
    admissionregistration::v1::{MutatingWebhookConfiguration, ValidatingWebhookConfiguration},
    core::v1::Secret,
};
use kube::{
    Api,
    api::{DeleteParams, Patch, PatchParams},
};
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject as _},
    time_provider::TimeProvider,
};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::{TlsConnector, client::TlsStream};
use tokio_util::sync::CancellationToken;

use super::{Keeper, keeper::Settled, registration::NAME};
use crate::{
    clock::{Clock as _, FakeClock},
    cluster::embedded::{ControlPlane, ControlPlaneOptions},
    stack::{options::WebhookOptions, serving},
};

const HOST: &str = "garden6.default.svc";

/// A control plane, and a time that stands still.
struct Place {
    plane: ControlPlane,
    clock: Arc<FakeClock>,
}

impl Place {
    async fn new() -> Self {
        let plane = ControlPlane::start(ControlPlaneOptions::default());
        let start = Timestamp::from_second(1_800_000_000).unwrap();
        Self {
            plane: plane.await.unwrap(),
            clock: Arc::new(FakeClock::at(start)),
        }
    }

    /// A replica that starts now.
    fn keeper(&self) -> Keeper {
        let options = WebhookOptions {
            listen: SocketAddr::new(Ipv6Addr::LOCALHOST.into(), 0),
            namespace: "default".to_owned(),
            service: "garden6".to_owned(),
        };
        let clock = Arc::<FakeClock>::clone(&self.clock);
        Keeper::new(self.plane.client(), options, clock)
    }

    fn secrets(&self) -> Api<Secret> {
        Api::namespaced(self.plane.client(), "default")
    }

    fn mutating(&self) -> Api<MutatingWebhookConfiguration> {
        Api::all(self.plane.client())
    }

    fn validating(&self) -> Api<ValidatingWebhookConfiguration> {
        Api::all(self.plane.client())
    }

    /// What an API server that reads the registration now trusts; it is the same in both.
    async fn registered(&self) -> Option<String> {
        let mutating = self.mutating().get_opt(NAME).await.unwrap()?;
        let validating = self.validating().get_opt(NAME).await.unwrap()?;
        let one = mutating.webhooks?.pop()?.client_config.ca_bundle?;
        let other = validating.webhooks?.pop()?.client_config.ca_bundle?;
        (one == other).then(|| String::from_utf8(one.0).unwrap())
    }

    async fn registered_again(&self) -> String {
        let waiting = async {
            loop {
                match self.registered().await {
                    Some(bundle) if !bundle.is_empty() => return bundle,
                    _ => tokio::time::sleep(Duration::from_millis(20)).await,
                }
            }
        };
        let waited = tokio::time::timeout(Duration::from_secs(30), waiting).await;
        waited.expect("the registration comes back")
    }

    async fn secret_version(&self) -> Option<String> {
        let secret = self.secrets().get("garden6-webhook").await.unwrap();
        secret.metadata.resource_version
    }
}

/// Lets a TLS client live in the time of a test.
#[derive(Debug)]
struct TimeOf(Arc<FakeClock>);

impl TimeProvider for TimeOf {
    fn current_time(&self) -> Option<UnixTime> {
        let seconds = u64::try_from(self.0.now().as_second()).ok()?;
        Some(UnixTime::since_unix_epoch(Duration::from_secs(seconds)))
    }
}

/// Calls as an API server does that trusts a bundle.
async fn call(
    place: &Place,
    address: SocketAddr,
    bundle: &str,
) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(bundle.as_bytes()) {
        roots.add(certificate.unwrap()).unwrap();
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let time = Arc::new(TimeOf(Arc::clone(&place.clock)));
    let config = ClientConfig::builder_with_details(provider, time)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let stream = TcpStream::connect(address).await?;
    let name = ServerName::try_from(HOST).unwrap();
    let connector = TlsConnector::from(Arc::new(config));
    connector.connect(name, stream).await
}

/// Sends a request over an open connection; true if it is answered.
async fn ask(stream: &mut TlsStream<TcpStream>) -> bool {
    let request = format!("GET / HTTP/1.1\r\nHost: {HOST}\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = [0; 1024];
    let length = stream.read(&mut answer).await.unwrap();
    answer[..length].starts_with(b"HTTP/1.1 200 OK")
}

#[tokio::test]
async fn a_restart_and_another_replica_serve_with_the_same_authority() {
    let place = Place::new().await;
    let first = place.keeper().settle().await.unwrap();
    let version = place.secret_version().await;
    let second = place.keeper().settle().await.unwrap();
    assert_eq!(first, second);
    assert_eq!(place.secret_version().await, version);
}

#[tokio::test]
async fn replicas_that_start_together_agree_on_one_authority() {
    let place = Place::new().await;
    let replicas: Vec<Keeper> = (0..4).map(|_| place.keeper()).collect();
    let starting = replicas.iter().map(Keeper::settle);
    let settled = futures_util::future::try_join_all(starting).await.unwrap();
    let bundles: Vec<&String> = settled
        .iter()
        .map(|Settled { bundle, .. }| bundle)
        .collect();
    assert!(
        bundles.iter().all(|bundle| *bundle == bundles[0]),
        "{bundles:?}"
    );
    assert_eq!(bundles[0].matches("BEGIN CERTIFICATE").count(), 1);
}

#[tokio::test]
async fn a_registration_that_somebody_changes_or_deletes_comes_back() {
    let place = Place::new().await;
    let stop = CancellationToken::new();
    let running = tokio::spawn(place.keeper().run(stop.clone()));
    let bundle = place.registered_again().await;

    let config = place.mutating().get(NAME).await.unwrap();
    let webhook = &config.webhooks.as_ref().unwrap()[0];
    assert_eq!(webhook.failure_policy.as_deref(), Some("Fail"));
    assert_eq!(webhook.timeout_seconds, Some(10));
    let mut emptied = serde_json::to_value(&config).unwrap();
    emptied["webhooks"][0]["clientConfig"]["caBundle"] = Value::Null;
    let patch = Patch::Merge(json!({"webhooks": emptied["webhooks"]}));
    let params = PatchParams::default();
    place.mutating().patch(NAME, &params, &patch).await.unwrap();
    assert_eq!(place.registered_again().await, bundle);

    let params = DeleteParams::default();
    place.validating().delete(NAME, &params).await.unwrap();
    assert_eq!(place.registered_again().await, bundle);

    stop.cancel();
    running.await.unwrap();
}

#[tokio::test]
async fn a_damaged_certificate_is_replaced_by_one_of_the_same_authority() {
    let place = Place::new().await;
    let keeper = place.keeper();
    let before = keeper.settle().await.unwrap();
    let version = place.secret_version().await;
    let patch = Patch::Merge(json!({"stringData": {"tls.key": "nonsense"}}));
    let params = PatchParams::default();
    let secrets = place.secrets();
    let patched = secrets.patch("garden6-webhook", &params, &patch).await;
    patched.unwrap();
    let after = keeper.settle().await.unwrap();
    assert_eq!(after.bundle, before.bundle);
    assert_ne!(place.secret_version().await, version);
}

#[tokio::test]
async fn certificates_change_without_a_restart_and_without_a_moment_of_distrust() {
    let place = Place::new().await;
    let keeper = place.keeper();
    let mut settled = keeper.settle().await.unwrap();
    let listener = TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let stop = CancellationToken::new();
    let handler = |_| std::future::ready(serving::text(200, "ok"));
    let tls = Some(keeper.tls().unwrap());
    let serving = tokio::spawn(serving::serve(listener, tls, handler, stop.clone()));
    keeper.register(&settled).await.unwrap();

    let original = place.registered().await.unwrap();
    let mut trusted = original.clone();
    let mut oldest = call(&place, address, &original).await.unwrap();
    assert!(ask(&mut oldest).await);

    let start = place.clock.now();
    while place.clock.now().duration_since(start) < SignedDuration::from_hours(24 * 800) {
        place.clock.set(settled.until);
        settled = keeper.settle().await.unwrap();
        // An API server that has not heard of the last change yet.
        call(&place, address, &trusted).await.unwrap();
        keeper.register(&settled).await.unwrap();
        trusted = place.registered().await.unwrap();
        call(&place, address, &trusted).await.unwrap();
    }
    assert!(
        !trusted.contains(original.trim()),
        "the first authority is gone"
    );
    call(&place, address, &original).await.unwrap_err();
    assert!(ask(&mut oldest).await, "an open connection stays open");

    stop.cancel();
    drop(oldest);
    serving.await.unwrap();
}
