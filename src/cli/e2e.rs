//! Arguments of `garden6 e2e`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::{env, environment::EnvironmentArgs, words::Backend};
use crate::{
    commands::{Context, e2e_list, e2e_run},
    e2e::{
        FlakyPolicy, Keep, Lane, Need, RunOptions, Seed,
        report::JunitDialect,
        select::{Expression, Glob, Selection},
    },
    exit::Exit,
    failure::Failure,
    ui::Format,
};

#[derive(Debug, Subcommand)]
pub(super) enum E2eCommand {
    /// Show which cases a selection holds
    List(ListArgs),
    /// Run cases against what is up, or against an embedded environment made for the run
    Run(Box<RunArgs>),
}

impl E2eCommand {
    pub(super) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        match self {
            Self::List(args) => e2e_list::run(context, &args.into()),
            Self::Run(args) => e2e_run::run(context, (*args).try_into()?).await,
        }
    }
}

#[derive(Debug, Args)]
struct SelectionArgs {
    /// Case IDs or patterns of them, as in `SHO-*`
    #[arg(value_name = "ID")]
    ids: Vec<Glob>,
    /// The lane: smoke, presubmit, periodic or nightly
    #[arg(long, value_name = "LANE")]
    lane: Option<Lane>,
    /// A condition, as in `area(svc) & !needs(real-pods)`
    #[arg(long, value_name = "EXPRESSION")]
    filter: Option<Expression>,
}

impl From<SelectionArgs> for Selection {
    fn from(args: SelectionArgs) -> Self {
        Self {
            lane: args.lane,
            ids: args.ids,
            filter: args.filter,
        }
    }
}

#[derive(Debug, Args)]
pub(super) struct ListArgs {
    #[command(flatten)]
    selection: SelectionArgs,
    /// Shape of the list
    #[arg(short = 'o', long, value_name = "FORMAT", default_value = "text")]
    format: Format,
}

impl From<ListArgs> for e2e_list::Request {
    fn from(args: ListArgs) -> Self {
        Self {
            selection: args.selection.into(),
            format: args.format,
        }
    }
}

/// What to make of a case that passes on a retry.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Flaky {
    /// The run fails
    Fail,
    /// The run passes and says so
    Report,
}

/// Whose objects stay.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum KeepWord {
    /// Nobody's
    Never,
    /// Those of cases that did not pass
    OnFailure,
    /// All
    Always,
}

/// How a retried case looks in JUnit.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Dialect {
    /// Reruns inside one test case (Maven, nextest, GitHub)
    Rerun,
    /// One test case per attempt (Prow, TestGrid)
    Duplicate,
}

#[derive(Debug, Args)]
pub(super) struct RunArgs {
    #[command(flatten)]
    selection: SelectionArgs,
    /// How much runs at once
    #[arg(short, long, value_name = "COUNT", default_value_t = 4)]
    jobs: usize,
    /// Stop after this many failures; 0 is never; the lane decides without it
    #[arg(long, value_name = "COUNT")]
    fail_fast: Option<usize>,
    /// Try a failed case again this often; the lane decides without it
    #[arg(long, value_name = "COUNT")]
    retries: Option<u32>,
    /// What to make of a case that passes on a retry; the lane decides without it
    #[arg(long, value_name = "WHAT")]
    flaky: Option<Flaky>,
    /// Multiply every time limit
    #[arg(long, value_name = "FACTOR", default_value_t = 1.0)]
    timeout_scale: f64,
    /// Repeat the names of an earlier run
    #[arg(long, value_name = "NUMBER")]
    seed: Option<Seed>,
    /// Skip cases that need this where it is missing (can be repeated)
    #[arg(long, value_name = "NEED")]
    optional: Vec<Need>,
    /// Whose objects to leave in place
    #[arg(long, value_name = "WHOSE", default_value = "never")]
    keep: KeepWord,
    /// Folder for reports and artifacts; default is in the state folder
    #[arg(long, value_name = "DIR", env = env::ARTIFACTS)]
    artifacts: Option<PathBuf>,
    /// How a retried case looks in the JUnit report
    #[arg(long, value_name = "DIALECT", default_value = "rerun")]
    junit_dialect: Dialect,
    /// Shape of the summary on standard output
    #[arg(short = 'o', long, value_name = "FORMAT", default_value = "text")]
    format: Format,
    /// What makes the cluster
    #[arg(long, value_name = "BACKEND", env = env::BACKEND, default_value = "auto")]
    backend: Backend,
    #[command(flatten, next_help_heading = "Environment")]
    environment: EnvironmentArgs,
}

impl TryFrom<RunArgs> for e2e_run::Request {
    type Error = Failure;

    fn try_from(args: RunArgs) -> Result<Self, Failure> {
        Ok(Self {
            environment: args.environment.try_into()?,
            backend: args.backend.into(),
            options: RunOptions {
                selection: args.selection.into(),
                seed: args.seed.unwrap_or_else(Seed::random),
                jobs: args.jobs,
                fail_fast: args.fail_fast,
                retries: args.retries,
                flaky: args.flaky.map(|flaky| match flaky {
                    Flaky::Fail => FlakyPolicy::Fail,
                    Flaky::Report => FlakyPolicy::Report,
                }),
                timeout_scale: args.timeout_scale,
                optional: args.optional,
                keep: match args.keep {
                    KeepWord::Never => Keep::Never,
                    KeepWord::OnFailure => Keep::OnFailure,
                    KeepWord::Always => Keep::Always,
                },
                ..RunOptions::default()
            },
            artifacts: args.artifacts,
            dialect: match args.junit_dialect {
                Dialect::Rerun => JunitDialect::Rerun,
                Dialect::Duplicate => JunitDialect::Duplicate,
            },
            format: args.format,
        })
    }
}
