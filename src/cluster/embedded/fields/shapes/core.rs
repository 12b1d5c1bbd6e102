//! The other built-in kinds.

use super::shape::{
    ATOMIC_MAP, BLANK, ENTRIES, List, ONE, ONE_ALWAYS, Shape, Struct, always, keyed, optional,
};
use super::tables::{
    BY_NAME, CONDITIONS, CONDITIONS_REPLACED, METADATA, RESOURCES, SCALARS, SELECTOR,
    SELECTOR_ALWAYS, STATUS,
};

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident { $($field:literal: $shape:expr,)* })*) => {
        $($(#[$doc])* pub(super) static $name: Struct = always(&[
            ("metadata", Shape::Struct(&METADATA)),
            $(($field, $shape),)*
        ]);)*
    };
}

kinds! {
    /// A config map or a secret.
    DATA {
        "data": ENTRIES,
        "binaryData": ENTRIES,
        "stringData": ENTRIES,
    }
    /// A service account.
    SERVICE_ACCOUNT {
        "secrets": Shape::List(&BY_NAME),
    }
    /// A namespace.
    NAMESPACE {
        "spec": Shape::Struct(&BLANK),
        "status": Shape::Struct(&STATUS),
    }
    /// A node.
    NODE {
        "spec": Shape::Struct(&NODE_SPEC),
        "status": Shape::Struct(&NODE_STATUS),
    }
    /// A service.
    SERVICE {
        "spec": Shape::Struct(&SERVICE_SPEC),
        "status": Shape::Struct(&SERVICE_STATUS),
    }
    /// An event.
    EVENT {
        "involvedObject": Shape::Struct(&ONE_ALWAYS),
        "regarding": Shape::Struct(&ONE_ALWAYS),
        "related": Shape::Struct(&ONE),
        "source": Shape::Struct(&BLANK),
    }
    /// A claim on a volume.
    VOLUME_CLAIM {
        "spec": Shape::Struct(&CLAIM_SPEC),
        "status": Shape::Struct(&CLAIM_STATUS),
    }
    /// A quota.
    QUOTA {
        "spec": Shape::Struct(&QUOTA_SPEC),
        "status": Shape::Struct(&QUOTA_STATUS),
    }
    /// A network policy.
    NETWORK_POLICY {
        "spec": Shape::Struct(&POLICY_SPEC),
    }
    /// A binding of a role.
    BINDING {
        "roleRef": Shape::Struct(&ONE_ALWAYS),
    }
    /// A configuration of webhooks.
    WEBHOOKS {
        "webhooks": Shape::List(&WEBHOOK_LIST),
    }
    /// A definition of a custom resource.
    DEFINITION {
        "spec": Shape::Struct(&DEFINITION_SPEC),
        "status": Shape::Struct(&DEFINITION_STATUS),
    }
    /// A storage class.
    STORAGE_CLASS {
        "parameters": ENTRIES,
    }
    /// A disruption budget.
    DISRUPTION_BUDGET {
        "spec": Shape::Struct(&BUDGET_SPEC),
        "status": Shape::Struct(&STATUS),
    }
    /// A kind whose spec and status have nothing special but conditions.
    SPEC_AND_STATUS {
        "spec": Shape::Struct(&BLANK),
        "status": Shape::Struct(&STATUS),
    }
    /// A kind whose spec has nothing special, or that has none.
    SPEC_ONLY {
        "spec": Shape::Struct(&BLANK),
    }
}

static NODE_SPEC: Struct = always(&[("podCIDRs", Shape::List(&SCALARS))]);

static NODE_STATUS: Struct = always(&[
    ("conditions", Shape::List(&CONDITIONS)),
    ("addresses", Shape::List(&CONDITIONS)),
    ("capacity", ENTRIES),
    ("allocatable", ENTRIES),
    ("nodeInfo", Shape::Struct(&BLANK)),
    ("daemonEndpoints", Shape::Struct(&ENDPOINTS)),
]);

static ENDPOINTS: Struct = always(&[("kubeletEndpoint", Shape::Struct(&BLANK))]);

static SERVICE_SPEC: Struct = always(&[
    ("ports", Shape::List(&SERVICE_PORTS)),
    ("selector", ATOMIC_MAP),
]);

static SERVICE_PORTS: List = keyed(&["port", "protocol"], "port", Shape::Plain);

static SERVICE_STATUS: Struct = always(&[
    ("conditions", Shape::List(&CONDITIONS)),
    ("loadBalancer", Shape::Struct(&BLANK)),
]);

static CLAIM_SPEC: Struct = always(&[
    ("resources", Shape::Struct(&RESOURCES)),
    ("selector", Shape::Struct(&SELECTOR)),
    ("dataSource", Shape::Struct(&ONE)),
]);

static CLAIM_STATUS: Struct = always(&[
    ("conditions", Shape::List(&CONDITIONS)),
    ("capacity", ENTRIES),
    ("allocatedResources", ENTRIES),
]);

static QUOTA_SPEC: Struct = always(&[("hard", ENTRIES), ("scopeSelector", Shape::Struct(&ONE))]);
static QUOTA_STATUS: Struct = always(&[("hard", ENTRIES), ("used", ENTRIES)]);

static POLICY_SPEC: Struct = always(&[("podSelector", Shape::Struct(&SELECTOR_ALWAYS))]);

static BUDGET_SPEC: Struct = always(&[("selector", Shape::Struct(&SELECTOR))]);

static WEBHOOK_LIST: List = keyed(&["name"], "name", Shape::Struct(&WEBHOOK));

static WEBHOOK: Struct = optional(&[
    ("clientConfig", Shape::Struct(&BLANK)),
    ("namespaceSelector", Shape::Struct(&SELECTOR)),
    ("objectSelector", Shape::Struct(&SELECTOR)),
    ("matchConditions", Shape::List(&BY_NAME)),
]);

static DEFINITION_SPEC: Struct = always(&[("names", Shape::Struct(&BLANK))]);

static DEFINITION_STATUS: Struct = always(&[
    ("acceptedNames", Shape::Struct(&BLANK)),
    ("conditions", Shape::List(&CONDITIONS_REPLACED)),
]);
