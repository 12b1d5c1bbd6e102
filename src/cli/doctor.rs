//! Arguments of `garden6 doctor`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::{env, words::skipped_check};
use crate::{
    commands::{
        Context,
        doctor::{self, Consent, MachineOptions, Mode, Snapshot},
    },
    doctor::{Profile, Root, Target, Threshold, facts::Plan, fix::Restarts},
    exit::Exit,
    failure::Failure,
    net::Families,
    ui::{Format, ReportFormat},
};

#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "\
Every check reads one snapshot of the host, which `--save-facts` keeps and `--facts` replays. What
could not be found out is `unknown`, never `pass`.

`--fix` repairs what is safe, and what root can repair without a restart (`--allow-restart` allows
restarts of Docker). It shows every command first and asks; `--yes` agrees beforehand, and without a
terminal nothing is changed. `--undo` puts everything back, byte for byte.

Exit codes: 0 nothing is as bad as `--fail-on`; 1 something is, or a check broke, or something could
not be taken back; 2 a check, file or option is unknown; 3 repairing broke off.

Examples:
  garden6 doctor
  garden6 doctor --target gardener --ip-family dual -o json
  garden6 doctor --save-facts facts.yaml          attach facts.yaml to a report
  garden6 doctor --facts facts.yaml
  garden6 doctor --fix
  sudo garden6 doctor --fix --yes --only inotify-instances
  garden6 doctor explain kind-network-ipv6"
)]
pub(super) struct DoctorArgs {
    #[command(subcommand)]
    command: Option<DoctorCommand>,
    #[command(flatten)]
    wish: WishArgs,
    #[command(flatten)]
    look: LookArgs,
    #[command(flatten)]
    repair: RepairArgs,
}

/// What the host is wanted for.
#[derive(Debug, Args)]
struct WishArgs {
    /// What is going to be started
    #[arg(long, value_name = "TARGET", default_value = "kind")]
    target: TargetWord,
    /// IP families: ipv6, ipv4 or dual
    #[arg(long, value_name = "FAMILY", env = env::IP_FAMILY, default_value = "ipv6")]
    ip_family: Families,
    /// Only this check or group (can be repeated)
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    only: Vec<String>,
}

#[derive(Debug, Args)]
struct LookArgs {
    /// Switch a check or group off, and say why (can be repeated)
    #[arg(long = "skip", value_name = "ID=REASON", value_parser = skipped_check)]
    skips: Vec<(String, String)>,
    /// Examine a snapshot instead of this machine
    #[arg(long, value_name = "FILE")]
    facts: Option<PathBuf>,
    /// Which machine of a snapshot with several
    #[arg(long, value_name = "NAME", requires = "facts")]
    host: Option<String>,
    /// Keep a snapshot of this machine, without secrets
    #[arg(long, value_name = "FILE", conflicts_with = "facts")]
    save_facts: Option<PathBuf>,
    /// Ask the outside world as well: names, registries, IPv6 to the Internet
    #[arg(long, conflicts_with = "facts")]
    online: bool,
    /// Make and remove a network of the engine in order to find out
    #[arg(long, conflicts_with = "facts")]
    probe: bool,
    /// From which status on the command fails
    #[arg(long, value_name = "STATUS", default_value = "fail")]
    fail_on: ThresholdWord,
    /// Shape of the result on standard output
    #[arg(short = 'o', long, value_name = "FORMAT", default_value = "text")]
    format: ReportFormat,
    /// Folder that stands for the file system of the machine
    #[arg(long, value_name = "DIR", hide = true)]
    root: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "they are switches of the command line"
)]
struct RepairArgs {
    /// Repair what can be repaired
    #[arg(long, conflicts_with_all = ["facts", "undo"])]
    fix: bool,
    /// Take back what was repaired
    #[arg(long, conflicts_with_all = ["facts", "save_facts"])]
    undo: bool,
    /// Repair without asking
    #[arg(long, requires = "fix", conflicts_with = "dry_run")]
    yes: bool,
    /// Restart Docker where a repair needs it
    #[arg(long)]
    allow_restart: bool,
    /// Only show what would be repaired
    #[arg(long, requires = "fix")]
    dry_run: bool,
}

#[derive(Debug, Subcommand)]
enum DoctorCommand {
    /// List the checks
    List {
        #[command(flatten)]
        wish: WishArgs,
        /// Shape of the result
        #[arg(short = 'o', long, value_name = "FORMAT", default_value = "text")]
        format: Format,
    },
    /// Say everything about a check or a group
    Explain {
        /// The check or group
        id: String,
    },
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum TargetWord {
    /// A kind cluster
    Kind,
    /// A kind cluster with Calico
    Calico,
    /// Gardener's local setup
    Gardener,
    /// metal-stack's mini-lab
    MiniLab,
}

impl From<TargetWord> for Target {
    fn from(word: TargetWord) -> Self {
        match word {
            TargetWord::Kind => Self::Kind,
            TargetWord::Calico => Self::Calico,
            TargetWord::Gardener => Self::Gardener,
            TargetWord::MiniLab => Self::MiniLab,
        }
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum ThresholdWord {
    /// Failures
    Fail,
    /// Failures, warnings
    Warn,
    /// Failures, warnings, and what could not be found out
    Unknown,
}

impl From<ThresholdWord> for Threshold {
    fn from(word: ThresholdWord) -> Self {
        match word {
            ThresholdWord::Fail => Self::Fail,
            ThresholdWord::Warn => Self::Warn,
            ThresholdWord::Unknown => Self::Unknown,
        }
    }
}

impl DoctorArgs {
    pub(super) async fn run(
        self,
        context: &Context,
        docker_host: Option<String>,
    ) -> Result<Exit, Failure> {
        match self.command {
            Some(DoctorCommand::List { wish, format }) => {
                let profile = Profile::from(wish.ip_family);
                doctor::list(context, wish.target.into(), profile, &wish.only, format)
            }
            Some(DoctorCommand::Explain { id }) => doctor::explain(context, &id),
            None => {
                let wanted = request(self.wish, self.look, &self.repair, docker_host);
                doctor::run(context, wanted).await
            }
        }
    }
}

fn request(
    wish: WishArgs,
    look: LookArgs,
    repair: &RepairArgs,
    docker_host: Option<String>,
) -> doctor::Request {
    let restarts = if repair.allow_restart {
        Restarts::Allowed
    } else {
        Restarts::Harmless
    };
    let consent = if repair.dry_run {
        Consent::DryRun
    } else if repair.yes {
        Consent::Given
    } else {
        Consent::Asked
    };
    doctor::Request {
        target: wish.target.into(),
        profile: wish.ip_family.into(),
        only: wish.only,
        skips: look.skips,
        snapshot: look.facts.map(|path| Snapshot {
            path,
            host: look.host,
        }),
        save: look.save_facts,
        mode: match (repair.fix, repair.undo) {
            (true, _) => Mode::Fix { consent, restarts },
            (_, true) => Mode::Undo { restarts },
            _ => Mode::Look,
        },
        online: look.online,
        probe: look.probe,
        threshold: look.fail_on.into(),
        format: look.format,
        machine: MachineOptions {
            root: look.root.map_or_else(Root::machine, Root::at),
            env: env::of_checks(),
            docker_config: env::docker_config(),
            docker_host,
            plan: Plan::default(),
        },
    }
}
