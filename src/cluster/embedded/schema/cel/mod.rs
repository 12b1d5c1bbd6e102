//! `x-kubernetes-validations`: rules in the Common Expression Language.
//!
//! The language and the functions of the Kubernetes libraries come from `kube-cel`; which value a
//! rule sees, what it is compared with and how a failure reads is decided here. There is no static
//! type check: a rule that confuses types is accepted and fails when it runs.

pub(super) use self::{
    evaluate::Evaluation,
    rule::{CelRule, parse},
};

mod evaluate;
mod rule;
mod value;
