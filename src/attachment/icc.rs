//! Colour profiles, rebuilt: the numbers that a screen needs stay, every text, date and name of a maker goes.
//!
//! Without its profile a photograph in a wide colour space looks pale, so profiles are not simply dropped. What is left is a
//! header, the tags of colours, and a description of our own. This file must never copy a tag that it does not know.

/// Tags that hold colours, and nothing else.
const COLOURS: [&[u8; 4]; 20] = [
    b"rXYZ", b"gXYZ", b"bXYZ", b"wtpt", b"bkpt", b"rTRC", b"gTRC", b"bTRC", b"kTRC", b"chad",
    b"A2B0", b"A2B1", b"A2B2", b"B2A0", b"B2A1", b"B2A2", b"gamt", b"lumi", b"cicp", b"chrm",
];

/// The types in which they are written; texts are of other types.
const NUMBERS: [&[u8; 4]; 9] = [
    b"XYZ ", b"curv", b"para", b"sf32", b"mft1", b"mft2", b"mAB ", b"mBA ", b"cicp",
];

/// Returns the profile with nothing but colours in it, if it is one.
pub(super) fn rebuild(profile: &[u8]) -> Option<Vec<u8>> {
    let four = |at: usize| -> Option<usize> {
        let bytes: [u8; 4] = profile.get(at..at.checked_add(4)?)?.try_into().ok()?;
        usize::try_from(u32::from_be_bytes(bytes)).ok()
    };
    if profile.get(36..40)? != b"acsp" {
        return None;
    }
    let count = four(128)?.min(100);
    let mut tags: Vec<([u8; 4], &[u8])> = Vec::new();
    for index in 0..count {
        let at = 132 + index * 12;
        let name: [u8; 4] = profile.get(at..at + 4)?.try_into().ok()?;
        let (start, length) = (four(at + 4)?, four(at + 8)?);
        let data = profile.get(start..start.checked_add(length)?)?;
        let kind: [u8; 4] = data.get(..4)?.try_into().ok()?;
        if COLOURS.contains(&&name) && NUMBERS.contains(&&kind) {
            tags.push((name, data));
        }
    }
    let own = description();
    tags.push((*b"desc", &own));
    tags.push((*b"cprt", &own));
    let mut header = profile.get(..128)?.to_vec();
    // The maker of the profile, its date, its platform, device, model, author and fingerprint.
    for range in [4..8, 24..36, 40..44, 48..56, 80..128] {
        header.get_mut(range)?.fill(0);
    }
    let table = 132 + 12 * tags.len();
    let mut data: Vec<u8> = Vec::new();
    let mut rebuilt = header;
    rebuilt.extend(u32::try_from(tags.len()).ok()?.to_be_bytes());
    for (name, bytes) in &tags {
        rebuilt.extend(name);
        rebuilt.extend(u32::try_from(table + data.len()).ok()?.to_be_bytes());
        rebuilt.extend(u32::try_from(bytes.len()).ok()?.to_be_bytes());
        data.extend(*bytes);
        data.resize(data.len().next_multiple_of(4), 0);
    }
    rebuilt.extend(data);
    let length = u32::try_from(rebuilt.len()).ok()?.to_be_bytes();
    rebuilt.get_mut(..4)?.copy_from_slice(&length);
    Some(rebuilt)
}

/// Returns a text of ours in the form of both kinds of profiles.
fn description() -> Vec<u8> {
    let mut tag = b"mluc\0\0\0\0\0\0\0\x01\0\0\0\x0CenUS\0\0\0\x0C\0\0\0\x1C".to_vec();
    tag.extend("colour".encode_utf16().flat_map(u16::to_be_bytes));
    tag
}
