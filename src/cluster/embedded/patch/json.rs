//! JSON patch (RFC 6902) with the departures that clients of the Kubernetes API rely on.
//!
//! * `test` against a missing member passes when the tested value is null or missing; kube-rs's
//!   finalizer helper opens with exactly that.
//! * A negative array index counts from the end.
//! * The number of operations is limited.

use serde_json::Value;
use thiserror::Error;

/// More operations than this are refused.
pub const MAX_OPERATIONS: usize = 10_000;

/// Why a JSON patch was refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum JsonPatchError {
    /// The document is no JSON patch; the API answers 400.
    #[error("{detail}")]
    Malformed {
        /// What is wrong with it.
        detail: String,
    },
    /// The patch has too many operations; the API answers 413.
    #[error("The allowed maximum operations in a JSON patch is {MAX_OPERATIONS}, got {operations}")]
    TooManyOperations {
        /// How many it has.
        operations: usize,
    },
    /// An operation does not fit the object, or a test failed; the API answers 422.
    #[error("{operation} operation does not apply: {detail}: {path}")]
    DoesNotApply {
        /// The operation.
        operation: &'static str,
        /// The path it names.
        path: String,
        /// Why it does not apply.
        detail: &'static str,
    },
}

/// Applies every operation of `patch` in order; on an error `target` is left half changed.
pub fn apply(target: &mut Value, patch: &Value) -> Result<(), JsonPatchError> {
    let Value::Array(operations) = patch else {
        return Err(malformed("a JSON patch must be a list of operations"));
    };
    if operations.len() > MAX_OPERATIONS {
        return Err(JsonPatchError::TooManyOperations {
            operations: operations.len(),
        });
    }
    // Everything is read before anything is changed, so that a malformed patch is always a 400.
    let operations: Vec<Operation<'_>> = operations
        .iter()
        .map(Operation::read)
        .collect::<Result<_, _>>()?;
    operations
        .iter()
        .try_for_each(|operation| operation.apply(target))
}

struct Operation<'a> {
    name: &'static str,
    path: &'a str,
    tokens: Vec<String>,
    action: Action<'a>,
}

enum Action<'a> {
    Add(&'a Value),
    Remove,
    Replace(&'a Value),
    Move(Vec<String>),
    Copy(Vec<String>),
    Test(&'a Value),
}

/// A missing `value` reads as null.
static NULL: Value = Value::Null;

impl<'a> Operation<'a> {
    fn read(operation: &'a Value) -> Result<Self, JsonPatchError> {
        let text = |key: &str| operation.get(key).and_then(Value::as_str);
        let name = text("op").ok_or_else(|| malformed("an operation has no op"))?;
        let path = text("path").ok_or_else(|| malformed("an operation has no path"))?;
        let value = operation.get("value").unwrap_or(&NULL);
        let from = || {
            let from = text("from").ok_or_else(|| malformed("an operation has no from"))?;
            tokens(from)
        };
        let (name, action) = match name {
            "add" => ("add", Action::Add(value)),
            "remove" => ("remove", Action::Remove),
            "replace" => ("replace", Action::Replace(value)),
            "move" => ("move", Action::Move(from()?)),
            "copy" => ("copy", Action::Copy(from()?)),
            "test" => ("test", Action::Test(value)),
            other => return Err(malformed(&format!("unexpected kind of operation: {other}"))),
        };
        Ok(Self {
            name,
            path,
            tokens: tokens(path)?,
            action,
        })
    }

    fn apply(&self, root: &mut Value) -> Result<(), JsonPatchError> {
        let done = match &self.action {
            Action::Add(value) => add(root, &self.tokens, (*value).clone()),
            Action::Remove => remove(root, &self.tokens).map(drop),
            Action::Replace(value) => replace(root, &self.tokens, value),
            Action::Move(from) => {
                remove(root, from).and_then(|value| add(root, &self.tokens, value))
            }
            Action::Copy(from) => match get(root, from) {
                Some(value) => {
                    let value = value.clone();
                    add(root, &self.tokens, value)
                }
                None => Err("doc is missing the source"),
            },
            Action::Test(expected) => test(root, &self.tokens, expected),
        };
        done.map_err(|detail| JsonPatchError::DoesNotApply {
            operation: self.name,
            path: self.path.to_owned(),
            detail,
        })
    }
}

fn malformed(detail: &str) -> JsonPatchError {
    JsonPatchError::Malformed {
        detail: detail.to_owned(),
    }
}

/// Splits a JSON pointer (RFC 6901) into unescaped tokens.
fn tokens(pointer: &str) -> Result<Vec<String>, JsonPatchError> {
    if pointer.is_empty() {
        return Ok(Vec::new());
    }
    let Some(rest) = pointer.strip_prefix('/') else {
        return Err(malformed(&format!(
            "path {pointer:?} does not begin with a slash"
        )));
    };
    Ok(rest
        .split('/')
        .map(|token| token.replace("~1", "/").replace("~0", "~"))
        .collect())
}

fn get<'v>(root: &'v Value, tokens: &[String]) -> Option<&'v Value> {
    tokens.iter().try_fold(root, |value, token| match value {
        Value::Object(map) => map.get(token),
        Value::Array(list) => list.get(index(token, list.len())?),
        _ => None,
    })
}

/// Returns the container that holds the last token, and that token.
fn parent<'v, 't>(
    root: &'v mut Value,
    tokens: &'t [String],
) -> Result<(&'v mut Value, &'t str), &'static str> {
    let (last, above) = tokens
        .split_last()
        .ok_or("the path names the whole document")?;
    let mut value = root;
    for token in above {
        let next = match value {
            Value::Object(map) => map.get_mut(token),
            Value::Array(list) => {
                let index = index(token, list.len());
                index.and_then(|index| list.get_mut(index))
            }
            _ => None,
        };
        value = next.ok_or("doc is missing path")?;
    }
    Ok((value, last))
}

/// Reads an array index; negative ones count from the end.
fn index(token: &str, length: usize) -> Option<usize> {
    if let Some(back) = token.strip_prefix('-') {
        return length
            .checked_sub(back.parse().ok()?)
            .filter(|_| back != "0");
    }
    token.parse().ok()
}

fn add(root: &mut Value, tokens: &[String], value: Value) -> Result<(), &'static str> {
    if tokens.is_empty() {
        *root = value;
        return Ok(());
    }
    match parent(root, tokens)? {
        (Value::Object(map), key) => {
            map.insert(key.to_owned(), value);
            Ok(())
        }
        (Value::Array(list), "-") => {
            list.push(value);
            Ok(())
        }
        (Value::Array(list), token) => {
            // A negative index names the place after the insertion, so the list counts one longer.
            let index = index(token, list.len() + 1).filter(|index| *index <= list.len());
            list.insert(index.ok_or("invalid index referenced")?, value);
            Ok(())
        }
        _ => Err("doc is missing path"),
    }
}

fn remove(root: &mut Value, tokens: &[String]) -> Result<Value, &'static str> {
    match parent(root, tokens)? {
        (Value::Object(map), key) => map
            .shift_remove(key)
            .ok_or("unable to remove nonexistent key"),
        (Value::Array(list), token) => {
            let index = index(token, list.len()).filter(|index| *index < list.len());
            Ok(list.remove(index.ok_or("invalid index referenced")?))
        }
        _ => Err("doc is missing path"),
    }
}

fn replace(root: &mut Value, tokens: &[String], value: &Value) -> Result<(), &'static str> {
    if tokens.is_empty() {
        *root = value.clone();
        return Ok(());
    }
    let slot = match parent(root, tokens)? {
        (Value::Object(map), key) => map.get_mut(key),
        (Value::Array(list), token) => {
            let index = index(token, list.len());
            index.and_then(|index| list.get_mut(index))
        }
        _ => None,
    };
    *slot.ok_or("doc is missing key")? = value.clone();
    Ok(())
}

fn test(root: &mut Value, tokens: &[String], expected: &Value) -> Result<(), &'static str> {
    let actual = if tokens.is_empty() {
        Some(&*root)
    } else {
        match parent(root, tokens)? {
            (Value::Object(map), key) => map.get(key),
            (Value::Array(list), token) => {
                let index = index(token, list.len());
                let item = index.and_then(|index| list.get(index));
                Some(item.ok_or("invalid index referenced")?)
            }
            _ => return Err("doc is missing path"),
        }
    };
    if actual.unwrap_or(&NULL) == expected {
        Ok(())
    } else {
        Err("testing value failed")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn patched(target: Value, patch: &Value) -> Result<Value, JsonPatchError> {
        let mut target = target;
        apply(&mut target, patch)?;
        Ok(target)
    }

    #[test]
    fn operations_do_what_the_rfc_says() {
        let cases = [
            (
                json!({"a": 1}),
                json!([{"op": "add", "path": "/b", "value": 2}]),
                json!({"a": 1, "b": 2}),
            ),
            (
                json!({"a": [1, 2]}),
                json!([{"op": "add", "path": "/a/1", "value": 9}]),
                json!({"a": [1, 9, 2]}),
            ),
            (
                json!({"a": [1]}),
                json!([{"op": "add", "path": "/a/-", "value": 2}]),
                json!({"a": [1, 2]}),
            ),
            (
                json!({"a": [1, 2]}),
                json!([{"op": "remove", "path": "/a/0"}]),
                json!({"a": [2]}),
            ),
            (
                json!({"a": [1, 2]}),
                json!([{"op": "remove", "path": "/a/-1"}]),
                json!({"a": [1]}),
            ),
            (
                json!({"a/b": 1, "m~n": 2}),
                json!([{"op": "remove", "path": "/a~1b"}, {"op": "replace", "path": "/m~0n", "value": 3}]),
                json!({"m~n": 3}),
            ),
            (
                json!({"a": {"b": 1}}),
                json!([{"op": "move", "from": "/a/b", "path": "/c"}]),
                json!({"a": {}, "c": 1}),
            ),
            (
                json!({"a": {"b": 1}}),
                json!([{"op": "copy", "from": "/a", "path": "/c"}]),
                json!({"a": {"b": 1}, "c": {"b": 1}}),
            ),
            (
                json!({"a": 1}),
                json!([{"op": "test", "path": "/a", "value": 1}, {"op": "remove", "path": "/a"}]),
                json!({}),
            ),
        ];
        for (target, patch, expected) in cases {
            assert_eq!(patched(target, &patch).unwrap(), expected, "{patch}");
        }
    }

    #[test]
    fn testing_null_on_a_missing_member_passes() {
        let patch = json!([
            {"op": "test", "path": "/metadata/finalizers", "value": null},
            {"op": "add", "path": "/metadata/finalizers", "value": ["x/y"]},
        ]);
        let result = patched(json!({"metadata": {}}), &patch).unwrap();
        assert_eq!(result, json!({"metadata": {"finalizers": ["x/y"]}}));
    }

    #[test]
    fn what_does_not_apply_is_refused() {
        let target = json!({"a": [1], "s": "x"});
        for patch in [
            json!([{"op": "remove", "path": "/b"}]),
            json!([{"op": "remove", "path": "/a/1"}]),
            json!([{"op": "replace", "path": "/b", "value": 1}]),
            json!([{"op": "add", "path": "/a/3", "value": 1}]),
            json!([{"op": "add", "path": "/b/c", "value": 1}]),
            json!([{"op": "add", "path": "/s/c", "value": 1}]),
            json!([{"op": "test", "path": "/a", "value": [2]}]),
            json!([{"op": "test", "path": "/b", "value": 1}]),
            json!([{"op": "move", "from": "/b", "path": "/c"}]),
        ] {
            let error = patched(target.clone(), &patch).unwrap_err();
            assert!(
                matches!(error, JsonPatchError::DoesNotApply { .. }),
                "{patch}"
            );
        }
    }

    #[test]
    fn what_is_no_patch_is_malformed() {
        for patch in [
            json!({"op": "remove", "path": "/a"}),
            json!([{"op": "jump", "path": "/a"}]),
            json!([{"path": "/a"}]),
            json!([{"op": "remove", "path": "a"}]),
            json!([{"op": "move", "path": "/a"}]),
        ] {
            let error = patched(json!({"a": 1}), &patch).unwrap_err();
            assert!(matches!(error, JsonPatchError::Malformed { .. }), "{patch}");
        }
    }

    #[test]
    fn too_many_operations_are_refused() {
        let operation = json!({"op": "test", "path": "/a", "value": 1});
        let patch = Value::Array(vec![operation; MAX_OPERATIONS + 1]);
        let error = patched(json!({"a": 1}), &patch).unwrap_err();
        assert_eq!(
            error,
            JsonPatchError::TooManyOperations {
                operations: MAX_OPERATIONS + 1
            }
        );
    }
}
