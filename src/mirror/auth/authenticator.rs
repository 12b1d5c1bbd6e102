//! The way into one registry: ask first, authenticate when told to, renew before and when it ends.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use http::{HeaderMap, HeaderValue};
use reqwest::Url;
use tokio::sync::Mutex as AsyncMutex;

use super::{
    CredentialStore, Scope,
    challenge::{self, Challenge},
    token::Token,
};
use crate::mirror::registry::{HttpClients, forbids};

/// What the registry has asked for so far.
#[derive(Debug, Clone, Default)]
enum Way {
    /// Nothing yet.
    #[default]
    Open,
    Basic,
    Bearer {
        realm: Url,
        service: Option<String>,
    },
}

/// One token per scope; whoever needs it while it is fetched waits for it.
type Slot = Arc<AsyncMutex<Option<Token>>>;

#[derive(Debug)]
pub(in crate::mirror) struct Authenticator {
    registry: String,
    base: Url,
    http: Arc<HttpClients>,
    store: Arc<CredentialStore>,
    way: Mutex<Way>,
    tokens: Mutex<HashMap<Scope, Slot>>,
    /// What a registry wanted on top of what was asked for.
    wider: Mutex<HashMap<Scope, Scope>>,
}

impl Authenticator {
    pub(in crate::mirror) fn new(
        registry: &str,
        base: &Url,
        http: Arc<HttpClients>,
        store: Arc<CredentialStore>,
    ) -> Self {
        Self {
            registry: registry.to_owned(),
            base: base.clone(),
            http,
            store,
            way: Mutex::default(),
            tokens: Mutex::default(),
            wider: Mutex::default(),
        }
    }

    /// What goes along with a request, if anything.
    ///
    /// # Errors
    ///
    /// The reason why nothing can be had, in words.
    pub(in crate::mirror) async fn header(
        &self,
        scope: &Scope,
    ) -> Result<Option<HeaderValue>, String> {
        let way = self
            .way
            .lock()
            .expect("no panic happens under this lock")
            .clone();
        match way {
            Way::Open => Ok(None),
            Way::Basic => {
                let found = self.store.find(&self.registry, scope.repository()).await?;
                Ok(found.and_then(|credential| credential.header()))
            }
            Way::Bearer { realm, service } => {
                let credential = self.store.find(&self.registry, scope.repository()).await?;
                if let Some(credential @ super::Credential::Registry { .. }) = &credential {
                    return Ok(credential.header());
                }
                let scope = self.widened(scope);
                let slot = self.slot(&scope);
                let mut slot = slot.lock().await;
                if let Some(token) = slot.as_ref().filter(|token| token.is_fresh()) {
                    return Ok(Some(token.header.clone()));
                }
                let token = Token::fetch(
                    &self.http,
                    &realm,
                    service.as_deref(),
                    &scope,
                    credential.as_ref(),
                )
                .await?;
                Ok(Some(slot.insert(token).header.clone()))
            }
        }
    }

    /// Learns from a refusal (401). `sent` is what went along.
    ///
    /// # Errors
    ///
    /// There is no other way to try; the reason in words.
    pub(in crate::mirror) async fn refused(
        &self,
        scope: &Scope,
        headers: &HeaderMap,
        sent: Option<&HeaderValue>,
    ) -> Result<(), String> {
        match challenge::best(headers) {
            None => Err("it does not say how to authenticate".to_owned()),
            Some(Challenge::Basic) => {
                let found = self.store.find(&self.registry, scope.repository()).await?;
                if found.and_then(|credential| credential.header()).is_none() {
                    return Err("it wants a user and a password, and none are stored".to_owned());
                }
                if sent.is_some_and(|sent| sent.as_bytes().starts_with(b"Basic ")) {
                    return Err("it does not take the stored user and password".to_owned());
                }
                *self.way.lock().expect("no panic happens under this lock") = Way::Basic;
                Ok(())
            }
            Some(Challenge::Bearer {
                realm,
                service,
                scope: asked,
            }) => {
                let realm = self.realm(&realm)?;
                *self.way.lock().expect("no panic happens under this lock") =
                    Way::Bearer { realm, service };
                self.forget(scope, sent).await;
                if let Some(asked) = asked {
                    let wider = self.widened(scope).with(&asked);
                    let mut known = self.wider.lock().expect("no panic happens under this lock");
                    if wider != *scope {
                        known.insert(scope.clone(), wider);
                    }
                }
                Ok(())
            }
        }
    }

    /// Drops the token that was refused, unless somebody renewed it meanwhile.
    async fn forget(&self, scope: &Scope, sent: Option<&HeaderValue>) {
        let slot = self.slot(&self.widened(scope));
        let mut slot = slot.lock().await;
        if slot.as_ref().map(|token| &token.header) == sent {
            *slot = None;
        }
    }

    fn realm(&self, realm: &str) -> Result<Url, String> {
        let url = Url::parse(realm).map_err(|_| format!("its token realm `{realm}` is no URL"))?;
        match forbids(&self.base, &url) {
            Some(reason) => Err(format!("its token realm `{realm}` is not used: {reason}")),
            None => Ok(url),
        }
    }

    fn widened(&self, scope: &Scope) -> Scope {
        let known = self.wider.lock().expect("no panic happens under this lock");
        known.get(scope).unwrap_or(scope).clone()
    }

    fn slot(&self, scope: &Scope) -> Slot {
        let mut tokens = self
            .tokens
            .lock()
            .expect("no panic happens under this lock");
        Arc::clone(tokens.entry(scope.clone()).or_default())
    }
}
