//! Interleaving two orders of items.

/// Merges the order of `old` with that of `new` and returns pairs of positions in the two.
///
/// Items that both have, and those that only `new` has, come out in the order of `new`; those that
/// only `old` has stay behind the items they followed.
pub(in crate::cluster::embedded) fn interleave<T: PartialEq>(
    old: &[T],
    new: &[T],
) -> Vec<(Option<usize>, Option<usize>)> {
    let in_old = |item: &T| old.iter().position(|other| other == item);
    let in_new = |item: &T| new.contains(item);
    let mut shared = new.iter().filter(|item| in_old(item).is_some()).peekable();
    let mut merged = Vec::with_capacity(old.len().max(new.len()));
    let (mut left, mut right) = (0, 0);
    while left < old.len() || right < new.len() {
        if let Some(item) = old.get(left) {
            if !in_new(item) {
                merged.push((Some(left), None));
                left += 1;
                continue;
            }
            // An item that comes later in the new order is taken when its turn comes there.
            if shared.peek().is_none_or(|next| *next != item) {
                left += 1;
                continue;
            }
        }
        if let Some(item) = new.get(right) {
            let position = in_old(item);
            merged.push((position, Some(right)));
            right += 1;
            if position.is_some() {
                shared.next();
                if old.get(left) == Some(item) {
                    left += 1;
                }
            }
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn merged(old: &str, new: &str) -> String {
        let (old, new): (Vec<char>, Vec<char>) = (old.chars().collect(), new.chars().collect());
        let pairs = interleave(&old, &new).into_iter();
        pairs
            .map(|(left, right)| right.map_or_else(|| old[left.unwrap()], |r| new[r]))
            .collect()
    }

    #[test]
    fn the_new_order_wins_and_old_items_keep_their_place() {
        let cases = [
            ("", "ab", "ab"),
            ("ab", "", "ab"),
            ("ab", "ab", "ab"),
            ("abc", "c", "abc"),
            ("abc", "d", "abcd"),
            ("abc", "ca", "bca"),
            ("ab", "ba", "ba"),
            ("axb", "ab", "axb"),
            ("ab", "acb", "acb"),
        ];
        for (old, new, expected) in cases {
            assert_eq!(merged(old, new), expected, "{old} with {new}");
        }
    }

    proptest! {
        #[test]
        fn every_item_comes_out_once(old in "[a-f]{0,6}", new in "[a-f]{0,6}") {
            let unique = |text: &str| {
                let set: std::collections::BTreeSet<char> = text.chars().collect();
                set.into_iter().collect::<String>()
            };
            let (old, new) = (unique(&old), unique(&new).chars().rev().collect::<String>());
            let out = merged(&old, &new);
            prop_assert_eq!(unique(&out), unique(&format!("{old}{new}")));
            prop_assert_eq!(out.chars().count(), unique(&out).chars().count());
            let kept: String = out.chars().filter(|c| new.contains(*c)).collect();
            prop_assert_eq!(kept, new);
        }
    }
}
