//! `x-kubernetes-validations`: rules in the Common Expression Language.
//!
//! The language and the functions of the Kubernetes libraries come from `kube-cel`; which value a
//! rule sees, what it is compared with and how a failure reads is decided here.

pub(super) use self::{
    check::problem,
    evaluate::Evaluation,
    rule::{CelRule, parse},
};

mod check;
mod evaluate;
mod rule;
mod value;
