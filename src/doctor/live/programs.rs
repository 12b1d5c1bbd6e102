//! Programs as sources of facts: bounded in time, in the language of the parsers.

use std::{collections::BTreeMap, os::unix::process::ExitStatusExt as _, time::Duration};

use futures_util::future::join_all;

use crate::{
    doctor::{Fact, facts::CommandAnswer},
    process::{Command, Line, ProcessErrorKind},
};

/// Time for one program.
pub(super) const TOOL: Duration = Duration::from_secs(2);
/// Longest output that is kept; versions are a line.
const MAX_OUTPUT: usize = 256 * 1024;

/// Runs a program and keeps how it ended and what it wrote.
pub(super) async fn answer(
    program: &str,
    arguments: &[&str],
    time_out: Duration,
) -> Fact<CommandAnswer> {
    let (mut out, mut err) = (String::new(), String::new());
    let run = Command::new(program)
        .args(arguments.iter().copied())
        .env("LC_ALL", "C")
        .timeout(time_out)
        .run_streaming(|line| {
            let (text, line) = match line {
                Line::Stdout(line) => (&mut out, line),
                Line::Stderr(line) => (&mut err, line),
            };
            if text.len() < MAX_OUTPUT {
                text.push_str(line);
                text.push('\n');
            }
        })
        .await;
    let Err(error) = run else {
        return Fact::Known(CommandAnswer::ok(out));
    };
    match error.kind {
        ProcessErrorKind::NotFound => Fact::Absent,
        ProcessErrorKind::Failed { status, .. } => Fact::Known(CommandAnswer {
            rc: status
                .code()
                .or(status.signal().map(|signal| 128 + signal))
                .unwrap_or(-1),
            out: out + &err,
        }),
        ProcessErrorKind::Io(error) if error.kind() == std::io::ErrorKind::PermissionDenied => {
            Fact::Denied
        }
        kind @ (ProcessErrorKind::TimedOut { .. } | ProcessErrorKind::Io(_)) => {
            Fact::Unavailable(format!("`{program}` {kind}"))
        }
    }
}

/// Runs command lines side by side. Words are separated by blanks; none of ours has quotes.
pub(super) async fn answers<'a>(
    lines: impl IntoIterator<Item = &'a str>,
) -> BTreeMap<String, Fact<CommandAnswer>> {
    let runs = lines.into_iter().map(|line| async move {
        let mut words = line.split(' ');
        let program = words.next().unwrap_or_default();
        let arguments: Vec<&str> = words.collect();
        (line.to_owned(), answer(program, &arguments, TOOL).await)
    });
    join_all(runs).await.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn programs_answer_fail_hang_or_are_missing() {
        let shell =
            async |script: &str| answer("sh", &["-c", script], Duration::from_millis(300)).await;
        assert_eq!(
            shell("echo a; echo b >&2").await,
            Fact::Known(CommandAnswer::ok("a\n"))
        );
        let failed = CommandAnswer {
            rc: 3,
            out: "a\nb\n".to_owned(),
        };
        assert_eq!(
            shell("echo a; echo b >&2; exit 3").await,
            Fact::Known(failed)
        );
        let killed = CommandAnswer {
            rc: 143,
            out: String::new(),
        };
        assert_eq!(shell("kill -TERM $$").await, Fact::Known(killed));
        assert!(
            matches!(shell("sleep 60").await, Fact::Unavailable(reason) if reason.contains("did not end within"))
        );
        assert_eq!(
            answer("garden6-no-such-program", &[], TOOL).await,
            Fact::Absent
        );
    }

    #[tokio::test]
    async fn command_lines_run_side_by_side() {
        let found = answers(["echo -n one two", "garden6-none x"]).await;
        assert_eq!(
            found["echo -n one two"],
            Fact::Known(CommandAnswer::ok("one two\n"))
        );
        assert_eq!(found["garden6-none x"], Fact::Absent);
    }
}
