//! Conditions as Gardener writes them (with a fourth status, unlike Kubernetes).

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One observed aspect of an object.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Condition {
    /// What is observed, for instance `APIServerAvailable`.
    #[serde(rename = "type")]
    pub type_: String,
    /// The verdict.
    pub status: ConditionStatus,
    /// When the verdict changed last.
    pub last_transition_time: Time,
    /// When the verdict was confirmed last.
    pub last_update_time: Time,
    /// The verdict's reason, one word for machines.
    pub reason: String,
    /// The verdict's reason, a sentence for people.
    pub message: String,
    /// Well-known codes of the error behind the verdict.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub codes: Vec<String>,
}

/// The verdict of a [`Condition`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum ConditionStatus {
    /// The aspect holds.
    True,
    /// The aspect does not hold.
    False,
    /// The aspect did not hold for a short time only; too early to call it false.
    Progressing,
    /// The aspect could not be observed.
    Unknown,
}

impl Condition {
    /// Writes a verdict into a list of conditions; the transition time moves only if the status does.
    pub fn set(list: &mut Vec<Self>, mut new: Self) {
        match list.iter_mut().find(|old| old.type_ == new.type_) {
            Some(old) => {
                if old.status == new.status {
                    new.last_transition_time = old.last_transition_time.clone();
                }
                *old = new;
            }
            None => list.push(new),
        }
    }

    /// The condition of a type.
    pub fn find<'a>(list: &'a [Self], type_: &str) -> Option<&'a Self> {
        list.iter().find(|condition| condition.type_ == type_)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn condition(status: ConditionStatus, second: i64) -> Condition {
        let time = Time(jiff::Timestamp::from_second(second).unwrap());
        Condition {
            type_: "SystemComponentsHealthy".to_owned(),
            status,
            last_transition_time: time.clone(),
            last_update_time: time,
            reason: "Observed".to_owned(),
            message: String::new(),
            codes: Vec::new(),
        }
    }

    #[test]
    fn the_transition_time_stays_while_the_status_stays() {
        let mut list = Vec::new();
        Condition::set(&mut list, condition(ConditionStatus::Progressing, 10));
        Condition::set(&mut list, condition(ConditionStatus::Progressing, 20));
        let [only] = list.as_slice() else {
            panic!("one condition per type")
        };
        assert_eq!(only.last_transition_time.0.as_second(), 10);
        assert_eq!(only.last_update_time.0.as_second(), 20);

        Condition::set(&mut list, condition(ConditionStatus::True, 30));
        let found = Condition::find(&list, "SystemComponentsHealthy").unwrap();
        assert_eq!(found.last_transition_time.0.as_second(), 30);
    }
}
