//! A client for a kubeconfig.

use std::time::Duration;

use kube::{
    Client, Config,
    config::{KubeConfigOptions, Kubeconfig, KubeconfigError},
};
use thiserror::Error;

/// Time for the TCP and TLS handshakes; clusters of ours are on the same machine.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// No client could be made from a kubeconfig.
#[derive(Debug, Error)]
pub enum ConnectError {
    /// The kubeconfig does not say how to connect.
    #[error("the kubeconfig cannot be used")]
    Kubeconfig(#[source] Box<KubeconfigError>),
    /// The client refuses what the kubeconfig says.
    #[error("no client can be made from the kubeconfig")]
    Client(#[source] Box<kube::Error>),
}

/// Makes a client that never goes through a proxy.
///
/// kube fails for *any* server as soon as a proxy variable is set and its proxy features are off, and a
/// cluster on the loopback address must not be asked through a proxy anyway.
pub async fn client(kubeconfig: &Kubeconfig) -> Result<Client, ConnectError> {
    Client::try_from(config(kubeconfig).await?)
        .map_err(|error| ConnectError::Client(Box::new(error)))
}

/// The client configuration behind [`client`].
pub async fn config(kubeconfig: &Kubeconfig) -> Result<Config, ConnectError> {
    let mut config =
        Config::from_custom_kubeconfig(kubeconfig.clone(), &KubeConfigOptions::default())
            .await
            .map_err(|error| ConnectError::Kubeconfig(Box::new(error)))?;
    config.proxy_url = None;
    config.connect_timeout = Some(CONNECT_TIMEOUT);
    Ok(config)
}
