//! The whole stack on an embedded control plane: a Shoot becomes ready, and leaves nothing behind.

use std::{fmt::Debug, net::SocketAddr, sync::Arc, time::Duration};

use futures_util::TryStreamExt as _;
use garden6::{
    api::{
        ConditionStatus, OperationState,
        core::{Networking, Project, ProjectSpec, Seed, Shoot},
        extensions::{Cluster, DnsRecord, Infrastructure, Network, OperatingSystemConfig, Worker},
        gates::{ApiProfile, FeatureGate, FeatureGates},
    },
    cluster::embedded::{ControlPlane, ControlPlaneOptions},
    ipam::AddressPlan,
    net::Families,
    stack::{self, admission::StackAdmission},
    yaml,
};
use hickory_server::proto::{
    op::{Message, MessageType, OpCode, Query, ResponseCode},
    rr::RecordType,
};
use k8s_openapi::api::{
    core::v1::{ConfigMap, Namespace, Node, Service},
    networking::v1::NetworkPolicy,
};
use kube::{
    Client, Resource,
    api::{Api, DeleteParams, ListParams, Patch, PatchParams, PostParams},
    runtime::{WatchStreamExt as _, wait::await_condition, watcher},
};
use serde::de::DeserializeOwned;
use serde_json::json;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    task::JoinHandle,
};
use tokio_util::sync::CancellationToken;

const PATIENCE: Duration = Duration::from_secs(60);
const TECHNICAL_ID: &str = "shoot--local--local";

/// A Shoot as people write one for the local setup.
const SHOOT: &str = r#"
apiVersion: core.gardener.cloud/v1beta1
kind: Shoot
metadata:
  name: local
  namespace: garden-local
spec:
  cloudProfile:
    name: local
  credentialsBindingName: local
  region: local
  networking:
    type: calico
    ipFamilies: [IPv6]
    nodes: "fd00:10:1:100::/56"
    providerConfig:
      ipv6:
        sourceNATEnabled: true
  provider:
    type: local
    workers:
    - name: local
      machine:
        type: local
      minimum: 1
      maximum: 2
  kubernetes:
    kubelet:
      serializeImagePulls: false
"#;

/// A control plane with the stack on it.
struct Environment {
    control_plane: ControlPlane,
    client: Client,
    stop: CancellationToken,
    stack: JoinHandle<Result<(), stack::StackError>>,
}

impl Environment {
    async fn start(families: &str) -> Self {
        let families: Families = families.parse().expect("families");
        let mut options = stack::Options::new(AddressPlan::default_for(families));
        options.simulated_nodes = vec!["node".to_owned()];
        Self::with(options).await
    }

    async fn with(options: stack::Options) -> Self {
        let services = options.plan.services();
        let admission = Arc::new(StackAdmission::new(&options));
        let control_plane = ControlPlane::start(ControlPlaneOptions {
            admission: vec![Arc::<StackAdmission>::clone(&admission)],
            crds: stack::crds_as_json(),
            service_cidrs: services
                .iter()
                .map(|range| range.to_string().parse().expect("a range"))
                .collect(),
            ..ControlPlaneOptions::default()
        })
        .await
        .expect("the control plane starts");
        let client = control_plane.client();
        admission.attach(client.clone());
        stack::bootstrap(&client, &options)
            .await
            .expect("bootstrap");
        let stop = CancellationToken::new();
        let stack = tokio::spawn(stack::run(client.clone(), options, stop.clone()));
        Self {
            control_plane,
            client,
            stop,
            stack,
        }
    }

    fn shoots(&self) -> Api<Shoot> {
        Api::namespaced(self.client.clone(), "garden-local")
    }

    fn inside<K>(&self) -> Api<K>
    where
        K: Resource<DynamicType = (), Scope = k8s_openapi::NamespaceResourceScope>,
    {
        Api::namespaced(self.client.clone(), TECHNICAL_ID)
    }

    async fn create(&self, shoot: &Shoot) -> Shoot {
        self.shoots()
            .create(&PostParams::default(), shoot)
            .await
            .expect("the Shoot is accepted")
    }

    async fn ready(&self, name: &str) -> Shoot {
        let shoot = self.shoot_that(name, is_ready).await;
        shoot.expect("a ready Shoot exists")
    }

    async fn shoot_that(
        &self,
        name: &str,
        holds: impl Fn(Option<&Shoot>) -> bool,
    ) -> Option<Shoot> {
        let seen = await_condition(self.shoots(), name, holds);
        if let Ok(object) = tokio::time::timeout(PATIENCE, seen).await {
            return object.expect("the watch works");
        }
        let status = self.shoots().get(name).await.map(|shoot| shoot.status);
        panic!("the Shoot {name} got no further than {status:#?}")
    }

    async fn end(self) {
        self.stop.cancel();
        let ended = tokio::time::timeout(PATIENCE, self.stack).await;
        ended
            .expect("the stack stops")
            .expect("the stack does not panic")
            .expect("the stack stops well");
        self.control_plane.shutdown().await;
    }
}

fn example() -> Shoot {
    yaml::parse(SHOOT, "shoot.yaml").expect("the example is a Shoot")
}

fn state(shoot: &Shoot) -> Option<OperationState> {
    Some(shoot.status.as_ref()?.last_operation.as_ref()?.state)
}

fn is_ready(shoot: Option<&Shoot>) -> bool {
    shoot.is_some_and(|shoot| {
        let status = shoot.status.clone().unwrap_or_default();
        state(shoot) == Some(OperationState::Succeeded)
            && status.observed_generation == shoot.metadata.generation
            && status
                .conditions
                .iter()
                .all(|condition| condition.status == ConditionStatus::True)
            && shoot.metadata.labels.as_ref().is_some_and(|labels| {
                labels
                    .get("shoot.gardener.cloud/status")
                    .map(String::as_str)
                    == Some("healthy")
            })
    })
}

async fn count<K>(api: Api<K>) -> usize
where
    K: Resource + Clone + DeserializeOwned + Debug,
{
    let list = api.list(&ListParams::default()).await;
    list.expect("the kind can be listed").items.len()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ipv6_shoot_becomes_ready_and_leaves_nothing_behind() {
    let environment = Environment::start("ipv6").await;
    environment.create(&example()).await;
    let shoot = environment.ready("local").await;

    assert_eq!(shoot.spec.seed_name.as_deref(), Some("local"));
    let status = shoot.status.expect("a ready Shoot has a status");
    assert_eq!(status.technical_id.as_deref(), Some(TECHNICAL_ID));
    let networking = status.networking.expect("networks are reported");
    assert_eq!(networking.nodes, ["fd00:10:1:100::/56"]);
    assert_eq!(networking.pods, ["fd00:10:3::/56"]);
    assert_eq!(networking.services, ["fd00:10:4::/112"]);
    let urls: Vec<&str> = status
        .advertised_addresses
        .iter()
        .map(|address| address.url.as_str())
        .collect();
    assert_eq!(
        urls,
        [
            "https://api.local.local.external.local.gardener.cloud",
            "https://api.local.local.internal.local.gardener.cloud"
        ]
    );
    assert_eq!(status.conditions.len(), 5);
    assert_eq!(status.last_operation.map(|last| last.progress), Some(100));

    let records = environment.inside::<DnsRecord>();
    for name in ["local-internal-aaaa", "local-external-aaaa"] {
        let record = records.get(name).await.expect("a record set by family");
        assert_eq!(record.spec.record_type, "AAAA");
        assert_eq!(record.spec.values, ["::1"]);
        let zone = record.status.and_then(|status| status.zone);
        assert_eq!(zone.as_deref(), Some("local.gardener.cloud"));
    }
    let settings = environment
        .inside::<ConfigMap>()
        .get("extension-networking-calico-config")
        .await
        .expect("calico has settings");
    let settings = &settings.data.expect("settings are data")["settings.yaml"];
    assert!(settings.contains("IP: none"), "{settings}");
    let systems = environment.inside::<OperatingSystemConfig>();
    let systems = systems.list(&ListParams::default()).await.expect("a list");
    let file = &systems.items[0].spec.files[0];
    assert_eq!(file.path, "/etc/sysctl.d/99-k8s-general.conf");
    assert_eq!(count(environment.inside::<NetworkPolicy>()).await, 6);
    assert_eq!(count(environment.inside::<Network>()).await, 1);
    assert_eq!(count(environment.inside::<Worker>()).await, 1);

    let delete = DeleteParams::default();
    environment
        .shoots()
        .delete("local", &delete)
        .await
        .expect("a delete");
    environment
        .shoot_that("local", |shoot| shoot.is_none())
        .await;
    let client = &environment.client;
    let namespaces = Api::<Namespace>::all(client.clone());
    assert!(
        namespaces
            .get_opt(TECHNICAL_ID)
            .await
            .expect("an answer")
            .is_none()
    );
    assert_eq!(count(Api::<Cluster>::all(client.clone())).await, 0);
    assert_eq!(count(Api::<Infrastructure>::all(client.clone())).await, 0);
    assert_eq!(count(Api::<DnsRecord>::all(client.clone())).await, 0);
    environment.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_autov6_leaves_open_is_reported_by_the_infrastructure_and_the_tuples_stay() {
    let families: Families = "ipv6,ipv4".parse().expect("families");
    let mut options = stack::Options::new(AddressPlan::default_for(families));
    options.simulated_nodes = vec!["node".to_owned()];
    options.feature_gates = FeatureGates::default().with(FeatureGate::AutoIPv6, true);
    let environment = Environment::with(options).await;
    let mut shoot = example();
    let networking = shoot.spec.networking.get_or_insert_default();
    networking.ip_families = Vec::new();
    networking.nodes = Some("AUTOv6, 10.255.0.0/16".to_owned());
    networking.pods = Some("AUTOv6, 100.128.0.0/11, ".to_owned());
    networking.services = Some("AUTOv6, 100.72.0.0/13".to_owned());
    environment.create(&shoot).await;
    let made = environment.ready("local").await;

    let written = made.spec.networking.expect("networks are kept");
    assert_eq!(written.ip_families, ["IPv6", "IPv4"]);
    assert_eq!(written.pods.as_deref(), Some("AUTOv6, 100.128.0.0/11, "));
    assert_eq!(written.nodes.as_deref(), Some("AUTOv6, 10.255.0.0/16"));
    let status = made.status.and_then(|status| status.networking);
    let networking = status.expect("networks are reported");
    assert_eq!(networking.nodes, ["fd00:10:1:100::/56", "10.255.0.0/16"]);
    assert_eq!(networking.pods, ["fd00:10:3::/56", "100.128.0.0/11"]);
    assert_eq!(networking.services, ["fd00:10:4::/112", "100.72.0.0/13"]);
    environment.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_manifest_of_gardener_becomes_ready_unchanged() {
    let Some(folder) = option_env!("GARDEN6_DATA") else {
        return;
    };
    let path = std::path::Path::new(folder).join("gardener/shoot-ipv6.yaml");
    let text = tokio::fs::read_to_string(path).await.expect("the manifest");
    let shoot: Shoot = yaml::parse(&text, "shoot-ipv6.yaml").expect("a Shoot");
    let environment = Environment::start("ipv6").await;
    environment.create(&shoot).await;
    environment.ready("local").await;
    environment.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_environment_says_what_it_is() {
    let environment = Environment::start("ipv6").await;
    let client = &environment.client;
    let is_ready = |seed: Option<&Seed>| {
        seed.and_then(|seed| seed.status.as_ref())
            .is_some_and(|status| {
                status.conditions.iter().any(|condition| {
                    condition.type_ == "GardenletReady" && condition.status == ConditionStatus::True
                })
            })
    };
    let seeds = Api::<Seed>::all(client.clone());
    let ready = tokio::time::timeout(PATIENCE, await_condition(seeds, "local", is_ready)).await;
    ready
        .expect("the Seed becomes ready")
        .expect("the watch works");

    let has_address = |service: Option<&Service>| {
        let ingress = service
            .and_then(|service| service.status.clone()?.load_balancer?.ingress)
            .unwrap_or_default();
        ingress
            .iter()
            .any(|entry| entry.ip.as_deref() == Some("::1"))
    };
    let services = Api::<Service>::namespaced(client.clone(), "istio-ingress");
    let seen = await_condition(services, "istio-ingressgateway", has_address);
    let seen = tokio::time::timeout(PATIENCE, seen).await;
    seen.expect("the gateway gets an address")
        .expect("the watch works");

    let node = Api::<Node>::all(client.clone())
        .get("node")
        .await
        .expect("a Node");
    assert_eq!(
        node.spec.and_then(|spec| spec.pod_cidr).as_deref(),
        Some("fd00:10:1::/64")
    );
    environment.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shoot_that_fits_no_seed_is_told_why_and_scheduled_once_one_fits() {
    let environment = Environment::start("ipv6").await;
    let mut shoot = example();
    let networking = shoot.spec.networking.get_or_insert_default();
    networking.pods = Some("fd00:10:1:40::/60".to_owned());
    environment.create(&shoot).await;
    let described = |shoot: Option<&Shoot>| {
        shoot
            .and_then(|shoot| shoot.status.as_ref()?.last_operation.as_ref())
            .is_some_and(|last| {
                last.description
                    .contains("pods fd00:10:1:40::/60 overlap its pods fd00:10:1::/56")
            })
    };
    environment.shoot_that("local", described).await;

    // Another Seed whose ranges are elsewhere.
    let mut seed = Api::<Seed>::all(environment.client.clone())
        .get("local")
        .await
        .expect("the Seed");
    seed.metadata = kube::api::ObjectMeta {
        name: Some("elsewhere".to_owned()),
        ..kube::api::ObjectMeta::default()
    };
    seed.status = None;
    seed.spec.networks.pods = "fd00:20:1::/56".to_owned();
    let seeds = Api::<Seed>::all(environment.client.clone());
    seeds
        .create(&PostParams::default(), &seed)
        .await
        .expect("a Seed");
    let shoot = environment.ready("local").await;
    assert_eq!(shoot.spec.seed_name.as_deref(), Some("elsewhere"));
    environment.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_goes_missing_comes_back() {
    let environment = Environment::start("ipv6").await;
    environment.create(&example()).await;
    environment.ready("local").await;
    let networks = environment.inside::<Network>();
    let old = networks.get("local").await.expect("a Network");
    let delete = DeleteParams::default();
    networks.delete("local", &delete).await.expect("a delete");
    let is_new = |network: Option<&Network>| {
        network.is_some_and(|network| network.metadata.uid != old.metadata.uid)
    };
    let back = await_condition(networks, "local", is_new);
    let back = tokio::time::timeout(PATIENCE, back).await;
    back.expect("the Network comes back")
        .expect("the watch works");
    environment.ready("local").await;
    environment.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_the_shoot_reaches_the_extensions() {
    let environment = Environment::start("ipv6").await;
    environment.create(&example()).await;
    environment.ready("local").await;
    let patch = json!({"spec": {"provider": {"workers": [{
        "name": "local", "machine": {"type": "local"}, "minimum": 3, "maximum": 3,
    }]}}});
    let shoots = environment.shoots();
    let patched = shoots
        .patch("local", &PatchParams::default(), &Patch::Merge(patch))
        .await
        .expect("a patch");
    let generation = patched.metadata.generation;
    let caught_up = |shoot: Option<&Shoot>| {
        is_ready(shoot) && shoot.is_some_and(|shoot| shoot.metadata.generation >= generation)
    };
    environment.shoot_that("local", caught_up).await;
    let worker = environment
        .inside::<Worker>()
        .get("local")
        .await
        .expect("a Worker");
    let status = worker.status.expect("a status").common.provider_status;
    let machines = status
        .as_ref()
        .and_then(|status| status["machines"].as_array());
    assert_eq!(machines.map(Vec::len), Some(3));
    environment.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_settled_environment_is_quiet() {
    let environment = Environment::start("ipv6").await;
    environment.create(&example()).await;
    environment.ready("local").await;
    // A marker written now is the next event of the watch, so nothing else was written.
    let maps = environment.inside::<ConfigMap>();
    let shoots = Api::<Shoot>::all(environment.client.clone());
    let changes = watcher(shoots, watcher::Config::default()).applied_objects();
    let mut changes = std::pin::pin!(changes);
    let before = changes.try_next().await.expect("a watch").expect("a Shoot");
    let data = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "marker"}});
    let marker = serde_json::from_value(data).expect("a ConfigMap");
    maps.create(&PostParams::default(), &marker)
        .await
        .expect("a marker");
    let patch = json!({"metadata": {"annotations": {"marker": "now"}}});
    environment
        .shoots()
        .patch("local", &PatchParams::default(), &Patch::Merge(patch))
        .await
        .expect("a patch");
    let after = changes.try_next().await.expect("a watch").expect("a Shoot");
    assert!(after.metadata.annotations.is_some());
    assert_eq!(before.status, after.status);
    environment.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn admission_defaults_validates_and_protects() {
    let environment = Environment::start("ipv6").await;
    let mut wrong = example();
    let networking = wrong.spec.networking.get_or_insert_default();
    networking.pods = Some("10.9.0.0/16".to_owned());
    networking.services = Some("fd00:10:4::1/112".to_owned());
    let refused = environment
        .shoots()
        .create(&PostParams::default(), &wrong)
        .await;
    let Err(kube::Error::Api(status)) = refused else {
        panic!("a Shoot with wrong ranges was accepted")
    };
    assert_eq!(status.code, 422);
    let causes = &status.details.as_ref().expect("details").causes;
    let fields: Vec<&str> = causes.iter().map(|cause| cause.field.as_str()).collect();
    assert_eq!(fields, ["spec.networking.pods", "spec.networking.services"]);
    assert!(
        causes
            .iter()
            .all(|cause| cause.reason == "FieldValueInvalid")
    );

    environment.create(&example()).await;
    let shoot = environment.ready("local").await;
    let networking = shoot.spec.networking.clone().expect("networks");
    assert_eq!(networking.pods.as_deref(), Some("fd00:10:3::/56"));
    let manager = shoot
        .spec
        .kubernetes
        .kube_controller_manager
        .expect("defaults");
    assert_eq!(manager.node_cidr_mask_size, Some(64));

    let patch = json!({"spec": {"networking": {"ipFamilies": ["IPv4"]}}});
    let refused = environment
        .shoots()
        .patch("local", &PatchParams::default(), &Patch::Merge(patch))
        .await;
    assert!(matches!(refused, Err(kube::Error::Api(status)) if status.code == 422));
    environment.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shoot_without_a_seed_can_be_deleted() {
    let environment = Environment::start("ipv6").await;
    let mut shoot = example();
    let networking = shoot.spec.networking.get_or_insert_default();
    networking.pods = Some("fd00:10:1:40::/60".to_owned());
    environment.create(&shoot).await;
    let delete = DeleteParams::default();
    environment
        .shoots()
        .delete("local", &delete)
        .await
        .expect("a delete");
    environment
        .shoot_that("local", |shoot| shoot.is_none())
        .await;
    environment.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ipv4_shoot_becomes_ready_in_an_ipv4_environment() {
    let environment = Environment::start("ipv4").await;
    let mut shoot = example();
    let networking = shoot.spec.networking.get_or_insert_default();
    networking.ip_families = Vec::new();
    networking.nodes = Some("10.0.0.0/16".to_owned());
    networking.provider_config = None;
    environment.create(&shoot).await;
    let shoot = environment.ready("local").await;
    let networking = shoot.spec.networking.expect("networks");
    assert_eq!(networking.ip_families, ["IPv4"]);
    assert_eq!(networking.pods.as_deref(), Some("10.3.0.0/16"));
    let record = environment
        .inside::<DnsRecord>()
        .get("local-internal")
        .await;
    let record = record.expect("a record set");
    assert_eq!(record.spec.record_type, "A");
    assert_eq!(record.spec.values, ["127.0.0.1"]);
    environment.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dual_stack_shoot_has_a_record_set_and_ranges_per_family() {
    let families: Families = "ipv6,ipv4".parse().expect("families");
    let mut options = stack::Options::new(AddressPlan::default_for(families));
    options.api_profile = ApiProfile::Upstream;
    let environment = Environment::with(options).await;
    let mut shoot = example();
    let networking = shoot.spec.networking.get_or_insert_default();
    networking.ip_families = vec!["IPv6".to_owned(), "IPv4".to_owned()];
    environment.create(&shoot).await;
    let shoot = environment.ready("local").await;
    let networking = shoot.status.and_then(|status| status.networking);
    let networking = networking.expect("networks are reported");
    assert_eq!(networking.pods, ["fd00:10:3::/56", "10.3.0.0/16"]);
    assert_eq!(networking.nodes, ["fd00:10:1:100::/56", "10.0.0.0/16"]);
    let records = environment.inside::<DnsRecord>();
    for (name, record_type) in [("local-external", "A"), ("local-external-aaaa", "AAAA")] {
        let record = records.get(name).await.expect("a record set by family");
        assert_eq!(record.spec.record_type, record_type);
    }
    let network = environment
        .inside::<Network>()
        .get("local")
        .await
        .expect("a Network");
    assert_eq!(network.spec.pod_cidr, "10.3.0.0/16");
    environment.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workerless_shoot_has_no_infrastructure() {
    let environment = Environment::start("ipv6").await;
    let mut shoot = example();
    shoot.spec.provider.workers = Vec::new();
    shoot.spec.networking = Some(Networking {
        ip_families: vec!["IPv6".to_owned()],
        ..Networking::default()
    });
    environment.create(&shoot).await;
    let shoot = environment.ready("local").await;
    let status = shoot.status.expect("a status");
    assert_eq!(status.conditions.len(), 4);
    let services = status.networking.map(|networking| networking.services);
    assert_eq!(services, Some(vec!["fd00:10:4::/112".to_owned()]));
    assert_eq!(count(environment.inside::<Infrastructure>()).await, 0);
    assert_eq!(count(environment.inside::<Worker>()).await, 0);
    environment.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_project_gets_its_namespace() {
    let environment = Environment::start("ipv6").await;
    let projects = Api::<Project>::all(environment.client.clone());
    let project = Project::new("dev", ProjectSpec::default());
    projects
        .create(&PostParams::default(), &project)
        .await
        .expect("a Project");
    let is_ready = |project: Option<&Project>| {
        let phase = project.and_then(|project| project.status.as_ref()?.phase.clone());
        phase.as_deref() == Some("Ready")
    };
    let seen = await_condition(projects, "dev", is_ready);
    let seen = tokio::time::timeout(PATIENCE, seen).await;
    let project = seen
        .expect("the Project becomes ready")
        .expect("the watch works");
    let namespace = project.and_then(|project| project.spec.namespace);
    assert_eq!(namespace.as_deref(), Some("garden-dev"));
    let namespaces = Api::<Namespace>::all(environment.client.clone());
    assert!(
        namespaces
            .get_opt("garden-dev")
            .await
            .expect("an answer")
            .is_some()
    );
    environment.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn names_of_a_shoot_are_answered_as_long_as_it_lives() {
    let families: Families = "ipv6".parse().expect("families");
    let mut options = stack::Options::new(AddressPlan::default_for(families));
    options.dns_listen = Some("[::1]:0".parse().expect("an address"));
    let environment = Environment::with(options).await;
    environment.create(&example()).await;
    environment.ready("local").await;
    let maps = Api::<ConfigMap>::namespaced(environment.client.clone(), "garden");
    let map = maps
        .get("garden6-dns")
        .await
        .expect("the DNS server is published");
    let server = map.data.expect("data")["address"]
        .parse()
        .expect("an address");
    let name = "api.local.local.external.local.gardener.cloud";
    let found = ask(server, name).await;
    assert_eq!(found.answers.len(), 1);

    let delete = DeleteParams::default();
    let deleted = environment.shoots().delete("local", &delete).await;
    deleted.expect("a delete");
    environment
        .shoot_that("local", |shoot| shoot.is_none())
        .await;
    let found = ask(server, name).await;
    assert_eq!(found.metadata.response_code, ResponseCode::NXDomain);
    environment.end().await;
}

/// Asks for IPv6 addresses over TCP.
async fn ask(server: SocketAddr, name: &str) -> Message {
    let mut question = Message::new(7, MessageType::Query, OpCode::Query);
    let name = name.parse().expect("a name");
    question.add_query(Query::query(name, RecordType::AAAA));
    let bytes = question.to_vec().expect("a question has a wire form");
    let mut stream = TcpStream::connect(server).await.expect("a connection");
    let length = u16::try_from(bytes.len()).expect("a question is short");
    stream.write_u16(length).await.expect("the length is sent");
    stream
        .write_all(&bytes)
        .await
        .expect("the question is sent");
    let length = stream.read_u16().await.expect("a length");
    let mut answer = vec![0; length.into()];
    stream.read_exact(&mut answer).await.expect("an answer");
    Message::from_vec(&answer).expect("the answer is a message")
}
