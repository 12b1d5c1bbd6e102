//! What holds for every host and every check of the doctor.

mod corpus;
mod documentation;
mod hosts;
mod outcomes;
#[path = "../../fuzz/doctor_texts.rs"]
mod texts;

use proptest::prelude::*;

proptest! {
    #[test]
    fn no_text_makes_a_parser_panic(text in "[ -~\\n\\t\\r]{0,200}|\\PC{0,80}") {
        texts::read_as_everything(&text);
    }

    #[test]
    fn no_table_of_numbers_makes_a_parser_panic(
        lines in proptest::collection::vec("([0-9A-Fa-f:./%]{1,34} ){1,12}[a-z0-9@.-]{0,8}", 0..6)
    ) {
        texts::read_as_everything(&lines.join("\n"));
    }
}

#[test]
fn pieces_of_real_texts_make_no_parser_panic() {
    for text in corpus::texts() {
        for (end, _) in text.char_indices() {
            texts::read_as_everything(&text[..end]);
        }
        texts::read_as_everything(&text.replace('\n', "\r\n"));
    }
}
