//! An operation whose target and options have been checked.

use std::sync::Arc;

use super::delete_options::DeleteOptions;
use super::{Body, Operation, RequestOptions, Target, User, Verb};
use crate::cluster::embedded::kinds::{Kind, Registry};
use crate::cluster::embedded::schema::meta;
use crate::cluster::embedded::status::{Cause, Status};
use crate::cluster::embedded::store::Key;

/// Longest field manager (`metav1.CreateOptions`).
const MOST_MANAGER: usize = 128;

/// What to do about unknown and duplicate fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FieldValidation {
    /// Refuse the request.
    Strict,
    /// Warn in a header.
    Warn,
    /// Say nothing.
    Ignore,
}

/// An operation whose target and options have been checked.
#[derive(Debug, Clone)]
pub(super) struct Request {
    pub(super) kind: Arc<Kind>,
    pub(super) user: User,
    pub(super) verb: Verb,
    pub(super) target: Target,
    pub(super) options: RequestOptions,
    pub(super) dry_run: bool,
    pub(super) field_validation: FieldValidation,
}

impl Request {
    /// Finds the kind and checks that it answers the verb.
    pub(super) fn resolve(
        registry: &Registry,
        operation: Operation,
    ) -> Result<(Self, Option<Body>), Status> {
        let target = &operation.target;
        let kind = registry
            .lookup(&target.group, &target.version, &target.plural)
            .ok_or_else(Status::no_such_path)?;
        check_scope(&kind, &operation)?;
        check_verb(&kind, &operation)?;
        let dry_run = check_options(&operation)?;
        let dry_run = dry_run || DeleteOptions::asks_for_dry_run(&operation);
        let Operation {
            user,
            verb,
            target,
            body,
            options,
        } = operation;
        let field_validation = match options.field_validation.as_deref() {
            Some("Strict") => FieldValidation::Strict,
            Some("Ignore") => FieldValidation::Ignore,
            _ => FieldValidation::Warn,
        };
        Ok((
            Self {
                kind,
                user,
                verb,
                target,
                options,
                dry_run,
                field_validation,
            },
            body,
        ))
    }

    /// A request of the control plane itself about one stored object.
    pub(super) fn internal(kind: Arc<Kind>, verb: Verb, key: &Key) -> Self {
        let target = Target {
            group: kind.group.clone(),
            version: kind.version.clone(),
            plural: kind.plural.clone(),
            namespace: kind.is_namespaced().then(|| key.namespace.clone()),
            name: Some(key.name.clone()),
            subresource: None,
        };
        Self {
            kind,
            user: User::system(),
            verb,
            target,
            options: RequestOptions::default(),
            dry_run: false,
            field_validation: FieldValidation::Ignore,
        }
    }

    /// Namespace of the target, empty for cluster-scoped kinds.
    pub(super) fn namespace(&self) -> &str {
        if self.kind.is_namespaced() {
            self.target.namespace.as_deref().unwrap_or_default()
        } else {
            ""
        }
    }

    /// Name of the target, empty for collections.
    pub(super) fn name(&self) -> &str {
        self.target.name.as_deref().unwrap_or_default()
    }

    pub(super) fn subresource(&self) -> Option<&str> {
        self.target.subresource.as_deref()
    }

    pub(super) fn key(&self) -> Key {
        Key::new(self.namespace(), self.name())
    }

    /// The field manager: as given, or the first word of the user agent.
    pub(super) fn manager(&self) -> String {
        if let Some(manager) = self
            .options
            .field_manager
            .as_ref()
            .filter(|name| !name.is_empty())
        {
            return manager.clone();
        }
        let agent = self.options.user_agent.as_deref().unwrap_or_default();
        let word = agent.split('/').next().unwrap_or_default();
        let word: String = word
            .chars()
            .filter(|c| !c.is_control())
            .take(MOST_MANAGER)
            .collect();
        if word.is_empty() {
            "unknown".to_owned()
        } else {
            word
        }
    }

    pub(super) fn not_found(&self) -> Status {
        Status::not_found(&self.kind.group, &self.kind.plural, self.name())
    }

    pub(super) fn stale(&self) -> Status {
        Status::stale(&self.kind.group, &self.kind.plural, self.name())
    }

    pub(super) fn conflict(&self, why: impl std::fmt::Display) -> Status {
        Status::conflict(&self.kind.group, &self.kind.plural, self.name(), why)
    }

    /// 422 about an object of this kind.
    pub(super) fn invalid(&self, name: &str, causes: Vec<Cause>) -> Status {
        Status::invalid(&self.kind.group, &self.kind.kind, name, causes)
    }
}

fn check_scope(kind: &Kind, operation: &Operation) -> Result<(), Status> {
    let target = &operation.target;
    if !kind.is_namespaced() {
        let own_name = kind.plural == "namespaces" && kind.group.is_empty();
        return match &target.namespace {
            Some(_) if !own_name => Err(Status::no_such_path()),
            _ => Ok(()),
        };
    }
    let across = matches!(operation.verb, Verb::List | Verb::Watch);
    if target.namespace.is_some() || across || kind.verbs == ["create"] {
        return Ok(());
    }
    if kind.is_custom() {
        return Err(Status::no_such_path());
    }
    Err(Status::method_not_allowed("", "", operation.verb.as_str()))
}

fn check_verb(kind: &Kind, operation: &Operation) -> Result<(), Status> {
    let target = &operation.target;
    let verb = operation.verb.as_str();
    let refuse = || Err(Status::method_not_allowed(&kind.group, &kind.plural, verb));
    match target.subresource.as_deref() {
        None => {
            let named = target.name.is_some();
            let wants_name = matches!(
                operation.verb,
                Verb::Get | Verb::Update | Verb::Patch | Verb::Delete
            );
            if named != wants_name || !kind.verbs.contains(&verb) {
                return refuse();
            }
            Ok(())
        }
        Some("status") if kind.subresources.status => match verb {
            "get" | "update" | "patch" => Ok(()),
            _ => refuse(),
        },
        Some("scale") if kind.subresources.scale.is_some() => match verb {
            "get" | "update" | "patch" => Ok(()),
            _ => refuse(),
        },
        Some(name) => {
            let extra = kind
                .subresources
                .extra
                .iter()
                .find(|extra| extra.name == name);
            match extra {
                None => Err(Status::no_such_path()),
                Some(extra) if extra.verbs.contains(&verb) => Ok(()),
                Some(_) => refuse(),
            }
        }
    }
}

/// Checks the options that every write has; answers whether it is a dry run.
fn check_options(operation: &Operation) -> Result<bool, Status> {
    let options = &operation.options;
    let kind = match operation.verb {
        Verb::Create => "CreateOptions",
        Verb::Update => "UpdateOptions",
        Verb::Patch => "PatchOptions",
        Verb::Delete | Verb::DeleteCollection => "DeleteOptions",
        Verb::Get | Verb::List | Verb::Watch => return Ok(false),
    };
    let mut causes = Vec::new();
    if !matches!(operation.verb, Verb::Delete | Verb::DeleteCollection) {
        check_manager(operation, &mut causes);
        let known = ["Ignore", "Strict", "Warn"];
        if let Some(value) = options.field_validation.as_deref()
            && !value.is_empty()
            && !known.contains(&value)
        {
            causes.push(Cause::not_supported(
                "fieldValidation",
                &value.into(),
                &known,
            ));
        }
    }
    causes.extend(dry_run_causes(&options.dry_run));
    if causes.is_empty() {
        Ok(!options.dry_run.is_empty())
    } else {
        Err(Status::invalid("meta.k8s.io", kind, "", causes))
    }
}

/// Only `All` is a valid dry run.
pub(super) fn dry_run_causes(values: &[String]) -> Vec<Cause> {
    let unknown = values.iter().filter(|value| *value != "All");
    unknown
        .map(|value| Cause::not_supported("dryRun", &value.as_str().into(), &["All"]))
        .collect()
}

fn check_manager(operation: &Operation, causes: &mut Vec<Cause>) {
    let options = &operation.options;
    let applies = matches!(operation.body, Some(Body::Apply(_)));
    let manager = options.field_manager.as_deref().unwrap_or_default();
    if operation.verb == Verb::Patch {
        if applies && manager.is_empty() {
            causes.push(Cause::required(
                "fieldManager",
                "is required for apply patch",
            ));
        }
        if !applies && options.force.is_some() {
            causes.push(Cause::forbidden(
                "force",
                "may not be specified for non-apply patch",
            ));
        }
    }
    causes.extend(meta::manager_problems(manager, "fieldManager"));
}
