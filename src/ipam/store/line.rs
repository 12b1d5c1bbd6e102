//! One line of the log: checksum, number, changes.

use crate::ipam::state::Change;

/// CRC-32 as in ISO 3309 and gzip.
fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = flate2::Crc::new();
    crc.update(bytes);
    crc.sum()
}

/// Writes a line.
pub(super) fn write(number: u64, changes: &[Change]) -> Vec<u8> {
    let json = serde_json::to_string(changes).expect("changes have a JSON form");
    let body = format!("{number} {json}");
    format!("{:08x} {body}\n", crc32(body.as_bytes())).into_bytes()
}

/// Reads a line without its end, which must have this number.
pub(super) fn read(number: u64, line: &[u8]) -> Result<Vec<Change>, String> {
    let text = std::str::from_utf8(line).map_err(|_| "it is no text".to_owned())?;
    let (sum, body) = text
        .split_once(' ')
        .ok_or_else(|| "it has no checksum".to_owned())?;
    if u32::from_str_radix(sum, 16) != Ok(crc32(body.as_bytes())) {
        return Err("its checksum does not fit".to_owned());
    }
    let (found, json) = body
        .split_once(' ')
        .ok_or_else(|| "it has no number".to_owned())?;
    if found != number.to_string() {
        return Err(format!("it has number {found} instead of {number}"));
    }
    serde_json::from_str(json).map_err(|error| error.to_string())
}
