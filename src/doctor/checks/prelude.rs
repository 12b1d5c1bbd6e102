//! What nearly every rule needs.

pub(in crate::doctor) use crate::doctor::{
    Platform, Profile, Provider, Scope, Target,
    ask::{Ask, if_known},
    catalogue::{
        Ceiling, Check, EVERYWHERE, EngineNeed, F, FixClass, Group, I, LINUX, LINUX_AND_WSL, MACOS,
        N, Need, Remedy, W, WSL,
    },
    finding::{Gap, Verdict, fail, info, pass, skip, unknown, warn, worst},
};
