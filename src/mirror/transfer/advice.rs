//! What a person can do about an image that was not copied.

use http::StatusCode;

use crate::mirror::MirrorError;

/// What to do about an error, where anything can be done.
pub fn advice(error: &MirrorError) -> Option<String> {
    let text = match error {
        MirrorError::Unauthorized { registry, .. } => {
            format!("log in with `docker login {registry}`, or name the file of your credentials with `--auth-file`")
        }
        MirrorError::Credentials { .. } => {
            "mend the configuration of Docker, or name another file with `--auth-file`".to_owned()
        }
        MirrorError::PullsUsedUp { registry, .. } => {
            format!("log in to {registry} for a larger allowance, or run the same command later: what is there is not pulled again")
        }
        MirrorError::Missing { .. } => "check name and tag at the source".to_owned(),
        MirrorError::Transport { source, registry, .. } if source.is_connect() => {
            let cause = format!("{source:?}").to_lowercase();
            if cause.contains("certificate") || cause.contains("invalidcontenttype") {
                format!("trust its authority with `--ca-file`, or, if it speaks no TLS, say `--plain-http {registry}`")
            } else if cause.contains("dns") {
                format!("the name of {registry} is not found: check it, and the DNS of this machine")
            } else {
                format!("check that {registry} runs and can be reached from here")
            }
        }
        MirrorError::Refused { status, registry, .. } => match *status {
            StatusCode::TOO_MANY_REQUESTS => {
                format!("{registry} has had too many requests: log in there, or run the same command later")
            }
            StatusCode::FORBIDDEN => {
                format!("the account used at {registry} may not do that: check its rights")
            }
            StatusCode::INSUFFICIENT_STORAGE => format!("make room at {registry}, then run the same command again"),
            status if status.is_server_error() => {
                format!("look at the log of {registry} (its disk may be full), then run the same command again")
            }
            _ => return None,
        },
        MirrorError::Transport { .. } | MirrorError::Stalled { .. } | MirrorError::Truncated { .. } => {
            "run the same command again: what arrived is not sent again".to_owned()
        }
        MirrorError::DigestDiffers { .. } => {
            "the content is damaged or was replaced: do not use it, look at the source and at what is between".to_owned()
        }
        MirrorError::Layout { .. } => "name another folder, or repair this one".to_owned(),
        _ => return None,
    };
    Some(text)
}
