//! Deployments, stateful sets, daemon sets, replica sets and jobs.

use super::pod::POD_TEMPLATE;
use super::shape::{BLANK, Shape, Struct, always};
use super::tables::{METADATA, SELECTOR, STATUS};

macro_rules! workload {
    ($($(#[$doc:meta])* $name:ident = $spec:ident;)*) => {
        $($(#[$doc])* pub(super) static $name: Struct = always(&[
            ("metadata", Shape::Struct(&METADATA)),
            ("spec", Shape::Struct(&$spec)),
            ("status", Shape::Struct(&STATUS)),
        ]);)*
    };
}

workload! {
    /// A deployment.
    DEPLOYMENT = DEPLOYMENT_SPEC;
    /// A stateful set or a daemon set.
    SET = SET_SPEC;
    /// A replica set.
    REPLICA_SET = TEMPLATE_SPEC;
    /// A job.
    JOB = TEMPLATE_SPEC;
    /// A cron job.
    CRON_JOB = CRON_JOB_SPEC;
}

static DEPLOYMENT_SPEC: Struct = always(&[
    ("selector", Shape::Struct(&SELECTOR)),
    ("template", Shape::Struct(&POD_TEMPLATE)),
    ("strategy", Shape::Struct(&BLANK)),
]);

static SET_SPEC: Struct = always(&[
    ("selector", Shape::Struct(&SELECTOR)),
    ("template", Shape::Struct(&POD_TEMPLATE)),
    ("updateStrategy", Shape::Struct(&BLANK)),
]);

static TEMPLATE_SPEC: Struct = always(&[
    ("selector", Shape::Struct(&SELECTOR)),
    ("template", Shape::Struct(&POD_TEMPLATE)),
]);

static CRON_JOB_SPEC: Struct = always(&[("jobTemplate", Shape::Struct(&JOB_TEMPLATE))]);

static JOB_TEMPLATE: Struct = always(&[
    ("metadata", Shape::Struct(&METADATA)),
    ("spec", Shape::Struct(&TEMPLATE_SPEC)),
]);
