//! HTTPS clients made from a kubeconfig.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use kube::config::Kubeconfig;
use reqwest::{Certificate, Client, ClientBuilder, Identity};
use serde_json::Value;

/// The URL of the server.
pub(crate) fn server(kubeconfig: &Kubeconfig) -> String {
    text(kubeconfig, "/clusters/0/cluster/server")
}

/// A client that trusts the server and shows no certificate.
pub(crate) fn anonymous(kubeconfig: &Kubeconfig) -> Client {
    builder(kubeconfig).build().expect("a client")
}

/// A client that shows the certificate of the kubeconfig.
pub(crate) fn administrator(kubeconfig: &Kubeconfig) -> Client {
    with_identity_of(kubeconfig, kubeconfig)
}

/// A client that trusts one server and shows the certificate of another.
pub(crate) fn with_identity_of(trusted: &Kubeconfig, shown: &Kubeconfig) -> Client {
    let identity = [
        pem(shown, "/users/0/user/client-certificate-data"),
        pem(shown, "/users/0/user/client-key-data"),
    ]
    .concat();
    let identity = Identity::from_pem(&identity).expect("a certificate with its key");
    builder(trusted)
        .identity(identity)
        .build()
        .expect("a client")
}

fn builder(kubeconfig: &Kubeconfig) -> ClientBuilder {
    // Another test of this process may have installed it already.
    let _installed = rustls::crypto::ring::default_provider().install_default();
    let authority = pem(kubeconfig, "/clusters/0/cluster/certificate-authority-data");
    let authority = Certificate::from_pem(&authority).expect("a certificate");
    Client::builder().no_proxy().tls_certs_only([authority])
}

fn pem(kubeconfig: &Kubeconfig, pointer: &str) -> Vec<u8> {
    BASE64
        .decode(text(kubeconfig, pointer))
        .expect("PEM in base64")
}

fn text(kubeconfig: &Kubeconfig, pointer: &str) -> String {
    let document = serde_json::to_value(kubeconfig).expect("a kubeconfig is a document");
    document
        .pointer(pointer)
        .and_then(Value::as_str)
        .expect("a complete kubeconfig")
        .to_owned()
}
