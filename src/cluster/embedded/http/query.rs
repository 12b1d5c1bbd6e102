//! Query parameters of a request.

use super::percent;
use crate::cluster::embedded::engine::RequestOptions;
use crate::cluster::embedded::status::Status;

/// What a request asks for besides its path and body.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Query {
    /// Whether a collection is to be watched.
    pub(crate) watch: bool,
    /// Whether JSON is to be indented.
    pub(crate) pretty: bool,
    /// Whether health checks are to be listed.
    pub(crate) verbose: bool,
    /// How much of each object the rows of a table carry.
    pub(crate) include_object: IncludeObject,
    /// Everything the engine knows.
    pub(crate) options: RequestOptions,
}

/// `includeObject` of a table.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum IncludeObject {
    /// Nothing.
    None,
    /// The metadata.
    #[default]
    Metadata,
    /// The whole object.
    Object,
}

/// Parses a query string.
pub(crate) fn parse(text: &str) -> Result<Query, Status> {
    let pairs = percent::query(text)
        .ok_or_else(|| Status::bad_request("the query has a broken percent escape"))?;
    let mut query = Query::default();
    let options = &mut query.options;
    for (key, value) in pairs {
        match key.as_str() {
            "watch" => query.watch = flag(&value),
            "pretty" => query.pretty = flag(&value),
            "verbose" => query.verbose = true,
            "includeObject" => query.include_object = include_object(&value)?,
            "dryRun" => options.dry_run.push(value),
            "fieldManager" => options.field_manager = Some(value),
            "force" => options.force = Some(flag(&value)),
            "fieldValidation" => options.field_validation = given(value),
            "labelSelector" => options.label_selector = given(value),
            "fieldSelector" => options.field_selector = given(value),
            "limit" => options.limit = Some(number::<i64>(&key, &value)?.try_into().unwrap_or(0)),
            "continue" => options.continue_token = given(value),
            "resourceVersion" => options.resource_version = given(value),
            "resourceVersionMatch" => options.resource_version_match = given(value),
            "timeoutSeconds" => {
                options.timeout_seconds = number::<i64>(&key, &value)?.try_into().ok();
            }
            "allowWatchBookmarks" => options.allow_watch_bookmarks = flag(&value),
            "sendInitialEvents" => options.send_initial_events = Some(flag(&value)),
            "propagationPolicy" => options.propagation_policy = given(value),
            "gracePeriodSeconds" => options.grace_period_seconds = Some(number(&key, &value)?),
            "orphanDependents" => options.orphan_dependents = Some(flag(&value)),
            _ => {}
        }
    }
    Ok(query)
}

/// Only `false` and `0` are no; a parameter without a value is yes.
fn flag(value: &str) -> bool {
    !matches!(value, "false" | "0")
}

fn given(value: String) -> Option<String> {
    (!value.is_empty()).then_some(value)
}

fn number<N: std::str::FromStr>(key: &str, value: &str) -> Result<N, Status> {
    value
        .parse()
        .map_err(|_| Status::bad_request(format!("{key}: {value:?} is not a whole number")))
}

fn include_object(value: &str) -> Result<IncludeObject, Status> {
    match value {
        "None" => Ok(IncludeObject::None),
        "" | "Metadata" => Ok(IncludeObject::Metadata),
        "Object" => Ok(IncludeObject::Object),
        other => Err(Status::bad_request(format!(
            "unrecognized includeObject value: {other:?}"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_follow_the_rules_of_upstream() {
        for (text, watch) in [
            ("", false),
            ("watch", true),
            ("watch=", true),
            ("watch=0", false),
            ("watch=false", false),
        ] {
            assert_eq!(parse(text).unwrap().watch, watch, "{text}");
        }
    }

    #[test]
    fn options_are_kept_as_text_and_numbers_are_checked() {
        let options = parse("limit=5&dryRun=All&dryRun=no&resourceVersion=&fieldManager=m")
            .unwrap()
            .options;
        assert_eq!(options.limit, Some(5));
        assert_eq!(options.dry_run, ["All", "no"]);
        assert_eq!(options.resource_version, None);
        assert_eq!(options.field_manager.as_deref(), Some("m"));
        assert_eq!(parse("limit=many").unwrap_err().code, 400);
    }
}
