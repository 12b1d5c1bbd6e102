//! From the body of a request to an object of the kind that was addressed.

use serde_json::Value;

use super::metadata::metadata;
use super::request::{FieldValidation, Request};
use crate::cluster::embedded::kinds::{lost, without_additions};
use crate::cluster::embedded::schema::{meta, reader};
use crate::cluster::embedded::status::{Cause, Status};

/// An object from a body, with what is to be said about it in warnings.
#[derive(Debug)]
pub(super) struct Decoded {
    pub(super) object: Value,
    pub(super) warnings: Vec<String>,
}

impl Request {
    /// Checks `apiVersion`, `kind` and the shape of the metadata, prunes what the schema does not
    /// know and complains about it as the client wishes.
    pub(super) fn decode(&self, object: Value) -> Result<Decoded, Status> {
        let (object, unknown) = self.read(object)?;
        let warnings = self.complain(&unknown)?;
        Ok(Decoded { object, warnings })
    }

    /// The same without a complaint; answers the paths of what was pruned.
    pub(super) fn read(&self, mut object: Value) -> Result<(Value, Vec<String>), Status> {
        if !object.is_object() {
            return Err(Status::bad_request(format!(
                "json: cannot unmarshal into an object of kind {}",
                self.kind.kind
            )));
        }
        self.check_type(&mut object)?;
        let mut unknown = check_metadata(&mut object)?;
        if let Some(round_trip) = self.kind.round_trip {
            let typed = round_trip(&object).map_err(|why| {
                let (kind, version) = (&self.kind.kind, &self.kind.version);
                Status::bad_request(format!(
                    "{kind} in version {version:?} cannot be handled as a {kind}: {why}"
                ))
            })?;
            unknown.extend(lost(&object, &typed));
            object = without_additions(&object, typed);
        }
        unknown.extend(self.prune(&mut object));
        Ok((object, unknown))
    }

    /// Removes what the schema does not know and names it.
    pub(super) fn prune(&self, object: &mut Value) -> Vec<String> {
        self.kind
            .schema
            .as_ref()
            .map(|schema| schema.prune(object))
            .unwrap_or_default()
    }

    /// Turns unknown and duplicate fields into an error, warnings or nothing.
    pub(super) fn complain(&self, unknown: &[String]) -> Result<Vec<String>, Status> {
        if self.field_validation == FieldValidation::Ignore {
            return Ok(Vec::new());
        }
        let complaints = reader::complaints(&self.options.duplicate_fields, unknown);
        if self.field_validation == FieldValidation::Warn {
            return Ok(complaints);
        }
        match reader::strict_error(&self.kind.kind, &self.kind.version, &complaints) {
            Some(message) => Err(Status::bad_request(message)),
            None => Ok(complaints),
        }
    }

    fn check_type(&self, object: &mut Value) -> Result<(), Status> {
        let kind = &self.kind;
        let wanted_version = kind.api_version();
        for (member, wanted) in [("apiVersion", &wanted_version), ("kind", &kind.kind)] {
            let found = match object.get(member) {
                None | Some(Value::Null) => "",
                Some(Value::String(text)) => text.as_str(),
                Some(_) => return Err(Status::bad_request(format!("{member} must be a string"))),
            };
            if found.is_empty() {
                if kind.is_custom() || self.applies() {
                    let name = if member == "kind" { "Kind" } else { member };
                    let text = object.to_string();
                    let message = format!("Object '{name}' is missing in '{text}'");
                    return Err(Status::bad_request(message));
                }
                object[member] = wanted.as_str().into();
            } else if found != wanted {
                return Err(self.wrong_type(object, member, found, wanted));
            }
        }
        Ok(())
    }

    fn applies(&self) -> bool {
        self.verb == super::Verb::Patch
    }

    fn wrong_type(&self, object: &Value, member: &str, found: &str, wanted: &str) -> Status {
        let kind = &self.kind;
        if member == "kind" && kind.is_custom() {
            let name = object["metadata"]["name"].as_str().unwrap_or_default();
            let why = format!("must be {wanted}");
            return self.invalid(name, vec![Cause::invalid("kind", &found.into(), &why)]);
        }
        let (version, found_kind) = (
            object["apiVersion"].as_str().unwrap_or_default(),
            object["kind"].as_str().unwrap_or_default(),
        );
        Status::bad_request(format!(
            "the API version in the data ({version}, Kind={found_kind}) does not match the \
             expected API version ({}, Kind={})",
            kind.api_version(),
            kind.kind
        ))
    }
}

/// Makes sure that there is metadata, of the right shape and without empty members (Go's encoder
/// leaves those out); answers the paths of members that metadata does not have.
pub(super) fn check_metadata(object: &mut Value) -> Result<Vec<String>, Status> {
    let unknown = meta::coerce(object).map_err(Status::bad_request)?;
    metadata(object).retain(|member, value| match value {
        Value::Array(items) => member == "managedFields" || !items.is_empty(),
        Value::Object(members) => !members.is_empty(),
        _ => true,
    });
    Ok(unknown)
}
