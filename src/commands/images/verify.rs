//! `garden6 images verify`: whether a mirror has what it should.

use crate::{
    commands::{Context, interrupt},
    exit::Exit,
    failure::Failure,
    mirror::verify::{Verification, VerifyOptions, VerifyReport},
    ui::{Format, Style},
};

use super::{
    mirror::nothing_selected,
    transfers::{Access, Images},
};

/// A call of the command.
#[derive(Clone, Debug)]
pub struct Request {
    /// Which images.
    pub images: Images,
    /// How registries are reached.
    pub access: Access,
    /// How thorough to be.
    pub options: VerifyOptions,
    /// Shape of the result.
    pub format: Format,
}

/// Verifies copies. Ends with [`Exit::Failure`] when one of them is not as it should be.
pub async fn run(context: &Context, request: Request) -> Result<Exit, Failure> {
    let mut jobs = request.images.jobs(context)?;
    if jobs.is_empty() {
        return Err(nothing_selected());
    }
    request.images.pin(&mut jobs)?;
    let stores = request.access.stores(context)?;
    let verification = Verification::new(stores, request.options);
    let progress = context.ui.progress();
    let report =
        interrupt::or_interrupted(async { Ok(verification.run(&jobs, &progress).await) }).await?;
    let style = context.ui.data_style();
    context
        .ui
        .report(request.format, &report, |report| text(report, style))?;
    context.ui.say(&report.summary());
    Ok(if report.wrong() == 0 {
        Exit::Success
    } else {
        Exit::Failure
    })
}

fn text(report: &VerifyReport, style: Style) -> String {
    let mut lines = Vec::new();
    for image in &report.images {
        if image.findings.is_empty() {
            lines.push(format!("{} {}", style.good("ok   "), image.target));
            continue;
        }
        lines.push(format!("{} {}", style.bad("wrong"), image.target));
        for finding in &image.findings {
            lines.push(format!("      {}: {}", finding.what, finding.problem));
        }
    }
    lines.push(String::new());
    lines.join("\n")
}
