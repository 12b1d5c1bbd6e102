//! Processes that outlived the command which started them: kind, and the `docker run` of its nodes.
//!
//! A killed `up` leaves its kind running. When that one fails later it removes the containers of its cluster
//! by name, which by then may be those of the next attempt. kind is found by the path of our own document
//! among its arguments, the clients it started by the label of the cluster.

use std::path::Path;

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

use super::engine::CLUSTER_LABEL;

/// Ends every process that creates the cluster from `config`, and returns how many there were.
///
/// Only Linux tells the arguments of other processes as files; elsewhere nothing is found.
pub(super) fn end_creators(config: &Path, cluster: &str) -> usize {
    let Ok(processes) = std::fs::read_dir("/proc") else {
        return 0;
    };
    processes
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok())
        .filter(|pid| {
            std::fs::read(format!("/proc/{pid}/cmdline")).is_ok_and(|arguments| {
                creates_from(&arguments, config) || runs_node(&arguments, cluster)
            })
        })
        .filter(|pid| kill(Pid::from_raw(*pid), Signal::SIGKILL).is_ok())
        .count()
}

fn creates_from(arguments: &[u8], config: &Path) -> bool {
    let config = config.as_os_str().as_encoded_bytes();
    has_pair(arguments, b"create", b"cluster") && has_pair(arguments, b"--config", config)
}

fn runs_node(arguments: &[u8], cluster: &str) -> bool {
    let label = format!("{CLUSTER_LABEL}={cluster}");
    has_pair(arguments, b"docker", b"run") && has_pair(arguments, b"--label", label.as_bytes())
}

/// Whether two arguments stand side by side; the program is compared without its folder.
fn has_pair(arguments: &[u8], first: &[u8], second: &[u8]) -> bool {
    let words: Vec<&[u8]> = arguments.split(|byte| *byte == 0).collect();
    words.windows(2).enumerate().any(|(index, pair)| {
        let word = if index == 0 {
            pair[0]
                .rsplit(|byte| *byte == b'/')
                .next()
                .unwrap_or_default()
        } else {
            pair[0]
        };
        word == first && pair[1] == second
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_creator_of_our_own_document_is_meant() {
        let ours = b"/usr/bin/kind\0create\0cluster\0--name\0x\0--config\0/state/kind.yaml\0";
        assert!(creates_from(ours, Path::new("/state/kind.yaml")));
        assert!(!creates_from(ours, Path::new("/other/kind.yaml")));
        assert!(!creates_from(
            b"vi\0/state/kind.yaml\0",
            Path::new("/state/kind.yaml")
        ));
    }

    #[test]
    fn only_nodes_of_our_own_cluster_are_meant() {
        let node = b"/usr/bin/docker\0run\0--name\0x-worker\0--label\0io.x-k8s.kind.cluster=x\0";
        assert!(runs_node(node, "x"));
        assert!(!runs_node(node, "y"));
        assert!(!runs_node(
            b"docker\0ps\0--label\0io.x-k8s.kind.cluster=x\0",
            "x"
        ));
    }
}
