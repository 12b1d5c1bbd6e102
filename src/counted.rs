//! Numbers of things, as people read them.

use std::fmt::Display;

/// `1 image`, `2 images`: the number and the word for it, one or many.
pub(crate) fn counted<N: Copy + Display + PartialEq + From<u8>>(
    number: N,
    one: &str,
    many: &str,
) -> String {
    let word = if number == N::from(1) { one } else { many };
    format!("{number} {word}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_thing_is_not_many() {
        assert_eq!(counted(1_u64, "image", "images"), "1 image");
        assert_eq!(counted(0_usize, "entry", "entries"), "0 entries");
        assert_eq!(counted(21_u32, "node", "nodes"), "21 nodes");
    }
}
