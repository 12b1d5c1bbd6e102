//! External programs: every call has a time-out, captured output and an error that names it.

use std::{
    collections::VecDeque,
    ffi::OsString,
    fmt,
    fs::OpenOptions,
    os::unix::{fs::OpenOptionsExt as _, process::CommandExt as _},
    path::Path,
    process::{ExitStatus, Stdio},
    time::Duration,
};

use thiserror::Error;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncRead, AsyncWriteExt as _, BufReader},
    process::Child,
    sync::mpsc,
};

/// How many lines of standard error an error carries.
const TAIL_LINES: usize = 20;

/// A program to run, with everything that it needs.
#[derive(Clone, Debug)]
pub struct Command {
    program: OsString,
    args: Vec<OsString>,
    env: Vec<(OsString, OsString)>,
    stdin: Vec<u8>,
    timeout: Duration,
}

/// One line that a program wrote, without its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// A line of standard output.
    Stdout(String),
    /// A line of standard error.
    Stderr(String),
}

/// What a successful program wrote.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Output {
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

/// A call of a program that did not end well.
#[derive(Debug, Error)]
#[error("`{command}` {kind}")]
pub struct ProcessError {
    /// The program and its arguments.
    pub command: String,
    /// What happened.
    pub kind: ProcessErrorKind,
}

/// What happened to a program.
#[derive(Debug, Error)]
pub enum ProcessErrorKind {
    /// There is no such program.
    #[error("was not found")]
    NotFound,
    /// It did not end in time and was killed.
    #[error("did not end within {} s", after.as_secs())]
    TimedOut {
        /// The time that it had.
        after: Duration,
    },
    /// It said that it failed.
    #[error("failed ({status}): {stderr}")]
    Failed {
        /// How it ended.
        status: ExitStatus,
        /// The last lines that it wrote to standard error.
        stderr: String,
    },
    /// It could not be started or talked to.
    #[error("could not be run: {0}")]
    Io(#[from] std::io::Error),
}

impl Command {
    /// `program` without arguments, with a minute to run.
    pub fn new(program: impl AsRef<Path>) -> Self {
        Self {
            program: program.as_ref().as_os_str().to_owned(),
            args: Vec::new(),
            env: Vec::new(),
            stdin: Vec::new(),
            timeout: Duration::from_secs(60),
        }
    }

    /// Adds arguments.
    #[must_use]
    pub fn args<A: Into<OsString>>(mut self, args: impl IntoIterator<Item = A>) -> Self {
        self.args.extend(args.into_iter().map(Into::into));
        self
    }

    /// Adds an environment variable.
    #[must_use]
    pub fn env(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.env.push((name.into(), value.into()));
        self
    }

    /// Sets what the program reads on standard input.
    #[must_use]
    pub fn stdin(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.stdin = bytes.into();
        self
    }

    /// Sets the time after which the program is killed.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Runs the program and returns what it wrote.
    pub async fn run(&self) -> Result<Output, ProcessError> {
        let mut output = Output::default();
        self.run_streaming(|line| {
            let (text, line) = match line {
                Line::Stdout(line) => (&mut output.stdout, line),
                Line::Stderr(line) => (&mut output.stderr, line),
            };
            text.push_str(line);
            text.push('\n');
        })
        .await?;
        Ok(output)
    }

    /// Runs the program and hands over each line when it is written.
    pub async fn run_streaming(&self, on_line: impl FnMut(&Line)) -> Result<(), ProcessError> {
        let result = match tokio::time::timeout(self.timeout, self.drive(on_line)).await {
            Ok(result) => result,
            // Dropping the child kills it: `kill_on_drop` is set.
            Err(_) => Err(ProcessErrorKind::TimedOut {
                after: self.timeout,
            }),
        };
        result.map_err(|kind| ProcessError {
            command: self.to_string(),
            kind,
        })
    }

    /// Starts the program in a process group of its own, so that it outlives this process and its
    /// terminal. What it writes goes to the end of the file `log`.
    pub fn spawn_detached(&self, log: &Path) -> Result<DetachedChild, ProcessError> {
        let start = || -> Result<std::process::Child, ProcessErrorKind> {
            let output = OpenOptions::new()
                .create(true)
                .append(true)
                .mode(0o600)
                .open(log)?;
            // The one place besides `spawn` that may start a program.
            #[expect(clippy::disallowed_methods, reason = "this is the wrapper")]
            let mut command = std::process::Command::new(&self.program);
            command
                .args(&self.args)
                .envs(self.env.iter().map(|(name, value)| (name, value)))
                .stdin(Stdio::null())
                .stdout(output.try_clone()?)
                .stderr(output)
                .process_group(0)
                .spawn()
                .map_err(ProcessErrorKind::from_start)
        };
        start().map(DetachedChild).map_err(|kind| ProcessError {
            command: self.to_string(),
            kind,
        })
    }

    async fn drive(&self, mut on_line: impl FnMut(&Line)) -> Result<(), ProcessErrorKind> {
        let mut child = self.spawn()?;
        let (sender, mut lines) = mpsc::channel(64);
        let stdout = child.stdout.take().expect("standard output is piped");
        let stderr = child.stderr.take().expect("standard error is piped");
        let mut stdin = child.stdin.take().expect("standard input is piped");
        let input = self.stdin.clone();
        let feed = async move {
            // A program that does not read its input is no error; it shows in its exit status.
            drop(stdin.write_all(&input).await);
            drop(stdin);
        };
        let read = async {
            tokio::join!(
                feed,
                forward(stdout, Line::Stdout, sender.clone()),
                forward(stderr, Line::Stderr, sender)
            );
        };
        let mut tail = VecDeque::with_capacity(TAIL_LINES);
        let consume = async {
            while let Some(line) = lines.recv().await {
                on_line(&line);
                if let Line::Stderr(text) = line {
                    if tail.len() == TAIL_LINES {
                        tail.pop_front();
                    }
                    tail.push_back(text);
                }
            }
        };
        tokio::join!(read, consume);
        let status = child.wait().await?;
        if status.success() {
            return Ok(());
        }
        let stderr = Vec::from(tail).join("\n");
        Err(ProcessErrorKind::Failed { status, stderr })
    }

    fn spawn(&self) -> Result<Child, ProcessErrorKind> {
        tokio::process::Command::new(&self.program)
            .args(&self.args)
            .envs(self.env.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(ProcessErrorKind::from_start)
    }
}

impl ProcessErrorKind {
    fn from_start(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::NotFound => Self::NotFound,
            _ => Self::Io(error),
        }
    }
}

/// A program that outlives this process.
#[derive(Debug)]
pub struct DetachedChild(std::process::Child);

impl DetachedChild {
    /// How it ended, if it did.
    pub fn exited(&mut self) -> Option<ExitStatus> {
        self.0.try_wait().ok().flatten()
    }
}

async fn forward(
    stream: impl AsyncRead + Unpin,
    wrap: fn(String) -> Line,
    sender: mpsc::Sender<Line>,
) {
    let mut reader = BufReader::new(stream);
    let mut bytes = Vec::new();
    loop {
        bytes.clear();
        match reader.read_until(b'\n', &mut bytes).await {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
        let text = String::from_utf8_lossy(&bytes);
        let line = wrap(text.trim_end_matches(['\r', '\n']).to_owned());
        if sender.send(line).await.is_err() {
            return;
        }
    }
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.program.to_string_lossy())?;
        for arg in &self.args {
            write!(f, " {}", arg.to_string_lossy())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        Command::new("sh").args(["-c", script])
    }

    #[tokio::test]
    async fn both_streams_are_captured() {
        let output = shell("echo out; echo err >&2").run().await.unwrap();
        assert_eq!(
            (output.stdout.as_str(), output.stderr.as_str()),
            ("out\n", "err\n")
        );
    }

    #[tokio::test]
    async fn input_reaches_the_program() {
        let output = Command::new("cat").stdin("fd00::1").run().await.unwrap();
        assert_eq!(output.stdout, "fd00::1\n");
    }

    #[tokio::test]
    async fn a_failure_carries_the_last_lines_of_standard_error() {
        let error = shell("echo reason >&2; exit 3").run().await.unwrap_err();
        assert!(
            error
                .to_string()
                .ends_with("failed (exit status: 3): reason"),
            "{error}"
        );
    }

    #[tokio::test]
    async fn a_missing_program_is_told_apart() {
        let error = Command::new("garden6-no-such-program")
            .run()
            .await
            .unwrap_err();
        assert!(matches!(error.kind, ProcessErrorKind::NotFound));
    }

    #[tokio::test]
    async fn a_program_that_hangs_is_killed() {
        let error = shell("sleep 60")
            .timeout(Duration::from_millis(50))
            .run()
            .await
            .unwrap_err();
        assert!(matches!(error.kind, ProcessErrorKind::TimedOut { .. }));
    }
}
