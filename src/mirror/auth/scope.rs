//! What a token is asked for.

/// The scopes of one request, the one that is written to first: some servers read no other.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(in crate::mirror) struct Scope {
    repository: String,
    scopes: Vec<String>,
}

impl Scope {
    /// To find out whether a registry answers.
    pub(in crate::mirror) fn none() -> Self {
        Self {
            repository: String::new(),
            scopes: Vec::new(),
        }
    }

    /// To read from a repository.
    pub(in crate::mirror) fn pull(repository: &str) -> Self {
        Self {
            repository: repository.to_owned(),
            scopes: vec![format!("repository:{repository}:pull")],
        }
    }

    /// To write to a repository.
    pub(in crate::mirror) fn push(repository: &str) -> Self {
        Self {
            repository: repository.to_owned(),
            scopes: vec![format!("repository:{repository}:pull,push")],
        }
    }

    /// To write to a repository what another one has. Within one repository that is writing, with the same token.
    pub(in crate::mirror) fn mount(repository: &str, from: &str) -> Self {
        let mut scope = Self::push(repository);
        if from != repository {
            scope.scopes.push(format!("repository:{from}:pull"));
        }
        scope
    }

    /// The same with what the registry asks for on top.
    pub(super) fn with(&self, asked: &str) -> Self {
        let mut wider = self.clone();
        for scope in asked.split_ascii_whitespace() {
            if !wider.scopes.iter().any(|known| known == scope) {
                wider.scopes.push(scope.to_owned());
            }
        }
        wider
    }

    /// The repository that decides whose credentials are used.
    pub(super) fn repository(&self) -> &str {
        &self.repository
    }

    /// The scopes, as they are written in a token request.
    pub(super) fn scopes(&self) -> &[String] {
        &self.scopes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_mount_from_elsewhere_needs_more_than_writing() {
        assert_eq!(Scope::mount("app", "app"), Scope::push("app"));
        assert_eq!(
            Scope::mount("app", "base").scopes(),
            ["repository:app:pull,push", "repository:base:pull"]
        );
    }
}
