//! The fields of the messages that clients send as protobuf.
//!
//! Numbers are those of the `generated.proto` files of `k8s.io/api` and `k8s.io/apimachinery`;
//! they never change once released.

/// A message is its list of known fields.
pub(super) type Message = &'static [Field];

/// One field of a message.
#[derive(Debug, Clone, Copy)]
pub(super) struct Field {
    pub(super) number: u64,
    /// The JSON name.
    pub(super) name: &'static str,
    pub(super) repeat: Repeat,
    pub(super) of: Type,
    /// A pointer in Go: zero is a value, not absence.
    pub(super) optional: bool,
}

/// How often a field may stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Repeat {
    One,
    Many,
    Map,
}

/// What a field holds.
#[derive(Debug, Clone, Copy)]
pub(super) enum Type {
    Text,
    /// Base64 in JSON.
    Bytes,
    Bool,
    Integer,
    /// RFC 3339 in JSON.
    Time,
    /// A string in JSON.
    Quantity,
    /// A number or a string in JSON.
    IntOrString,
    /// A wrapped list of strings.
    Items,
    Message(Message),
}

const fn one(number: u64, name: &'static str, of: Type) -> Field {
    Field {
        number,
        name,
        repeat: Repeat::One,
        of,
        optional: false,
    }
}

const fn opt(number: u64, name: &'static str, of: Type) -> Field {
    Field {
        number,
        name,
        repeat: Repeat::One,
        of,
        optional: true,
    }
}

const fn many(number: u64, name: &'static str, of: Type) -> Field {
    Field {
        number,
        name,
        repeat: Repeat::Many,
        of,
        optional: false,
    }
}

const fn map(number: u64, name: &'static str, of: Type) -> Field {
    Field {
        number,
        name,
        repeat: Repeat::Map,
        of,
        optional: false,
    }
}

use Type::{Bool, Bytes, IntOrString, Integer, Items, Message as Nested, Quantity, Text, Time};

/// The message of a built-in kind.
pub(super) fn of_kind(api_version: &str, kind: &str) -> Option<Message> {
    Some(match (api_version, kind) {
        ("v1", "Namespace") => NAMESPACE,
        ("v1", "ConfigMap") => CONFIG_MAP,
        ("v1", "Secret") => SECRET,
        ("v1", "ServiceAccount") => SERVICE_ACCOUNT,
        ("v1", "Service") => SERVICE,
        ("v1", "ResourceQuota") => RESOURCE_QUOTA,
        ("v1", "Pod") => POD_TEMPLATE,
        ("apps/v1", "Deployment") => DEPLOYMENT,
        ("batch/v1", "Job") => JOB,
        ("policy/v1", "Eviction") => EVICTION,
        ("policy/v1", "PodDisruptionBudget") => POD_DISRUPTION_BUDGET,
        ("scheduling.k8s.io/v1", "PriorityClass") => PRIORITY_CLASS,
        ("coordination.k8s.io/v1", "Lease") => LEASE,
        ("rbac.authorization.k8s.io/v1", "Role") => ROLE,
        ("rbac.authorization.k8s.io/v1", "ClusterRole") => CLUSTER_ROLE,
        ("rbac.authorization.k8s.io/v1", "RoleBinding" | "ClusterRoleBinding") => BINDING,
        ("authorization.k8s.io/v1", "SelfSubjectAccessReview") => SELF_ACCESS_REVIEW,
        ("authorization.k8s.io/v1", "SubjectAccessReview" | "LocalSubjectAccessReview") => {
            ACCESS_REVIEW
        }
        ("authorization.k8s.io/v1", "SelfSubjectRulesReview") => RULES_REVIEW,
        ("authentication.k8s.io/v1", "TokenRequest") => TOKEN_REQUEST,
        ("authentication.k8s.io/v1", "TokenReview") => TOKEN_REVIEW,
        ("authentication.k8s.io/v1", "SelfSubjectReview") => METADATA_ONLY,
        (_, "DeleteOptions") => DELETE_OPTIONS,
        _ => return None,
    })
}

pub(super) const TIME: Message = &[one(1, "seconds", Integer), one(2, "nanos", Integer)];
pub(super) const QUANTITY: Message = &[one(1, "string", Text)];
pub(super) const INT_OR_STRING: Message = &[
    one(1, "type", Integer),
    one(2, "intVal", Integer),
    one(3, "strVal", Text),
];
pub(super) const ITEMS: Message = &[many(1, "items", Text)];

const OBJECT_META: Message = &[
    one(1, "name", Text),
    one(2, "generateName", Text),
    one(3, "namespace", Text),
    one(5, "uid", Text),
    one(6, "resourceVersion", Text),
    one(7, "generation", Integer),
    one(8, "creationTimestamp", Time),
    one(9, "deletionTimestamp", Time),
    opt(10, "deletionGracePeriodSeconds", Integer),
    map(11, "labels", Text),
    map(12, "annotations", Text),
    many(13, "ownerReferences", Nested(OWNER_REFERENCE)),
    many(14, "finalizers", Text),
];
const OWNER_REFERENCE: Message = &[
    one(1, "kind", Text),
    one(3, "name", Text),
    one(4, "uid", Text),
    one(5, "apiVersion", Text),
    opt(6, "controller", Bool),
    opt(7, "blockOwnerDeletion", Bool),
];
const LABEL_SELECTOR: Message = &[
    map(1, "matchLabels", Text),
    many(2, "matchExpressions", Nested(REQUIREMENT)),
];
const REQUIREMENT: Message = &[
    one(1, "key", Text),
    one(2, "operator", Text),
    many(3, "values", Text),
];
const DELETE_OPTIONS: Message = &[
    opt(1, "gracePeriodSeconds", Integer),
    one(2, "preconditions", Nested(PRECONDITIONS)),
    opt(3, "orphanDependents", Bool),
    one(4, "propagationPolicy", Text),
    many(5, "dryRun", Text),
];
const PRECONDITIONS: Message = &[opt(1, "uid", Text), opt(2, "resourceVersion", Text)];

const META: Field = one(1, "metadata", Nested(OBJECT_META));
const METADATA_ONLY: Message = &[META];

const NAMESPACE: Message = &[META, one(2, "spec", Nested(&[many(1, "finalizers", Text)]))];
const CONFIG_MAP: Message = &[
    META,
    map(2, "data", Text),
    map(3, "binaryData", Bytes),
    opt(4, "immutable", Bool),
];
const SECRET: Message = &[
    META,
    map(2, "data", Bytes),
    one(3, "type", Text),
    map(4, "stringData", Text),
    opt(5, "immutable", Bool),
];
const OBJECT_REFERENCE: Message = &[
    one(1, "kind", Text),
    one(2, "namespace", Text),
    one(3, "name", Text),
    one(4, "uid", Text),
    one(5, "apiVersion", Text),
    one(6, "resourceVersion", Text),
    one(7, "fieldPath", Text),
];
const LOCAL_REFERENCE: Message = &[one(1, "name", Text)];
const SERVICE_ACCOUNT: Message = &[
    META,
    many(2, "secrets", Nested(OBJECT_REFERENCE)),
    many(3, "imagePullSecrets", Nested(LOCAL_REFERENCE)),
    opt(4, "automountServiceAccountToken", Bool),
];
const SERVICE: Message = &[META, one(2, "spec", Nested(SERVICE_SPEC))];
const SERVICE_SPEC: Message = &[
    many(1, "ports", Nested(SERVICE_PORT)),
    map(2, "selector", Text),
    one(3, "clusterIP", Text),
    one(4, "type", Text),
    many(5, "externalIPs", Text),
    one(7, "sessionAffinity", Text),
    one(8, "loadBalancerIP", Text),
    many(9, "loadBalancerSourceRanges", Text),
    one(10, "externalName", Text),
    one(11, "externalTrafficPolicy", Text),
    one(12, "healthCheckNodePort", Integer),
    one(13, "publishNotReadyAddresses", Bool),
    opt(17, "ipFamilyPolicy", Text),
    many(18, "clusterIPs", Text),
    many(19, "ipFamilies", Text),
    opt(20, "allocateLoadBalancerNodePorts", Bool),
    opt(21, "loadBalancerClass", Text),
    opt(22, "internalTrafficPolicy", Text),
];
const SERVICE_PORT: Message = &[
    one(1, "name", Text),
    one(2, "protocol", Text),
    one(3, "port", Integer),
    one(4, "targetPort", IntOrString),
    one(5, "nodePort", Integer),
    opt(6, "appProtocol", Text),
];
const RESOURCE_QUOTA: Message = &[
    META,
    one(
        2,
        "spec",
        Nested(&[map(1, "hard", Quantity), many(2, "scopes", Text)]),
    ),
];

const POD_TEMPLATE: Message = &[META, one(2, "spec", Nested(POD_SPEC))];
const POD_SPEC: Message = &[
    many(2, "containers", Nested(CONTAINER)),
    one(3, "restartPolicy", Text),
    opt(4, "terminationGracePeriodSeconds", Integer),
    opt(5, "activeDeadlineSeconds", Integer),
    one(6, "dnsPolicy", Text),
    map(7, "nodeSelector", Text),
    one(8, "serviceAccountName", Text),
    one(10, "nodeName", Text),
    one(11, "hostNetwork", Bool),
    many(15, "imagePullSecrets", Nested(LOCAL_REFERENCE)),
    one(16, "hostname", Text),
    one(17, "subdomain", Text),
    one(19, "schedulerName", Text),
    many(20, "initContainers", Nested(CONTAINER)),
    opt(21, "automountServiceAccountToken", Bool),
    one(24, "priorityClassName", Text),
];
const CONTAINER: Message = &[
    one(1, "name", Text),
    one(2, "image", Text),
    many(3, "command", Text),
    many(4, "args", Text),
    one(5, "workingDir", Text),
    many(6, "ports", Nested(CONTAINER_PORT)),
    many(
        7,
        "env",
        Nested(&[one(1, "name", Text), one(2, "value", Text)]),
    ),
    one(
        8,
        "resources",
        Nested(&[map(1, "limits", Quantity), map(2, "requests", Quantity)]),
    ),
    one(14, "imagePullPolicy", Text),
    one(16, "stdin", Bool),
    one(17, "stdinOnce", Bool),
    one(18, "tty", Bool),
];
const CONTAINER_PORT: Message = &[
    one(1, "name", Text),
    one(2, "hostPort", Integer),
    one(3, "containerPort", Integer),
    one(4, "protocol", Text),
    one(5, "hostIP", Text),
];
const DEPLOYMENT: Message = &[META, one(2, "spec", Nested(DEPLOYMENT_SPEC))];
const DEPLOYMENT_SPEC: Message = &[
    opt(1, "replicas", Integer),
    opt(2, "selector", Nested(LABEL_SELECTOR)),
    one(3, "template", Nested(POD_TEMPLATE)),
    one(4, "strategy", Nested(STRATEGY)),
    one(5, "minReadySeconds", Integer),
    opt(6, "revisionHistoryLimit", Integer),
    one(7, "paused", Bool),
    opt(9, "progressDeadlineSeconds", Integer),
];
const STRATEGY: Message = &[
    one(1, "type", Text),
    one(2, "rollingUpdate", Nested(ROLLING_UPDATE)),
];
const ROLLING_UPDATE: Message = &[
    opt(1, "maxUnavailable", IntOrString),
    opt(2, "maxSurge", IntOrString),
];
const JOB: Message = &[META, one(2, "spec", Nested(JOB_SPEC))];
const JOB_SPEC: Message = &[
    opt(1, "parallelism", Integer),
    opt(2, "completions", Integer),
    opt(3, "activeDeadlineSeconds", Integer),
    opt(4, "selector", Nested(LABEL_SELECTOR)),
    one(6, "template", Nested(POD_TEMPLATE)),
    opt(7, "backoffLimit", Integer),
    opt(8, "ttlSecondsAfterFinished", Integer),
    opt(10, "suspend", Bool),
];
const EVICTION: Message = &[META, one(2, "deleteOptions", Nested(DELETE_OPTIONS))];
const POD_DISRUPTION_BUDGET: Message = &[
    META,
    one(
        2,
        "spec",
        Nested(&[
            opt(1, "minAvailable", IntOrString),
            opt(2, "selector", Nested(LABEL_SELECTOR)),
            opt(3, "maxUnavailable", IntOrString),
        ]),
    ),
];
const PRIORITY_CLASS: Message = &[
    META,
    opt(2, "value", Integer),
    one(3, "globalDefault", Bool),
    one(4, "description", Text),
    opt(5, "preemptionPolicy", Text),
];
const LEASE: Message = &[
    META,
    one(
        2,
        "spec",
        Nested(&[
            opt(1, "holderIdentity", Text),
            opt(2, "leaseDurationSeconds", Integer),
            one(3, "acquireTime", Time),
            one(4, "renewTime", Time),
            opt(5, "leaseTransitions", Integer),
        ]),
    ),
];

const POLICY_RULE: Message = &[
    many(1, "verbs", Text),
    many(2, "apiGroups", Text),
    many(3, "resources", Text),
    many(4, "resourceNames", Text),
    many(5, "nonResourceURLs", Text),
];
const ROLE: Message = &[META, many(2, "rules", Nested(POLICY_RULE))];
const CLUSTER_ROLE: Message = &[
    META,
    many(2, "rules", Nested(POLICY_RULE)),
    one(
        3,
        "aggregationRule",
        Nested(&[many(1, "clusterRoleSelectors", Nested(LABEL_SELECTOR))]),
    ),
];
const SUBJECT: Message = &[
    one(1, "kind", Text),
    one(2, "apiGroup", Text),
    one(3, "name", Text),
    one(4, "namespace", Text),
];
const ROLE_REF: Message = &[
    one(1, "apiGroup", Text),
    one(2, "kind", Text),
    one(3, "name", Text),
];
const BINDING: Message = &[
    META,
    many(2, "subjects", Nested(SUBJECT)),
    one(3, "roleRef", Nested(ROLE_REF)),
];

const RESOURCE_ATTRIBUTES: Message = &[
    one(1, "namespace", Text),
    one(2, "verb", Text),
    one(3, "group", Text),
    one(4, "version", Text),
    one(5, "resource", Text),
    one(6, "subresource", Text),
    one(7, "name", Text),
];
const NON_RESOURCE_ATTRIBUTES: Message = &[one(1, "path", Text), one(2, "verb", Text)];
const SELF_ACCESS_REVIEW: Message = &[
    META,
    one(
        2,
        "spec",
        Nested(&[
            opt(1, "resourceAttributes", Nested(RESOURCE_ATTRIBUTES)),
            opt(2, "nonResourceAttributes", Nested(NON_RESOURCE_ATTRIBUTES)),
        ]),
    ),
];
const ACCESS_REVIEW: Message = &[
    META,
    one(
        2,
        "spec",
        Nested(&[
            opt(1, "resourceAttributes", Nested(RESOURCE_ATTRIBUTES)),
            opt(2, "nonResourceAttributes", Nested(NON_RESOURCE_ATTRIBUTES)),
            one(3, "user", Text),
            many(4, "groups", Text),
            map(5, "extra", Items),
            one(6, "uid", Text),
        ]),
    ),
];
const RULES_REVIEW: Message = &[META, one(2, "spec", Nested(&[one(1, "namespace", Text)]))];
const TOKEN_REQUEST: Message = &[
    META,
    one(
        2,
        "spec",
        Nested(&[
            many(1, "audiences", Text),
            one(3, "boundObjectRef", Nested(BOUND_REFERENCE)),
            opt(4, "expirationSeconds", Integer),
        ]),
    ),
];
const BOUND_REFERENCE: Message = &[
    one(1, "kind", Text),
    one(2, "apiVersion", Text),
    one(3, "name", Text),
    one(4, "uid", Text),
];
const TOKEN_REVIEW: Message = &[
    META,
    one(
        2,
        "spec",
        Nested(&[one(1, "token", Text), many(2, "audiences", Text)]),
    ),
];
