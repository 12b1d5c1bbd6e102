//! One request to one host over one family.

use std::{
    collections::BTreeSet,
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use reqwest::{Client, Request, Response, Url, redirect};
use tokio::time::timeout;

use super::{Names, Outcome, translation::Translators};
use crate::net::IpFamily;

/// Sends requests over one family, and says how hosts answer.
pub(super) struct Prober<'a> {
    pub(super) names: &'a dyn Names,
    pub(super) family: IpFamily,
    pub(super) translators: &'a Translators,
    /// For the look-up, and for every address.
    pub(super) patience: Duration,
}

/// An answer, or why there is none.
pub(super) type Answer = Result<(Outcome, Response), Outcome>;

impl Prober<'_> {
    /// Sends a request to the first address of its host that answers. `make` makes the request anew for
    /// every address.
    pub(super) async fn send(
        &self,
        url: &Url,
        make: impl Fn(&Client) -> reqwest::Result<Request>,
    ) -> Answer {
        let addresses = self.addresses(url).await?;
        let mut reasons = BTreeSet::new();
        for address in addresses {
            let request = async {
                let client = self.client(url, address)?;
                client.execute(make(&client)?).await
            };
            match timeout(self.patience, request).await {
                Ok(Ok(response)) => {
                    let translated = self.translators.translate(address);
                    return Ok((
                        Outcome::Reached {
                            address,
                            translated,
                        },
                        response,
                    ));
                }
                Ok(Err(error)) => reasons.insert(format!("{address}: {}", innermost(&error))),
                Err(_) => reasons.insert(format!(
                    "{address}: no answer within {} s",
                    self.patience.as_secs()
                )),
            };
        }
        Err(Outcome::NoAnswer {
            reasons: reasons.into_iter().collect(),
        })
    }

    /// The addresses of the family.
    async fn addresses(&self, url: &Url) -> Result<Vec<IpAddr>, Outcome> {
        let host = url.host_str().unwrap_or_default();
        let literal = host.trim_matches(['[', ']']).parse::<IpAddr>();
        let all = if let Ok(address) = literal {
            vec![address]
        } else {
            let answer = timeout(self.patience, self.names.addresses(host)).await;
            let no_name = |reason: String| Outcome::NoName { reason };
            answer
                .map_err(|_| no_name("the resolver does not answer".to_owned()))?
                .map_err(|error| no_name(error.to_string()))?
        };
        let family = all
            .into_iter()
            .filter(|address| IpFamily::of(*address) == self.family);
        let addresses: Vec<IpAddr> = family.collect();
        if addresses.is_empty() {
            return Err(Outcome::NoAddress);
        }
        Ok(addresses)
    }

    /// A client that knows one address only and follows no redirect.
    fn client(&self, url: &Url, address: IpAddr) -> reqwest::Result<Client> {
        let builder = Client::builder()
            .redirect(redirect::Policy::none())
            .no_proxy()
            .connect_timeout(self.patience);
        let host = url.host_str().unwrap_or_default();
        builder.resolve(host, SocketAddr::new(address, 0)).build()
    }
}

/// What is at the bottom of an error: the system's own words.
fn innermost(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string()
}
