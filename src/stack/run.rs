//! Running all controllers in one process.

use std::{
    collections::BTreeMap,
    fmt::Debug,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use futures_util::{Stream, StreamExt as _};
use k8s_openapi::api::{
    core::v1::{ConfigMap, Namespace, Service},
    discovery::v1::EndpointSlice,
};
use kube::{
    Api, Client, Resource, ResourceExt as _,
    api::{ListParams, ObjectMeta, Patch, PatchParams},
    runtime::{
        Controller,
        controller::Config,
        reflector::{self, ObjectRef, store::Writer},
        watcher::{self, Event},
    },
};
use tokio::{sync::mpsc::UnboundedSender, task::JoinSet};
use tokio_util::sync::CancellationToken;

use super::{
    context::{Context, Stores, key_of},
    error::StackError,
    extension::{self, Actuator, Extension, ExtensionKind},
    feeds::{Feed, feed, object_of, queue},
    gardenlet,
    health::Readiness,
    names::{DNS_CONFIG_MAP, FIELD_MANAGER, GARDEN_NAMESPACE, INGRESS_SERVICE, ROLE_LABEL},
    networking_calico,
    options::Options,
    project, provider_clouds,
    provider_local::{self, DataOnly, dns::DnsServer},
    scheduler, serving,
    webhook::{Keeper, Webhook},
};
use crate::{
    api::{
        core::{Project, Shoot},
        extensions::{DnsRecord, Infrastructure, Worker},
    },
    clock::SystemClock,
};

/// How many objects of one kind are worked on at a time.
const CONCURRENCY: u16 = 32;
/// Changes around a Shoot that come this close together cause one pass.
const TOGETHER: Duration = Duration::from_millis(10);
/// How long controllers get to end what they have begun.
const GRACE: Duration = Duration::from_secs(5);

/// Runs all controllers until `shutdown`. The kinds have to be served already.
pub async fn run(
    client: Client,
    options: Options,
    shutdown: CancellationToken,
) -> Result<(), StackError> {
    let (shoots, shoot_writer) = reflector::store();
    let (seeds, seed_writer) = reflector::store();
    let (projects, project_writer) = reflector::store();
    let (cloud_profiles, cloud_profile_writer) = reflector::store();
    let (infrastructures, infrastructure_writer) = reflector::store();
    let (networks, network_writer) = reflector::store();
    let (workers, worker_writer) = reflector::store();
    let (operating_system_configs, operating_system_writer) = reflector::store();
    let (dns_records, dns_record_writer) = reflector::store();
    let (services, service_writer) = reflector::store();
    let stores = Stores {
        shoots,
        seeds,
        projects,
        cloud_profiles,
        infrastructures,
        networks,
        workers,
        operating_system_configs,
        dns_records,
        services,
    };
    let mut context = Context::new(client, options, Arc::new(SystemClock), stores);
    context.api_server = api_server(&context.client).await;
    context.kubernetes_version = context
        .client
        .apiserver_version()
        .await
        .ok()
        .map(|version| version.git_version);
    let context = Arc::new(context);
    let dns = match context.options.dns_listen {
        Some(listen) => Some(DnsServer::bind(listen, Arc::clone(&context.zones)).await?),
        None => None,
    };
    provider_local::keep_simulated_nodes(&context).await?;

    let readiness = Readiness::default();
    let (wake_shoot, woken_shoots) = queue();
    let (unscheduled, to_schedule) = queue();
    let mut tasks = Tasks {
        context: Arc::clone(&context),
        shutdown: shutdown.child_token(),
        wake_shoot: wake_shoot.clone(),
        set: JoinSet::new(),
    };
    // The webhook comes first: an API server that already asks it takes no write before.
    tasks.serve(&context.options, &readiness).await?;

    tasks.projects(project_writer);
    tasks.keep("cloud-profiles", cloud_profile_writer);
    tasks.shoots(shoot_writer, woken_shoots, unscheduled.clone());
    tasks.schedule(to_schedule);
    tasks.seeds(seed_writer, unscheduled);
    tasks.namespaces();
    tasks.services(service_writer);
    let mut infrastructures: Vec<(&'static str, Arc<dyn Actuator<Infrastructure>>)> = vec![(
        provider_local::TYPE,
        Arc::new(provider_local::InfrastructureActuator),
    )];
    let cloud = Arc::new(provider_clouds::Cloud::default());
    for provider in provider_clouds::TYPES {
        let cloud = Arc::clone(&cloud);
        let actuator = provider_clouds::InfrastructureActuator { provider, cloud };
        infrastructures.push((provider, Arc::new(actuator)));
    }
    tasks.extension(
        "infrastructures",
        infrastructure_writer,
        |_| {},
        &infrastructures,
    );
    tasks.extension(
        "networks",
        network_writer,
        |_| {},
        &[(
            networking_calico::TYPE,
            Arc::new(networking_calico::NetworkActuator),
        )],
    );
    tasks.extension(
        "operating-system-configs",
        operating_system_writer,
        |_| {},
        &[(
            provider_local::TYPE,
            Arc::new(provider_local::OperatingSystemActuator),
        )],
    );
    let machines = provider_local::WorkerActuator {
        machines: Arc::new(DataOnly),
    };
    let mut workers: Vec<(&'static str, Arc<dyn Actuator<Worker>>)> =
        vec![(provider_local::TYPE, Arc::new(machines))];
    for provider in provider_clouds::TYPES {
        workers.push((provider, Arc::new(provider_clouds::WorkerActuator)));
    }
    tasks.extension("workers", worker_writer, |_| {}, &workers);
    let zones = Arc::clone(&context.zones);
    let follow = move |event: &Event<DnsRecord>| provider_local::follow_zones(&zones, event);
    tasks.extension(
        "dns-records",
        dns_record_writer,
        follow,
        &[(
            provider_local::TYPE,
            Arc::new(provider_local::DnsRecordActuator),
        )],
    );
    if let Some(server) = dns {
        publish_dns(&context.client, server.address()).await?;
        let stop = tasks.shutdown.clone();
        tasks.spawn("dns", server.run(stop));
    }
    readiness.set();
    tasks.run(&shutdown).await
}

/// A client of the cluster that this process runs in.
pub fn in_cluster_client() -> Result<Client, StackError> {
    let mut config =
        kube::Config::incluster().map_err(|error| StackError::NoCluster(error.into()))?;
    // A proxy of the environment has no business between a pod and its API server.
    config.proxy_url = None;
    Client::try_from(config).map_err(|error| StackError::NoCluster(error.into()))
}

/// The running controllers.
struct Tasks {
    context: Arc<Context>,
    shutdown: CancellationToken,
    wake_shoot: UnboundedSender<ObjectRef<Shoot>>,
    set: JoinSet<&'static str>,
}

impl Tasks {
    fn spawn(&mut self, name: &'static str, future: impl Future<Output = ()> + Send + 'static) {
        self.set.spawn(async move {
            future.await;
            name
        });
    }

    /// Starts the servers that the settings ask for.
    async fn serve(&mut self, options: &Options, readiness: &Readiness) -> Result<(), StackError> {
        if let Some(address) = options.health_listen {
            let listener = serving::listen(address, "health").await?;
            let stop = self.shutdown.clone();
            let probe = readiness.clone();
            let handler = move |request| std::future::ready(probe.answer(&request));
            self.spawn("health", serving::serve(listener, None, handler, stop));
        }
        if let Some(options) = &options.webhook {
            let clock = Arc::clone(&self.context.clock);
            let keeper = Keeper::new(self.context.client.clone(), options.clone(), clock);
            let settled = keeper.settle().await?;
            let listener = serving::listen(options.listen, "the webhook").await?;
            let stop = self.shutdown.clone();
            let webhook = Webhook {
                context: Arc::clone(&self.context),
            };
            let handler = move |request| webhook.clone().call(request);
            let tls = Some(keeper.tls()?);
            self.spawn("webhook", serving::serve(listener, tls, handler, stop));
            keeper.register(&settled).await?;
            let stop = self.shutdown.clone();
            self.spawn("webhook-certificates", keeper.run(stop));
        }
        Ok(())
    }

    /// Waits for `shutdown`, then for all controllers. One that ends before is a failure of all.
    async fn run(mut self, shutdown: &CancellationToken) -> Result<(), StackError> {
        let ended = tokio::select! {
            () = shutdown.cancelled() => None,
            ended = self.set.join_next() => ended,
        };
        self.shutdown.cancel();
        end(self.set).await;
        match ended {
            None => Ok(()),
            Some(_) if shutdown.is_cancelled() => Ok(()),
            Some(Ok(name)) => Err(StackError::ControllerEnded { name, source: None }),
            Some(Err(error)) => Err(StackError::ControllerEnded {
                name: "unknown",
                source: Some(error),
            }),
        }
    }

    /// Watches a kind into its store and does nothing else.
    fn keep<K>(&mut self, name: &'static str, writer: Writer<K>)
    where
        K: Resource<DynamicType = ()> + Clone + Debug + Send + Sync + 'static,
        K: serde::de::DeserializeOwned,
    {
        let api = Api::all(self.context.client.clone());
        let stream = feed(api, watcher::Config::default(), writer, |_| {});
        let stop = self.shutdown.clone();
        self.spawn(name, async move {
            let drained = stream.for_each(|_| std::future::ready(()));
            stop.run_until_cancelled_owned(drained).await;
        });
    }

    fn projects(&mut self, writer: Writer<Project>) {
        let store = self.context.stores.projects.clone();
        let stream = self.feed(writer, |_| {});
        let controller = Controller::for_stream(stream, store)
            .graceful_shutdown_on(self.shutdown.clone().cancelled_owned());
        let run = controller.run(
            project::reconcile,
            project::error_policy,
            Arc::clone(&self.context),
        );
        self.spawn("projects", run.for_each(|_| std::future::ready(())));
    }

    fn shoots(
        &mut self,
        writer: Writer<Shoot>,
        woken: impl Stream<Item = ObjectRef<Shoot>> + Send + 'static,
        unscheduled: UnboundedSender<Shoot>,
    ) {
        let known = self.context.stores.shoots.clone();
        let is_unscheduled = |shoot: &Shoot| shoot.spec.seed_name.is_none();
        let look = move |event: &Event<Shoot>| match event {
            Event::Apply(shoot) if is_unscheduled(shoot) => wake(&unscheduled, shoot.clone()),
            // Only now does the store have what was listed, and the scheduler reads the store.
            Event::InitDone => {
                for shoot in known.state_filter(is_unscheduled) {
                    wake(&unscheduled, (*shoot).clone());
                }
            }
            _ => {}
        };
        let store = self.context.stores.shoots.clone();
        let stream = self.feed(writer, look);
        let controller = Controller::for_stream(stream, store)
            .with_config(
                Config::default()
                    .concurrency(CONCURRENCY)
                    .debounce(TOGETHER),
            )
            .reconcile_on(woken)
            .graceful_shutdown_on(self.shutdown.clone().cancelled_owned());
        let run = controller.run(
            gardenlet::reconcile,
            gardenlet::error_policy,
            Arc::clone(&self.context),
        );
        self.spawn("gardenlet", run.for_each(|_| std::future::ready(())));
    }

    fn schedule(&mut self, shoots: impl Stream<Item = Shoot> + Send + 'static) {
        let store = self.context.stores.shoots.clone();
        let controller = Controller::for_stream(shoots.map(Ok), store)
            .with_config(Config::default().concurrency(CONCURRENCY))
            .graceful_shutdown_on(self.shutdown.clone().cancelled_owned());
        let run = controller.run(
            scheduler::reconcile,
            scheduler::error_policy,
            Arc::clone(&self.context),
        );
        self.spawn("scheduler", run.for_each(|_| std::future::ready(())));
    }

    /// A Seed that changed may fit a Shoot that none fitted before.
    fn seeds(
        &mut self,
        writer: Writer<crate::api::core::Seed>,
        unscheduled: UnboundedSender<Shoot>,
    ) {
        let shoots = self.context.stores.shoots.clone();
        let look = move |_: &Event<_>| {
            for shoot in shoots.state_filter(|shoot: &Shoot| shoot.spec.seed_name.is_none()) {
                wake(&unscheduled, (*shoot).clone());
            }
        };
        let store = self.context.stores.seeds.clone();
        let stream = self.feed(writer, look);
        let controller = Controller::for_stream(stream, store)
            .graceful_shutdown_on(self.shutdown.clone().cancelled_owned());
        let run = controller.run(
            gardenlet::reconcile_seed,
            gardenlet::seed_error_policy,
            Arc::clone(&self.context),
        );
        self.spawn("seeds", run.for_each(|_| std::future::ready(())));
    }

    /// A namespace that went away lets the deletion of its Shoot go on.
    fn namespaces(&mut self) {
        let context = Arc::clone(&self.context);
        let queue = self.wake_shoot.clone();
        let look = move |event: &Event<Namespace>| {
            if let Event::Delete(namespace) = event {
                context.ledger.forget(&key_of(namespace));
                if let Some(shoot) = context.shoot_of(&namespace.name_any()) {
                    wake(&queue, shoot);
                }
            }
        };
        let (_, writer) = reflector::store();
        let api = Api::all(self.context.client.clone());
        let config = watcher::Config::default().labels(&format!("{ROLE_LABEL}=shoot"));
        let stream = feed(api, config, writer, look);
        let stop = self.shutdown.clone();
        self.spawn("namespaces", async move {
            let drained = stream.for_each(|_| std::future::ready(()));
            stop.run_until_cancelled_owned(drained).await;
        });
    }

    /// An address of the gateway is what the DNS names of all Shoots wait for.
    fn services(&mut self, writer: Writer<Service>) {
        let shoots = self.context.stores.shoots.clone();
        let queue = self.wake_shoot.clone();
        let look = move |event: &Event<Service>| {
            let gateway = object_of(event).is_some_and(|one| one.name_any() == INGRESS_SERVICE);
            for shoot in shoots.state().iter().filter(|_| gateway) {
                wake(&queue, ObjectRef::from_obj(&**shoot));
            }
        };
        let store = self.context.stores.services.clone();
        let stream = self.feed(writer, look);
        let controller = Controller::for_stream(stream, store)
            .graceful_shutdown_on(self.shutdown.clone().cancelled_owned());
        let run = controller.run(
            provider_local::reconcile_service,
            provider_local::service_error_policy,
            Arc::clone(&self.context),
        );
        self.spawn("services", run.for_each(|_| std::future::ready(())));
    }

    /// A kind of the extensions group: whatever happens to its objects wakes their Shoot.
    fn extension<K: ExtensionKind>(
        &mut self,
        name: &'static str,
        writer: Writer<K>,
        look: impl Fn(&Event<K>) + Send + 'static,
        actuators: &[(&'static str, Arc<dyn Actuator<K>>)],
    ) {
        let context = Arc::clone(&self.context);
        let queue = self.wake_shoot.clone();
        let look = move |event: &Event<K>| {
            look(event);
            let Some(object) = object_of(event) else {
                return;
            };
            if matches!(event, Event::Delete(_)) {
                context.ledger.forget(&key_of(object));
            }
            if let Some(shoot) = context.shoot_of(&object.namespace().unwrap_or_default()) {
                wake(&queue, shoot);
            }
        };
        let store = writer.as_reader();
        let stream = self.feed(writer, look);
        let extension = Arc::new(Extension {
            context: Arc::clone(&self.context),
            actuators: actuators.iter().cloned().collect(),
        });
        let controller = Controller::for_stream(stream, store)
            .with_config(Config::default().concurrency(CONCURRENCY))
            .graceful_shutdown_on(self.shutdown.clone().cancelled_owned());
        let run = controller.run(extension::reconcile, extension::error_policy, extension);
        self.spawn(name, run.for_each(|_| std::future::ready(())));
    }

    fn feed<K>(&self, writer: Writer<K>, look: impl Fn(&Event<K>) + Send + 'static) -> Feed<K>
    where
        K: Resource<DynamicType = ()> + Clone + Debug + Send + Sync + 'static,
        K: serde::de::DeserializeOwned,
    {
        let api = Api::all(self.context.client.clone());
        feed(api, watcher::Config::default(), writer, look)
    }
}

/// Waits for what has begun. Now and then a controller that is stopped while its first list arrives never ends, as if it
/// waited for the rest of the list, so whoever takes too long is stopped.
async fn end(mut tasks: JoinSet<&'static str>) {
    let all = async { while tasks.join_next().await.is_some() {} };
    if tokio::time::timeout(GRACE, all).await.is_err() {
        tracing::debug!(left = tasks.len(), "stopping controllers that do not end");
        tasks.shutdown().await;
    }
}

/// Puts something into a queue. A queue whose other end is gone belongs to a controller that stopped.
fn wake<T>(queue: &UnboundedSender<T>, value: T) {
    drop(queue.send(value));
}

/// Says where the DNS server is: the port may be any.
async fn publish_dns(client: &Client, address: SocketAddr) -> Result<(), StackError> {
    let api: Api<ConfigMap> = Api::namespaced(client.clone(), GARDEN_NAMESPACE);
    let map = ConfigMap {
        metadata: ObjectMeta {
            name: Some(DNS_CONFIG_MAP.to_owned()),
            ..ObjectMeta::default()
        },
        data: Some(BTreeMap::from([(
            "address".to_owned(),
            address.to_string(),
        )])),
        ..ConfigMap::default()
    };
    let params = PatchParams::apply(FIELD_MANAGER).force();
    match api
        .patch(DNS_CONFIG_MAP, &params, &Patch::Apply(&map))
        .await
    {
        // Only what was prepared for Shoots has the namespace.
        Err(kube::Error::Api(status)) if status.code == 404 => Ok(()),
        Err(error) => Err(StackError::api("say where the DNS server is")(error)),
        Ok(_) => Ok(()),
    }
}

/// Where the API server of the cluster answers, as its own Service says; nothing where it does not.
async fn api_server(client: &Client) -> Vec<(IpAddr, i32)> {
    let api: Api<EndpointSlice> = Api::namespaced(client.clone(), "default");
    let params = ListParams::default().labels("kubernetes.io/service-name=kubernetes");
    let slices = match api.list(&params).await {
        Ok(slices) => slices,
        Err(error) => {
            tracing::debug!(%error, "the addresses of the API server are unknown");
            return Vec::new();
        }
    };
    let mut found = Vec::new();
    for slice in slices {
        let ports: Vec<i32> = slice
            .ports
            .iter()
            .flatten()
            .filter_map(|port| port.port)
            .collect();
        for address in slice
            .endpoints
            .iter()
            .flatten()
            .flat_map(|endpoint| &endpoint.addresses)
        {
            let Ok(address) = address.parse() else {
                continue;
            };
            found.extend(ports.iter().map(|port| (address, *port)));
        }
    }
    found.sort_unstable();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_controller_that_never_ends_does_not_keep_the_stack() {
        let mut tasks = JoinSet::new();
        tasks.spawn(std::future::pending());
        tasks.spawn(async { "ends" });
        let begun = tokio::time::Instant::now();
        end(tasks).await;
        assert_eq!(begun.elapsed(), GRACE);
    }
}
