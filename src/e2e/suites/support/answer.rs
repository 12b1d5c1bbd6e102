//! Answers to refused writes, in the form in which two of them are compared.

use crate::stack::admission::Refused;

/// What is compared of an answer.
#[derive(Debug, PartialEq)]
pub(in crate::e2e) struct Answer {
    code: u16,
    causes: Vec<[String; 3]>,
}

impl From<&Refused> for Answer {
    fn from(refused: &Refused) -> Self {
        let causes = refused.findings.iter().map(|finding| {
            [
                finding.field.clone(),
                shared_reason(finding.reason()),
                finding.message.clone(),
            ]
        });
        Self {
            code: refused.code,
            causes: causes.filter(is_about_a_field).collect(),
        }
    }
}

impl From<&kube::core::Status> for Answer {
    fn from(status: &kube::core::Status) -> Self {
        let details = status.details.as_ref();
        let causes = details.into_iter().flat_map(|details| &details.causes);
        let causes = causes.map(|cause| {
            [
                cause.field.clone(),
                shared_reason(cause.reason.clone()),
                cause.message.clone(),
            ]
        });
        Self {
            code: status.code,
            causes: causes.filter(is_about_a_field).collect(),
        }
    }
}

/// API servers before 1.25 do not say that they left out rules.
fn is_about_a_field(cause: &[String; 3]) -> bool {
    cause[0] != "<nil>"
}

/// Old API servers, 1.20 for one, call a wrong type by the same reason as a wrong value.
fn shared_reason(reason: String) -> String {
    match reason.as_str() {
        "FieldValueTypeInvalid" => "FieldValueInvalid".to_owned(),
        _ => reason,
    }
}
