//! Lines that fit the terminal.

/// Narrowest text that is still broken; below it lines only get ragged.
const NARROWEST: usize = 24;

/// A text broken between words, each line after the first indented. Words are never broken: they
/// may be paths and commands.
pub(in crate::commands::doctor) fn wrapped(text: &str, width: usize, indent: usize) -> String {
    let room = width.saturating_sub(indent).max(NARROWEST);
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        let length = line.chars().count() + word.chars().count() + 1;
        if !line.is_empty() && length > room {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push(line);
    lines.join(&format!("\n{}", " ".repeat(indent)))
}
