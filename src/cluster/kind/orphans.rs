//! kind processes that outlived the command which started them.
//!
//! A killed `up` leaves its kind running. When that one fails later it removes the containers of its cluster
//! by name, which by then may be those of the next attempt. It is found by its arguments, which contain the
//! path of our own document.

use std::path::Path;

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

/// Ends every process that creates a cluster from `config`, and returns how many there were.
///
/// Only Linux tells the arguments of other processes as files; elsewhere nothing is found.
pub(super) fn end_creators(config: &Path) -> usize {
    let Ok(processes) = std::fs::read_dir("/proc") else {
        return 0;
    };
    processes
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok())
        .filter(|pid| {
            std::fs::read(format!("/proc/{pid}/cmdline"))
                .is_ok_and(|arguments| creates_from(&arguments, config))
        })
        .filter(|pid| kill(Pid::from_raw(*pid), Signal::SIGKILL).is_ok())
        .count()
}

fn creates_from(arguments: &[u8], config: &Path) -> bool {
    let arguments: Vec<&[u8]> = arguments.split(|byte| *byte == 0).collect();
    let config = config.as_os_str().as_encoded_bytes();
    arguments
        .windows(2)
        .any(|pair| pair == [b"create".as_slice(), b"cluster".as_slice()])
        && arguments
            .windows(2)
            .any(|pair| pair == [b"--config".as_slice(), config])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_creator_of_our_own_document_is_meant() {
        let ours = b"kind\0create\0cluster\0--name\0x\0--config\0/state/kind.yaml\0";
        assert!(creates_from(ours, Path::new("/state/kind.yaml")));
        assert!(!creates_from(ours, Path::new("/other/kind.yaml")));
        assert!(!creates_from(
            b"vi\0/state/kind.yaml\0",
            Path::new("/state/kind.yaml")
        ));
    }
}
