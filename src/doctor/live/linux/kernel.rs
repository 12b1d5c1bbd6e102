//! Modules of the kernel and its configuration.

use crate::doctor::{
    Fact,
    facts::{Modules, keys},
    live::source::Source,
    parse::modules::{self, ModuleSources},
};

/// What is loaded, compiled in or can be loaded, of what checks ask about.
pub(super) fn modules(source: &dyn Source) -> Fact<Modules> {
    let Some(release) = source.text("/proc/sys/kernel/osrelease") else {
        return Fact::Unavailable("the release of the kernel is unknown".to_owned());
    };
    let release = release.trim();
    let folder = format!("/lib/modules/{release}");
    let list = |path: &str| match source.list(path) {
        Fact::Known(names) => names,
        _ => Vec::new(),
    };
    let config = configurations(release)
        .into_iter()
        .find_map(|path| Some((source.text(&path)?, path)));
    let other_dirs: Vec<String> = list("/lib/modules")
        .into_iter()
        .filter(|name| name != release)
        .collect();
    let proc_modules = source.text("/proc/modules");
    let builtin = source.text(&format!("{folder}/modules.builtin"));
    let dependencies = source.text(&format!("{folder}/modules.dep"));
    let sources = ModuleSources {
        proc_modules: proc_modules.as_deref(),
        sys_modules: &list("/sys/module"),
        builtin: builtin.as_deref(),
        dependencies: dependencies.as_deref(),
        config: config
            .as_ref()
            .map(|(text, path)| (text.as_str(), path.as_str())),
        other_dirs: &other_dirs,
    };
    let wanted = keys::MODULES.into_iter().chain(keys::CALICO_MODULES);
    Fact::Known(modules::look_up(wanted, sources))
}

/// Where distributions keep the kernel's configuration.
fn configurations(release: &str) -> [String; 6] {
    [
        "/proc/config.gz".to_owned(),
        format!("/boot/config-{release}"),
        format!("/usr/lib/modules/{release}/config"),
        format!("/lib/modules/{release}/build/.config"),
        format!("/usr/lib/kernel/config-{release}"),
        format!("/usr/lib/ostree-boot/config-{release}"),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::{facts::ModuleState, live::source::tests::Texts};

    #[test]
    fn the_kernels_own_words_are_put_together() {
        let source = Texts::of([
            ("/proc/sys/kernel/osrelease", "6.1.0\n"),
            ("/proc/modules", "br_netfilter 1 0 - Live 0x0\n"),
            ("/sys/module/nf_conntrack/refcnt", "0\n"),
            ("/boot/config-6.1.0", "CONFIG_VETH=y\nCONFIG_VXLAN=m\n"),
            (
                "/lib/modules/6.1.0/modules.dep",
                "kernel/net/ip6_tables.ko.zst:\n",
            ),
            ("/lib/modules/5.10.0/modules.dep", ""),
        ]);
        let modules = modules(&source);
        let found = modules.known().unwrap();
        for (name, state) in [
            ("br_netfilter", ModuleState::Loaded),
            ("nf_conntrack", ModuleState::Loaded),
            ("veth", ModuleState::Builtin),
            ("vxlan", ModuleState::Loadable),
            ("ip6_tables", ModuleState::Loadable),
            ("bonding", ModuleState::Absent),
        ] {
            assert_eq!(found.state(name), state, "{name}");
        }
        assert_eq!(
            found.config_source,
            Fact::Known("/boot/config-6.1.0".to_owned())
        );
        assert_eq!(found.other_dirs, ["5.10.0"]);
        assert!(matches!(
            super::modules(&Texts::default()),
            Fact::Unavailable(_)
        ));
    }
}
