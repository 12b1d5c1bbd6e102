//! TLS of the server: client certificates are asked for, never required, and trusted only when
//! the control plane's own authority signed them.

use std::sync::Arc;

use rustls::pki_types::PrivateKeyDer;
use rustls::server::{VerifierBuilderError, WebPkiClientVerifier};
use rustls::{RootCertStore, ServerConfig};
use thiserror::Error;

use super::authority::{Authority, Leaf};

/// The server's TLS set-up was refused by the library.
#[derive(Debug, Error)]
pub enum TlsError {
    /// The authority, certificate or key does not fit.
    #[error("the TLS configuration is not usable")]
    Configuration(#[from] rustls::Error),
    /// The verifier of client certificates cannot be built.
    #[error("the verifier of client certificates cannot be built")]
    Verifier(#[from] VerifierBuilderError),
}

/// TLS 1.2 and later, HTTP/2 and HTTP/1.1 by ALPN: Go clients take the first, kube-rs the second.
pub(crate) fn server_config(
    authority: &Authority,
    leaf: &Leaf,
) -> Result<Arc<ServerConfig>, TlsError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut roots = RootCertStore::empty();
    roots.add(authority.certificate().clone())?;
    let verifier =
        WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider))
            .allow_unauthenticated()
            .build()?;
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_client_cert_verifier(verifier)
        .with_single_cert(
            vec![leaf.certificate.clone()],
            PrivateKeyDer::Pkcs8(leaf.key.clone_key()),
        )?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}
