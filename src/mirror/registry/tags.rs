//! Lists of tags.

use http::{Method, StatusCode};
use serde::Deserialize;

use super::{RegistryClient, call::Call, link};
use crate::mirror::{MirrorError, auth::Scope};

/// Tags asked for at a time; a registry may give other numbers.
const PAGE: usize = 1000;
/// No repository has so many pages; a registry that leads in circles has.
const MAX_PAGES: usize = 1000;

#[derive(Deserialize)]
struct Page {
    tags: Option<Vec<String>>,
}

impl RegistryClient {
    /// All tags of a repository; none if there is no such repository.
    pub async fn tags(&self, repository: &str) -> Result<Vec<String>, MirrorError> {
        let action = format!("list the tags of {repository}");
        let mut url = self.url(&format!("/v2/{repository}/tags/list?n={PAGE}"));
        let mut tags = Vec::new();
        for _ in 0..MAX_PAGES {
            let call = Call::new(Method::GET, url.clone(), Scope::pull(repository), &action);
            let response = match self.send(&call).await {
                Ok(response) => response,
                Err(error) if error.status() == Some(StatusCode::NOT_FOUND) => return Ok(tags),
                Err(error) => return Err(error),
            };
            let next = link::next(response.url(), response.headers());
            let bytes = self.read_whole(&action, response).await?;
            let page: Page = serde_json::from_slice(&bytes)
                .map_err(|_| self.protocol(&action, "the answer is no list of tags"))?;
            tags.extend(page.tags.unwrap_or_default());
            match next {
                Some(next) => url = next,
                None => return Ok(tags),
            }
        }
        Err(self.protocol(&action, "the list has no end"))
    }
}
