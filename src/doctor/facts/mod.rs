//! The snapshot: everything that checks read about a host, as one document.
//!
//! The document is YAML or JSON. A key that nobody asked about when the snapshot was made is
//! missing from it, and stays distinct from a thing that does not exist (`null`), that may not be
//! read (`{err: EACCES}`) and that could not be found out (`{err: UNAVAILABLE, reason: …}`); see
//! [`Fact`].

mod address;
mod command;
mod docker;
mod engine;
mod fact;
pub mod hosts;
pub mod keys;
mod listener;
mod machine;
mod modules;
mod network;
mod online;
mod plan;
mod route;
mod scalar;
mod services;
mod snapshot;
mod view;

pub use address::InterfaceAddress;
pub use command::CommandAnswer;
pub use docker::{Clusters, Context, DesktopSettings, Docker, Ping, ProbeAnswers, VmSettings};
pub use engine::{Component, EngineInfo, EngineVersion, RootlessKit};
pub use fact::Fact;
pub use listener::{Listener, Protocol};
pub use machine::{BootValue, EnvironmentVariables, Machine, MachineOs, Workdir};
pub use modules::{ModuleState, Modules};
pub use network::{ClusterContainers, EngineNetwork};
pub use online::Online;
pub use plan::{Plan, PlannedPrefixes};
pub use route::{Destination, HostRoute};
pub use scalar::Scalar;
pub use services::Services;
pub use snapshot::{EngineMachine, Facts, Meta, Scope};
pub use view::{Dind, Firewalld, Inodes, MacFirewall, SocketOwner, User, View, Vpn};
