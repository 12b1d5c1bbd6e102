//! The certificate authority of one control plane.
//!
//! Every environment has its own P-256 authority. Only the authority outlives a process: leaf
//! certificates are made anew at every start, so that they never expire unnoticed, and an older
//! client certificate stays valid as long as its authority does.

use std::fs;
use std::io;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose, PKCS_ECDSA_P256_SHA256,
    SanType,
};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use thiserror::Error;

use crate::fsutil::{self, FileError};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const AUTHORITY_LIFETIME: Duration = Duration::from_secs(2 * 365 * 24 * 60 * 60);
const LEAF_LIFETIME: Duration = Duration::from_secs(30 * 24 * 60 * 60);
const FILE_NAME: &str = "authority.pem";
const MAX_FILE_SIZE: u64 = 64 * 1024;

/// A certificate authority could not be made, read or kept.
#[derive(Debug, Error)]
pub enum AuthorityError {
    /// Key generation or signing failed.
    #[error("certificate for {subject} could not be made")]
    Issue {
        /// Whose certificate it is.
        subject: &'static str,
        /// What the library said.
        #[source]
        source: rcgen::Error,
    },
    /// A file of the state folder could not be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// The stored authority is no regular, non-empty file with a key and a certificate.
    #[error("{} is not a stored authority: {problem}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
}

/// A leaf certificate with its key.
pub(crate) struct Leaf {
    pub(crate) certificate: CertificateDer<'static>,
    pub(crate) certificate_pem: String,
    pub(crate) key: PrivatePkcs8KeyDer<'static>,
    pub(crate) key_pem: String,
}

/// An authority that signs the serving and client certificates of one control plane.
pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate: CertificateDer<'static>,
    certificate_pem: String,
}

impl Authority {
    /// Makes a new authority that is kept nowhere.
    pub(crate) fn generate(now: SystemTime) -> Result<Self, AuthorityError> {
        Ok(Self::generate_with_pem(now)?.0)
    }

    fn generate_with_pem(now: SystemTime) -> Result<(Self, String), AuthorityError> {
        let issue = |source| AuthorityError::Issue {
            subject: "the authority",
            source,
        };
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(issue)?;
        let mut params = params(now, AUTHORITY_LIFETIME);
        params.distinguished_name = name("garden6-ca", None);
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![
            KeyUsagePurpose::KeyCertSign,
            KeyUsagePurpose::DigitalSignature,
        ];
        let issued = CertifiedIssuer::self_signed(params, key).map_err(issue)?;
        let certificate = issued.der().clone();
        let certificate_pem = issued.pem();
        let file = format!("{certificate_pem}{}", issued.key().serialize_pem());
        let authority = Self::from_pem(&file).map_err(|problem| AuthorityError::Damaged {
            path: PathBuf::from(FILE_NAME),
            problem,
        })?;
        Ok((
            Self {
                certificate,
                certificate_pem,
                ..authority
            },
            file,
        ))
    }

    /// Reads the authority of a state folder, or makes one and keeps it there.
    ///
    /// The folder is made with mode 0700 and the one file, which holds certificate and key, with
    /// mode 0600 from its first byte; it appears under its name only when it is complete.
    pub(crate) fn load_or_create(folder: &Path, now: SystemTime) -> Result<Self, AuthorityError> {
        fsutil::create_private_dir(folder)?;
        let path = folder.join(FILE_NAME);
        match read_private_file(&path)? {
            Some(text) => {
                let authority =
                    Self::from_pem(&text).map_err(|problem| AuthorityError::Damaged {
                        path: path.clone(),
                        problem,
                    })?;
                if authority.is_valid_at(now + LEAF_LIFETIME) {
                    return Ok(authority);
                }
                Self::create(&path, now)
            }
            None => Self::create(&path, now),
        }
    }

    fn create(path: &Path, now: SystemTime) -> Result<Self, AuthorityError> {
        let (authority, text) = Self::generate_with_pem(now)?;
        fsutil::write_atomic(path, text.as_bytes(), 0o600)?;
        Ok(authority)
    }

    fn from_pem(text: &str) -> Result<Self, String> {
        let certificate = CertificateDer::from_pem_slice(text.as_bytes())
            .map_err(|error| format!("no certificate ({error})"))?;
        let key = PrivateKeyDer::from_pem_slice(text.as_bytes())
            .map_err(|error| format!("no private key ({error})"))?;
        let key = KeyPair::try_from(&key).map_err(|error| format!("unusable key ({error})"))?;
        let issuer = Issuer::from_ca_cert_der(&certificate, key)
            .map_err(|error| format!("unusable certificate ({error})"))?;
        let end = text.find("-----BEGIN PRIVATE KEY").unwrap_or(text.len());
        let certificate_pem = text.get(..end).unwrap_or(text).to_owned();
        Ok(Self {
            issuer,
            certificate,
            certificate_pem,
        })
    }

    fn is_valid_at(&self, moment: SystemTime) -> bool {
        let Ok((_, certificate)) = x509_parser::parse_x509_certificate(&self.certificate) else {
            return false;
        };
        let seconds = moment
            .duration_since(SystemTime::UNIX_EPOCH)
            .map_or(0, |elapsed| {
                i64::try_from(elapsed.as_secs()).unwrap_or(i64::MAX)
            });
        certificate.validity().not_after.timestamp() > seconds
    }

    /// The certificate of the authority itself.
    pub(crate) fn certificate(&self) -> &CertificateDer<'static> {
        &self.certificate
    }

    /// The certificate of the authority itself, in the form kubeconfig files carry.
    pub(crate) fn certificate_pem(&self) -> &str {
        &self.certificate_pem
    }

    /// Signs a serving certificate for the names clients use, and the given addresses.
    pub(crate) fn serving(
        &self,
        addresses: &[IpAddr],
        now: SystemTime,
    ) -> Result<Leaf, AuthorityError> {
        let subject = "the server";
        let mut params = params(now, LEAF_LIFETIME);
        params.distinguished_name = name("garden6-server", None);
        for host in [
            "localhost",
            "kubernetes",
            "kubernetes.default",
            "kubernetes.default.svc",
        ] {
            let host = host
                .try_into()
                .map_err(|source| AuthorityError::Issue { subject, source })?;
            params.subject_alt_names.push(SanType::DnsName(host));
        }
        params
            .subject_alt_names
            .extend(addresses.iter().copied().map(SanType::IpAddress));
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        self.sign(params, subject)
    }

    /// Signs a client certificate: the common name is the user, the organization its group.
    pub(crate) fn client(
        &self,
        user: &str,
        group: Option<&str>,
        now: SystemTime,
    ) -> Result<Leaf, AuthorityError> {
        let mut params = params(now, LEAF_LIFETIME);
        params.distinguished_name = name(user, group);
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        self.sign(params, "a client")
    }

    fn sign(
        &self,
        mut params: CertificateParams,
        subject: &'static str,
    ) -> Result<Leaf, AuthorityError> {
        let issue = |source| AuthorityError::Issue { subject, source };
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.use_authority_key_identifier_extension = true;
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(issue)?;
        let certificate = params.signed_by(&key, &self.issuer).map_err(issue)?;
        Ok(Leaf {
            certificate_pem: certificate.pem(),
            certificate: certificate.der().clone(),
            key_pem: key.serialize_pem(),
            key: PrivatePkcs8KeyDer::from(key.serialize_der()),
        })
    }
}

fn params(now: SystemTime, lifetime: Duration) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.not_before = (now - DAY).into();
    params.not_after = (now + lifetime).into();
    params
}

fn name(common: &str, organization: Option<&str>) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    if let Some(organization) = organization {
        name.push(DnType::OrganizationName, organization);
    }
    name.push(DnType::CommonName, common);
    name
}

/// Reads a file that must be regular, not a link, and not empty.
fn read_private_file(path: &Path) -> Result<Option<String>, AuthorityError> {
    let metadata = match fs::symlink_metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(FileError::new("read", path, source).into()),
    };
    if !metadata.is_file() || metadata.len() == 0 || metadata.len() > MAX_FILE_SIZE {
        return Err(AuthorityError::Damaged {
            path: path.to_owned(),
            problem: "it must be a regular file that is not empty".to_owned(),
        });
    }
    Ok(fsutil::read_optional(path)?)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn now() -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000)
    }

    #[test]
    fn a_kept_authority_is_read_back_and_private() {
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path().join("state");
        let first = Authority::load_or_create(&state, now()).unwrap();
        let second = Authority::load_or_create(&state, now()).unwrap();
        assert_eq!(first.certificate_pem(), second.certificate_pem());
        let file = fs::metadata(state.join(FILE_NAME)).unwrap();
        assert_eq!(file.permissions().mode() & 0o777, 0o600);
        assert_eq!(
            fs::metadata(&state).unwrap().permissions().mode() & 0o777,
            0o700
        );
        assert!(!first.certificate_pem().contains("PRIVATE KEY"));
    }

    #[test]
    fn an_authority_that_expires_soon_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let first = Authority::load_or_create(folder.path(), now()).unwrap();
        let later = now() + AUTHORITY_LIFETIME - DAY;
        let second = Authority::load_or_create(folder.path(), later).unwrap();
        assert_ne!(first.certificate_pem(), second.certificate_pem());
    }

    #[test]
    fn an_empty_or_linked_file_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE_NAME);
        fs::write(&path, "").unwrap();
        assert!(matches!(
            Authority::load_or_create(folder.path(), now()),
            Err(AuthorityError::Damaged { .. })
        ));
        fs::remove_file(&path).unwrap();
        std::os::unix::fs::symlink("/dev/null", &path).unwrap();
        assert!(matches!(
            Authority::load_or_create(folder.path(), now()),
            Err(AuthorityError::Damaged { .. })
        ));
    }
}
