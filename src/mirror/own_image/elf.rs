//! What a program says about the shared libraries it needs.

use object::{
    Endianness,
    elf::{DT_NEEDED, FileHeader64},
    read::elf::{FileHeader as _, ProgramHeader as _},
};

/// The dynamic section of a program or library, in words.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Needs {
    /// The dynamic loader, which only programs name.
    pub(super) loader: Option<String>,
    /// Names of the libraries.
    pub(super) libraries: Vec<String>,
}

/// Reads a 64-bit ELF file; the error says what is wrong with it.
pub(super) fn read(bytes: &[u8]) -> Result<Needs, String> {
    parse(bytes).map_err(|error| format!("it is no 64-bit Linux program ({error})"))
}

fn parse(bytes: &[u8]) -> object::Result<Needs> {
    let header = FileHeader64::<Endianness>::parse(bytes)?;
    let endian = header.endian()?;
    let mut needs = Needs::default();
    for segment in header.program_headers(endian, bytes)? {
        if let Some(path) = segment.interpreter(endian, bytes)? {
            needs.loader = Some(String::from_utf8_lossy(path).into_owned());
        }
    }
    let table = header
        .sections(endian, bytes)?
        .dynamic_table(endian, bytes)?;
    for entry in &table {
        if entry.tag == DT_NEEDED {
            needs
                .libraries
                .push(String::from_utf8_lossy(table.string(entry)?).into_owned());
        }
    }
    Ok(needs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_no_program() {
        assert!(
            read(b"#!/bin/sh\n")
                .unwrap_err()
                .contains("no 64-bit Linux program")
        );
    }
}
