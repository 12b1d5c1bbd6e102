//! Credential helpers: programs called `docker-credential-NAME`, which answer a key with a secret.

use std::time::Duration;

use serde::Deserialize;

use super::Credential;
use crate::process::{Command, ProcessErrorKind};

/// A helper may ask a keyring, and the keyring its user; it may not keep a run waiting for ever.
const TIMEOUT: Duration = Duration::from_secs(20);
/// The user that stands for "this is an identity token".
const TOKEN_USER: &str = "<token>";

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    username: String,
    secret: String,
}

/// Asks a helper. "Not found" is an answer.
///
/// # Errors
///
/// The helper is missing, fails, hangs, or answers something else.
pub(super) async fn ask(name: &str, key: &str) -> Result<Option<Credential>, String> {
    let program = format!("docker-credential-{name}");
    let command = Command::new(&program)
        .args(["get"])
        .stdin(key.as_bytes())
        .timeout(TIMEOUT);
    let mut stdout = String::new();
    let ended = command
        .run_streaming(|line| {
            if let crate::process::Line::Stdout(line) = line {
                stdout.push_str(line);
            }
        })
        .await;
    match ended {
        Ok(()) => {}
        // Helpers say that on standard output and fail.
        Err(_) if is_not_found(&stdout) => return Ok(None),
        Err(error) => {
            return Err(match error.kind {
                ProcessErrorKind::NotFound => {
                    format!(
                        "the configuration names the helper `{program}`, which is not installed"
                    )
                }
                kind => format!("the helper `{program}` {kind} {stdout}"),
            });
        }
    }
    let answer: Answer = serde_json::from_str(&stdout)
        .map_err(|_| format!("the helper `{program}` answered something else than credentials"))?;
    Ok(Some(if answer.username == TOKEN_USER {
        Credential::Identity {
            token: answer.secret,
        }
    } else {
        Credential::Password {
            user: answer.username,
            password: answer.secret,
        }
    }))
}

fn is_not_found(stdout: &str) -> bool {
    stdout.contains("credentials not found")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_helper_that_is_not_installed_is_named() {
        let error = ask("garden6-test-none", "reg.io").await.unwrap_err();
        assert!(
            error.contains("`docker-credential-garden6-test-none`, which is not installed"),
            "{error}"
        );
    }
}
