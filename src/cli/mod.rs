//! Arguments only: what may be typed, and how it maps to a command.

mod doctor;
mod e2e;
mod env;
mod environment;
mod generate;
mod global;
mod images;
mod ipam;
mod probe;
mod stack;
mod validate;
mod words;

use std::{ffi::OsString, process::ExitCode};

use clap::{CommandFactory as _, Parser, Subcommand};

use crate::{
    commands::{self, Context},
    exit::Exit,
    failure::Failure,
    ui::Ui,
};

/// Brings up a local, IPv6-first Gardener-like environment and proves that it works
#[derive(Debug, Parser)]
#[command(
    name = "garden6",
    version,
    propagate_version = true,
    arg_required_else_help = true,
    max_term_width = 100,
    after_help = "Examples:
  garden6 e2e run                        prove that it works, without Docker, root or network
  garden6 up --backend kind              an IPv6 kind cluster with registry and controllers
  kubectl --kubeconfig \"$(garden6 kubeconfig --path)\" get shoots -A
  garden6 down                           remove all that `up` made, and only that"
)]
struct Cli {
    #[command(flatten)]
    global: global::GlobalArgs,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make an environment, or finish one that was interrupted
    Up(environment::UpArgs),
    /// Remove all that `up` made, and only that
    Down(environment::DownArgs),
    /// Show environments and what they are made of
    Status(environment::StatusArgs),
    /// Print the kubeconfig of an environment, or its path
    Kubeconfig(environment::KubeconfigArgs),
    /// Run an embedded environment in the foreground until interrupted
    Serve(environment::ServeArgs),
    /// Say whether this host can carry an environment, why not, and repair it
    Doctor(Box<doctor::DoctorArgs>),
    /// Run end-to-end cases and report on them
    #[command(subcommand)]
    E2e(e2e::E2eCommand),
    /// Say what the API would answer to manifests, without a cluster
    Validate(validate::ValidateArgs),
    /// Write configuration files for other tools
    #[command(subcommand)]
    Generate(generate::GenerateCommand),
    /// Manage networks and addresses of both families
    #[command(subcommand)]
    Ipam(ipam::IpamCommand),
    /// Say which images there are, what they mean, and where their copies go
    #[command(subcommand)]
    Images(images::ImagesCommand),
    /// Run the controllers inside a cluster
    #[command(subcommand, hide = true)]
    Stack(stack::StackCommand),
    /// See what gets through between pods
    #[command(subcommand, hide = true)]
    Probe(probe::ProbeCommand),
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}

/// Parses the command line, runs the command and says how it ended.
pub fn run(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        // clap writes help and version to standard output with code 0, mistakes with code 2.
        Err(error) => {
            let code = u8::try_from(error.exit_code()).unwrap_or(Exit::Usage as u8);
            drop(error.print());
            return ExitCode::from(code);
        }
    };
    let ui = Ui::new(cli.global.ui_options());
    cli.global.start_log();
    let outcome = cli.global.state_dir().and_then(|state_dir| {
        let given = cli.global.docker_host();
        let docker_host = given.clone().or_else(env::endpoint_of_context);
        execute(
            cli.command,
            &Context::new(ui.clone(), state_dir, docker_host),
            given,
        )
    });
    match outcome {
        Ok(exit) => exit.into(),
        Err(failure) if failure.is_broken_pipe() => Exit::Success.into(),
        Err(failure) => {
            ui.failure(&failure);
            failure.exit().into()
        }
    }
}

fn execute(
    command: Command,
    context: &Context,
    docker_host: Option<String>,
) -> Result<Exit, Failure> {
    if let Command::Completions { shell } = command {
        let mut script = Vec::new();
        clap_complete::generate(shell, &mut Cli::command(), "garden6", &mut script);
        context.ui.data(&String::from_utf8_lossy(&script))?;
        return Ok(Exit::Success);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(Failure::internal)?;
    let exit = runtime.block_on(async {
        match command {
            Command::Up(args) => commands::up::run(context, args.try_into()?).await,
            Command::Down(args) => commands::down::run(context, args.into()).await,
            Command::Status(args) => commands::status::run(context, args.into()).await,
            Command::Kubeconfig(args) => commands::kubeconfig::run(context, &args.into()),
            Command::Serve(args) => commands::serve::run(context, args.try_into()?).await,
            Command::Doctor(args) => args.run(context, docker_host).await,
            Command::E2e(command) => command.run(context).await,
            Command::Validate(args) => commands::validate::run(context, &args.into()),
            Command::Generate(command) => command.run(context).await,
            Command::Ipam(command) => command.run(context),
            Command::Images(command) => command.run(context).await,
            Command::Stack(command) => command.run().await,
            Command::Probe(command) => command.run(context).await,
            Command::Completions { .. } => unreachable!("handled before the runtime starts"),
        }
    });
    // A task that hangs must not keep a finished command alive.
    runtime.shutdown_timeout(std::time::Duration::from_secs(1));
    exit
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_argument_definitions_are_consistent() {
        Cli::command().debug_assert();
    }
}
