//! Values that documents may write as text, number or truth value.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use serde_json::Value;

/// A short text such as the value of a sysctl. Documents may spell it as a number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scalar(String);

impl Scalar {
    /// The text without surrounding white space.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The whole number it spells.
    pub fn number(&self) -> Option<i64> {
        self.0.parse().ok()
    }
}

impl From<&str> for Scalar {
    fn from(text: &str) -> Self {
        Self(text.trim().to_owned())
    }
}

impl From<i64> for Scalar {
    fn from(number: i64) -> Self {
        Self(number.to_string())
    }
}

impl fmt::Display for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for Scalar {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.number() {
            // `007` and `+7` are texts: a number would not come back as it was.
            Some(number) if number.to_string() == self.0 => serializer.serialize_i64(number),
            _ => serializer.serialize_str(&self.0),
        }
    }
}

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::String(text) => Ok(Self::from(text.as_str())),
            Value::Number(number) => Ok(Self(number.to_string())),
            Value::Bool(truth) => Ok(Self(truth.to_string())),
            other => Err(D::Error::custom(format!("{other} is not a single value"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_texts_come_back_as_they_were() {
        for (document, text) in [
            ("1", "1"),
            ("\"007\"", "007"),
            ("\"4096 87380\"", "4096 87380"),
        ] {
            let scalar: Scalar = serde_json::from_str(document).unwrap();
            assert_eq!(scalar.as_str(), text);
            assert_eq!(serde_json::to_string(&scalar).unwrap(), document);
        }
    }
}
