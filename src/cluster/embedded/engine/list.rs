//! Listing: selectors, versions and pages.

use std::sync::Arc;

use super::page::Page;
use super::read::parse_version;
use super::request::Request;
use super::{Content, Engine, List, Outcome};
use crate::cluster::embedded::status::{Cause, Status};
use crate::cluster::embedded::store::{Key, Object};

impl Engine {
    pub(super) fn list(&self, request: &Request) -> Result<Outcome, Status> {
        let list = self.select(request)?;
        Ok(Outcome {
            code: 200,
            content: Content::List(list),
            kind: Arc::clone(&request.kind),
            warnings: Vec::new(),
        })
    }

    /// The objects a list request asks for.
    pub(super) fn select(&self, request: &Request) -> Result<List, Status> {
        let options = &request.options;
        let page = options
            .continue_token
            .as_deref()
            .filter(|token| !token.is_empty());
        check_match(request, page.is_some())?;
        let limit = options.limit.unwrap_or_default();
        let asked = parse_version(options.resource_version.as_deref())?;
        if page.is_some() && asked.is_some_and(|version| version > 0) {
            let message = "specifying resource version is not allowed when using continue";
            return Err(Status::bad_request(message));
        }
        let filter = request.filter()?;
        let page = page.map(Page::decode).transpose()?;
        let exact = match (&page, asked, options.resource_version_match.as_deref()) {
            (Some(page), _, _) => Some(page.version),
            (None, Some(version), Some("Exact")) => Some(version),
            // Without a match, a limit and a version together mean exactly that version.
            (None, Some(version), None | Some("")) if limit > 0 && version > 0 => Some(version),
            _ => None,
        };
        if page.is_none() {
            self.check_read_version(request)?;
        }
        let namespace = filter.namespace.as_deref();
        let resource = &request.kind.resource;
        let (objects, version) = match exact {
            None => self.inner.store.list(resource, namespace),
            Some(version) => {
                let state = self.inner.store.list_at(resource, namespace, version);
                let objects = state.map_err(|_| expired(page.is_some()))?;
                (objects, version)
            }
        };
        let after = page
            .as_ref()
            .map(|page| (&*page.after.namespace, &*page.after.name));
        let mut rest = objects.into_iter().filter(|object| {
            let (namespace, name) = (object.namespace(), object.name());
            after.is_none_or(|after| (namespace, name) > after)
                && filter.covers(namespace, name)
                && filter.selects(object)
        });
        let most = if limit == 0 {
            usize::MAX
        } else {
            usize::try_from(limit).unwrap_or(usize::MAX)
        };
        let items: Vec<Arc<Object>> = rest.by_ref().take(most).collect();
        let left = rest.count() as u64;
        let continue_token = items.last().filter(|_| left > 0).map(|last| {
            Page {
                version,
                after: Key::new(last.namespace(), last.name()),
            }
            .encode()
        });
        Ok(List {
            api_version: request.kind.api_version(),
            kind: request.kind.list_kind.clone(),
            version,
            continue_token,
            remaining: (left > 0 && !request.selects()).then_some(left),
            items: items
                .iter()
                .map(|object| request.kind.show(object))
                .collect(),
        })
    }
}

fn expired(paging: bool) -> Status {
    if paging {
        Status::expired(
            "The provided continue parameter is too old to display a consistent list result. You \
             can start a new list without the continue parameter.",
        )
    } else {
        Status::expired("The resourceVersion for the provided list is too old.")
    }
}

/// The rules of `resourceVersionMatch` for lists (`metav1.ListOptions` validation).
fn check_match(request: &Request, paging: bool) -> Result<(), Status> {
    let options = &request.options;
    let mut causes = Vec::new();
    let version = options.resource_version.as_deref().unwrap_or_default();
    let field = "resourceVersionMatch";
    if let Some(how) = options
        .resource_version_match
        .as_deref()
        .filter(|how| !how.is_empty())
    {
        if version.is_empty() {
            let why = "resourceVersionMatch is forbidden unless resourceVersion is provided";
            causes.push(Cause::forbidden(field, why));
        }
        if paging {
            let why = "resourceVersionMatch is forbidden when continue is provided";
            causes.push(Cause::forbidden(field, why));
        }
        if !["Exact", "NotOlderThan"].contains(&how) {
            causes.push(Cause::not_supported(
                field,
                &how.into(),
                &["Exact", "NotOlderThan", ""],
            ));
        }
        if how == "Exact" && version == "0" {
            let why = "resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\"";
            causes.push(Cause::forbidden(field, why));
        }
    }
    if options.send_initial_events.is_some() {
        let why = "sendInitialEvents is forbidden for list";
        causes.push(Cause::forbidden("sendInitialEvents", why));
    }
    if causes.is_empty() {
        Ok(())
    } else {
        Err(Status::invalid("meta.k8s.io", "ListOptions", "", causes))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::cluster::embedded::engine::RequestOptions;
    use crate::cluster::embedded::engine::testing::{Cluster, SHOOTS, fields, shoot};

    async fn filled() -> Cluster {
        let cluster = Cluster::new().await;
        for name in ["c", "a", "b"] {
            cluster.create(SHOOTS, shoot(name)).await.unwrap();
        }
        cluster
    }

    #[tokio::test]
    async fn pages_show_the_state_of_page_one() {
        let cluster = filled().await;
        let options = RequestOptions {
            limit: Some(2),
            ..RequestOptions::default()
        };
        let first = cluster.list(SHOOTS, options.clone()).await.unwrap();
        assert_eq!(first["metadata"]["remainingItemCount"], 1);
        cluster.create(SHOOTS, shoot("bb")).await.unwrap();
        cluster.delete("garden.test/v1/shoots/c").await.unwrap();
        let token = first["metadata"]["continue"].as_str().map(str::to_owned);
        let next = RequestOptions {
            continue_token: token,
            ..options
        };
        let second = cluster.list(SHOOTS, next.clone()).await.unwrap();
        assert_eq!(second["items"][0]["metadata"]["name"], "c");
        assert_eq!(
            second["metadata"]["resourceVersion"],
            first["metadata"]["resourceVersion"]
        );
        assert!(second["metadata"]["continue"].is_null());
        let both = RequestOptions {
            resource_version: Some("5".into()),
            ..next
        };
        assert_eq!(cluster.list(SHOOTS, both).await.unwrap_err().code, 400);
    }

    #[tokio::test]
    async fn versions_mean_what_the_api_says() {
        let cluster = filled().await;
        let before = cluster
            .list(SHOOTS, RequestOptions::default())
            .await
            .unwrap();
        let version = before["metadata"]["resourceVersion"]
            .as_str()
            .map(str::to_owned);
        cluster.create(SHOOTS, shoot("d")).await.unwrap();
        let exact = RequestOptions {
            resource_version: version,
            resource_version_match: Some("Exact".into()),
            ..RequestOptions::default()
        };
        assert_eq!(cluster.names(SHOOTS, exact).await, ["a", "b", "c"]);
        let future = RequestOptions {
            resource_version: Some("9000000".into()),
            ..RequestOptions::default()
        };
        let status = cluster.list(SHOOTS, future).await.unwrap_err();
        assert_eq!((status.code, status.reason), (504, "Timeout"));
        let lonely = RequestOptions {
            resource_version_match: Some("NotOlderThan".into()),
            ..RequestOptions::default()
        };
        let status = cluster.list(SHOOTS, lonely).await.unwrap_err();
        assert_eq!(fields(&status), ["resourceVersionMatch"]);
    }

    #[tokio::test]
    async fn selectors_narrow_and_unknown_fields_are_refused() {
        let cluster = filled().await;
        let patch = json!({ "metadata": { "labels": { "tier": "x" } } });
        cluster
            .merge("garden.test/v1/shoots/b", patch)
            .await
            .unwrap();
        let select = |labels: &str, fields: &str| RequestOptions {
            label_selector: Some(labels.to_owned()),
            field_selector: Some(fields.to_owned()),
            ..RequestOptions::default()
        };
        assert_eq!(cluster.names(SHOOTS, select("tier=x", "")).await, ["b"]);
        assert_eq!(
            cluster.names(SHOOTS, select("tier!=x", "")).await,
            ["a", "c"]
        );
        assert_eq!(
            cluster.names(SHOOTS, select("", "metadata.name!=b")).await,
            ["a", "c"]
        );
        let status = cluster
            .list(SHOOTS, select("", "spec.region=eu"))
            .await
            .unwrap_err();
        assert!(
            status
                .message
                .ends_with("field label not supported: spec.region"),
            "{status}"
        );
        assert_eq!(
            cluster
                .list(SHOOTS, select("a in (", ""))
                .await
                .unwrap_err()
                .code,
            400
        );
    }
}
