use proptest::prelude::*;

use super::*;

fn holds(constraint: &str, version: &str) -> Option<bool> {
    let constraint: VersionConstraint = constraint.parse().ok()?;
    Some(constraint.matches(AskedVersion::read(version).unwrap()))
}

#[test]
fn constraints_mean_what_masterminds_makes_of_them() {
    for (constraint, version, expected) in [
        ("1.33.2", "1.33.2", true),
        ("1.33.2", "1.33.3", false),
        ("1.33", "1.33.9", true),
        ("v1.33", "1.34.0", false),
        ("1", "1.99.0", true),
        ("*", "7.0.0", true),
        ("x", "0.0.0", true),
        ("1.X", "1.5.0", true),
        ("1.x.9", "1.5.0", true),
        ("= 1.33", "1.33.9", true),
        ("> 1.33", "1.33.5", false),
        ("> 1.33", "1.34.0", true),
        ("> 1", "1.99.0", false),
        ("> 1.33.2", "1.33.3", true),
        ("< 1.33", "1.33.0", false),
        ("<= 1.33", "1.33.9", true),
        ("=< 1.33.0", "1.33.9", false),
        ("<= 1", "1.99.0", true),
        ("!= 1.33", "1.33.4", false),
        ("!= 1", "1.0.0", false),
        ("!= 1.33.4", "1.33.5", true),
        ("~1.33.2", "1.33.1", false),
        ("~> 1.33.2", "1.33.9", true),
        ("~1", "1.99.0", true),
        ("^1.33", "1.40.0", true),
        ("^0.8.20", "0.9.0", false),
        ("^0.0.3", "0.0.4", false),
        ("^0.0", "0.0.9", true),
        ("^0", "0.9.0", true),
        ("1.31 - 1.33", "1.33.7", true),
        ("1.31 - 1.33.2", "1.33.7", false),
        ("1.31 - 1.32 || 1.35", "1.35.1", true),
        (">= 1.31 < 1.34", "1.33.9", true),
        (">=1.31,<1.34", "1.34.0", false),
        ("< 1.30 || >= 1.33", "1.31.0", false),
        (">= 1.33-0", "1.33.0", true),
        ("< 1.33.0-0", "1.33.0", false),
        ("= 1.33.0-rc.1", "1.33.0", false),
        ("!= 1.33-0", "1.33.4", true),
        ("1.33.2+build.7", "1.33.2", true),
        ("=> 1.33", "1.34.0", true),
    ] {
        assert_eq!(
            holds(constraint, version),
            Some(expected),
            "{constraint} {version}"
        );
    }
}

#[test]
fn surprises_of_upstream_are_kept() {
    assert_eq!(holds("^*", "1.0.0"), Some(false));
    assert_eq!(holds("<= *", "0.1.0"), Some(false));
    assert_eq!(holds("~0.0.0", "9.9.9"), Some(true));
    assert_eq!(holds("1.x.|", "1.2.3"), Some(true));
}

#[test]
fn what_is_no_constraint_is_refused() {
    for text in [
        "",
        " ",
        ">=",
        "latest",
        ">= 1.31 ||",
        "|| 1",
        ">=1.31<1.34",
        "1.31,,1.32",
        ",1",
        "1,",
        ">= 1.2 - 1.3",
        "1.0 1.0 - 2.0",
        "1.2.3.4",
        "1.2.3-",
        "1.2.3-01",
        "1.2x",
        "1|2",
        "> > 1",
        "== 1",
        "99999999999999999999",
    ] {
        assert_eq!(holds(text, "1.0.0"), None, "`{text}`");
    }
}

#[test]
fn what_looks_exact_is_worth_two_points() {
    for (text, points) in [
        ("1.33.2", 2),
        ("v1.33.2", 2),
        ("1.20.0 - 1.40.0", 2),
        ("= 1.33", 2),
        ("=> 1.33", 2),
        (" = 1.33", 1),
        ("1.33", 1),
        ("1.33.x", 1),
        (">= 1.33.2", 1),
        ("!= 1.33.2", 1),
    ] {
        let constraint: VersionConstraint = text.parse().unwrap();
        assert_eq!(constraint.points(), points, "{text}");
    }
}

/// A term, and what it means by counting: which versions of a small world it holds for.
#[derive(Clone, Debug)]
struct Naive {
    operator: &'static str,
    parts: Vec<u64>,
    wildcard: bool,
}

impl Naive {
    fn text(&self) -> String {
        let mut parts: Vec<String> = self.parts.iter().map(u64::to_string).collect();
        if self.wildcard && parts.len() < 3 {
            parts.push("x".to_owned());
        }
        format!("{} {}", self.operator, parts.join("."))
    }

    fn holds(&self, version: [u64; 3]) -> bool {
        let given = &self.parts[..];
        let prefix = &version[..given.len()];
        let mut floor = [0; 3];
        floor[..given.len()].copy_from_slice(given);
        match self.operator {
            "" | "=" => prefix == given,
            "!=" => prefix != given,
            ">" => prefix > given,
            ">=" | "=>" => version >= floor,
            "<" => version < floor,
            "<=" | "=<" => prefix <= given,
            "~" | "~>" => {
                let kept = given.len().min(2);
                floor == [0; 3] && given.len() == 3
                    || version >= floor && version[..kept] == given[..kept]
            }
            _ => {
                // Up to and with the first part that is not zero, or all that are given.
                let kept = given
                    .iter()
                    .position(|part| *part > 0)
                    .unwrap_or(given.len() - 1)
                    + 1;
                version >= floor && version[..kept] == given[..kept]
            }
        }
    }
}

fn naive() -> impl Strategy<Value = Naive> {
    let operators = prop::sample::select(vec![
        "", "=", "!=", ">", ">=", "=>", "<", "<=", "=<", "~", "~>", "^",
    ]);
    (
        operators,
        prop::collection::vec(0_u64..4, 1..=3),
        any::<bool>(),
    )
        .prop_map(|(operator, parts, wildcard)| Naive {
            operator,
            parts,
            wildcard,
        })
}

proptest! {
    #[test]
    fn the_matcher_agrees_with_counting(
        alternatives in prop::collection::vec(prop::collection::vec(naive(), 1..3), 1..3),
        comma: bool,
    ) {
        let separator = if comma { ", " } else { " " };
        let text = alternatives
            .iter()
            .map(|terms| terms.iter().map(Naive::text).collect::<Vec<_>>().join(separator))
            .collect::<Vec<_>>()
            .join(" || ");
        let constraint: VersionConstraint = text.parse().unwrap();
        for number in 0..125 {
            let version = [number / 25, number / 5 % 5, number % 5];
            let [major, minor, patch] = version;
            let expected = alternatives
                .iter()
                .any(|terms| terms.iter().all(|term| term.holds(version)));
            let found = constraint.matches(AskedVersion { major, minor, patch });
            prop_assert_eq!(found, expected, "{} {:?}", text, version);
        }
    }

    #[test]
    fn hyphens_are_two_bounds(low in 0_u64..4, high in 0_u64..4, version in 0_u64..5, patch in 0_u64..3) {
        let hyphen = format!("1.{low} - 1.{high}");
        let bounds = format!(">= 1.{low}, <= 1.{high}");
        let version = format!("1.{version}.{patch}");
        prop_assert_eq!(holds(&hyphen, &version), holds(&bounds, &version));
    }

    #[test]
    fn arbitrary_text_never_panics(text in "[0-9vxX*.|<>=~^!, +a-z-]{0,24}") {
        drop(text.parse::<VersionConstraint>());
        drop(AskedVersion::read(&text));
    }
}
