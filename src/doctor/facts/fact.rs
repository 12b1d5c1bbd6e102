//! One answer, with the four ways in which it can be missing kept apart.

use serde::{
    Deserialize, Deserializer, Serialize, Serializer, de::DeserializeOwned, de::Error as _,
};
use serde_json::{Map, Value, json};

/// What was found out about one thing.
///
/// | document | meaning |
/// |---|---|
/// | key missing | nobody asked: reading it is a defect of the check or a snapshot that is too old |
/// | `null` | it does not exist (ENOENT, not on `PATH`, no such device) |
/// | `{err: EACCES}` | it exists and may not be read by this user (EACCES, EPERM) |
/// | `{err: WORD, reason: TEXT}` | it could not be found out: no shell into the VM, time-out, unreadable |
/// | anything else | the answer |
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Fact<T> {
    /// Nobody asked.
    #[default]
    NotRecorded,
    /// It does not exist.
    Absent,
    /// This user may not read it.
    Denied,
    /// It could not be found out; the reason is part of a sentence: `no shell into the VM`.
    Unavailable(String),
    /// The answer.
    Known(T),
}

/// The key that marks a missing answer.
const ERROR: &str = "err";
/// The key of the explanation beside it.
const REASON: &str = "reason";
const DENIED: &str = "EACCES";
const UNAVAILABLE: &str = "UNAVAILABLE";
const NOT_RECORDED: &str = "NOT_RECORDED";

impl<T> Fact<T> {
    /// Whether nobody asked. Such fields are left out of the document.
    pub const fn is_not_recorded(&self) -> bool {
        matches!(self, Self::NotRecorded)
    }

    /// The answer, if there is one.
    pub const fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            _ => None,
        }
    }

    /// An answer that is known to be nothing or something.
    pub fn from_option(value: Option<T>) -> Self {
        value.map_or(Self::Absent, Self::Known)
    }

    /// The same fact about another form of the answer.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Fact<U> {
        match self {
            Self::NotRecorded => Fact::NotRecorded,
            Self::Absent => Fact::Absent,
            Self::Denied => Fact::Denied,
            Self::Unavailable(reason) => Fact::Unavailable(reason),
            Self::Known(value) => Fact::Known(change(value)),
        }
    }
}

impl<T> From<T> for Fact<T> {
    fn from(value: T) -> Self {
        Self::Known(value)
    }
}

impl<T: Serialize> Serialize for Fact<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Known(value) => value.serialize(serializer),
            Self::Absent => serializer.serialize_none(),
            Self::Denied => json!({ ERROR: DENIED }).serialize(serializer),
            Self::Unavailable(reason) => {
                json!({ ERROR: UNAVAILABLE, REASON: reason }).serialize(serializer)
            }
            Self::NotRecorded => json!({ ERROR: NOT_RECORDED }).serialize(serializer),
        }
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Fact<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        if value.is_null() {
            return Ok(Self::Absent);
        }
        if let Some(missing) = value.as_object().and_then(missing) {
            return Ok(missing);
        }
        serde_json::from_value(value)
            .map(Self::Known)
            .map_err(D::Error::custom)
    }
}

/// The missing answer that a map of only `err` and `reason` stands for.
fn missing<T>(map: &Map<String, Value>) -> Option<Fact<T>> {
    let word = map.get(ERROR)?.as_str()?;
    if map.keys().any(|key| key != ERROR && key != REASON) {
        return None;
    }
    let reason = map.get(REASON).and_then(Value::as_str);
    Some(match word {
        "EACCES" | "EPERM" => Fact::Denied,
        NOT_RECORDED => Fact::NotRecorded,
        other => Fact::Unavailable(reason.unwrap_or(other).to_owned()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Fact<u32> {
        serde_yaml::from_str(text).unwrap()
    }

    #[test]
    fn what_is_missing_keeps_its_kind_in_the_document() {
        for (text, expected) in [
            ("null", Fact::Absent),
            ("{err: EACCES}", Fact::Denied),
            ("{err: EPERM}", Fact::Denied),
            (
                "{err: ETIMEDOUT}",
                Fact::Unavailable("ETIMEDOUT".to_owned()),
            ),
            (
                "{err: UNAVAILABLE, reason: no shell}",
                Fact::Unavailable("no shell".to_owned()),
            ),
            ("7", Fact::Known(7)),
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
    }

    #[test]
    fn every_kind_survives_the_round_trip() {
        for fact in [
            Fact::NotRecorded,
            Fact::Absent,
            Fact::Denied,
            Fact::Unavailable("it took longer than 2 s".to_owned()),
            Fact::Known(7),
        ] {
            let json = serde_json::to_string(&fact).unwrap();
            assert_eq!(serde_json::from_str::<Fact<u32>>(&json).unwrap(), fact);
            let yaml = serde_yaml::to_string(&fact).unwrap();
            assert_eq!(read(&yaml), fact);
        }
    }

    #[test]
    fn an_answer_that_is_a_map_is_not_taken_for_an_error() {
        let fact: Fact<Value> = serde_yaml::from_str("{err: EACCES, other: 1}").unwrap();
        assert!(fact.known().is_some());
    }
}
