//! Checks of a compiled schema as a whole: its defaults, and that it shapes all it validates.

use super::causes::child;
use super::cel;
use super::parse::Parser;
use super::structural::{Additional, ListType, Structural};
use super::validate::validate;
use crate::cluster::embedded::status::Cause;

impl Parser {
    /// Checks that every default is pruned and valid.
    pub(super) fn defaults(&mut self, schema: &Structural, path: &str, root: bool) {
        if let Some(default) = &schema.default
            && !root
        {
            let path = child(path, "default");
            let mut pruned = default.as_ref().clone();
            let unknown = schema.prune_value(&mut pruned);
            if !unknown.is_empty() {
                let why = format!("must not have unknown fields: {}", unknown.join(", "));
                self.causes
                    .push(Cause::invalid(path.clone(), default, &why));
            }
            // Defaults inside this one count, as they will be there when it is used.
            schema.apply_defaults(&mut pruned);
            self.causes.extend(validate(schema, &pruned, &path));
        }
        for (name, property) in &schema.properties {
            self.defaults(
                property,
                &child(path, &format!("properties[{name}]")),
                false,
            );
        }
        if let Additional::Schema(additional) = &schema.additional {
            self.defaults(additional, &child(path, "additionalProperties"), false);
        }
        if let Some(items) = &schema.items {
            self.defaults(items, &child(path, "items"), false);
        }
    }

    /// Checks that everything below a logical operator is declared outside it, too.
    pub(super) fn complete(&mut self, schema: &Structural, path: &str) {
        if let Some(rules) = &schema.rules {
            let branches = [("allOf", &rules.all_of), ("anyOf", &rules.any_of)];
            for (keyword, nested) in branches.into_iter().chain([("oneOf", &rules.one_of)]) {
                for (index, nested) in nested.iter().enumerate() {
                    let place = child(path, &format!("{keyword}[{index}]"));
                    self.declared(schema, path, nested, &place);
                }
            }
            if let Some(nested) = &rules.not {
                self.declared(schema, path, nested, &child(path, "not"));
            }
        }
        for (name, property) in &schema.properties {
            self.complete(property, &child(path, &format!("properties[{name}]")));
        }
        if let Additional::Schema(additional) = &schema.additional {
            self.complete(additional, &child(path, "additionalProperties"));
        }
        if let Some(items) = &schema.items {
            self.complete(items, &child(path, "items"));
        }
    }

    fn declared(&mut self, schema: &Structural, path: &str, nested: &Structural, place: &str) {
        for (name, inner) in &nested.properties {
            let step = format!("properties[{name}]");
            let (path, place) = (child(path, &step), child(place, &step));
            match schema.properties.get(name) {
                Some(outer) => self.declared(outer, &path, inner, &place),
                None => {
                    self.causes.push(Cause::required(
                        path,
                        &format!("because it is defined in {place}"),
                    ));
                }
            }
        }
        if let Some(inner) = &nested.items {
            let (path, place) = (child(path, "items"), child(place, "items"));
            match &schema.items {
                Some(outer) => self.declared(outer, &path, inner, &place),
                None => {
                    self.causes.push(Cause::required(
                        path,
                        &format!("because it is defined in {place}"),
                    ));
                }
            }
        }
        let Some(rules) = &nested.rules else { return };
        let branches = rules
            .all_of
            .iter()
            .chain(&rules.any_of)
            .chain(&rules.one_of);
        for inner in branches.chain(rules.not.as_deref()) {
            self.declared(schema, path, inner, place);
        }
    }

    /// Checks that rules fit the schema they stand in.
    ///
    /// `loose` is the nearest list above whose items cannot be told apart: below it nothing is
    /// known about what a value was before.
    pub(super) fn rules_fit(
        &mut self,
        schema: &Structural,
        path: &str,
        resource: bool,
        loose: Option<&str>,
    ) {
        if !schema.has_rules {
            return;
        }
        for (index, rule) in schema.cel.iter().enumerate() {
            let field = format!("x-kubernetes-validations[{index}].rule");
            if let Some(problem) = cel::problem(rule, schema, resource) {
                self.invalid(path, &field, &rule.text().into(), &problem);
            }
            if let Some(list) = loose
                && rule.is_transition()
            {
                let why = format!(
                    "oldSelf cannot be used on the uncorrelatable portion of the schema within \
                     {list}"
                );
                self.invalid(path, &field, &rule.text().into(), &why);
            }
        }
        for (name, property) in &schema.properties {
            let path = child(path, &format!("properties[{name}]"));
            self.rules_fit(property, &path, property.embedded_resource, loose);
        }
        if let Additional::Schema(additional) = &schema.additional {
            let path = child(path, "additionalProperties");
            self.rules_fit(additional, &path, additional.embedded_resource, loose);
        }
        if let Some(items) = &schema.items {
            let keyed = matches!(schema.list_type, ListType::Map(_));
            let loose = if keyed { loose } else { loose.or(Some(path)) };
            self.rules_fit(items, &child(path, "items"), items.embedded_resource, loose);
        }
    }
}
