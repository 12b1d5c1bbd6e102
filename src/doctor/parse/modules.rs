//! Which kernel features there are: lists of modules and the kernel's configuration.

use std::collections::BTreeSet;

use super::kernel_config::{self, Feature};
use crate::doctor::facts::{Fact, Modules};

/// Names of loaded modules out of `/proc/modules`.
pub fn loaded(text: &str) -> BTreeSet<String> {
    text.lines()
        .filter_map(|line| line.split_whitespace().next())
        .map(str::to_owned)
        .collect()
}

/// Names out of `modules.builtin`: one path per line.
pub fn builtin(text: &str) -> BTreeSet<String> {
    text.lines().filter_map(name_of).collect()
}

/// Names out of `modules.dep`: a path, a colon and what it needs. Modules may be compressed.
pub fn dependencies(text: &str) -> BTreeSet<String> {
    text.lines()
        .filter_map(|line| name_of(line.split(':').next()?))
        .collect()
}

fn name_of(path: &str) -> Option<String> {
    let file = path.trim().rsplit('/').next()?;
    let (name, _) = file.split_once(".ko")?;
    Some(name.replace('-', "_"))
}

/// What was read about the kernel's modules; a text that is not there is `None`.
#[derive(Clone, Copy, Debug, Default)]
pub struct ModuleSources<'a> {
    /// `/proc/modules`.
    pub proc_modules: Option<&'a str>,
    /// Names of folders in `/sys/module`: loaded modules and compiled-in ones with parameters.
    pub sys_modules: &'a [String],
    /// `modules.builtin` of the running kernel.
    pub builtin: Option<&'a str>,
    /// `modules.dep` of the running kernel.
    pub dependencies: Option<&'a str>,
    /// The kernel's configuration and where it was read from.
    pub config: Option<(&'a str, &'a str)>,
    /// Folders of other kernels in `/lib/modules`.
    pub other_dirs: &'a [String],
}

/// Puts the sources together, for the features of `wanted` only.
pub fn look_up<'a>(
    wanted: impl IntoIterator<Item = &'a str>,
    sources: ModuleSources<'_>,
) -> Modules {
    let mut loaded_names = sources.proc_modules.map(loaded).unwrap_or_default();
    loaded_names.extend(sources.sys_modules.iter().cloned());
    let builtin_names = sources.builtin.map(builtin).unwrap_or_default();
    let loadable_names = sources.dependencies.map(dependencies).unwrap_or_default();
    let config = sources
        .config
        .map(|(text, _)| kernel_config::features(text))
        .unwrap_or_default();
    let mut found = Modules {
        dir_for_running_kernel: sources.dependencies.is_some(),
        other_dirs: sources.other_dirs.to_vec(),
        config_source: Fact::from_option(sources.config.map(|(_, source)| source.to_owned())),
        ..Modules::default()
    };
    for name in wanted {
        let configured = kernel_config::of_module(name, &config);
        let set = if loaded_names.contains(name) {
            &mut found.loaded
        } else if builtin_names.contains(name) || configured == Some(Feature::Builtin) {
            &mut found.builtin
        } else if loadable_names.contains(name) || configured == Some(Feature::Module) {
            &mut found.loadable
        } else {
            continue;
        };
        set.insert(name.to_owned());
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::facts::ModuleState;

    #[test]
    fn compressed_modules_have_the_same_names() {
        let text = "\
kernel/net/ipv6/netfilter/ip6_tables.ko.zst: kernel/net/netfilter/x_tables.ko.zst
kernel/net/ipv4/netfilter/nf-nat.ko.xz:
kernel/drivers/net/tun.ko.gz:
rubbish
";
        let names: Vec<String> = dependencies(text).into_iter().collect();
        assert_eq!(names, ["ip6_tables", "nf_nat", "tun"]);
    }

    #[test]
    fn the_first_source_that_knows_a_feature_counts() {
        let modules = look_up(
            [
                "nf_tables",
                "xt_comment",
                "ip6_tables",
                "vxlan",
                "ip6table_nat",
                "dummy",
            ],
            ModuleSources {
                proc_modules: Some("nf_tables 1 0 - Live 0x0\n"),
                builtin: Some("kernel/net/netfilter/xt_comment.ko\n"),
                dependencies: Some("kernel/net/ip6_tables.ko:\nkernel/net/nf_tables.ko:\n"),
                config: Some((
                    "CONFIG_IP6_NF_NAT=y\nCONFIG_VXLAN=m\n# CONFIG_DUMMY is not set\n",
                    "/boot/config",
                )),
                ..ModuleSources::default()
            },
        );
        for (name, state) in [
            ("nf_tables", ModuleState::Loaded),
            ("xt_comment", ModuleState::Builtin),
            ("ip6_tables", ModuleState::Loadable),
            ("ip6table_nat", ModuleState::Builtin),
            ("vxlan", ModuleState::Loadable),
            ("dummy", ModuleState::Absent),
        ] {
            assert_eq!(modules.state(name), state, "{name}");
        }
        assert_eq!(
            modules.config_source,
            Fact::Known("/boot/config".to_owned())
        );
    }

    #[test]
    fn a_kernel_without_a_folder_can_load_nothing() {
        let sources = ModuleSources {
            config: Some(("CONFIG_VXLAN=m\n", "/proc/config.gz")),
            ..ModuleSources::default()
        };
        let modules = look_up(["vxlan"], sources);
        assert_eq!(modules.state("vxlan"), ModuleState::Absent);
    }
}
