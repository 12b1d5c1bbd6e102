//! From the selectors of a request to a filter.

use serde_json::Value;

use super::request::Request;
use crate::cluster::embedded::kinds::Kind;
use crate::cluster::embedded::selector::{
    FieldOperator, FieldRequirement, FieldSelector, LabelSelector,
};
use crate::cluster::embedded::status::Status;
use crate::cluster::embedded::store::Object;
use crate::cluster::embedded::watch::Filter;

/// Paths that every kind can be selected by.
const NAME: &str = "metadata.name";
const NAMESPACE: &str = "metadata.namespace";

/// One field requirement with its place in the stored form.
struct FieldTest {
    path: Vec<String>,
    value: String,
    equal: bool,
}

impl Request {
    /// The filter that namespace and selectors ask for.
    pub(super) fn filter(&self) -> Result<Filter, Status> {
        let label_text = self.options.label_selector.as_deref().unwrap_or_default();
        let field_text = self.options.field_selector.as_deref().unwrap_or_default();
        let labels = LabelSelector::parse(label_text).map_err(|error| {
            let resource = &self.kind.plural;
            Status::bad_request(format!(
                "unable to parse the label selector of {resource}: {error}"
            ))
        })?;
        let fields = FieldSelector::parse(field_text)
            .map_err(|error| Status::bad_request(error.to_string()))?;
        let mut filter = Filter {
            namespace: self
                .target
                .namespace
                .clone()
                .filter(|_| self.kind.is_namespaced()),
            ..Filter::default()
        };
        let mut tests = Vec::new();
        for requirement in fields.requirements() {
            self.check_field(requirement)?;
            let equal = requirement.operator == FieldOperator::Equals;
            if requirement.field == NAME && equal && filter.name.is_none() {
                filter.name = Some(requirement.value.clone());
                continue;
            }
            tests.push(FieldTest {
                path: stored_path(&self.kind, &requirement.field),
                value: requirement.value.clone(),
                equal,
            });
        }
        if !labels.is_everything() || !tests.is_empty() {
            filter.predicate = Some(Box::new(move |object: &Object| {
                labels.matches_object(object.value())
                    && tests.iter().all(|test| test.passes(object.value()))
            }));
        }
        Ok(filter)
    }

    /// Whether selectors narrow the request down.
    pub(super) fn selects(&self) -> bool {
        let given = |text: &Option<String>| text.as_ref().is_some_and(|text| !text.is_empty());
        given(&self.options.label_selector) || given(&self.options.field_selector)
    }

    fn check_field(&self, requirement: &FieldRequirement) -> Result<(), Status> {
        let field = requirement.field.as_str();
        let known = field == NAME
            || (field == NAMESPACE && (self.kind.is_namespaced() || !self.kind.is_custom()))
            || self.kind.strategy.selectable.contains(&field)
            || self
                .kind
                .selectable_fields
                .iter()
                .any(|known| known == field);
        if known {
            return Ok(());
        }
        let (group, version, plural) = (&self.kind.group, &self.kind.version, &self.kind.plural);
        let separator = if group.is_empty() { "/" } else { "" };
        let api = if group.is_empty() {
            String::new()
        } else {
            format!("{group}/")
        };
        Err(Status::bad_request(format!(
            "Unable to find \"{separator}{api}{version}, Resource={plural}\" that match label \
             selector \"{}\", field selector \"{}\": field label not supported: {field}",
            self.options.label_selector.as_deref().unwrap_or_default(),
            self.options.field_selector.as_deref().unwrap_or_default(),
        )))
    }
}

/// Where a selectable field of this kind is in the stored form.
fn stored_path(kind: &Kind, field: &str) -> Vec<String> {
    let mut path: Vec<String> = field.split('.').map(str::to_owned).collect();
    if let Some(view) = &kind.strategy.view
        && let Some((_, stored)) = view.renamed.iter().find(|(shown, _)| *shown == path[0])
    {
        (*stored).clone_into(&mut path[0]);
    }
    // Two short names of upstream: the component of an event and the name of a namespace.
    match (kind.kind.as_str(), field) {
        ("Event", "source") => vec!["source".into(), "component".into()],
        ("Namespace", "name") => vec!["metadata".into(), "name".into()],
        _ => path,
    }
}

impl FieldTest {
    fn passes(&self, object: &Value) -> bool {
        let found = self
            .path
            .iter()
            .try_fold(object, |value, step| value.get(step));
        let same = match found {
            None | Some(Value::Null) => {
                self.value.is_empty() || self.value == "false" && self.is_boolean()
            }
            Some(Value::String(text)) => *text == self.value,
            Some(other) => {
                let text = other.to_string();
                text == self.value
            }
        };
        same == self.equal
    }

    /// Members whose absence means `false`.
    fn is_boolean(&self) -> bool {
        matches!(
            self.path.last().map(String::as_str),
            Some("unschedulable" | "hostNetwork")
        )
    }
}
