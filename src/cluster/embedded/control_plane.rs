//! The value users hold: a running control plane with its address, clients and credentials.

use std::io;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use http::{Request, Response};
use kube::config::{
    AuthInfo, Cluster, Context, KubeConfigOptions, Kubeconfig, NamedAuthInfo, NamedCluster,
    NamedContext,
};
use serde_json::Value;
use thiserror::Error;
use tokio::net::TcpListener;

use super::admission::Admission;
use super::engine::{Body, Engine, Operation, RequestOptions, Target, User, Verb};
use super::http::{
    Api, Authority, AuthorityError, ResponseBody, Server, TlsError, TokenUser, Tokens,
    authenticated, server_config,
};
use super::options::EngineOptions;
use super::status::Status;
use crate::net::Cidr;

const ADMIN: &str = "admin";
const MASTERS: &str = "system:masters";

/// What a control plane is started with.
#[derive(Clone)]
pub struct ControlPlaneOptions {
    /// Names the cluster, user and context of the kubeconfig.
    pub name: String,
    /// Where to listen; a loopback address, port 0 for any free one.
    pub listen: SocketAddr,
    /// Keeps authority and objects across restarts; `None` keeps nothing.
    pub state_dir: Option<PathBuf>,
    /// Ranges for Service cluster addresses, the default family first.
    pub service_cidrs: Vec<Cidr>,
    /// In-process admission, called in this order.
    pub admission: Vec<Arc<dyn Admission>>,
    /// Custom resource definitions that exist before the first request is answered.
    pub crds: Vec<Value>,
    /// Bearer tokens, besides the client certificate of the kubeconfig.
    pub tokens: Vec<TokenUser>,
}

impl Default for ControlPlaneOptions {
    fn default() -> Self {
        Self {
            name: "garden6".to_owned(),
            listen: SocketAddr::new(IpAddr::V6(Ipv6Addr::LOCALHOST), 0),
            state_dir: None,
            service_cidrs: Vec::new(),
            admission: Vec::new(),
            crds: Vec::new(),
            tokens: Vec::new(),
        }
    }
}

/// A control plane could not be started.
#[derive(Debug, Error)]
pub enum StartError {
    /// Only this machine may reach it.
    #[error("{address} is no loopback address")]
    NotLoopback {
        /// The address that was asked for.
        address: SocketAddr,
    },
    /// The address cannot be listened on.
    #[error("cannot listen on {address}")]
    Listen {
        /// The address that was asked for.
        address: SocketAddr,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// The certificates cannot be made or kept.
    #[error("the certificates of the control plane cannot be provided")]
    Authority(#[from] AuthorityError),
    /// TLS cannot be set up.
    #[error("TLS cannot be set up")]
    Tls(#[from] TlsError),
    /// The engine refused its options or its log.
    #[error("the engine cannot be started")]
    Engine(#[source] Status),
    /// A definition was refused.
    #[error("the definition {name:?} was refused")]
    Definition {
        /// Name of the definition.
        name: String,
        /// Why.
        #[source]
        source: Status,
    },
}

/// A client cannot be built from the kubeconfig.
#[derive(Debug, Error)]
pub enum ClientError {
    /// The kubeconfig is not usable.
    #[error("the kubeconfig is not usable")]
    Kubeconfig(#[from] kube::config::KubeconfigError),
    /// The client cannot be built.
    #[error("the client cannot be built")]
    Client(#[source] Box<kube::Error>),
}

/// A running control plane. Dropping it cuts its connections; [`ControlPlane::shutdown`] drains them.
pub struct ControlPlane {
    api: Api,
    server: Server,
    kubeconfig: Kubeconfig,
}

impl ControlPlane {
    /// Starts a control plane on the current tokio runtime; it is ready when this returns.
    pub async fn start(options: ControlPlaneOptions) -> Result<Self, StartError> {
        let address = options.listen;
        if !address.ip().is_loopback() {
            return Err(StartError::NotLoopback { address });
        }
        let listen = |source| StartError::Listen { address, source };
        let listener = TcpListener::bind(address).await.map_err(listen)?;
        let now = SystemTime::now();
        let authority = match &options.state_dir {
            Some(folder) => Authority::load_or_create(folder, now)?,
            None => Authority::generate(now)?,
        };
        let mut addresses = vec![IpAddr::V6(Ipv6Addr::LOCALHOST)];
        if !addresses.contains(&address.ip()) {
            addresses.push(address.ip());
        }
        let tls = server_config(&authority, &authority.serving(&addresses, now)?)?;
        let engine = Engine::new(EngineOptions {
            service_cidrs: options.service_cidrs,
            admission: options.admission,
            log: options.state_dir.map(|folder| folder.join("objects.log")),
            root_ca: Some(authority.certificate_pem().to_owned()),
            ..EngineOptions::default()
        })
        .map_err(StartError::Engine)?;
        for definition in options.crds {
            install(&engine, definition).await?;
        }
        let api = Api::new(engine);
        let tokens = Tokens::new(options.tokens);
        let server = Server::start(listener, tls, api.clone(), tokens).map_err(listen)?;
        let kubeconfig = kubeconfig(&options.name, server.address(), &authority, now)?;
        tracing::info!(address = %server.address(), "the control plane is ready");
        Ok(Self {
            api,
            server,
            kubeconfig,
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// A kubeconfig with the client certificate of a member of `system:masters`.
    pub fn kubeconfig(&self) -> Kubeconfig {
        self.kubeconfig.clone()
    }

    /// The engine behind the API.
    pub fn engine(&self) -> &Engine {
        self.api.engine()
    }

    /// A client of the same user as the kubeconfig's that calls the API in process: the requests
    /// are the same, but no socket and no TLS is in between. Must be called on a tokio runtime.
    pub fn client(&self) -> kube::Client {
        let api = self.api.clone();
        let service = tower::service_fn(move |request: Request<kube::client::Body>| {
            let api = api.clone();
            async move { in_process(api, request).await }
        });
        kube::Client::new(service, "default")
    }

    /// A client over TLS, as any other program would have.
    pub async fn remote_client(&self) -> Result<kube::Client, ClientError> {
        let mut config =
            kube::Config::from_custom_kubeconfig(self.kubeconfig(), &KubeConfigOptions::default())
                .await?;
        // A proxy of the environment must never see requests to a loopback address.
        config.proxy_url = None;
        kube::Client::try_from(config).map_err(|error| ClientError::Client(Box::new(error)))
    }

    /// Stops: readiness fails, watches end, connections finish or are cut within a second.
    pub async fn shutdown(&self) {
        self.server.shutdown().await;
    }
}

impl std::fmt::Debug for ControlPlane {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("ControlPlane")
            .field("address", &self.address())
            .finish_non_exhaustive()
    }
}

async fn in_process(
    api: Api,
    request: Request<kube::client::Body>,
) -> Result<Response<ResponseBody>, io::Error> {
    if api.is_stopping() {
        return Err(io::Error::new(
            io::ErrorKind::ConnectionRefused,
            "the control plane stopped",
        ));
    }
    let identity = authenticated(ADMIN.to_owned(), vec![MASTERS.to_owned()]);
    let user = User {
        name: identity.name,
        groups: identity.groups,
    };
    Ok(api.handle(request, user).await)
}

/// Creates a definition, or brings one that a log brought back up to date.
async fn install(engine: &Engine, definition: Value) -> Result<(), StartError> {
    let name = definition
        .pointer("/metadata/name")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned();
    let operation = |verb, name: Option<String>, body, force| Operation {
        user: User::system(),
        verb,
        target: Target {
            group: "apiextensions.k8s.io".to_owned(),
            version: "v1".to_owned(),
            plural: "customresourcedefinitions".to_owned(),
            name,
            ..Target::default()
        },
        body: Some(body),
        options: RequestOptions {
            field_manager: Some("garden6".to_owned()),
            force,
            ..RequestOptions::default()
        },
    };
    let body = Body::Object(definition.clone());
    let created = engine.run(operation(Verb::Create, None, body, None)).await;
    let installed = match created {
        Err(status) if status.reason == "AlreadyExists" => {
            let body = Body::Apply(definition);
            engine
                .run(operation(Verb::Patch, Some(name.clone()), body, Some(true)))
                .await
        }
        outcome => outcome,
    };
    installed
        .map(drop)
        .map_err(|source| StartError::Definition { name, source })
}

fn kubeconfig(
    name: &str,
    address: SocketAddr,
    authority: &Authority,
    now: SystemTime,
) -> Result<Kubeconfig, AuthorityError> {
    let admin = authority.client(ADMIN, Some(MASTERS), now)?;
    let user = format!("{name}-{ADMIN}");
    Ok(Kubeconfig {
        api_version: Some("v1".to_owned()),
        kind: Some("Config".to_owned()),
        clusters: vec![NamedCluster {
            name: name.to_owned(),
            cluster: Some(Cluster {
                server: Some(format!("https://{address}")),
                certificate_authority_data: Some(BASE64.encode(authority.certificate_pem())),
                ..Cluster::default()
            }),
            ..NamedCluster::default()
        }],
        auth_infos: vec![NamedAuthInfo {
            name: user.clone(),
            auth_info: Some(AuthInfo {
                client_certificate_data: Some(BASE64.encode(&admin.certificate_pem)),
                client_key_data: Some(BASE64.encode(&admin.key_pem).into()),
                ..AuthInfo::default()
            }),
            ..NamedAuthInfo::default()
        }],
        contexts: vec![NamedContext {
            name: name.to_owned(),
            context: Some(Context {
                cluster: name.to_owned(),
                user: Some(user),
                ..Context::default()
            }),
            ..NamedContext::default()
        }],
        current_context: Some(name.to_owned()),
        ..Kubeconfig::default()
    })
}
