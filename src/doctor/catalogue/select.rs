//! Choosing checks by name.

use thiserror::Error;

use super::{Check, Group, all};
use crate::nearest;

/// A name that no check and no group has.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("there is no check or group `{name}`{}", nearest::hint(near))]
pub struct UnknownCheck {
    /// What was written.
    pub name: String,
    /// Names that look like it.
    pub near: Vec<String>,
}

/// The check of an id.
pub fn find(id: &str) -> Option<&'static Check> {
    all().find(|check| check.id == id)
}

/// The checks of a list of ids and groups, all where it is empty.
pub fn select(names: &[String]) -> Result<Vec<&'static Check>, UnknownCheck> {
    for name in names {
        known(name)?;
    }
    let wanted = |check: &&Check| {
        names.is_empty()
            || names
                .iter()
                .any(|name| name == check.id || name == check.group.word())
    };
    Ok(all().filter(wanted).collect())
}

/// Refuses a name that no check and no group has.
pub(in crate::doctor) fn known(name: &str) -> Result<(), UnknownCheck> {
    let group = Group::ALL.iter().any(|group| group.word() == name);
    if group || find(name).is_some() {
        return Ok(());
    }
    let ids = all().map(|check| check.id.to_owned());
    let groups = Group::ALL.iter().map(|group| group.word().to_owned());
    Err(UnknownCheck {
        name: name.to_owned(),
        near: nearest::nearest(name, ids.chain(groups)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_and_ids_select_and_mistyped_ones_are_refused() {
        let ids = |names: &[&str]| {
            let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
            select(&names).map(|checks| checks.iter().map(|check| check.id).collect::<Vec<_>>())
        };
        assert_eq!(ids(&["inotify-watches"]).unwrap(), ["inotify-watches"]);
        assert!(ids(&["wsl"]).unwrap().contains(&"wsl-version"));
        assert_eq!(ids(&[]).unwrap().len(), all().count());
        let refused = ids(&["inotify-wachtes"]).unwrap_err();
        assert_eq!(
            refused.to_string(),
            "there is no check or group `inotify-wachtes`, did you mean `inotify-watches` or `inotify-instances`?"
        );
    }
}
