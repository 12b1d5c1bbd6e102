//! `garden6 e2e list`: the cases that a selection holds. Starts nothing.

use super::Context;
use crate::{
    e2e::{self, Case, select::Selection},
    exit::Exit,
    failure::Failure,
    ui::{Format, Table},
};

/// A call of the command.
#[derive(Clone, Debug)]
pub struct Request {
    /// Which cases.
    pub selection: Selection,
    /// Shape of the list.
    pub format: Format,
}

/// Lists cases.
pub fn run(context: &Context, request: &Request) -> Result<Exit, Failure> {
    let cases = request
        .selection
        .choose(e2e::catalogue())
        .map_err(|error| Failure::new(Exit::NothingSelected, error))?;
    context
        .ui
        .report(request.format, &cases, |cases| table(cases))?;
    Ok(Exit::Success)
}

fn table(cases: &[Case]) -> String {
    let mut table = Table::new(["ID", "AREA", "LANE", "WHERE", "NEEDS", "TITLE"]);
    for case in cases {
        let needs: Vec<_> = case.needs.iter().map(ToString::to_string).collect();
        table.row([
            case.id.to_owned(),
            case.area.to_string(),
            case.lane.to_string(),
            case.scope.to_string(),
            needs.join(","),
            case.title.to_owned(),
        ]);
    }
    table.render()
}
