//! The HTTP clients of a run: connections are shared by everything that talks to the same host.

use std::sync::OnceLock;

use reqwest::{Certificate, Client, Url, redirect};

use super::{Patience, endpoint::is_private};

/// Clients with and without TLS, through the proxy of the environment or directly.
///
/// They are made when they are first needed: reading the system's certificates costs more than asking a local
/// registry what it has.
#[derive(Debug, Default)]
pub struct HttpClients {
    roots: Vec<Certificate>,
    patience: Patience,
    direct_plain: OnceLock<Client>,
    direct_tls: OnceLock<Client>,
    proxied: OnceLock<Client>,
}

impl HttpClients {
    /// Clients that trust `roots` besides the authorities of the system.
    pub fn new(roots: Vec<Certificate>, patience: Patience) -> Self {
        Self {
            roots,
            patience,
            ..Self::default()
        }
    }

    pub(super) fn patience(&self) -> &Patience {
        &self.patience
    }

    /// The client for a URL. Private addresses are never asked for through a proxy.
    ///
    /// # Errors
    ///
    /// TLS cannot be set up.
    pub(in crate::mirror) fn of(&self, url: &Url) -> Result<&Client, reqwest::Error> {
        let (slot, direct, tls) = match (is_private(url), url.scheme()) {
            (true, "http") => (&self.direct_plain, true, false),
            (true, _) => (&self.direct_tls, true, true),
            (false, _) => (&self.proxied, false, true),
        };
        if let Some(client) = slot.get() {
            return Ok(client);
        }
        let client = self.build(direct, tls)?;
        Ok(slot.get_or_init(|| client))
    }

    fn build(&self, direct: bool, tls: bool) -> Result<Client, reqwest::Error> {
        // Fails if a provider is installed already, which is all that is needed.
        drop(rustls::crypto::ring::default_provider().install_default());
        // Redirects are followed by hand: what goes along depends on where they lead.
        let mut builder = Client::builder()
            .redirect(redirect::Policy::none())
            .referer(false)
            .user_agent(concat!("garden6/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(self.patience.connect);
        if direct {
            builder = builder.no_proxy();
        }
        builder = if tls {
            builder.tls_certs_merge(self.roots.iter().cloned())
        } else {
            builder.tls_certs_only([])
        };
        builder.build()
    }
}
