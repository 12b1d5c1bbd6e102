//! Overwrites that overwrite nothing.

use std::collections::HashSet;

use super::{ImageSource, ImageVector, Key};

/// The entries of an overwrite that have the name of a base entry, but the key of none: they are new
/// entries at the end of the vector, which lose every tie against the ones that they were meant for.
pub fn dead_overwrites<'a>(base: &ImageVector, overwrite: &'a ImageVector) -> Vec<&'a ImageSource> {
    let keys: HashSet<Key> = base.images.iter().map(Key::of).collect();
    let names: HashSet<&str> = base
        .images
        .iter()
        .map(|source| source.name.as_str())
        .collect();
    let entries = overwrite.images.iter();
    entries
        .filter(|source| names.contains(source.name.as_str()) && !keys.contains(&Key::of(source)))
        .collect()
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    #[test]
    fn another_spelling_of_a_constraint_overwrites_nothing() {
        let read = |text: &str| super::super::read(text, "test", Timestamp::UNIX_EPOCH).unwrap();
        let base = read(
            "images: [{name: a, repository: r, targetVersion: '>= 1.30'}, {name: b, repository: r}]",
        );
        let overwrite = read(
            "images:\n- {name: a, repository: m, targetVersion: '>=1.30'}\n- {name: a, repository: m, targetVersion: '>= \
             1.30'}\n- {name: b, repository: m}\n- {name: new, repository: m}\n",
        );
        let dead = dead_overwrites(&base, &overwrite);
        assert_eq!(dead.len(), 1);
        assert_eq!(dead[0].place.line, 2);
    }
}
