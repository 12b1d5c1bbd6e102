//! Everything at once: the engine, the files, the programs.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use tokio::time::timeout;

use super::{
    daemon, docker,
    endpoint::{DEFAULT_CONTEXT, Endpoint, Settings, client_folder},
    linux::{self, Piece},
    macos, nested, online, process_facts, programs, services, socket_owners,
    source::{Local, Source},
    vm,
};
use crate::doctor::{
    Fact, Facts, Root,
    facts::{
        Context, Docker, EngineMachine, EnvironmentVariables, Machine, MachineOs, Meta, Plan, keys,
    },
};

/// Time for reading the files of one piece; a network file system that hangs costs no more.
const FILES: Duration = Duration::from_secs(2);

/// What is asked of the machine.
#[derive(Clone, Debug)]
pub struct Question {
    /// Its file system.
    pub root: Root,
    /// The variables of [`keys::ENV`] and those of kind that are set.
    pub env: EnvironmentVariables,
    /// `DOCKER_CONFIG`.
    pub docker_config: Option<String>,
    /// The engine that was asked for on the command line or with `DOCKER_HOST`.
    pub docker_host: Option<String>,
    /// The working directory.
    pub workdir: PathBuf,
    /// What is to be created.
    pub plan: Plan,
    /// Programs that are asked for their version.
    pub programs: Programs,
    /// Time for the engine.
    pub engine_time_out: Duration,
    /// Whether the outside world may be asked.
    pub online: bool,
    /// Whether a network may be made and removed in the engine.
    pub probe: bool,
}

/// Which programs are asked. Those that only a target needs cost time for every other one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Programs {
    /// All that any check knows.
    All,
    /// Those that every target needs.
    Base,
    /// Base, and what Gardener's local setup needs.
    Gardener,
    /// Base, and what mini-lab needs.
    MiniLab,
    /// None: what `up` looks at needs no versions.
    None,
}

/// Programs of Gardener's local setup.
const GARDENER: [&str; 11] = [
    "bash --version",
    "docker compose version --short",
    "grep --version",
    "ip -V",
    "jq --version",
    "kustomize version",
    "parallel --version",
    "sed --version",
    "skaffold version",
    "tar --version",
    "yq --version",
];
/// Programs of mini-lab.
const MINI_LAB: [&str; 1] = ["containerlab version"];

impl Programs {
    fn asks(self, line: &str) -> bool {
        match self {
            Self::All => true,
            Self::None => false,
            Self::Base => !GARDENER.contains(&line) && !MINI_LAB.contains(&line),
            Self::Gardener => !MINI_LAB.contains(&line),
            Self::MiniLab => !GARDENER.contains(&line),
        }
    }
}

/// Takes a snapshot.
pub async fn collect(question: &Question) -> Facts {
    let source = Local(question.root.clone());
    let (endpoint, docker) = selected(&source, question);
    let outside = async {
        if question.online {
            Fact::Known(online::ask().await)
        } else {
            Fact::NotRecorded
        }
    };
    let ((docker, skew), (mut host, answers), outside) = tokio::join!(
        engine(&source, question, endpoint.clone(), docker),
        machine(&source, question),
        outside,
    );
    host.online = outside;
    host.cmd = answers;
    host.view.clock_skew_s = skew;
    let socket = match &endpoint {
        Endpoint::Unix(path) => process_facts::socket(&source, &question.root.path(path)),
        _ => Fact::Absent,
    };
    host.view.socket = socket;
    nested::read(&source, &docker, &question.env, &mut host.view);
    let engine = if is_same_machine(&host, &source, &endpoint, &docker) {
        EngineMachine::SameAsHost
    } else {
        vm::ask(&endpoint, &docker).await
    };
    if engine == EngineMachine::SameAsHost {
        let folder = docker
            .info
            .known()
            .map_or("/var/lib/docker", |info| info.docker_root_dir.as_str());
        process_facts::disk(&question.root.path(folder), &mut host.view);
    }
    Facts {
        meta: Some(Meta {
            schema: Meta::SCHEMA.to_owned(),
            garden6: env!("CARGO_PKG_VERSION").to_owned(),
            time: jiff::Timestamp::now()
                .strftime("%Y-%m-%dT%H:%M:%SZ")
                .to_string(),
            redacted: Vec::new(),
        }),
        host,
        engine,
        docker,
        plan: question.plan.clone(),
    }
}

/// The endpoint that the docker client would take.
fn selected(source: &dyn Source, question: &Question) -> (Endpoint, Docker) {
    let folder = client_folder(question.docker_config.as_deref(), &question.env);
    let settings = Settings {
        docker_host: question.docker_host.clone(),
        docker_context: question.env.get("DOCKER_CONTEXT").cloned(),
        folder: folder.clone(),
    };
    let read = |path: &Path| source.text(&path.display().to_string());
    let selected = settings.select(read);
    let config = folder.map_or(Fact::Absent, |folder| {
        source.read(&folder.join("config.json").display().to_string())
    });
    let docker = Docker {
        endpoint: Fact::Known(selected.url.clone()),
        context: Fact::Known(Context {
            selected: if selected.context.is_empty() {
                DEFAULT_CONTEXT.to_owned()
            } else {
                selected.context
            },
            exists: selected.exists,
        }),
        client_proxies: daemon::client_proxies(&config),
        probe: Fact::Absent,
        desktop: Fact::Absent,
        vm: Fact::Absent,
        ..Docker::default()
    };
    (Endpoint::parse(&selected.url), docker)
}

async fn engine(
    source: &Local,
    question: &Question,
    endpoint: Endpoint,
    mut docker: Docker,
) -> (Docker, Fact<f64>) {
    let skew = docker::ask(&endpoint, question.engine_time_out, &mut docker).await;
    daemon::read(source, &endpoint, &question.env, &mut docker);
    if question.probe && docker.info.known().is_some() {
        docker.probe = Fact::Known(docker::probe(&endpoint, question.engine_time_out).await);
    }
    (docker, skew)
}

type Answers = std::collections::BTreeMap<String, Fact<crate::doctor::facts::CommandAnswer>>;

async fn machine(source: &Local, question: &Question) -> (Machine, Answers) {
    let name = nix::sys::utsname::uname();
    let text = |part: &std::ffi::OsStr| part.to_string_lossy().into_owned();
    let os = match &name {
        Ok(name) => Fact::Known(MachineOs::from(text(name.sysname()))),
        Err(error) => Fact::Unavailable(error.to_string()),
    };
    let is_mac = os == Fact::Known(MachineOs::Darwin);
    let (mut machine, answers) = tokio::join!(
        async {
            if is_mac {
                let mut machine = Machine::default();
                macos::read(&macos::ask().await, source, &mut machine);
                machine
            } else {
                linux_machine(source).await
            }
        },
        ask_programs(question, source, is_mac),
    );
    machine.os = os;
    machine.uname_m = match &name {
        Ok(name) => Fact::Known(text(name.machine())),
        Err(error) => Fact::Unavailable(error.to_string()),
    };
    machine.env = Fact::Known(question.env.clone());
    machine.workdir = process_facts::workdir(source, &question.workdir);
    machine.view.user = process_facts::user(source);
    machine.view.nofile = process_facts::nofile();
    if !is_mac {
        machine.view.addrs4 = process_facts::ipv4_addresses();
    }
    (machine, answers)
}

async fn linux_machine(source: &Local) -> Machine {
    let pieces = Piece::ALL.map(|piece| {
        let source = source.clone();
        let read = tokio::task::spawn_blocking(move || {
            let mut machine = Machine::default();
            piece.read(&source, &mut machine);
            if piece == Piece::Network {
                socket_owners::name(&source.0, &source, &mut machine.view.listen);
            }
            machine
        });
        async move { (piece, timeout(FILES, read).await) }
    });
    let mut services = Machine::default();
    let (pieces, ()) = tokio::join!(
        futures_util::future::join_all(pieces),
        services::ask(source, &mut services),
    );
    let mut machine = services;
    for (piece, read) in pieces {
        match read {
            Ok(Ok(read)) => linux::merge(piece, read, &mut machine),
            Ok(Err(_)) => piece.give_up("reading it broke off", &mut machine),
            Err(_) => {
                let reason = format!("reading it took longer than {} s", FILES.as_secs());
                piece.give_up(&reason, &mut machine);
            }
        }
    }
    machine
}

async fn ask_programs(question: &Question, source: &Local, is_mac: bool) -> Answers {
    let wsl = question
        .root
        .path("/proc/sys/fs/binfmt_misc/WSLInterop")
        .exists();
    let tools = !is_mac || macos::has_developer_tools(source);
    let of_linux = (!is_mac).then_some(keys::LINUX_COMMANDS);
    let lines = keys::COMMANDS
        .into_iter()
        .filter(|line| macos::may_run(line, tools))
        .chain(of_linux.into_iter().flatten())
        .chain(wsl.then_some(keys::WSL_COMMANDS).into_iter().flatten())
        .filter(|line| question.programs.asks(line));
    let mut answers = programs::answers(lines).await;
    if !tools && question.programs != Programs::None {
        answers.insert("git --version".to_owned(), Fact::Absent);
    }
    answers
}

/// Whether the engine runs on this machine: its socket is here and its kernel is ours.
fn is_same_machine(
    host: &Machine,
    source: &dyn Source,
    endpoint: &Endpoint,
    docker: &Docker,
) -> bool {
    // No engine runs on macOS itself.
    if host.os == Fact::Known(MachineOs::Darwin) {
        return false;
    }
    let ours = source.text("/proc/sys/kernel/osrelease");
    let same_kernel = docker.info.known().is_none_or(|info| {
        ours.as_deref().map(str::trim) == Some(info.kernel_version.as_str())
            && info.operating_system != "Docker Desktop"
    });
    let local = match endpoint {
        Endpoint::Unix(_) => true,
        Endpoint::Tcp(address) => match &address.host {
            crate::net::Host::Ip(ip) => ip.is_loopback(),
            crate::net::Host::Name(name) => name == "localhost",
        },
        Endpoint::Unsupported { .. } => false,
    };
    local && same_kernel
}
