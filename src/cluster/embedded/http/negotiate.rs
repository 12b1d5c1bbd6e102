//! Content negotiation: what a request accepts and what its body is.
//!
//! Answers are JSON or YAML; a JSON answer may be asked for as a `Table` or as metadata only. The
//! first acceptable entry of the `Accept` header wins, entries we do not speak (protobuf, newer
//! versions of a shape) are passed over.

/// How an answer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoding {
    Json,
    Yaml,
}

/// What an answer shows of its objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// The objects themselves.
    Object,
    /// `meta.k8s.io/v1` `Table`.
    Table,
    /// `meta.k8s.io/v1` `PartialObjectMetadata` or its list.
    Metadata,
    /// `apidiscovery.k8s.io/v2` `APIGroupDiscoveryList`.
    AggregatedDiscovery,
}

/// The outcome of negotiation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Accepted {
    pub(crate) encoding: Encoding,
    pub(crate) shape: Shape,
}

/// The kind of answer a path can give, which decides what shapes make sense.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Offer {
    /// Objects, lists and watches.
    Objects,
    /// `/api` and `/apis`.
    Discovery,
    /// Documents that exist in one shape only.
    Plain,
}

/// The media types named in a 406.
pub(crate) const ACCEPTABLE: &[&str] = &["application/json", "application/yaml"];

/// Picks the first acceptable entry; `None` is a 406.
pub(crate) fn accept(header: Option<&str>, offer: Offer) -> Option<Accepted> {
    let json = Accepted {
        encoding: Encoding::Json,
        shape: Shape::Object,
    };
    let Some(header) = header.filter(|header| !header.trim().is_empty()) else {
        return Some(json);
    };
    let mut entries: Vec<MediaType<'_>> = header.split(',').map(MediaType::parse).collect();
    entries.sort_by_key(|entry| std::cmp::Reverse(entry.quality()));
    entries
        .iter()
        .filter(|entry| entry.quality() > 0)
        .find_map(|entry| entry.offered(offer))
}

/// A media type with its parameters, as `Accept` and `Content-Type` carry it.
#[derive(Debug, Clone)]
pub(crate) struct MediaType<'a> {
    name: String,
    parameters: Vec<(&'a str, &'a str)>,
}

impl<'a> MediaType<'a> {
    /// Splits a header value; never fails, an odd value simply matches nothing.
    pub(crate) fn parse(text: &'a str) -> Self {
        let mut parts = text.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default().to_ascii_lowercase();
        let parameters = parts
            .filter_map(|part| part.split_once('='))
            .map(|(key, value)| (key.trim(), value.trim().trim_matches('"')))
            .collect();
        Self { name, parameters }
    }

    /// The type without parameters, in lower case.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    fn parameter(&self, key: &str) -> Option<&'a str> {
        self.parameters
            .iter()
            .find(|(name, _)| *name == key)
            .map(|(_, value)| *value)
    }

    /// The `q` parameter in thousandths.
    fn quality(&self) -> u16 {
        let Some(text) = self.parameter("q") else {
            return 1000;
        };
        let Ok(quality) = text.parse::<f32>() else {
            return 1000;
        };
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "the value is clamped to 0..=1000 first"
        )]
        let thousandths = (quality * 1000.0).clamp(0.0, 1000.0) as u16;
        thousandths
    }

    fn offered(&self, offer: Offer) -> Option<Accepted> {
        let encoding = match self.name.as_str() {
            "application/json" | "application/*" | "*/*" => Encoding::Json,
            "application/yaml" => Encoding::Yaml,
            _ => return None,
        };
        let group = self.parameter("g");
        let version = self.parameter("v");
        let shape = match (self.parameter("as"), offer) {
            (None, _) => Shape::Object,
            (Some("Table"), Offer::Objects)
                if group == Some("meta.k8s.io") && version == Some("v1") =>
            {
                Shape::Table
            }
            (Some("PartialObjectMetadata" | "PartialObjectMetadataList"), Offer::Objects)
                if group == Some("meta.k8s.io") && version == Some("v1") =>
            {
                Shape::Metadata
            }
            (Some("APIGroupDiscoveryList"), Offer::Discovery)
                if group == Some("apidiscovery.k8s.io") && version == Some("v2") =>
            {
                Shape::AggregatedDiscovery
            }
            (Some(_), _) => return None,
        };
        Some(Accepted { encoding, shape })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(header: &str, offer: Offer) -> Option<(Encoding, Shape)> {
        accept(Some(header), offer).map(|accepted| (accepted.encoding, accepted.shape))
    }

    #[test]
    fn the_first_acceptable_entry_wins() {
        for (header, expected) in [
            ("*/*", Some((Encoding::Json, Shape::Object))),
            ("text/csv", None),
            (
                "text/csv, application/yaml",
                Some((Encoding::Yaml, Shape::Object)),
            ),
            (
                "application/vnd.kubernetes.protobuf,application/json",
                Some((Encoding::Json, Shape::Object)),
            ),
            (
                "application/json;as=Table;v=v1;g=meta.k8s.io,application/json",
                Some((Encoding::Json, Shape::Table)),
            ),
            (
                "application/json;as=Table;v=v9;g=meta.k8s.io,application/json",
                Some((Encoding::Json, Shape::Object)),
            ),
            (
                "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1",
                Some((Encoding::Json, Shape::Metadata)),
            ),
            (
                "application/json;q=0.1, application/yaml",
                Some((Encoding::Yaml, Shape::Object)),
            ),
            ("application/json;q=0", None),
            (
                "application/json;stream=watch",
                Some((Encoding::Json, Shape::Object)),
            ),
        ] {
            assert_eq!(of(header, Offer::Objects), expected, "{header}");
        }
    }

    #[test]
    fn aggregated_discovery_is_offered_only_where_it_exists() {
        let header = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,\
                      application/json";
        assert_eq!(
            of(header, Offer::Discovery),
            Some((Encoding::Json, Shape::AggregatedDiscovery))
        );
        assert_eq!(
            of(header, Offer::Objects),
            Some((Encoding::Json, Shape::Object))
        );
    }
}
