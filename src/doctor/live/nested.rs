//! What an engine inside a container stands on, and what a user's manager hands on.

use std::path::Path;

use super::source::Source;
use crate::doctor::{
    Fact,
    facts::{Dind, Docker, EnvironmentVariables, View},
    parse::mounts,
};

/// Fills in both where they apply.
pub(super) fn read(
    source: &dyn Source,
    docker: &Docker,
    env: &EnvironmentVariables,
    view: &mut View,
) {
    let info = docker.info.known();
    view.dind = if is_nested(source, env) {
        let root = info.map_or("/var/lib/docker", |info| info.docker_root_dir.as_str());
        source
            .read("/proc/mounts")
            .map(|text| dind(source, &text, root))
    } else {
        Fact::Absent
    };
    let uid = view.user.known().map_or(0, |user| user.uid);
    view.delegated = if info.is_some_and(|info| info.has_security_option("rootless")) {
        let path = format!(
            "/sys/fs/cgroup/user.slice/user-{uid}.slice/user@{uid}.service/cgroup.controllers"
        );
        source
            .read(&path)
            .map(|text| text.split_whitespace().map(str::to_owned).collect())
    } else {
        Fact::Absent
    };
}

fn dind(source: &dyn Source, mounted: &str, root: &str) -> Dind {
    let mounts = mounts::mounts(mounted);
    let holding = |path: &str| mounts::holding(&mounts, Path::new(path));
    Dind {
        root_fs: holding(root).map_or_else(String::new, |mount| mount.fstype.clone()),
        proc_sys_ro: holding("/proc/sys").is_some_and(mounts::Mount::is_read_only),
        lib_modules_mounted: source.exists("/lib/modules"),
    }
}

/// Whether this is a container.
fn is_nested(source: &dyn Source, env: &EnvironmentVariables) -> bool {
    let by_env = ["KUBERNETES_SERVICE_HOST", "DOCKER_IN_DOCKER_ENABLED"]
        .iter()
        .any(|name| env.contains_key(*name));
    let by_file = ["/.dockerenv", "/run/.containerenv"]
        .iter()
        .any(|path| source.exists(path));
    let by_group = source.text("/proc/1/cgroup").is_some_and(|text| {
        ["/docker", "/kubepods", "/lxc", "/containerd"]
            .iter()
            .any(|part| text.contains(part))
    });
    by_env || by_file || by_group
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::live::source::tests::Texts;

    #[test]
    fn a_container_tells_what_the_engine_stands_on() {
        let source = Texts::of([
            ("/.dockerenv", ""),
            (
                "/proc/mounts",
                "overlay / overlay rw 0 0\nproc /proc proc rw 0 0\nproc /proc/sys proc ro 0 0\n/dev/x /var/lib/docker ext4 rw 0 0\n",
            ),
        ]);
        let mut view = View::default();
        read(
            &source,
            &Docker::default(),
            &EnvironmentVariables::new(),
            &mut view,
        );
        let dind = view.dind.known().unwrap();
        assert_eq!(
            (
                dind.root_fs.as_str(),
                dind.proc_sys_ro,
                dind.lib_modules_mounted
            ),
            ("ext4", true, false)
        );
        assert_eq!(view.delegated, Fact::Absent);
        let mut view = View::default();
        read(
            &Texts::default(),
            &Docker::default(),
            &EnvironmentVariables::new(),
            &mut view,
        );
        assert_eq!(view.dind, Fact::Absent);
    }
}
