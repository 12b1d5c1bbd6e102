//! Authorities inside an image vector.

use jiff::Timestamp;
use x509_parser::{
    pem::Pem,
    prelude::{FromDer as _, X509Certificate},
};

use crate::mirror::document::Fault;

/// Certificates that the registries of a vector are checked with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaBundle {
    /// In PEM form.
    pub inline: Option<String>,
}

impl CaBundle {
    /// What is wrong with the bundle at a moment. As upstream, only its first certificate is looked at.
    pub(super) fn fault(&self, field: &str, now: Timestamp) -> Option<Fault> {
        let text = self.inline.as_ref()?;
        let field = field.to_owned();
        let first = Pem::iter_from_buffer(text.as_bytes()).next();
        let Some(Ok(pem)) =
            first.filter(|pem| pem.as_ref().is_ok_and(|pem| pem.label == "CERTIFICATE"))
        else {
            return Some(Fault::Certificate { field });
        };
        let Ok((_, certificate)) = X509Certificate::from_der(&pem.contents) else {
            return Some(Fault::Certificate { field });
        };
        let end = certificate.validity().not_after;
        (now.as_second() > end.timestamp()).then(|| Fault::Expired {
            field,
            expired: end.to_string(),
        })
    }
}
