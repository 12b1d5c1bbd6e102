//! `doctor list` and `doctor explain`: the catalogue itself.

use serde::Serialize;

use super::unknown;
use crate::{
    commands::Context,
    doctor::{Profile, Status, Target, catalogue, catalogue::Check},
    exit::Exit,
    failure::Failure,
    ui::{Format, Table},
};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    id: &'static str,
    group: String,
    title: &'static str,
    worst: Option<Status>,
    platforms: Vec<String>,
    scope: String,
    needs: Vec<String>,
    fix: &'static str,
    documentation: String,
}

/// Lists the checks with how bad each can be for a target and profile.
pub fn list(
    context: &Context,
    target: Target,
    profile: Profile,
    only: &[String],
    format: Format,
) -> Result<Exit, Failure> {
    let rows: Vec<Row> = catalogue::select(only)
        .map_err(unknown)?
        .into_iter()
        .map(|check| row(check, target, profile))
        .collect();
    context.ui.report(format, &rows, |rows| {
        let mut table = Table::new(["ID", "GROUP", "WORST", "FIX", "LOOKS AT"]);
        for row in rows {
            let worst = row.worst.map_or("-", Status::word);
            table.row([row.id, &row.group, worst, row.fix, row.title]);
        }
        table.render()
    })?;
    Ok(Exit::Success)
}

fn row(check: &Check, target: Target, profile: Profile) -> Row {
    Row {
        id: check.id,
        group: check.group.to_string(),
        title: check.title,
        worst: check.worst(target, profile),
        platforms: check.platforms.iter().map(ToString::to_string).collect(),
        scope: check.scope.to_string(),
        needs: check.needs.iter().map(ToString::to_string).collect(),
        fix: check.fix.word(),
        documentation: check.documentation(),
    }
}

/// Says everything about one check.
pub fn explain(context: &Context, id: &str) -> Result<Exit, Failure> {
    let checks = catalogue::select(&[id.to_owned()]).map_err(unknown)?;
    let texts: Vec<String> = checks.into_iter().map(catalogue::explain).collect();
    context.ui.data(&texts.join("\n"))?;
    Ok(Exit::Success)
}
