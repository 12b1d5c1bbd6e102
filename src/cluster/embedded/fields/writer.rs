//! Who writes, and which part of the object the write can change at all.

use super::set::FieldSet;

/// The part of an object that a request path can change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent<'a> {
    /// Everything.
    Whole,
    /// Everything but these top-level fields: `status`, for the main path of a kind that has the
    /// subresource.
    AllBut(&'a [&'a str]),
    /// Only these top-level fields: `status`, for that subresource.
    Only(&'a [&'a str]),
}

/// One write, as `managedFields` records it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Writer<'a> {
    /// The name of the field manager.
    pub manager: &'a str,
    /// The version in which the object was written, as `group/version`.
    pub api_version: &'a str,
    /// The subresource, empty for the object itself.
    pub subresource: &'a str,
    /// The time in RFC 3339 with whole seconds.
    pub now: &'a str,
    /// What the write can change.
    pub extent: Extent<'a>,
}

/// What nobody owns: the identity of an object and what the server sets.
const UNOWNED: [&str; 12] = [
    "apiVersion",
    "kind",
    "metadata",
    "metadata.name",
    "metadata.namespace",
    "metadata.creationTimestamp",
    "metadata.selfLink",
    "metadata.uid",
    "metadata.clusterName",
    "metadata.generation",
    "metadata.managedFields",
    "metadata.resourceVersion",
];

impl Writer<'_> {
    /// Returns what is left of a set of fields that this write touches.
    pub(super) fn owned(&self, fields: &FieldSet) -> FieldSet {
        let fields = match self.extent {
            Extent::Whole => fields.clone(),
            Extent::AllBut(names) => {
                fields.difference_with_descendants(&FieldSet::of_fields(names.iter().copied()))
            }
            Extent::Only(names) => fields.only_fields(names),
        };
        fields.difference(&FieldSet::of_fields(UNOWNED))
    }
}
