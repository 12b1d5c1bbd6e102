//! The selection of a run: lane, IDs and filter together.

use thiserror::Error;

use super::{Expression, Glob};
use crate::{
    e2e::{case::Case, lane::Lane},
    nearest,
};

/// What the user asked for. Everything given must hold; several globs mean any of them.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// The lane.
    pub lane: Option<Lane>,
    /// Patterns of IDs.
    pub ids: Vec<Glob>,
    /// A condition.
    pub filter: Option<Expression>,
}

/// A selection that matches no case, or an ID that does not exist.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("no case is selected by {what}{}", nearest::hint(nearest))]
pub struct NothingSelected {
    /// What selects nothing.
    what: String,
    /// IDs of cases that may have been meant.
    pub nearest: Vec<String>,
}

impl Selection {
    /// The lane whose policy applies: the one that was asked for, or presubmit.
    pub fn policy_lane(&self) -> Lane {
        self.lane.unwrap_or(Lane::Presubmit)
    }

    /// The lane that restricts the cases: the one that was asked for, or presubmit if nothing else
    /// was asked for. Who names IDs gets them, whatever lane they are in.
    pub fn membership(&self) -> Option<Lane> {
        match self.lane {
            Some(lane) => Some(lane),
            None if self.ids.is_empty() && self.filter.is_none() => Some(Lane::Presubmit),
            None => None,
        }
    }

    /// The cases that match. Every pattern must match something, else it is a typing mistake.
    pub fn choose(&self, catalogue: &[Case]) -> Result<Vec<Case>, NothingSelected> {
        for glob in &self.ids {
            if !catalogue.iter().any(|case| glob.matches(case.id)) {
                let text = glob.to_string();
                return Err(NothingSelected {
                    what: format!("`{text}`"),
                    nearest: nearest::nearest(&text, ids(catalogue)),
                });
            }
        }
        let chosen: Vec<Case> = catalogue
            .iter()
            .filter(|case| self.failed_conditions(case) == 0)
            .cloned()
            .collect();
        if chosen.is_empty() {
            return Err(self.nothing(catalogue));
        }
        Ok(chosen)
    }

    /// How many of the lane, the IDs and the filter keep a case out.
    fn failed_conditions(&self, case: &Case) -> usize {
        let in_lane = self.membership().is_none_or(|lane| lane.holds(case.lane));
        let named = self.ids.is_empty() || self.ids.iter().any(|glob| glob.matches(case.id));
        let filtered = self
            .filter
            .as_ref()
            .is_none_or(|filter| filter.matches(case));
        [in_lane, named, filtered]
            .into_iter()
            .filter(|holds| !holds)
            .count()
    }

    fn nothing(&self, catalogue: &[Case]) -> NothingSelected {
        let mut parts = Vec::new();
        if let Some(lane) = self.membership() {
            parts.push(format!("lane {lane}"));
        }
        if !self.ids.is_empty() {
            let ids: Vec<String> = self.ids.iter().map(ToString::to_string).collect();
            parts.push(format!("IDs {}", ids.join(", ")));
        }
        if self.filter.is_some() {
            parts.push("the filter".to_owned());
        }
        // Cases that fail one of several conditions are what may have been meant.
        let nearest = catalogue
            .iter()
            .filter(|case| parts.len() > 1 && self.failed_conditions(case) == 1)
            .take(3)
            .map(|case| case.id.to_owned())
            .collect();
        NothingSelected {
            what: parts.join(" and "),
            nearest,
        }
    }
}

fn ids(catalogue: &[Case]) -> impl Iterator<Item = String> {
    catalogue.iter().map(|case| case.id.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::e2e::case::Area;

    fn catalogue() -> Vec<Case> {
        let case = |id, area| Case::new(id, area, "", |_| async { Ok(()) });
        vec![
            case("SVC-01", Area::Svc).lane(Lane::Smoke),
            case("SVC-02", Area::Svc),
            case("SHO-01", Area::Shoot).lane(Lane::Nightly),
        ]
    }

    fn choose(
        lane: Option<Lane>,
        ids: &[&str],
        filter: Option<&str>,
    ) -> Result<Vec<&'static str>, String> {
        let selection = Selection {
            lane,
            ids: ids.iter().map(|id| id.parse().unwrap()).collect(),
            filter: filter.map(|filter| filter.parse().unwrap()),
        };
        selection
            .choose(&catalogue())
            .map(|cases| cases.iter().map(|case| case.id).collect())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn nothing_asked_for_means_presubmit() {
        assert_eq!(choose(None, &[], None).unwrap(), ["SVC-01", "SVC-02"]);
    }

    #[test]
    fn named_cases_run_whatever_lane_they_are_in_unless_one_is_named_too() {
        assert_eq!(choose(None, &["SHO-01"], None).unwrap(), ["SHO-01"]);
        assert_eq!(
            choose(Some(Lane::Smoke), &["SHO-01"], None).unwrap_err(),
            "no case is selected by lane smoke and IDs SHO-01, did you mean `SVC-01` or `SHO-01`?"
        );
    }

    #[test]
    fn every_pattern_must_match_something() {
        assert_eq!(
            choose(None, &["SVC-01", "SVC-03"], None).unwrap_err(),
            "no case is selected by `SVC-03`, did you mean `SVC-01`, `SVC-02` or `SHO-01`?"
        );
    }

    #[test]
    fn a_filter_restricts_further() {
        assert_eq!(
            choose(None, &["S*"], Some("area(svc) & lane(smoke)")).unwrap(),
            ["SVC-01"]
        );
        assert!(choose(None, &[], Some("area(dns)")).is_err());
    }
}
