//! A serving certificate that can be exchanged while the server runs.

use std::{
    fmt,
    sync::{Arc, RwLock},
};

use rustls::{
    ServerConfig,
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};

use super::authority::AuthorityError;

/// The certificate that new connections get; older ones keep theirs.
#[derive(Default)]
pub(super) struct CurrentCertificate(RwLock<Option<Arc<CertifiedKey>>>);

impl CurrentCertificate {
    /// Serves this certificate from now on.
    pub(super) fn set(&self, certificate: CertifiedKey) {
        *self.0.write().expect("no panic happens under this lock") = Some(Arc::new(certificate));
    }

    /// The settings of a TLS server with whatever certificate is current.
    pub(super) fn server(self: &Arc<Self>) -> Result<Arc<ServerConfig>, AuthorityError> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut tls = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_cert_resolver(Arc::<Self>::clone(self));
        tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        // A resumed session would keep the certificate that it began with.
        tls.send_tls13_tickets = 0;
        tls.session_storage = Arc::new(rustls::server::NoServerSessionStorage {});
        Ok(Arc::new(tls))
    }
}

impl fmt::Debug for CurrentCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("CurrentCertificate").finish_non_exhaustive()
    }
}

impl ResolvesServerCert for CurrentCertificate {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        self.0
            .read()
            .expect("no panic happens under this lock")
            .clone()
    }
}
