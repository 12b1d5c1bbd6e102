//! The certificates of the webhook as a Secret keeps them. Pure, but for new keys.

use std::collections::BTreeMap;

use jiff::Timestamp;
use k8s_openapi::ByteString;

use super::{
    authority::{AuthorityError, Issued},
    rotation::{Action, Inventory},
};

/// What a Secret holds, by key.
pub(super) type Data = BTreeMap<String, ByteString>;

const AUTHORITY: (&str, &str) = ("ca.crt", "ca.key");
const SUCCESSOR: (&str, &str) = ("next-ca.crt", "next-ca.key");
const PREDECESSOR: &str = "old-ca.crt";
const SERVING: (&str, &str) = ("tls.crt", "tls.key");

/// All certificates of the webhook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Keys {
    authority: Issued,
    successor: Option<Issued>,
    predecessor: Option<String>,
    serving: Option<Issued>,
}

impl Keys {
    /// Reads a Secret; `None` without a usable authority.
    pub(super) fn read(data: &Data) -> Option<Self> {
        let text = |key: &str| String::from_utf8(data.get(key)?.0.clone()).ok();
        let pair = |(certificate, key)| Issued::read(text(certificate)?, text(key)?);
        Some(Self {
            authority: pair(AUTHORITY)?,
            successor: pair(SUCCESSOR),
            predecessor: text(PREDECESSOR),
            serving: pair(SERVING),
        })
    }

    /// Fills a Secret.
    pub(super) fn data(&self) -> Data {
        let mut data = Data::new();
        let mut put = |key: &str, text: &str| {
            data.insert(key.to_owned(), ByteString(text.as_bytes().to_vec()));
        };
        let pairs = [
            (AUTHORITY, Some(&self.authority)),
            (SUCCESSOR, self.successor.as_ref()),
            (SERVING, self.serving.as_ref()),
        ];
        for ((certificate, key), issued) in pairs {
            if let Some(issued) = issued {
                put(certificate, &issued.certificate);
                put(key, &issued.key);
            }
        }
        if let Some(predecessor) = &self.predecessor {
            put(PREDECESSOR, predecessor);
        }
        data
    }

    /// What callers trust: every authority whose certificates they may meet, in PEM.
    pub(super) fn bundle(&self) -> String {
        let successor = self.successor.as_ref().map(|issued| &issued.certificate);
        let all: Vec<&str> = std::iter::once(&self.authority.certificate)
            .chain(successor)
            .chain(&self.predecessor)
            .map(|pem| pem.trim_end())
            .collect();
        all.join("\n") + "\n"
    }

    /// The serving certificate.
    pub(super) fn serving(&self) -> Option<&Issued> {
        self.serving.as_ref()
    }

    /// What there is, for a server of these names.
    pub(super) fn inventory(&self, names: &[String]) -> Inventory {
        let fits = |serving: &&Issued| serving.serves(names, &self.authority);
        Inventory {
            authority: self.authority.validity,
            successor: self.successor.as_ref().map(|issued| issued.validity),
            predecessor: self.predecessor.is_some(),
            serving: self
                .serving
                .as_ref()
                .filter(fits)
                .map(|issued| issued.validity),
        }
    }

    /// The first certificates for a server of these names.
    pub(super) fn found(names: &[String], now: Timestamp) -> Result<Self, AuthorityError> {
        let authority = Issued::authority(now)?;
        Ok(Self {
            serving: Some(authority.sign(names, now)?),
            authority,
            successor: None,
            predecessor: None,
        })
    }

    /// The certificates after an action.
    pub(super) fn after(
        mut self,
        action: Action,
        names: &[String],
        now: Timestamp,
    ) -> Result<Self, AuthorityError> {
        match action {
            Action::Found => return Self::found(names, now),
            Action::Introduce => self.successor = Some(Issued::authority(now)?),
            Action::Promote => {
                let successor = match self.successor.take() {
                    Some(successor) => successor,
                    None => Issued::authority(now)?,
                };
                let predecessor = std::mem::replace(&mut self.authority, successor);
                self.predecessor = Some(predecessor.certificate);
                self.serving = Some(self.authority.sign(names, now)?);
            }
            Action::Issue => self.serving = Some(self.authority.sign(names, now)?),
            Action::Retire => self.predecessor = None,
            Action::Rest(_) => {}
        }
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Vec<String> {
        vec!["garden6.garden6-system.svc".to_owned()]
    }

    fn now() -> Timestamp {
        Timestamp::from_second(1_800_000_000).unwrap()
    }

    #[test]
    fn a_secret_gives_back_what_was_put_into_it() {
        let mut keys = Keys::found(&names(), now()).unwrap();
        for action in [Action::Introduce, Action::Promote, Action::Introduce] {
            keys = keys.after(action, &names(), now()).unwrap();
            assert_eq!(Keys::read(&keys.data()), Some(keys.clone()));
        }
        assert_eq!(keys.data().len(), 7);
    }

    #[test]
    fn damaged_parts_count_as_missing() {
        let keys = Keys::found(&names(), now()).unwrap();
        let mut data = keys.data();
        let other = Keys::found(&names(), now()).unwrap().data();
        data.insert("tls.key".to_owned(), other["tls.key"].clone());
        assert_eq!(Keys::read(&data).unwrap().serving, None);
        data.insert("ca.crt".to_owned(), ByteString(b"nonsense".to_vec()));
        assert_eq!(Keys::read(&data), None);
    }

    #[test]
    fn a_certificate_of_other_names_or_another_authority_does_not_count() {
        let keys = Keys::found(&names(), now()).unwrap();
        assert!(keys.inventory(&names()).serving.is_some());
        let others = vec!["other.garden6-system.svc".to_owned()];
        assert_eq!(keys.inventory(&others).serving, None);
        let later = now() + jiff::SignedDuration::from_secs(1);
        let mut foreign = Keys::found(&names(), later).unwrap();
        foreign.serving = keys.serving;
        assert_eq!(foreign.inventory(&names()).serving, None);
    }
}
