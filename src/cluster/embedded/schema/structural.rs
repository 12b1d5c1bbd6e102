//! The compiled form of an `openAPIV3Schema`.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use super::cel::CelRule;
use super::pattern::Pattern;

/// The JSON type that a schema asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueType {
    /// A list.
    Array,
    /// True or false.
    Boolean,
    /// A number without a fraction.
    Integer,
    /// Any number.
    Number,
    /// A map or struct.
    Object,
    /// Text.
    String,
}

impl ValueType {
    /// Every type, in the order upstream lists them.
    pub const ALL: [Self; 6] = [
        Self::Array,
        Self::Boolean,
        Self::Integer,
        Self::Number,
        Self::Object,
        Self::String,
    ];

    /// Returns the name used in schemas and messages.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Array => "array",
            Self::Boolean => "boolean",
            Self::Integer => "integer",
            Self::Number => "number",
            Self::Object => "object",
            Self::String => "string",
        }
    }
}

/// `x-kubernetes-list-type`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum ListType {
    /// The list is one value.
    #[default]
    Atomic,
    /// Scalars without duplicates.
    Set,
    /// Objects identified by these members.
    Map(Vec<String>),
}

/// `x-kubernetes-map-type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MapType {
    /// Every member has an owner of its own.
    #[default]
    Granular,
    /// The map is one value.
    Atomic,
}

/// One node of a structural schema.
///
/// The schemas below `allOf`, `anyOf`, `oneOf` and `not` have the same form, but no type.
#[derive(Debug, Clone, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "they are the flags of the schema language"
)]
pub struct Structural {
    pub(super) value_type: Option<ValueType>,
    pub(super) nullable: bool,
    pub(super) preserve_unknown: bool,
    pub(super) embedded_resource: bool,
    pub(super) int_or_string: bool,
    pub(super) default: Option<Box<Value>>,
    pub(super) properties: BTreeMap<Box<str>, Self>,
    pub(super) additional: Additional,
    pub(super) items: Option<Box<Self>>,
    pub(super) list_type: ListType,
    pub(super) map_type: MapType,
    pub(super) rules: Option<Box<Rules>>,
    pub(super) cel: Vec<Arc<CelRule>>,
    /// Whether this node or one below it has rules in `cel`.
    pub(super) has_rules: bool,
}

/// `additionalProperties`.
#[derive(Debug, Clone, Default)]
pub(super) enum Additional {
    /// Not mentioned: unknown members are pruned.
    #[default]
    Unspecified,
    /// `true`: any member of any shape.
    Any,
    /// Any member of this shape.
    Schema(Box<Structural>),
}

/// Value validations, all that does not shape the object.
#[derive(Debug, Clone, Default)]
pub(super) struct Rules {
    pub(super) format: Option<String>,
    pub(super) maximum: Option<f64>,
    pub(super) exclusive_maximum: bool,
    pub(super) minimum: Option<f64>,
    pub(super) exclusive_minimum: bool,
    pub(super) multiple_of: Option<f64>,
    pub(super) max_length: Option<u64>,
    pub(super) min_length: Option<u64>,
    pub(super) pattern: Option<Pattern>,
    pub(super) max_items: Option<u64>,
    pub(super) min_items: Option<u64>,
    pub(super) max_properties: Option<u64>,
    pub(super) min_properties: Option<u64>,
    pub(super) required: Vec<String>,
    pub(super) allowed: Vec<Value>,
    pub(super) all_of: Vec<Structural>,
    pub(super) any_of: Vec<Structural>,
    pub(super) one_of: Vec<Structural>,
    pub(super) not: Option<Box<Structural>>,
}

impl Structural {
    /// Returns the type, when the schema asks for one.
    pub fn value_type(&self) -> Option<ValueType> {
        self.value_type
    }

    /// Returns the schema of a declared property.
    pub fn property(&self, name: &str) -> Option<&Self> {
        self.properties.get(name)
    }

    /// Returns the names of the declared properties in order.
    pub fn property_names(&self) -> impl Iterator<Item = &str> {
        self.properties.keys().map(AsRef::as_ref)
    }

    /// Returns the schema of undeclared members, when `additionalProperties` has one.
    pub fn additional_schema(&self) -> Option<&Self> {
        match &self.additional {
            Additional::Schema(schema) => Some(schema),
            Additional::Any | Additional::Unspecified => None,
        }
    }

    /// Tells whether undeclared members are allowed and have no schema.
    pub fn accepts_unknown(&self) -> bool {
        self.preserve_unknown || matches!(self.additional, Additional::Any)
    }

    /// Returns the schema of list items.
    pub fn items(&self) -> Option<&Self> {
        self.items.as_deref()
    }

    /// Returns how the items of a list are identified.
    pub fn list_type(&self) -> &ListType {
        &self.list_type
    }

    /// Returns whether a map is owned as one value.
    pub fn map_type(&self) -> MapType {
        self.map_type
    }

    /// Tells whether the value is an object with `apiVersion`, `kind` and `metadata` of its own.
    pub fn is_embedded_resource(&self) -> bool {
        self.embedded_resource
    }

    /// Tells whether both an integer and a string are fine.
    pub fn is_int_or_string(&self) -> bool {
        self.int_or_string
    }

    /// Returns the format that texts must have.
    pub fn format(&self) -> Option<&str> {
        self.rules.as_ref()?.format.as_deref()
    }

    /// Returns the default.
    pub fn default_value(&self) -> Option<&Value> {
        self.default.as_deref()
    }

    /// Tells whether null is a value of its own.
    pub fn is_nullable(&self) -> bool {
        self.nullable
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::sync::LazyLock;

    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    static GARDEN: LazyLock<Structural> = LazyLock::new(|| {
        let schema = json!({
            "type": "object", "required": ["spec"],
            "properties": {"spec": {
                "type": "object", "required": ["region"],
                "properties": {
                    "region": {"type": "string", "minLength": 1, "maxLength": 8},
                    "replicas": {
                        "type": "integer", "format": "int32", "minimum": 0, "maximum": 100,
                        "default": 1,
                    },
                    "purpose": {"type": "string", "enum": ["evaluation", "production"]},
                    "pods": {"type": "string", "pattern": "^[0-9a-f:]+/[0-9]+$"},
                    "when": {"type": "string", "format": "date-time"},
                    "families": {
                        "type": "array", "x-kubernetes-list-type": "set", "maxItems": 2,
                        "items": {"type": "string", "enum": ["IPv4", "IPv6"]},
                    },
                    "networking": {
                        "type": "object", "default": {},
                        "properties": {
                            "type": {"type": "string", "default": "calico"},
                            "mtu": {"type": "integer", "nullable": true},
                        },
                    },
                    "workers": {
                        "type": "array", "x-kubernetes-list-type": "map",
                        "x-kubernetes-list-map-keys": ["name"],
                        "items": {
                            "type": "object", "required": ["name"],
                            "properties": {
                                "name": {"type": "string"},
                                "count": {"type": "integer", "default": 1},
                            },
                        },
                    },
                    "zones": {"type": "array", "items": {"type": "string"}},
                    "port": {"x-kubernetes-int-or-string": true},
                    "provider": {"type": "object", "x-kubernetes-preserve-unknown-fields": true},
                    "labels": {"type": "object", "additionalProperties": {"type": "string"}},
                    "atomic": {
                        "type": "object", "x-kubernetes-map-type": "atomic",
                        "additionalProperties": {"type": "string"},
                    },
                    "choice": {
                        "type": "object",
                        "properties": {"a": {"type": "string"}, "b": {"type": "string"}},
                        "oneOf": [{"required": ["a"]}, {"required": ["b"]}],
                    },
                },
            }},
        });
        Structural::parse(&schema, "").expect("the fixture is structural")
    });

    /// A schema with one node of most sorts.
    pub(in super::super) fn garden() -> &'static Structural {
        &GARDEN
    }

    /// JSON whose member names often fit [`garden`].
    pub(in super::super) fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            (-3..200_i64).prop_map(Value::from),
            "[a-z]{0,3}".prop_map(Value::from),
        ];
        let name = prop_oneof![
            Just("spec"),
            Just("networking"),
            Just("workers"),
            Just("labels"),
            Just("mtu"),
            Just("name"),
            Just("count"),
            Just("provider"),
            Just("replicas"),
            Just("odd"),
        ];
        let value = leaf.prop_recursive(4, 32, 4, move |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
                proptest::collection::btree_map(name.clone().prop_map(str::to_owned), inner, 0..5)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        });
        (value, any::<bool>()).prop_map(
            |(value, wrap)| {
                if wrap { json!({"spec": value}) } else { value }
            },
        )
    }
}
