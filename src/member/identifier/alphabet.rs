//! The values of characters, for encodings with an alphabet of their own.

/// The value of a character that an alphabet does not have.
pub(super) const NONE: u8 = u8::MAX;

/// Returns the place of every byte in an alphabet, or [`NONE`]. If case is ignored, a letter has one value in both
/// cases.
pub(super) const fn values(alphabet: &[u8], ignoring_case: bool) -> [u8; 256] {
    let mut values = [NONE; 256];
    let mut place = 0;
    while place < alphabet.len() {
        let character = alphabet[place];
        values[character as usize] = place as u8; // alphabets are shorter than 255
        if ignoring_case {
            values[character.to_ascii_uppercase() as usize] = place as u8;
        }
        place += 1;
    }
    values
}
