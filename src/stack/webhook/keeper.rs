//! Keeps the certificates of the webhook: in a Secret that all replicas share, in the server, and
//! in the bundles of the webhook configurations.

use std::{fmt::Debug, pin::Pin, sync::Arc, time::Duration};

use futures_util::{Stream, StreamExt as _, stream};
use jiff::Timestamp;
use k8s_openapi::api::{
    admissionregistration::v1::{MutatingWebhookConfiguration, ValidatingWebhookConfiguration},
    core::v1::Secret,
};
use kube::{
    Api, Client, Resource,
    api::{ObjectMeta, PostParams},
    runtime::{
        WatchStreamExt as _,
        watcher::{self, Event},
    },
};
use rustls::ServerConfig;
use serde::de::DeserializeOwned;
use tokio_util::sync::CancellationToken;

use super::{
    certificate::CurrentCertificate,
    keys::Keys,
    registration,
    rotation::{Action, decide},
};
use crate::{
    clock::Clock,
    stack::{error::StackError, names::FIELD_MANAGER, options::WebhookOptions},
};

/// How often somebody else may be faster in one pass.
const ATTEMPTS: usize = 20;
/// The longest time between two passes; a wall clock can be set, and a watch can be silent.
const LONGEST_REST: Duration = Duration::from_secs(600);
/// How long after a failure the next pass begins.
const RETRY: Duration = Duration::from_secs(5);
/// Changes that come this close together cause one pass.
const TOGETHER: Duration = Duration::from_millis(200);

/// Keeps the certificates of one webhook.
pub(crate) struct Keeper {
    client: Client,
    options: WebhookOptions,
    clock: Arc<dyn Clock>,
    certificate: Arc<CurrentCertificate>,
}

/// What a pass found.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Settled {
    /// What callers have to trust, in PEM.
    pub(crate) bundle: String,
    /// When there is something to do next.
    pub(crate) until: Timestamp,
}

impl Keeper {
    /// A keeper that has not looked at anything yet.
    pub(crate) fn new(client: Client, options: WebhookOptions, clock: Arc<dyn Clock>) -> Self {
        Self {
            client,
            options,
            clock,
            certificate: Arc::default(),
        }
    }

    /// The settings of a TLS server that follows the certificates.
    pub(crate) fn tls(&self) -> Result<Arc<ServerConfig>, StackError> {
        let tls = self.certificate.server();
        tls.map_err(|error| StackError::Webhook(error.into()))
    }

    /// The Secret with the certificates.
    pub(crate) fn secret_name(&self) -> String {
        format!("{}-webhook", self.options.service)
    }

    /// Does what is due, step by step, and lets the server use the result.
    ///
    /// Replicas that do the same at the same time agree: the Secret takes the step of one, and the
    /// others go on from there.
    pub(crate) async fn settle(&self) -> Result<Settled, StackError> {
        let api: Api<Secret> = Api::namespaced(self.client.clone(), &self.options.namespace);
        let name = self.secret_name();
        let names = self.options.names();
        let failed = |error: super::authority::AuthorityError| StackError::Webhook(error.into());
        for _ in 0..ATTEMPTS {
            let read = api.get_opt(&name).await;
            let found = read.map_err(StackError::api(format!("read the Secret {name}")))?;
            let data = found.as_ref().and_then(|secret| secret.data.as_ref());
            let keys = data.and_then(Keys::read);
            let inventory = keys.as_ref().map(|keys| keys.inventory(&names));
            let now = self.clock.now();
            let action = decide(inventory.as_ref(), now);
            let next = match (action, keys) {
                (Action::Rest(until), Some(keys)) => {
                    if let Some(serving) = keys.serving() {
                        self.certificate.set(serving.certified().map_err(failed)?);
                    }
                    let bundle = keys.bundle();
                    return Ok(Settled { bundle, until });
                }
                (action, Some(keys)) => keys.after(action, &names, now),
                (_, None) => Keys::found(&names, now),
            };
            tracing::info!(?action, "the certificates of the webhook change");
            write(&api, &name, found, &next.map_err(failed)?).await?;
        }
        Err(StackError::TimedOut {
            what: format!("the Secret {name} does not settle"),
            seconds: 0,
            last: "somebody else keeps changing it".to_owned(),
        })
    }

    /// Makes the API server ask the webhook, and trust what it will meet.
    pub(crate) async fn register(&self, settled: &Settled) -> Result<(), StackError> {
        registration::register(&self.client, &self.options, &settled.bundle).await
    }

    /// Keeps everything as it should be until `stop`: when a certificate is due, and whenever
    /// somebody changes the Secret or the registration.
    pub(crate) async fn run(self, stop: CancellationToken) {
        let keeping = async {
            let mut changes = self.changes();
            loop {
                let rest = match self.pass().await {
                    Ok(until) => self.time_until(until),
                    Err(error) => {
                        tracing::warn!(error = ?error, "the webhook's certificates are tried again");
                        RETRY
                    }
                };
                // Whatever wakes, everything is looked at again.
                if tokio::time::timeout(rest, changes.next()).await.is_ok() {
                    tokio::time::sleep(TOGETHER).await;
                }
            }
        };
        stop.run_until_cancelled(keeping).await;
    }

    /// Looks at everything once.
    pub(crate) async fn pass(&self) -> Result<Timestamp, StackError> {
        let settled = self.settle().await?;
        self.register(&settled).await?;
        Ok(settled.until)
    }

    fn time_until(&self, until: Timestamp) -> Duration {
        let left = until.duration_since(self.clock.now());
        let left = Duration::try_from(left).unwrap_or_default();
        left.clamp(TOGETHER, LONGEST_REST)
    }

    fn changes(&self) -> impl Stream<Item = ()> + use<> {
        let secrets = Api::namespaced(self.client.clone(), &self.options.namespace);
        let mutating = Api::<MutatingWebhookConfiguration>::all(self.client.clone());
        let validating = Api::<ValidatingWebhookConfiguration>::all(self.client.clone());
        stream::select_all([
            changes_of::<Secret>(secrets, &self.secret_name()),
            changes_of(mutating, registration::NAME),
            changes_of(validating, registration::NAME),
        ])
    }
}

/// Writes the Secret, unless somebody else was faster.
async fn write(
    api: &Api<Secret>,
    name: &str,
    found: Option<Secret>,
    keys: &Keys,
) -> Result<(), StackError> {
    let params = PostParams {
        field_manager: Some(FIELD_MANAGER.to_owned()),
        ..PostParams::default()
    };
    let data = Some(keys.data());
    let written = if let Some(secret) = found {
        // The version in the metadata lets only the first of several replicas through.
        let secret = Secret { data, ..secret };
        api.replace(name, &params, &secret).await
    } else {
        let metadata = ObjectMeta {
            name: Some(name.to_owned()),
            ..ObjectMeta::default()
        };
        let secret = Secret {
            metadata,
            data,
            ..Secret::default()
        };
        api.create(&params, &secret).await
    };
    match written {
        Ok(_) => Ok(()),
        Err(kube::Error::Api(status)) if matches!(status.code, 404 | 409) => Ok(()),
        Err(source) => Err(StackError::api(format!("write the Secret {name}"))(source)),
    }
}

/// Tells that something happened to an object.
fn changes_of<K>(api: Api<K>, name: &str) -> Pin<Box<dyn Stream<Item = ()> + Send>>
where
    K: Resource<DynamicType = ()> + Clone + Debug + DeserializeOwned + Send + 'static,
{
    let config = watcher::Config::default().fields(&format!("metadata.name={name}"));
    let changes = watcher::watcher(api, config).default_backoff();
    let matters = |event: Result<Event<K>, watcher::Error>| {
        let changed = matches!(
            event,
            Ok(Event::Apply(_) | Event::Delete(_) | Event::InitDone)
        );
        std::future::ready(changed.then_some(()))
    };
    changes.filter_map(matters).boxed()
}
