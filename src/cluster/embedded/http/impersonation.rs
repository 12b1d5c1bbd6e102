//! Acting as somebody else (`kubectl --as`).

use http::header::HeaderMap;

use super::identity::{self, Identity};
use crate::cluster::embedded::status::Status;

const MASTERS: &str = "system:masters";
const ACCOUNT: &str = "system:serviceaccount:";

/// Replaces the identity by the one that the headers ask for; only members of `system:masters` may.
///
/// Service accounts and the anonymous user get the groups they always have, unless others are
/// asked for.
pub(crate) fn apply(headers: &HeaderMap, identity: Identity) -> Result<Identity, Status> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let Some(user) = text("impersonate-user") else {
        return Ok(identity);
    };
    if !identity.groups.iter().any(|group| group == MASTERS) {
        let why = format!(
            "User {:?} cannot impersonate resource \"users\" in API group \"\" at the cluster scope",
            identity.name
        );
        return Err(Status::forbidden("", "users", user, why));
    }
    let asked: Vec<String> = headers
        .get_all("impersonate-group")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .map(str::to_owned)
        .collect();
    let groups = if asked.is_empty() {
        usual_groups(user)
    } else {
        asked
    };
    if user == identity::ANONYMOUS {
        return Ok(Identity {
            name: user.to_owned(),
            groups,
        });
    }
    Ok(identity::authenticated(user.to_owned(), groups))
}

fn usual_groups(user: &str) -> Vec<String> {
    if user == identity::ANONYMOUS {
        return vec![identity::UNAUTHENTICATED.to_owned()];
    }
    match user
        .strip_prefix(ACCOUNT)
        .and_then(|account| account.split_once(':'))
    {
        Some((namespace, _)) => vec![
            "system:serviceaccounts".to_owned(),
            format!("system:serviceaccounts:{namespace}"),
        ],
        None => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn as_user(user: &'static str, groups: &[&'static str]) -> Identity {
        let mut headers = HeaderMap::new();
        headers.insert("impersonate-user", HeaderValue::from_static(user));
        for group in groups {
            headers.append("impersonate-group", HeaderValue::from_static(group));
        }
        let master = identity::authenticated("admin".to_owned(), vec![MASTERS.to_owned()]);
        apply(&headers, master).unwrap()
    }

    #[test]
    fn the_groups_asked_for_replace_the_usual_ones() {
        for (user, asked, expected) in [
            ("alice", &["dev"][..], &["dev", "system:authenticated"][..]),
            ("alice", &[], &["system:authenticated"]),
            (
                "system:serviceaccount:ns:bot",
                &[],
                &[
                    "system:serviceaccounts",
                    "system:serviceaccounts:ns",
                    "system:authenticated",
                ],
            ),
            (
                "system:serviceaccount:ns:bot",
                &["dev"],
                &["dev", "system:authenticated"],
            ),
            ("system:anonymous", &[], &["system:unauthenticated"]),
        ] {
            let found = as_user(user, asked);
            assert_eq!(
                (found.name.as_str(), found.groups),
                (user, expected.iter().map(|&g| g.to_owned()).collect())
            );
        }
    }

    #[test]
    fn only_masters_may_impersonate() {
        let mut headers = HeaderMap::new();
        headers.insert("impersonate-user", HeaderValue::from_static("alice"));
        let bob = identity::authenticated("bob".to_owned(), Vec::new());
        assert_eq!(apply(&headers, bob).unwrap_err().code, 403);
    }
}
