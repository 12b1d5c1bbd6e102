//! The rules of a kind that are code: defaults, what the server sets, what it refuses.

use serde_json::Value;

use crate::cluster::embedded::schema::meta::NameRule;
use crate::cluster::embedded::status::Cause;

/// Conversion between the stored form and another view of the same objects.
#[derive(Debug, Clone, Copy)]
pub struct View {
    /// From this view to the stored form.
    pub to_storage: fn(&mut Value),
    /// From the stored form to this view.
    pub from_storage: fn(&mut Value),
    /// Pairs of top-level member names: in this view, in the stored form.
    pub renamed: &'static [(&'static str, &'static str)],
}

/// The rules of a kind that are code; everything the generic verbs cannot know.
#[expect(
    clippy::struct_excessive_bools,
    reason = "a table of independent yes-or-no rules"
)]
#[derive(Debug, Clone, Copy)]
pub struct Strategy {
    /// What names look like.
    pub name: NameRule,
    /// Whether objects count their generations.
    pub generation: bool,
    /// Whether an update may leave out the resource version.
    pub unconditional_update: bool,
    /// Whether an update creates a missing object.
    pub create_on_update: bool,
    /// Whether an immediate delete answers with the object instead of a Status.
    pub returns_deleted: bool,
    /// Whether `status` in the body of a create is kept.
    pub keeps_status_on_create: bool,
    /// Field selectors beyond name and namespace.
    pub selectable: &'static [&'static str],
    /// What a client should know about objects of this kind; said when one is created.
    pub note: Option<&'static str>,
    /// Fills in defaults.
    pub default: fn(&mut Value),
    /// Sets what only the server sets; gets the old object on updates.
    pub prepare: fn(&mut Value, Option<&Value>),
    /// Collects what is wrong; gets the old object on updates.
    pub validate: fn(&Value, Option<&Value>, &mut Vec<Cause>),
    /// How the objects differ from their stored form.
    pub view: Option<View>,
}

impl Strategy {
    /// The rules of a plain stored kind.
    pub const PLAIN: Self = Self {
        name: NameRule::Subdomain,
        generation: false,
        unconditional_update: true,
        create_on_update: false,
        returns_deleted: false,
        keeps_status_on_create: false,
        selectable: &[],
        note: None,
        default: |_| {},
        prepare: |_, _| {},
        validate: |_, _, _| {},
        view: None,
    };

    /// The rules of custom kinds; the schema does the rest.
    pub const CUSTOM: Self = Self {
        generation: true,
        unconditional_update: false,
        ..Self::PLAIN
    };
}
