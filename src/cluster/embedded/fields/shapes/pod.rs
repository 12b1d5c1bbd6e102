//! Pods and pod templates.

use super::shape::{
    ATOMIC_MAP, ENTRIES, List, Merge, ONE, Owner, Shape, Struct, always, keyed, optional,
};
use super::tables::{BY_NAME, CONDITIONS, METADATA, RESOURCES};

/// A pod.
pub(super) static POD: Struct = always(&[
    ("metadata", Shape::Struct(&METADATA)),
    ("spec", Shape::Struct(&POD_SPEC)),
    ("status", Shape::Struct(&POD_STATUS)),
]);

/// A pod template inside a workload.
pub(super) static POD_TEMPLATE: Struct = always(&[
    ("metadata", Shape::Struct(&METADATA)),
    ("spec", Shape::Struct(&POD_SPEC)),
]);

static POD_SPEC: Struct = always(&[
    ("containers", Shape::List(&CONTAINERS)),
    ("initContainers", Shape::List(&CONTAINERS)),
    ("ephemeralContainers", Shape::List(&CONTAINERS)),
    ("volumes", Shape::List(&VOLUMES)),
    ("imagePullSecrets", Shape::List(&BY_NAME)),
    ("hostAliases", Shape::List(&HOST_ALIASES)),
    ("topologySpreadConstraints", Shape::List(&SPREAD)),
    ("schedulingGates", Shape::List(&BY_NAME)),
    ("resourceClaims", Shape::List(&BY_NAME)),
    ("nodeSelector", ATOMIC_MAP),
    ("overhead", ENTRIES),
    ("affinity", Shape::Struct(&AFFINITY)),
]);

static POD_STATUS: Struct = always(&[
    ("conditions", Shape::List(&CONDITIONS)),
    ("podIPs", Shape::List(&POD_IPS)),
    ("hostIPs", Shape::List(&HOST_IPS)),
    ("resourceClaimStatuses", Shape::List(&BY_NAME)),
]);

static CONTAINERS: List = keyed(&["name"], "name", Shape::Struct(&CONTAINER));

static CONTAINER: Struct = optional(&[
    ("ports", Shape::List(&PORTS)),
    ("env", Shape::List(&ENVIRONMENT)),
    ("volumeMounts", Shape::List(&MOUNTS)),
    ("volumeDevices", Shape::List(&DEVICES)),
    ("resources", Shape::Struct(&RESOURCES)),
]);

static PORTS: List = keyed(
    &["containerPort", "protocol"],
    "containerPort",
    Shape::Plain,
);
static ENVIRONMENT: List = keyed(&["name"], "name", Shape::Struct(&VARIABLE));
static MOUNTS: List = keyed(&["mountPath"], "mountPath", Shape::Plain);
static DEVICES: List = keyed(&["devicePath"], "devicePath", Shape::Plain);
static VOLUMES: List = keyed(&["name"], "name", Shape::Plain);
static HOST_ALIASES: List = keyed(&["ip"], "ip", Shape::Plain);
static POD_IPS: List = keyed(&["ip"], "ip", Shape::Plain);
static HOST_IPS: List = List {
    owner: Owner::Atomic,
    merge: Merge::Key("ip"),
    items: Shape::Plain,
};
static SPREAD: List = keyed(
    &["topologyKey", "whenUnsatisfiable"],
    "topologyKey",
    Shape::Plain,
);

static VARIABLE: Struct = optional(&[("valueFrom", Shape::Struct(&VALUE_FROM))]);

static VALUE_FROM: Struct = optional(&[
    ("configMapKeyRef", Shape::Struct(&ONE)),
    ("secretKeyRef", Shape::Struct(&ONE)),
    ("fieldRef", Shape::Struct(&ONE)),
    ("resourceFieldRef", Shape::Struct(&ONE)),
]);

static AFFINITY: Struct = optional(&[("nodeAffinity", Shape::Struct(&NODE_AFFINITY))]);
static NODE_AFFINITY: Struct = optional(&[(
    "requiredDuringSchedulingIgnoredDuringExecution",
    Shape::Struct(&ONE),
)]);
