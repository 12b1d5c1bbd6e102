//! `/etc/gai.conf`: how glibc ranks addresses.

/// A line that is at work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GaiLine {
    /// `label` or `precedence`; `reload` and `scopev4` are no tables.
    pub table: String,
    /// The prefix.
    pub prefix: String,
    /// The label or the precedence.
    pub value: String,
}

/// The lines that are at work.
pub fn lines(text: &str) -> Vec<GaiLine> {
    text.lines()
        .filter_map(|line| {
            let mut words = line.split('#').next()?.split_whitespace();
            let table = words
                .next()
                .filter(|word| matches!(*word, "label" | "precedence"))?;
            Some(GaiLine {
                table: table.to_owned(),
                prefix: words.next()?.to_owned(),
                value: words.next()?.to_owned(),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_are_not_at_work() {
        let text = "#label ::1/128 0\nprecedence  ::ffff:0:0/96  100 # x\nreload yes\nlabel\n";
        let found = lines(text);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].value, "100");
    }
}
