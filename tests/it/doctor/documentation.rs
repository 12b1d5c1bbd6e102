//! The page of all checks is the catalogue's own words.

use garden6::doctor::catalogue;

#[test]
fn the_page_of_all_checks_is_up_to_date() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/doctor.md");
    let wanted = catalogue::reference();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(path, &wanted).expect("the page can be written");
    }
    let found = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        found == wanted,
        "docs/doctor.md differs from the catalogue: run this test with UPDATE_DOCS=1"
    );
}
