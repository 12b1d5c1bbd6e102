//! Static rules of Shoots, the network part.

use super::{
    FieldError, Path, Range, Rules, autov6,
    families::{self, Gated},
    masks, outlook,
};
use crate::api::{
    core::{Networking, Shoot},
    families::FamilyList,
};

/// The errors of a new Shoot.
pub fn create(shoot: &Shoot, rules: &Rules) -> Vec<FieldError> {
    let mut errors = networking(shoot, &Path::new("spec.networking"), rules);
    errors.extend(masks::validate(&shoot.spec, rules));
    errors
}

/// The errors of a changed Shoot: what must not change, then everything that is wrong with it now.
pub fn update(new: &Shoot, old: &Shoot, rules: &Rules) -> Vec<FieldError> {
    let path = Path::new("spec.networking");
    let mut errors = match (&new.spec.networking, &old.spec.networking) {
        (_, None) => Vec::new(),
        (None, Some(_)) => vec![FieldError::forbidden(&path, "cannot be removed")],
        (Some(new), Some(old)) => networking_update(new, old, &path, rules),
    };
    errors.extend(masks::validate_update(&new.spec, &old.spec));
    errors.extend(create(new, rules));
    errors
}

fn networking(shoot: &Shoot, path: &Path, rules: &Rules) -> Vec<FieldError> {
    let workerless = shoot.spec.is_workerless();
    let Some(networking) = &shoot.spec.networking else {
        let missing = FieldError::required(
            path,
            "a Shoot with workers needs networks; set at least the type",
        );
        return if workerless { vec![] } else { vec![missing] };
    };
    let mut errors = if workerless {
        workerless_fields(networking, path)
    } else {
        extension_type(networking, &path.child("type"), rules)
            .into_iter()
            .collect()
    };

    let tuples = autov6::applies(networking, rules);
    let effective = tuples.then(|| autov6::effective_families(networking));
    let list = effective.as_ref().unwrap_or(&networking.ip_families);
    let family_errors = families::validate(list, &path.child("ipFamilies"), rules, Gated::Yes);
    if !family_errors.is_empty() {
        errors.extend(family_errors);
        return errors;
    }
    if tuples {
        errors.extend(autov6::validate(networking, workerless, path));
        return errors;
    }
    // Upstream lets both families into every field once two are listed.
    let expected = (rules.is_gep21() || list.len() < 2).then(|| FamilyList(list).primary());
    for (name, text) in [
        ("nodes", &networking.nodes),
        ("pods", &networking.pods),
        ("services", &networking.services),
    ] {
        let Some(text) = text else { continue };
        let range = Range::new(text, path.child(name));
        errors.extend(range.check_parse());
        errors.extend(expected.and_then(|family| range.check_family(family)));
        errors.extend(range.check_canonical());
    }
    errors.extend(outlook::validate(networking, path, rules));
    errors
}

fn workerless_fields(networking: &Networking, path: &Path) -> Vec<FieldError> {
    [
        ("type", networking.type_.is_some()),
        ("providerConfig", networking.provider_config.is_some()),
        ("pods", networking.pods.is_some()),
        ("nodes", networking.nodes.is_some()),
    ]
    .into_iter()
    .filter(|(_, set)| *set)
    .map(|(name, _)| {
        FieldError::forbidden(
            &path.child(name),
            "must not be set for a workerless Shoot; remove it or add workers",
        )
    })
    .collect()
}

fn extension_type(networking: &Networking, path: &Path, rules: &Rules) -> Option<FieldError> {
    let type_ = networking.type_.as_deref().unwrap_or_default();
    if type_.is_empty() {
        return Some(FieldError::required(
            path,
            "must name a networking extension, such as calico",
        ));
    }
    // The type ends up in the key of a Seed's label, which limits its characters.
    (!rules.is_gep21() && !is_label_name(type_)).then(|| {
        FieldError::invalid(
            path,
            type_,
            "must be usable as the name part of a label key",
        )
    })
}

fn is_label_name(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    let ends = [text.bytes().next(), text.bytes().last()];
    text.len() <= 63
        && text.bytes().all(inner)
        && ends.iter().flatten().all(u8::is_ascii_alphanumeric)
}

fn networking_update(
    new: &Networking,
    old: &Networking,
    path: &Path,
    rules: &Rules,
) -> Vec<FieldError> {
    let mut errors = Vec::new();
    errors.extend(FieldError::unless_same(
        &path.child("type"),
        &new.type_,
        &old.type_,
    ));
    // The node range became mutable with the gate `MutableShootSpecNetworkingNodes` (v1.64).
    let nodes_are_fixed = rules.is_gep21();
    for (name, new, old, fixed) in [
        ("pods", &new.pods, &old.pods, true),
        ("services", &new.services, &old.services, true),
        ("nodes", &new.nodes, &old.nodes, nodes_are_fixed),
    ] {
        if fixed && old.is_some() {
            errors.extend(FieldError::unless_same(&path.child(name), new, old));
        }
    }
    errors.extend(families::validate_transition(
        &new.ip_families,
        &old.ip_families,
        &path.child("ipFamilies"),
        rules,
    ));
    errors.extend(outlook::validate_update(new, old, path, rules));
    errors
}
