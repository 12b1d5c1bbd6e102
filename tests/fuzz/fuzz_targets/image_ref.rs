//! Image references from text; what is read is written the same.

#![no_main]

use garden6::mirror::{ImageRef, naming};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(image) = text.parse::<ImageRef>() {
        assert_eq!(image.to_string().parse(), Ok(image.clone()));
        drop(naming::mirrored_as(&image));
        drop(naming::host_of(image.registry()));
        drop(naming::containerd_folders(image.registry()));
    }
});
