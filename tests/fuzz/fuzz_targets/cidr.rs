//! Ranges, addresses with ports and family lists from text; what is read is written the same.

#![no_main]

use garden6::{
    api::validation::{Path, Range},
    net::{Cidr, Families, HostPort},
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let lenient = Range::new(text, Path::new("fuzz"));
    if let Ok(cidr) = text.parse::<Cidr>() {
        assert_eq!(cidr.to_string().parse(), Ok(cidr));
        assert!(cidr.contains(cidr.network()) && cidr.contains(cidr.last()));
        assert!(lenient.network().is_some(), "strict but not lenient");
    }
    if let Ok(host) = text.parse::<HostPort>() {
        let written = host.to_string();
        assert_eq!(
            written.parse::<HostPort>().map(|read| read.to_string()),
            Ok(written)
        );
    }
    if let Ok(families) = text.parse::<Families>() {
        assert_eq!(families.to_string().parse(), Ok(families));
    }
});
