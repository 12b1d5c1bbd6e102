//! Names that look like a mistyped one.

/// The edit distance between two words, ignoring case.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.to_lowercase().chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (line, left_char) in left.to_lowercase().chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = line + 1;
        for (column, right_char) in right.iter().enumerate() {
            let replace = diagonal + usize::from(left_char != *right_char);
            diagonal = row[column + 1];
            row[column + 1] = replace.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[right.len()]
}

/// Up to three of `names` that look most like `word`, best first; what shares little is left out.
pub(crate) fn nearest(word: &str, names: impl IntoIterator<Item = String>) -> Vec<String> {
    let limit = (word.chars().count() / 2).max(2);
    let mut candidates: Vec<(usize, String)> = names
        .into_iter()
        .map(|name| (distance(word, &name), name))
        .filter(|(distance, _)| *distance <= limit)
        .collect();
    candidates.sort();
    candidates.dedup();
    candidates
        .into_iter()
        .take(3)
        .map(|(_, name)| name)
        .collect()
}

/// The end of an error message that proposes `names`, empty when there are none.
pub(crate) fn hint(names: &[String]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.split_last() {
        None => String::new(),
        Some((only, [])) => format!(", did you mean {only}?"),
        Some((last, rest)) => format!(", did you mean {} or {last}?", rest.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_distance_counts_edits() {
        for (left, right, expected) in [
            ("", "", 0),
            ("svc", "SVC", 0),
            ("svc", "svx", 1),
            ("sv", "svc", 1),
            ("kitten", "sitting", 3),
        ] {
            assert_eq!(distance(left, right), expected, "{left} {right}");
        }
    }

    #[test]
    fn the_best_come_first_and_strangers_do_not_come() {
        let names = ["SVC-01", "SVC-10", "API-01", "something-else"].map(str::to_owned);
        assert_eq!(nearest("SVC-0", names), ["SVC-01", "SVC-10"]);
        assert_eq!(hint(&[]), "");
    }
}
