//! Which kernel features there are, and how.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::Fact;

/// The kernel's modules and features. Names are compared with dashes and underscores alike.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Modules {
    /// Whether `/lib/modules` has a folder with `modules.dep` for the running kernel.
    pub dir_for_running_kernel: bool,
    /// Folders of other kernels in `/lib/modules`.
    pub other_dirs: Vec<String>,
    /// The file that the kernel's configuration was read from; absent when none is readable.
    #[serde(skip_serializing_if = "Fact::is_not_recorded")]
    pub config_source: Fact<String>,
    /// Loaded modules (`/proc/modules`, `/sys/module`).
    pub loaded: BTreeSet<String>,
    /// Features compiled in (`modules.builtin`, configuration `=y`).
    pub builtin: BTreeSet<String>,
    /// Modules that could be loaded (`modules.dep`, configuration `=m`). They count only when the
    /// folder of the running kernel exists.
    pub loadable: BTreeSet<String>,
}

/// How a feature is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ModuleState {
    /// It is not.
    Absent,
    /// It can be loaded.
    Loadable,
    /// It is compiled in.
    Builtin,
    /// It is loaded.
    Loaded,
}

impl Modules {
    /// Looks a feature up; the first hit wins: loaded, compiled in, loadable.
    pub fn state(&self, name: &str) -> ModuleState {
        let has = |set: &BTreeSet<String>| {
            set.contains(name)
                || set
                    .iter()
                    .any(|other| normalised(other).eq(normalised(name)))
        };
        if has(&self.loaded) {
            ModuleState::Loaded
        } else if has(&self.builtin) {
            ModuleState::Builtin
        } else if self.dir_for_running_kernel && has(&self.loadable) {
            ModuleState::Loadable
        } else {
            ModuleState::Absent
        }
    }
}

fn normalised(name: &str) -> impl Iterator<Item = char> {
    name.chars()
        .map(|letter| if letter == '-' { '_' } else { letter })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn modules(dir_for_running_kernel: bool) -> Modules {
        let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Modules {
            dir_for_running_kernel,
            loaded: set(&["nf_tables"]),
            builtin: set(&["xt_comment"]),
            loadable: set(&["ip6_tables", "nf_tables", "nf-nat"]),
            ..Modules::default()
        }
    }

    #[test]
    fn loadable_counts_only_with_the_folder_of_the_running_kernel() {
        assert_eq!(modules(true).state("ip6_tables"), ModuleState::Loadable);
        assert_eq!(modules(false).state("ip6_tables"), ModuleState::Absent);
        assert_eq!(modules(false).state("nf_tables"), ModuleState::Loaded);
        assert_eq!(modules(false).state("xt_comment"), ModuleState::Builtin);
    }

    #[test]
    fn dashes_and_underscores_are_the_same() {
        assert_eq!(modules(true).state("nf_nat"), ModuleState::Loadable);
        assert_eq!(modules(true).state("nf-tables"), ModuleState::Loaded);
    }
}
