//! garden6 brings up a local, IPv6-first Gardener-like environment and proves that it works.
//!
//! The rooms, each importing only from those before it:
//!
//! | room | what it is |
//! |---|---|
//! | [`clock`], [`fsutil`], [`process`], [`progress`], [`yaml`], `nearest`, `counted` | the outside world, wrapped once; names that look like a mistyped one; numbers of things |
//! | [`net`] | addresses, prefixes, families, host and port |
//! | [`ipam`] | address plans |
//! | [`api`] | the kinds: types, definitions, validation, defaults |
//! | [`config`] | what the user asked for, resolved |
//! | [`doctor`], [`generate`], [`mirror`] | what a host lacks; configuration files; images and registries |
//! | [`cluster`] | the embedded control plane and kind, behind one seam |
//! | [`stack`] | the controllers |
//! | [`e2e`] | cases, runner, reports |
//! | [`ui`], [`commands`], [`cli`] | the terminal, the verbs, the arguments |

pub mod api;

pub mod cli;
pub mod clock;
pub mod cluster;
pub mod commands;
pub mod config;
mod counted;
pub mod doctor;
pub mod e2e;
pub mod exit;
pub mod failure;
pub mod fsutil;
pub mod generate;
pub mod ipam;
pub mod mirror;
mod nearest;
pub mod net;
mod parallel;
pub mod process;
pub mod progress;
pub mod stack;
pub mod ui;
pub mod yaml;
