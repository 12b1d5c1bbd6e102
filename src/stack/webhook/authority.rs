//! The authority and the certificate of the webhook.

use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, KeyUsagePurpose,
};
use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer},
};
use thiserror::Error;

/// Why the webhook cannot speak TLS.
#[derive(Debug, Error)]
pub(crate) enum AuthorityError {
    /// A certificate could not be made.
    #[error("the certificates of the webhook cannot be made")]
    Certificate(#[from] rcgen::Error),
    /// The certificate and its key are refused.
    #[error("the certificates of the webhook are not usable")]
    Tls(#[from] rustls::Error),
}

/// An authority that signed one certificate.
pub(crate) struct Authority {
    /// The authority's certificate, for those who call.
    pub(crate) certificate_pem: String,
    /// The server's side.
    pub(crate) tls: Arc<ServerConfig>,
}

impl Authority {
    /// Makes an authority and a certificate for these names.
    pub(crate) fn generate(names: Vec<String>) -> Result<Self, AuthorityError> {
        let mut authority = CertificateParams::new(Vec::new())?;
        authority
            .distinguished_name
            .push(DnType::CommonName, "garden6-webhook-ca");
        authority.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        authority.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate()?)?;

        let key = KeyPair::generate()?;
        let mut leaf = CertificateParams::new(names)?;
        leaf.distinguished_name
            .push(DnType::CommonName, "garden6-webhook");
        leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        leaf.use_authority_key_identifier_extension = true;
        let leaf = leaf.signed_by(&key, &authority)?;

        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let key = PrivatePkcs8KeyDer::from(key.serialize_der());
        let certificate: CertificateDer<'static> = leaf.der().clone();
        let mut tls = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![certificate], PrivateKeyDer::Pkcs8(key))?;
        tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Self {
            certificate_pem: authority.pem(),
            tls: Arc::new(tls),
        })
    }
}
