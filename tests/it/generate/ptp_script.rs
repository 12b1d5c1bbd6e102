//! The script that connects pods, against programs that only write down what they are asked.

use std::{fs, os::unix::fs::PermissionsExt as _, path::Path, time::Duration};

use garden6::process::Command;

use super::command::{generate, stderr};

fn program(folder: &Path, name: &str, script: &str) {
    let path = folder.join(name);
    fs::write(&path, format!("#!/bin/sh\n{script}\n")).expect("a program");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("it can be run");
}

#[tokio::test]
async fn every_node_gets_its_ranges_and_a_route_to_every_other_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("out");
    let made = generate(&[
        "all",
        "--cni",
        "ptp",
        "--ip-family",
        "dual",
        "--out",
        out.to_str().expect("text"),
    ]);
    assert!(made.status.success(), "{}", stderr(&made));

    let bin = folder.path().join("bin");
    fs::create_dir(&bin).expect("a folder");
    program(&bin, "kind", "printf 'a\\nb\\n'");
    program(
        &bin,
        "kubectl",
        r#"case "$3/$5" in
a/*podCIDRs*) printf 'fd00:10:1::/64\n10.0.0.0/24\n' ;;
b/*podCIDRs*) printf 'fd00:10:1:1::/64\n10.0.1.0/24\n' ;;
a/*) printf 'fd00:10::2\n172.18.0.2\n' ;;
b/*) printf 'fd00:10::3\n172.18.0.3\n' ;;
esac"#,
    );
    program(
        &bin,
        "docker",
        r#"echo "$*" >> "$LOG"
case "$*" in
*/mtu) echo 1400 ;;
*'cat >'*) cat >> "$LOG.$3" ;;
esac"#,
    );
    let log = folder.path().join("log");
    let path = format!("{}:/usr/bin:/bin", bin.display());
    let output = Command::new("bash")
        .args([out.join("ptp.sh").as_os_str()])
        .env("PATH", path)
        .env("LOG", &log)
        .timeout(Duration::from_secs(60))
        .run()
        .await
        .expect("the script succeeds");
    assert_eq!(output.stdout, "a is connected\nb is connected\n");
    let asked = fs::read_to_string(&log).expect("docker was asked");
    for line in [
        "exec a ip -6 route replace fd00:10:1:1::/64 via fd00:10::3",
        "exec a ip -4 route replace 10.0.1.0/24 via 172.18.0.3",
        "exec b ip -6 route replace fd00:10:1::/64 via fd00:10::2",
        "exec b ip -4 route replace 10.0.0.0/24 via 172.18.0.2",
    ] {
        assert!(
            asked.lines().any(|asked| asked == line),
            "{line} is not in\n{asked}"
        );
    }
    assert_eq!(
        asked.matches("ip6tables -w -t nat -A POSTROUTING").count(),
        2,
        "{asked}"
    );
    for (node, range) in [("a", "fd00:10:1::/64"), ("b", "fd00:10:1:1::/64")] {
        let file = fs::read(log.with_extension(node)).expect("the node got a file");
        let network: serde_json::Value = serde_json::from_slice(&file).expect("it is JSON");
        assert_eq!(network["plugins"][0]["mtu"], 1400);
        assert_eq!(
            network["plugins"][0]["ipam"]["ranges"][0][0]["subnet"],
            range
        );
    }
}
