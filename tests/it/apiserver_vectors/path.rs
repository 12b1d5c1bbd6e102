//! Paths of facts: dotted keys, `[n]`, `['quoted key']`, `[?key=value]`, `[*]`.

use serde_json::Value;

use super::fact::plain;

/// The value at a path; nothing when a part of it is missing.
pub(super) fn find(root: &Value, path: &str) -> Result<Option<Value>, String> {
    walk(Some(root), path.trim_start_matches('.'))
}

fn walk(value: Option<&Value>, path: &str) -> Result<Option<Value>, String> {
    let path = path.strip_prefix('.').unwrap_or(path);
    let Some(current) = value else {
        return Ok(None);
    };
    if path.is_empty() {
        return Ok(Some(current.clone()));
    }
    if let Some(rest) = path.strip_prefix('[') {
        let end = closing(rest).ok_or_else(|| format!("unclosed bracket in {path:?}"))?;
        let (inside, rest) = (&rest[..end], &rest[end + 1..]);
        return bracket(current, inside, rest);
    }
    let end = path.find(['.', '[']).unwrap_or(path.len());
    let (key, rest) = path.split_at(end);
    walk(current.get(key), rest)
}

fn bracket(current: &Value, inside: &str, rest: &str) -> Result<Option<Value>, String> {
    if inside == "*" {
        let items = current.as_array().cloned().unwrap_or_default();
        let found: Result<Vec<Value>, String> = items
            .iter()
            .map(|item| walk(Some(item), rest).map(Option::unwrap_or_default))
            .collect();
        return found.map(|found| Some(Value::Array(found)));
    }
    if let Some(filter) = inside.strip_prefix('?') {
        let (key, wanted) = filter
            .split_once('=')
            .ok_or_else(|| format!("no = in filter {filter:?}"))?;
        for item in current.as_array().into_iter().flatten() {
            let found = walk(Some(item), key)?;
            if found.is_some_and(|found| found.as_str() == Some(wanted) || plain(&found) == wanted)
            {
                return walk(Some(item), rest);
            }
        }
        return Ok(None);
    }
    if let Some(key) = inside
        .strip_prefix('\'')
        .and_then(|inside| inside.strip_suffix('\''))
    {
        return walk(current.get(key), rest);
    }
    let index: usize = inside
        .parse()
        .map_err(|_| format!("[{inside}] is not understood"))?;
    walk(current.get(index), rest)
}

/// The position of the bracket that closes one opened before; quotes hide brackets.
fn closing(text: &str) -> Option<usize> {
    let mut quoted = false;
    text.char_indices()
        .find_map(|(position, character)| match character {
            '\'' => {
                quoted = !quoted;
                None
            }
            ']' if !quoted => Some(position),
            _ => None,
        })
}

#[test]
fn paths_reach_into_lists_and_quoted_keys() {
    let root = serde_json::json!({
        "items": [{"n": "a", "m": {"k": 1}}, {"n": "b"}],
        "f:x": {"a/b.c": true},
    });
    for (path, expected) in [
        ("items[0].m.k", Some(serde_json::json!(1))),
        ("items[*].n", Some(serde_json::json!(["a", "b"]))),
        ("items[?m.k=1].n", Some(serde_json::json!("a"))),
        ("items[?n=c].n", None),
        ("['f:x']['a/b.c']", Some(serde_json::json!(true))),
        ("nothing.here[3]", None),
    ] {
        assert_eq!(find(&root, path), Ok(expected), "{path}");
    }
}
