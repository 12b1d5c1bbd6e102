//! Certificates of the webhook: authorities, and what they sign.

use std::time::SystemTime;

use jiff::{SignedDuration, Timestamp};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
};
use rustls::{
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
    sign::CertifiedKey,
};
use thiserror::Error;
use x509_parser::prelude::{FromDer as _, GeneralName, X509Certificate};

use super::rotation::{BACKDATE, Validity};

/// How long an authority is valid.
const AUTHORITY_LIFE: SignedDuration = SignedDuration::from_hours(365 * 24);
/// How long a serving certificate is valid.
const SERVING_LIFE: SignedDuration = SignedDuration::from_hours(90 * 24);

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

/// A certificate with its key, both in PEM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Issued {
    pub(super) certificate: String,
    pub(super) key: String,
    pub(super) validity: Validity,
}

impl Issued {
    /// Takes what was made before; `None` if it is no certificate with its key.
    pub(super) fn read(certificate: String, key: String) -> Option<Self> {
        let der = der(&certificate)?;
        certified(der.clone(), &key).ok()?;
        let (_, parsed) = X509Certificate::from_der(&der).ok()?;
        let moment = |time: x509_parser::time::ASN1Time| Timestamp::from_second(time.timestamp());
        let validity = Validity {
            from: moment(parsed.validity().not_before).ok()?,
            until: moment(parsed.validity().not_after).ok()?,
        };
        Some(Self {
            certificate,
            key,
            validity,
        })
    }

    /// Makes an authority. Its name is its own, so that a chain leads to one authority only.
    pub(super) fn authority(now: Timestamp) -> Result<Self, AuthorityError> {
        let validity = Validity {
            from: now - BACKDATE,
            until: now + AUTHORITY_LIFE,
        };
        let mut params = params(Vec::new(), validity)?;
        params.distinguished_name = name(&format!("garden6-webhook-ca-{}", now.as_second()));
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let made = CertifiedIssuer::self_signed(params, KeyPair::generate()?)?;
        Ok(Self {
            certificate: made.pem(),
            key: made.key().serialize_pem(),
            validity,
        })
    }

    /// Lets this authority sign a serving certificate, valid no longer than itself.
    pub(super) fn sign(&self, names: &[String], now: Timestamp) -> Result<Self, AuthorityError> {
        let validity = Validity {
            from: now - BACKDATE,
            until: (now + SERVING_LIFE).min(self.validity.until),
        };
        let issuer = Issuer::from_ca_cert_pem(&self.certificate, KeyPair::from_pem(&self.key)?)?;
        let mut params = params(names.to_vec(), validity)?;
        params.distinguished_name = name("garden6-webhook");
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        let key = KeyPair::generate()?;
        let made = params.signed_by(&key, &issuer)?;
        Ok(Self {
            certificate: made.pem(),
            key: key.serialize_pem(),
            validity,
        })
    }

    /// Whether this certificate is for all of these names and comes from that authority.
    pub(super) fn serves(&self, names: &[String], authority: &Self) -> bool {
        let (Some(own), Some(issuer)) = (der(&self.certificate), der(&authority.certificate))
        else {
            return false;
        };
        let (Ok((_, own)), Ok((_, issuer))) = (
            X509Certificate::from_der(&own),
            X509Certificate::from_der(&issuer),
        ) else {
            return false;
        };
        let Ok(Some(alternatives)) = own.subject_alternative_name() else {
            return false;
        };
        let has = |wanted: &String| {
            let mut found = alternatives.value.general_names.iter();
            found.any(|one| matches!(one, GeneralName::DNSName(found) if found == wanted))
        };
        own.issuer().as_raw() == issuer.subject().as_raw() && names.iter().all(has)
    }

    /// The form that a TLS server takes.
    pub(super) fn certified(&self) -> Result<CertifiedKey, AuthorityError> {
        let unusable = rustls::Error::General("the certificate is no PEM".to_owned());
        Ok(certified(
            der(&self.certificate).ok_or(unusable)?,
            &self.key,
        )?)
    }
}

fn der(pem: &str) -> Option<CertificateDer<'static>> {
    CertificateDer::from_pem_slice(pem.as_bytes()).ok()
}

fn certified(
    certificate: CertificateDer<'static>,
    key: &str,
) -> Result<CertifiedKey, rustls::Error> {
    let key = PrivateKeyDer::from_pem_slice(key.as_bytes())
        .map_err(|error| rustls::Error::General(error.to_string()))?;
    let provider = rustls::crypto::ring::default_provider();
    CertifiedKey::from_der(vec![certificate], key, &provider)
}

fn params(names: Vec<String>, validity: Validity) -> Result<CertificateParams, rcgen::Error> {
    let mut params = CertificateParams::new(names)?;
    params.not_before = SystemTime::from(validity.from).into();
    params.not_after = SystemTime::from(validity.until).into();
    Ok(params)
}

fn name(common: &str) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, common);
    name
}
