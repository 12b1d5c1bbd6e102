//! Arguments of `garden6 images`.

mod list;
mod mirror;
mod parse;
mod plan;
mod resolve;
mod rewrite;
mod sources;
mod transfers;
mod verify;

use clap::Subcommand;

use crate::{
    commands::{Context, images},
    exit::Exit,
    failure::Failure,
};

#[derive(Debug, Subcommand)]
pub(super) enum ImagesCommand {
    /// Say what image references mean
    Parse(parse::ParseArgs),
    /// Look images up in an image vector
    Resolve(resolve::ResolveArgs),
    /// List the images that are needed, by registry, and test which registries can be reached
    List(list::ListArgs),
    /// Say which source goes to which target, without asking any registry
    Plan(plan::PlanArgs),
    /// Make files refer to copies instead of sources
    Rewrite(rewrite::RewriteArgs),
    /// Copy what a mirror lacks
    Mirror(Box<mirror::MirrorArgs>),
    /// Look whether a mirror has what it should
    Verify(Box<verify::VerifyArgs>),
}

impl ImagesCommand {
    pub(super) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        match self {
            Self::Parse(args) => images::parse::run(context, &args.into()),
            Self::Resolve(args) => images::resolve::run(context, &args.into()),
            Self::List(args) => images::list::run(context, &args.try_into()?).await,
            Self::Plan(args) => images::plan::run(context, &args.try_into()?),
            Self::Rewrite(args) => images::rewrite::run(context, &args.try_into()?),
            Self::Mirror(args) => images::mirror::run(context, (*args).try_into()?).await,
            Self::Verify(args) => images::verify::run(context, (*args).try_into()?).await,
        }
    }
}
