//! A refusal of the API server, as data to be asserted on.

use kube::api::DynamicObject;

use crate::e2e::{CaseResult, Stop, check, failure::describe};

/// What the API server says when it does not do something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::e2e) struct Refusal {
    /// The HTTP code.
    pub(in crate::e2e) code: u16,
    /// The reason, as in `Invalid`.
    pub(in crate::e2e) reason: String,
    /// The message.
    pub(in crate::e2e) message: String,
    /// The fields that are to blame, sorted, each once.
    pub(in crate::e2e) fields: Vec<String>,
}

impl Refusal {
    /// Turns an answer into data. What is no answer of the API server stops the case.
    pub(in crate::e2e) fn of(
        result: Result<DynamicObject, kube::Error>,
    ) -> CaseResult<Result<DynamicObject, Self>> {
        match result {
            Ok(object) => Ok(Ok(object)),
            Err(kube::Error::Api(status)) if (400..500).contains(&status.code) => {
                let causes = status
                    .details
                    .as_ref()
                    .map(|details| details.causes.as_slice())
                    .unwrap_or_default();
                let mut fields: Vec<String> =
                    causes.iter().map(|cause| cause.field.clone()).collect();
                fields.sort();
                fields.dedup();
                Ok(Err(Self {
                    code: status.code,
                    reason: status.reason.clone(),
                    message: status.message.clone(),
                    fields,
                }))
            }
            Err(error) => Err(Stop::failed(describe(&error))),
        }
    }

    /// Asserts that `result` is a refusal that blames exactly these fields.
    ///
    /// Plugins of Gardener refuse with 403 and name the fields in the message only, so each field
    /// has to be either a cause or a part of the message.
    pub(in crate::e2e) fn blames(
        what: &str,
        result: Result<DynamicObject, Self>,
        fields: &[&str],
    ) -> CaseResult<Self> {
        let refusal = Self::expect(what, result)?;
        check::that(
            matches!(refusal.code, 403 | 422),
            format!("{what}: code of the refusal"),
            "422 Invalid or 403 Forbidden",
            format!("{} {}", refusal.code, refusal.reason),
        )?;
        if refusal.fields.is_empty() {
            for field in fields {
                check::that(
                    refusal.message.contains(field),
                    format!("{what}: fields of the refusal"),
                    format!("{fields:?}"),
                    &refusal.message,
                )?;
            }
        } else {
            let mut expected: Vec<String> = fields.iter().map(|&field| field.to_owned()).collect();
            expected.sort();
            check::equal(
                format!("{what}: fields of the refusal"),
                &expected,
                &refusal.fields,
            )?;
        }
        Ok(refusal)
    }

    /// Asserts that `result` is a refusal.
    pub(in crate::e2e) fn expect(
        what: &str,
        result: Result<DynamicObject, Self>,
    ) -> CaseResult<Self> {
        match result {
            Err(refusal) => Ok(refusal),
            Ok(_) => Err(Stop::Failed(Box::new(crate::e2e::Failure {
                expected: Some("a refusal".to_owned()),
                found: Some("the object was accepted".to_owned()),
                ..crate::e2e::Failure::new(what)
            }))),
        }
    }

    /// Asserts that `result` is no refusal.
    pub(in crate::e2e) fn none(
        what: &str,
        result: Result<DynamicObject, Self>,
    ) -> CaseResult<DynamicObject> {
        result.map_err(|refusal| {
            Stop::Failed(Box::new(crate::e2e::Failure {
                expected: Some("acceptance".to_owned()),
                found: Some(format!("{} {}", refusal.code, refusal.message)),
                ..crate::e2e::Failure::new(what)
            }))
        })
    }
}
