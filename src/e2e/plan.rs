//! The plan of a run: which cases run, which are skipped and why, and in which order.

use thiserror::Error;

use super::{
    case::{Case, variant},
    failure::{Skip, SkipCode},
    lane::LanePolicy,
    need::Need,
    target::Target,
};

/// A case in an environment.
#[derive(Clone, Debug)]
pub struct Planned {
    /// The case.
    pub case: Case,
    /// Its name in reports, as in `SVC-01[v6]`.
    pub name: String,
    /// Why it is not run, if it is not.
    pub skip: Option<Skip>,
}

/// A need that the environment does not meet and the lane insists on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unmet {
    /// The need.
    pub need: Need,
    /// The cases that have it.
    pub cases: Vec<&'static str>,
}

/// An environment in which the lane would look green without having tested what it must.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("environment `{environment}` lacks what the selected cases need: {}", self.list())]
pub struct Unusable {
    /// The environment.
    pub environment: String,
    /// What it lacks.
    pub unmet: Vec<Unmet>,
}

impl Unusable {
    fn list(&self) -> String {
        let items: Vec<String> = self
            .unmet
            .iter()
            .map(|unmet| {
                format!(
                    "{} ({}; {})",
                    unmet.need,
                    unmet.need.reason(),
                    unmet.cases.join(", ")
                )
            })
            .collect();
        items.join(", ")
    }
}

/// Decides what becomes of each selected case in `target`.
///
/// `optional` are needs that this run can do without besides those of the lane.
pub fn plan(
    selected: Vec<Case>,
    target: &Target,
    policy: &LanePolicy,
    optional: &[Need],
) -> Result<Vec<Planned>, Unusable> {
    let families = target.families();
    let can_miss = |need: Need| {
        policy
            .optional
            .iter()
            .chain(optional)
            .any(|allowed| allowed.covers(need))
    };
    let mut unmet: Vec<Unmet> = Vec::new();
    let mut planned = Vec::new();
    for case in selected {
        let missing = case.needs.iter().copied().find(|need| !target.has(*need));
        let skip = if case.scope.admits(families) {
            missing.map(|need| Skip {
                code: SkipCode::Need,
                text: format!("needs {need}: {}", need.reason()),
            })
        } else {
            Some(Skip {
                code: SkipCode::Family,
                text: format!("is about {}, the environment is {families}", case.scope),
            })
        };
        if let (Some(need), Some(SkipCode::Need)) = (missing, skip.as_ref().map(|skip| skip.code))
            && !can_miss(need)
        {
            match unmet.iter_mut().find(|unmet| unmet.need == need) {
                Some(unmet) => unmet.cases.push(case.id),
                None => unmet.push(Unmet {
                    need,
                    cases: vec![case.id],
                }),
            }
        }
        planned.push(Planned {
            name: format!("{}[{}]", case.id, variant(families)),
            case,
            skip,
        });
    }
    if !unmet.is_empty() {
        unmet.sort_by_key(|unmet| unmet.need);
        return Err(Unusable {
            environment: target.name.clone(),
            unmet,
        });
    }
    // Cases that run alone come last, long ones first, so that the others fill the gaps.
    planned.sort_by(|left, right| {
        let key = |planned: &Planned| {
            (
                planned.case.serial,
                std::cmp::Reverse((planned.case.timeout, planned.case.weight)),
                planned.case.id,
            )
        };
        key(left).cmp(&key(right))
    });
    Ok(planned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        e2e::{
            case::{Area, Scope, TimeoutClass},
            lane::Lane,
            testing::target,
        },
        net::IpFamily,
    };

    fn case(id: &'static str) -> Case {
        Case::new(id, Area::Harness, "does nothing", |_| async { Ok(()) })
    }

    fn skips(planned: &[Planned]) -> Vec<(&str, Option<SkipCode>)> {
        planned
            .iter()
            .map(|planned| {
                (
                    planned.name.as_str(),
                    planned.skip.as_ref().map(|skip| skip.code),
                )
            })
            .collect()
    }

    #[tokio::test]
    async fn a_case_is_skipped_for_its_scope_or_for_a_need_that_the_lane_can_do_without() {
        let selected = vec![
            case("A-01"),
            case("A-02").scope(Scope::Only(IpFamily::V4)),
            case("A-03").needs(&[Need::RealPods]),
        ];
        let planned = plan(selected, &target(), &Lane::Presubmit.policy(), &[]).unwrap();
        assert_eq!(
            skips(&planned),
            [
                ("A-01[v6]", None),
                ("A-02[v6]", Some(SkipCode::Family)),
                ("A-03[v6]", Some(SkipCode::Need)),
            ]
        );
    }

    #[tokio::test]
    async fn an_environment_that_lacks_what_the_lane_insists_on_is_unusable() {
        let selected = || vec![case("A-01"), case("A-02").needs(&[Need::Stack])];
        let policy = Lane::Presubmit.policy();
        let error = plan(selected(), &target(), &policy, &[]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "environment `test` lacks what the selected cases need: stack (the controllers do not run here; A-02)"
        );
        assert!(plan(selected(), &target(), &policy, &[Need::Stack]).is_ok());
    }

    #[tokio::test]
    async fn a_need_of_a_case_that_says_nothing_here_is_no_obstacle() {
        let selected = vec![case("A-01").scope(Scope::DualStack).needs(&[Need::Stack])];
        let planned = plan(selected, &target(), &Lane::Presubmit.policy(), &[]).unwrap();
        assert_eq!(skips(&planned), [("A-01[v6]", Some(SkipCode::Family))]);
    }

    #[tokio::test]
    async fn long_cases_come_first_and_lonely_ones_last() {
        let selected = vec![
            case("A-01").serial(),
            case("A-02"),
            case("A-03").timeout(TimeoutClass::ShootUp),
        ];
        let planned = plan(selected, &target(), &Lane::Presubmit.policy(), &[]).unwrap();
        let order: Vec<_> = planned.iter().map(|planned| planned.case.id).collect();
        assert_eq!(order, ["A-03", "A-02", "A-01"]);
    }
}
