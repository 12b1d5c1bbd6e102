//! One authenticated request in, one response out.

use std::fmt::Display;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderName, IF_NONE_MATCH, USER_AGENT};
use http::request::Parts;
use http::{Method, Request, Response};
use http_body_util::{BodyExt as _, Limited};
use hyper::body::Body as HttpBody;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::body;
use super::health;
use super::metrics::{Label, Metrics};
use super::negotiate::{self, Accepted, Encoding, Offer, Shape};
use super::path::{self, ResourcePath, Route};
use super::query::{self, Query};
use super::respond::{self, ResponseBody, Writing};
use super::shape::{self, Shaped};
use super::version;
use super::watching;
use crate::cluster::embedded::discovery::{Cached, Documents, groups};
use crate::cluster::embedded::engine::{Engine, Operation, Target, User, Verb};
use crate::cluster::embedded::status::Status;

const AGGREGATED: &str = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

/// The API of one control plane over its engine; clones share everything.
#[derive(Clone)]
pub(crate) struct Api {
    inner: Arc<Inner>,
}

struct Inner {
    engine: Engine,
    documents: Documents,
    metrics: Metrics,
    stopping: AtomicBool,
}

type Answer = Result<Response<ResponseBody>, Status>;

impl Api {
    pub(crate) fn new(engine: Engine) -> Self {
        Self {
            inner: Arc::new(Inner {
                engine,
                documents: Documents::default(),
                metrics: Metrics::default(),
                stopping: AtomicBool::new(false),
            }),
        }
    }

    pub(crate) fn engine(&self) -> &Engine {
        &self.inner.engine
    }

    /// Makes readiness fail from now on.
    pub(crate) fn set_stopping(&self) {
        self.inner.stopping.store(true, Ordering::Relaxed);
    }

    /// Whether [`Api::set_stopping`] was called.
    pub(crate) fn is_stopping(&self) -> bool {
        self.inner.stopping.load(Ordering::Relaxed)
    }

    /// Answers one request of a user whose identity is settled.
    pub(crate) async fn handle<B>(&self, request: Request<B>, user: User) -> Response<ResponseBody>
    where
        B: HttpBody<Data = Bytes>,
        B::Error: Display + Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let (parts, body) = request.into_parts();
        let route = path::parse(parts.uri.path());
        let label = label(&parts, route.as_ref());
        let answer = match route {
            None => Err(Status::bad_request("the path has a broken percent escape")),
            Some(Route::Resource(resource)) => self.resource(resource, &parts, body, user).await,
            Some(route) => self.document(route, &parts, &user),
        };
        let response = answer.unwrap_or_else(|status| respond::refusal(&status));
        self.inner.metrics.count(Label {
            code: response.status().as_u16(),
            ..label
        });
        response
    }

    async fn resource<B>(
        &self,
        resource: ResourcePath,
        parts: &Parts,
        body: B,
        user: User,
    ) -> Answer
    where
        B: HttpBody<Data = Bytes>,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let accepted = accepted(&parts.headers, Offer::Objects)?;
        let Query {
            watch,
            pretty,
            include_object,
            mut options,
            ..
        } = query::parse(parts.uri.query().unwrap_or_default())?;
        let verb = verb(&parts.method, &resource, watch)?;
        options.user_agent = header(&parts.headers, &USER_AGENT).map(str::to_owned);
        let mut operation = Operation {
            user,
            verb,
            target: Target {
                group: resource.group,
                version: resource.version,
                plural: resource.plural,
                namespace: resource.namespace,
                name: resource.name,
                subresource: resource.subresource,
            },
            body: None,
            options,
        };
        if verb == Verb::Watch {
            let stream = self.inner.engine.watch(operation)?;
            return Ok(watching::response(stream, accepted.shape, include_object));
        }
        if let Some(status) = without_containers(&operation.target) {
            return Err(status);
        }
        // A body that nobody takes is not worth decoding: the engine's refusal says why.
        let served = self.takes_body(verb, &operation.target);
        if served && !matches!(verb, Verb::Get | Verb::List) {
            let bytes = read(body).await?;
            let decoded = body::decode(verb, header(&parts.headers, &CONTENT_TYPE), &bytes)?;
            operation.body = decoded.body;
            operation.options.duplicate_fields = decoded.duplicates;
        }
        let outcome = self.inner.engine.run(operation).await?;
        let shaped = shape::shape(&outcome, accepted.shape, include_object, Timestamp::now());
        let writing = Writing {
            encoding: accepted.encoding,
            pretty,
        };
        let mut response = respond::document(outcome.code, shaped, writing);
        respond::warn(&mut response, &outcome.warnings);
        Ok(response)
    }

    fn takes_body(&self, verb: Verb, target: &Target) -> bool {
        let registry = self.inner.engine.registry();
        let named_create =
            verb == Verb::Create && target.name.is_some() && target.subresource.is_none();
        !named_create
            && registry
                .lookup(&target.group, &target.version, &target.plural)
                .is_some()
    }

    fn document(&self, route: Route, parts: &Parts, user: &User) -> Answer {
        let path = parts.uri.path();
        if !route.is_public() {
            let verb = parts.method.as_str().to_lowercase();
            self.inner.engine.authorize_path(user, &verb, path)?;
        }
        if parts.method != Method::GET {
            return Err(Status::method_not_allowed("", "", ""));
        }
        let registry = self.inner.engine.registry();
        let documents = &self.inner.documents;
        match route {
            Route::Health { endpoint, check } => {
                let verbose = query::parse(parts.uri.query().unwrap_or_default())?.verbose;
                let health = health::check(endpoint, check.as_deref(), verbose, self.is_stopping());
                Ok(respond::full(
                    health.code,
                    "text/plain; charset=utf-8",
                    health.text,
                ))
            }
            Route::Metrics => Ok(respond::full(
                200,
                "text/plain; version=0.0.4; charset=utf-8",
                self.inner.metrics.render(),
            )),
            Route::Version => tree(parts, version::document()),
            Route::Root => tree(parts, groups::paths(&registry.kinds())),
            Route::LegacyVersions => discovery(
                parts,
                || {
                    json!({
                        "kind": "APIVersions",
                        "versions": ["v1"],
                        "serverAddressByClientCIDRs": [],
                    })
                },
                || documents.aggregated_core(registry),
            ),
            Route::Groups => discovery(
                parts,
                || groups::list(&registry.kinds()),
                || documents.aggregated_groups(registry),
            ),
            Route::Group { group } => tree(
                parts,
                groups::group(&registry.kinds(), &group).ok_or_else(Status::no_such_path)?,
            ),
            Route::Resources { group, version } => {
                let resources = groups::resources(&registry.kinds(), &group, &version);
                tree(parts, resources.ok_or_else(Status::no_such_path)?)
            }
            Route::OpenApiRoot => Ok(cached(
                parts,
                "application/json",
                &documents.open_api_root(registry),
            )),
            Route::OpenApi { group, version } => {
                let document = documents.open_api(registry, &group, &version);
                let document = document.ok_or_else(Status::no_such_path)?;
                Ok(cached(parts, "application/json", &document))
            }
            Route::Unknown | Route::Resource(_) => Err(Status::no_such_path()),
        }
    }
}

/// The refusal of calls that need a container behind the pod.
fn without_containers(target: &Target) -> Option<Status> {
    const NEED_ONE: &[&str] = &["attach", "exec", "log", "portforward", "proxy"];
    let subresource = target.subresource.as_deref()?;
    let first = subresource.split('/').next()?;
    let is_pod = target.group.is_empty() && target.plural == "pods";
    (is_pod && NEED_ONE.contains(&first)).then(|| {
        Status::not_implemented(format!(
            "{first} is not served: pods of the embedded control plane run no containers"
        ))
    })
}

fn discovery(
    parts: &Parts,
    plain: impl FnOnce() -> Value,
    aggregated: impl FnOnce() -> Arc<Cached>,
) -> Answer {
    let accepted = accepted(&parts.headers, Offer::Discovery)?;
    if accepted.shape == Shape::AggregatedDiscovery && accepted.encoding == Encoding::Json {
        return Ok(cached(parts, AGGREGATED, &aggregated()));
    }
    Ok(respond::document(
        200,
        Shaped::Tree(plain()),
        writing(parts, accepted)?,
    ))
}

fn cached(parts: &Parts, content_type: &'static str, cached: &Cached) -> Response<ResponseBody> {
    let asked = header(&parts.headers, &IF_NONE_MATCH);
    respond::tagged(content_type, cached.bytes.clone(), &cached.tag, asked)
}

fn tree(parts: &Parts, tree: Value) -> Answer {
    let accepted = accepted(&parts.headers, Offer::Plain)?;
    Ok(respond::document(
        200,
        Shaped::Tree(tree),
        writing(parts, accepted)?,
    ))
}

fn writing(parts: &Parts, accepted: Accepted) -> Result<Writing, Status> {
    let pretty = query::parse(parts.uri.query().unwrap_or_default())?.pretty;
    Ok(Writing {
        encoding: accepted.encoding,
        pretty,
    })
}

fn accepted(headers: &HeaderMap, offer: Offer) -> Result<Accepted, Status> {
    negotiate::accept(header(headers, &ACCEPT), offer)
        .ok_or_else(|| Status::not_acceptable(negotiate::ACCEPTABLE))
}

fn header<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

async fn read<B>(body: B) -> Result<Bytes, Status>
where
    B: HttpBody<Data = Bytes>,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    match Limited::new(body, body::MAX_BYTES).collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) if error.is::<http_body_util::LengthLimitError>() => {
            Err(Status::too_large(body::MAX_BYTES))
        }
        Err(error) => Err(Status::bad_request(format!(
            "the request body could not be read: {error}"
        ))),
    }
}

fn verb(method: &Method, path: &ResourcePath, watch: bool) -> Result<Verb, Status> {
    let named = path.name.is_some();
    match *method {
        Method::GET if named => Ok(Verb::Get),
        Method::GET if watch => Ok(Verb::Watch),
        Method::GET => Ok(Verb::List),
        Method::POST => Ok(Verb::Create),
        Method::PUT if named => Ok(Verb::Update),
        Method::PATCH if named => Ok(Verb::Patch),
        Method::DELETE if named => Ok(Verb::Delete),
        Method::DELETE => Ok(Verb::DeleteCollection),
        _ => Err(Status::method_not_allowed("", "", "")),
    }
}

fn label(parts: &Parts, route: Option<&Route>) -> Label {
    let (group, version, resource) = match route {
        Some(Route::Resource(path)) => (
            path.group.clone(),
            path.version.clone(),
            path.plural.clone(),
        ),
        _ => (String::new(), String::new(), String::new()),
    };
    let verb = match parts.method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        _ => "OTHER",
    };
    Label {
        code: 0,
        group,
        resource,
        verb,
        version,
    }
}
