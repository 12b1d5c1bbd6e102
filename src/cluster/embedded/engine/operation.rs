//! One request, as the engine sees it: free of HTTP.

use serde_json::Value;

/// Who asks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct User {
    /// User name.
    pub name: String,
    /// Groups, with `system:authenticated` already added by authentication.
    pub groups: Vec<String>,
}

impl User {
    /// The identity under which the control plane itself writes.
    pub fn system() -> Self {
        Self {
            name: "system:apiserver".into(),
            groups: vec!["system:masters".into()],
        }
    }
}

/// The verbs of the Kubernetes API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verb {
    /// POST on a collection, or on a subresource such as `token`.
    Create,
    /// GET of one object.
    Get,
    /// GET of a collection.
    List,
    /// GET of a collection with `watch`.
    Watch,
    /// PUT.
    Update,
    /// PATCH, of any of the five kinds of [`Body`].
    Patch,
    /// DELETE of one object.
    Delete,
    /// DELETE of a collection.
    DeleteCollection,
}

impl Verb {
    /// The name used in RBAC rules and messages.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Get => "get",
            Self::List => "list",
            Self::Watch => "watch",
            Self::Update => "update",
            Self::Patch => "patch",
            Self::Delete => "delete",
            Self::DeleteCollection => "deletecollection",
        }
    }
}

/// What the request is about: the path of the URL in parts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Target {
    /// API group, empty for the core group.
    pub group: String,
    /// API version.
    pub version: String,
    /// Plural resource name.
    pub plural: String,
    /// Namespace of the path.
    pub namespace: Option<String>,
    /// Name of the path.
    pub name: Option<String>,
    /// Subresource of the path.
    pub subresource: Option<String>,
}

/// The decoded body of a request; which patch it is follows from the content type.
#[derive(Debug, Clone, PartialEq)]
pub enum Body {
    /// A whole object (create, update, `DeleteOptions`).
    Object(Value),
    /// RFC 6902.
    JsonPatch(Value),
    /// RFC 7386.
    MergePatch(Value),
    /// Strategic merge patch of Kubernetes.
    StrategicMerge(Value),
    /// Server-side apply.
    Apply(Value),
}

/// The query parameters, still as text where the engine is the one that knows what is valid.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RequestOptions {
    /// Every `dryRun` value; only `All` is valid.
    pub dry_run: Vec<String>,
    /// `fieldManager`.
    pub field_manager: Option<String>,
    /// The `User-Agent` header; its first word is the manager when none is given.
    pub user_agent: Option<String>,
    /// `force`.
    pub force: Option<bool>,
    /// `fieldValidation`: `Strict`, `Warn` (default) or `Ignore`.
    pub field_validation: Option<String>,
    /// Paths of keys that occur twice in the body, found while parsing it.
    pub duplicate_fields: Vec<String>,
    /// `labelSelector`.
    pub label_selector: Option<String>,
    /// `fieldSelector`.
    pub field_selector: Option<String>,
    /// `limit`.
    pub limit: Option<u64>,
    /// `continue`.
    pub continue_token: Option<String>,
    /// `resourceVersion`.
    pub resource_version: Option<String>,
    /// `resourceVersionMatch`.
    pub resource_version_match: Option<String>,
    /// `timeoutSeconds`.
    pub timeout_seconds: Option<u64>,
    /// `allowWatchBookmarks`.
    pub allow_watch_bookmarks: bool,
    /// `sendInitialEvents`.
    pub send_initial_events: Option<bool>,
    /// `propagationPolicy` of a delete; a body overrides it.
    pub propagation_policy: Option<String>,
    /// `gracePeriodSeconds` of a delete; a body overrides it.
    pub grace_period_seconds: Option<i64>,
    /// `orphanDependents` of a delete; a body overrides it.
    pub orphan_dependents: Option<bool>,
}

/// One request.
#[derive(Debug, Clone)]
pub struct Operation {
    /// Who asks.
    pub user: User,
    /// What to do.
    pub verb: Verb,
    /// To what.
    pub target: Target,
    /// With what; `None` for an empty body.
    pub body: Option<Body>,
    /// How.
    pub options: RequestOptions,
}
