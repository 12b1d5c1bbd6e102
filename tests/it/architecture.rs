//! The arrows of docs/architecture.md, and the budgets that keep files readable.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::LazyLock,
};

use regex::Regex;

/// Rooms from the bottom up. A room may import from rooms of a lower rank, and from itself.
const RANKS: &[&[&str]] = &[
    &[
        "clock", "counted", "fsutil", "nearest", "parallel", "process", "progress", "yaml",
    ],
    &["net"],
    &["ipam"],
    &["api"],
    &["config"],
    &["doctor", "generate", "mirror"],
    &["cluster"],
    &["stack"],
    &["e2e"],
    &["exit"],
    &["failure"],
    &["ui"],
    &["commands"],
    &["cli"],
];

/// Longest file of product code, in lines without its tests.
const MAX_LINES: usize = 600;

fn sources() -> Vec<(PathBuf, String)> {
    fn walk(folder: &Path, found: &mut Vec<(PathBuf, String)>) {
        for entry in fs::read_dir(folder).expect("the sources are readable files") {
            let path = entry.expect("the sources are readable files").path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let text = fs::read_to_string(&path).expect("the sources are readable files");
                found.push((path, text));
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    walk(&root, &mut found);
    found.sort();
    found
        .into_iter()
        .map(|(path, text)| {
            (
                path.strip_prefix(&root)
                    .expect("the sources are readable files")
                    .to_owned(),
                text,
            )
        })
        .collect()
}

/// The file without its inline tests, which stand at its end.
fn product(text: &str) -> &str {
    text.split("#[cfg(test)]\nmod tests").next().unwrap_or(text)
}

/// The code of a file: no tests, no comments.
fn code(text: &str) -> String {
    let lines = product(text).lines();
    let code = lines.filter(|line| !line.trim_start().starts_with("//"));
    code.collect::<Vec<_>>().join("\n")
}

/// The room a file belongs to: its top folder, or its own name.
fn room(path: &Path) -> String {
    let first = path
        .components()
        .next()
        .expect("the sources are readable files");
    Path::new(first.as_os_str())
        .file_stem()
        .expect("the sources are readable files")
        .to_string_lossy()
        .into_owned()
}

/// Every `crate::ROOM` that a text names, in `use` trees and in paths.
fn imports(text: &str) -> Vec<String> {
    static PATH: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"\bcrate::(\w+)").expect("the pattern is well-formed"));
    static TREE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?s)\bcrate::\{(.*?)\};").expect("the pattern is well-formed")
    });
    let mut rooms: Vec<String> = PATH
        .captures_iter(text)
        .map(|found| found[1].to_owned())
        .collect();
    for found in TREE.captures_iter(text) {
        let mut depth = 0_usize;
        let mut word = String::new();
        for character in found[1].chars().chain([',']) {
            match character {
                '{' => depth += 1,
                '}' => depth = depth.saturating_sub(1),
                ',' if depth == 0 => {
                    let first = word.trim().split("::").next().unwrap_or_default();
                    rooms.extend((!first.is_empty()).then(|| first.to_owned()));
                    word.clear();
                }
                other if depth == 0 => word.push(other),
                _ => {}
            }
        }
    }
    rooms
}

#[test]
fn rooms_import_only_from_rooms_below_them() {
    let rank: BTreeMap<&str, usize> = RANKS
        .iter()
        .enumerate()
        .flat_map(|(rank, rooms)| rooms.iter().map(move |room| (*room, rank)))
        .collect();
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let from = room(&path);
        if from == "lib" || from == "main" {
            continue;
        }
        let Some(from_rank) = rank.get(from.as_str()) else {
            wrong.push(format!("{}: room `{from}` has no rank", path.display()));
            continue;
        };
        for to in imports(&text) {
            match rank.get(to.as_str()) {
                Some(to_rank) if to == from || to_rank < from_rank => {}
                // Helpers of one rank may lean on each other.
                Some(to_rank) if to_rank == from_rank && *from_rank == 0 => {}
                _ => wrong.push(format!("{}: imports `{to}`", path.display())),
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn nothing_in_the_embedded_control_plane_knows_gardener() {
    let wrong: Vec<_> = sources()
        .into_iter()
        .filter(|(path, _)| path.starts_with("cluster/embedded"))
        .filter(|(_, text)| {
            code(text).to_lowercase().contains("gardener")
                || imports(text).iter().any(|room| room == "api")
        })
        .map(|(path, _)| path.display().to_string())
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn files_stay_small() {
    let long: Vec<_> = sources()
        .iter()
        .map(|(path, text)| (path, product(text).lines().count()))
        .filter(|(_, lines)| *lines > MAX_LINES)
        .map(|(path, lines)| format!("{}: {lines} lines", path.display()))
        .collect();
    assert!(long.is_empty(), "{}", long.join("\n"));
}

#[test]
fn brackets_around_addresses_are_written_in_one_file_only() {
    let pasted = Regex::new(r"\[\{[a-z_.]*\}\]:\{").expect("the pattern is well-formed");
    let wildcard =
        Regex::new(r"\b0\.0\.0\.0:|Ipv4Addr::UNSPECIFIED").expect("the pattern is well-formed");
    let wrong: Vec<_> = sources()
        .iter()
        .filter(|(path, _)| !path.ends_with("net/host.rs"))
        // kind's own rules know the wildcard address; nothing listens there.
        .filter(|(path, _)| !path.starts_with("generate/kind"))
        .filter(|(_, text)| {
            let code = code(text);
            pasted.is_match(&code) || wildcard.is_match(&code)
        })
        .map(|(path, _)| path.display().to_string())
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn nothing_is_left_undone_in_comments() {
    let undone = Regex::new(r"\b(TODO|FIXME|XXX|HACK)\b|\b(todo|unimplemented)!")
        .expect("the pattern is well-formed");
    let wrong: Vec<_> = sources()
        .iter()
        .filter(|(_, text)| undone.is_match(text))
        .map(|(path, _)| path.display().to_string())
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
