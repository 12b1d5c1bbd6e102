//! What a definition must look like (`apiextensions/validation` of upstream).

use serde_json::Value;

use crate::cluster::embedded::kinds::json::{is_blank, text};
use crate::cluster::embedded::schema::Structural;
use crate::cluster::embedded::schema::names::{
    dns_label_problems, dns_subdomain_problems, dns1035_label_problems,
};
use crate::cluster::embedded::status::Cause;

const SCOPES: &[&str] = &["Cluster", "Namespaced"];
const COLUMN_TYPES: &[&str] = &["boolean", "date", "integer", "number", "string"];

pub(super) fn validate(object: &Value, old: Option<&Value>, causes: &mut Vec<Cause>) {
    let spec = &object["spec"];
    let group = text(spec, &["group"]);
    let plural = text(spec, &["names", "plural"]);
    let name = text(object, &["metadata", "name"]);
    if name != format!("{plural}.{group}") {
        let why = "must be spec.names.plural+\".\"+spec.group";
        causes.push(Cause::invalid("metadata.name", &name.into(), why));
    }
    validate_group(group, causes);
    validate_scope(spec, causes);
    validate_names(&spec["names"], causes);
    validate_conversion(&spec["conversion"], causes);
    if spec["preserveUnknownFields"] == Value::Bool(true) {
        let why = "must be false in order to use the v1 API, use \
                   x-kubernetes-preserve-unknown-fields: true in the schema instead";
        causes.push(Cause::invalid(
            "spec.preserveUnknownFields",
            &true.into(),
            why,
        ));
    }
    validate_versions(spec, causes);
    validate_stored(object, causes);
    if let Some(old) = old {
        let paths: &[&[&str]] = &[
            &["group"],
            &["scope"],
            &["names", "plural"],
            &["names", "kind"],
        ];
        for path in paths {
            let pick = |spec: &Value| {
                path.iter()
                    .try_fold(spec, |value, step| value.get(*step))
                    .cloned()
            };
            let (was, is) = (pick(&old["spec"]), pick(spec));
            if was != is {
                let field = format!("spec.{}", path.join("."));
                let value = is.unwrap_or_default();
                causes.push(Cause::invalid(field, &value, "field is immutable"));
            }
        }
    }
}

fn validate_group(group: &str, causes: &mut Vec<Cause>) {
    if group.is_empty() {
        causes.push(Cause::required("spec.group", ""));
        return;
    }
    for problem in dns_subdomain_problems(group) {
        causes.push(Cause::invalid("spec.group", &group.into(), &problem));
    }
    if !group.contains('.') {
        let why = "should be a domain with at least one dot";
        causes.push(Cause::invalid("spec.group", &group.into(), why));
    }
}

fn validate_scope(spec: &Value, causes: &mut Vec<Cause>) {
    match text(spec, &["scope"]) {
        "" => {
            causes.push(Cause::required("spec.scope", ""));
        }
        scope if SCOPES.contains(&scope) => {}
        scope => causes.push(Cause::not_supported("spec.scope", &scope.into(), SCOPES)),
    }
}

fn validate_names(names: &Value, causes: &mut Vec<Cause>) {
    for member in ["plural", "singular", "kind", "listKind"] {
        let field = format!("spec.names.{member}");
        let value = text(names, &[member]);
        if value.is_empty() {
            if matches!(member, "plural" | "kind") {
                causes.push(Cause::required(field, ""));
            }
            continue;
        }
        // Kinds may have capitals, apart from that they follow the same rule.
        for problem in dns1035_label_problems(&value.to_lowercase()) {
            causes.push(Cause::invalid(field.clone(), &value.into(), &problem));
        }
        if matches!(member, "plural" | "singular") && value != value.to_lowercase() {
            let why = "a lowercase name is required";
            causes.push(Cause::invalid(field, &value.into(), why));
        }
    }
    for member in ["shortNames", "categories"] {
        for (index, value) in names[member].as_array().into_iter().flatten().enumerate() {
            for problem in dns1035_label_problems(value.as_str().unwrap_or_default()) {
                let field = format!("spec.names.{member}[{index}]");
                causes.push(Cause::invalid(field, value, &problem));
            }
        }
    }
    if !is_blank(names.get("kind")) && names["kind"] == names["listKind"] {
        let why = "kind and listKind may not be the same";
        causes.push(Cause::invalid(
            "spec.names.listKind",
            &names["listKind"],
            why,
        ));
    }
}

fn validate_conversion(conversion: &Value, causes: &mut Vec<Cause>) {
    match text(conversion, &["strategy"]) {
        "None" => {
            if !is_blank(conversion.get("webhook")) {
                let why = "should not be set when strategy is not set to Webhook";
                causes.push(Cause::forbidden("spec.conversion.webhook", why));
            }
        }
        "" => causes.push(Cause::required("spec.conversion.strategy", "")),
        // Webhook conversion is not served, so a definition that needs it is refused outright.
        strategy => causes.push(Cause::not_supported(
            "spec.conversion.strategy",
            &strategy.into(),
            &["None"],
        )),
    }
}

fn validate_versions(spec: &Value, causes: &mut Vec<Cause>) {
    let empty = Vec::new();
    let versions = spec["versions"].as_array().unwrap_or(&empty);
    if versions.is_empty() {
        causes.push(Cause::required(
            "spec.versions",
            "must have at least one version",
        ));
        return;
    }
    let mut names: Vec<&str> = Vec::new();
    for (index, version) in versions.iter().enumerate() {
        let field = format!("spec.versions[{index}]");
        let name = text(version, &["name"]);
        if names.contains(&name) {
            causes.push(Cause::duplicate(format!("{field}.name"), &name.into()));
        }
        names.push(name);
        for problem in dns_label_problems(name) {
            causes.push(Cause::invalid(
                format!("{field}.name"),
                &name.into(),
                &problem,
            ));
        }
        validate_version(&field, version, causes);
    }
    let stored = versions
        .iter()
        .filter(|version| version["storage"] == Value::Bool(true))
        .count();
    if stored != 1 {
        let why = "must have exactly one version marked as storage version";
        causes.push(Cause::invalid("spec.versions", &spec["versions"], why));
    }
}

fn validate_version(field: &str, version: &Value, causes: &mut Vec<Cause>) {
    let schema_field = format!("{field}.schema.openAPIV3Schema");
    match version["schema"]
        .get("openAPIV3Schema")
        .filter(|schema| !schema.is_null())
    {
        None => causes.push(Cause::required(schema_field, "schemas are required")),
        Some(schema) => {
            if let Err(found) = Structural::parse(schema, &schema_field) {
                causes.extend(found);
            }
        }
    }
    let columns = version["additionalPrinterColumns"]
        .as_array()
        .into_iter()
        .flatten();
    for (index, column) in columns.enumerate() {
        let field = format!("{field}.additionalPrinterColumns[{index}]");
        for member in ["name", "jsonPath"] {
            if is_blank(column.get(member)) {
                causes.push(Cause::required(format!("{field}.{member}"), ""));
            }
        }
        let column_type = text(column, &["type"]);
        if !COLUMN_TYPES.contains(&column_type) {
            let field = format!("{field}.type");
            causes.push(Cause::invalid(
                field,
                &column_type.into(),
                &format!("must be one of {}", COLUMN_TYPES.join(",")),
            ));
        }
    }
    let scale = &version["subresources"]["scale"];
    if scale.is_object() {
        validate_scale(&format!("{field}.subresources.scale"), scale, causes);
    }
    let selectable = version["selectableFields"].as_array().into_iter().flatten();
    for (index, selectable) in selectable.enumerate() {
        let path = text(selectable, &["jsonPath"]);
        let field = format!("{field}.selectableFields[{index}].jsonPath");
        if path.is_empty() {
            causes.push(Cause::required(field, ""));
        } else if !path.starts_with('.') || path.starts_with(".metadata") || path.contains('[') {
            let why = "must be a simple path outside of metadata";
            causes.push(Cause::invalid(field, &path.into(), why));
        }
    }
}

fn validate_scale(field: &str, scale: &Value, causes: &mut Vec<Cause>) {
    let rules = [
        ("specReplicasPath", &[".spec."][..], true),
        ("statusReplicasPath", &[".status."][..], true),
        ("labelSelectorPath", &[".spec.", ".status."][..], false),
    ];
    for (member, starts, required) in rules {
        let path = text(scale, &[member]);
        let field = format!("{field}.{member}");
        if path.is_empty() {
            if required {
                causes.push(Cause::required(field, ""));
            }
        } else if !starts.iter().any(|start| path.starts_with(start)) || path.contains('[') {
            let why = format!("should be a json path under {}", starts.join(" or "));
            causes.push(Cause::invalid(field, &path.into(), &why));
        }
    }
}

/// Versions in which objects are stored cannot be dropped.
fn validate_stored(object: &Value, causes: &mut Vec<Cause>) {
    let names: Vec<&str> = object["spec"]["versions"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|version| text(version, &["name"]))
        .collect();
    let stored = object["status"]["storedVersions"]
        .as_array()
        .into_iter()
        .flatten();
    for (index, version) in stored.enumerate() {
        if !names.contains(&version.as_str().unwrap_or_default()) {
            let field = format!("status.storedVersions[{index}]");
            causes.push(Cause::invalid(
                field,
                version,
                "must appear in spec.versions",
            ));
        }
    }
}
