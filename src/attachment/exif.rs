//! The one thing of EXIF that a picture needs: which side is up. This file must never pass on any other byte of it.

/// Returns the orientation in a block of EXIF, where it is another than upright.
pub(super) fn orientation(block: &[u8]) -> Option<u8> {
    let is_little = match block.get(..4)? {
        b"II*\0" => true,
        b"MM\0*" => false,
        _ => return None,
    };
    let two = |at: usize| -> Option<u16> {
        let bytes: [u8; 2] = block.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(if is_little {
            u16::from_le_bytes(bytes)
        } else {
            u16::from_be_bytes(bytes)
        })
    };
    let four = |at: usize| -> Option<u32> {
        let bytes: [u8; 4] = block.get(at..at.checked_add(4)?)?.try_into().ok()?;
        Some(if is_little {
            u32::from_le_bytes(bytes)
        } else {
            u32::from_be_bytes(bytes)
        })
    };
    let directory = usize::try_from(four(4)?).ok()?;
    let count = usize::from(two(directory)?);
    for index in 0..count {
        let at = directory.checked_add(2 + index * 12)?;
        if two(at)? == 0x0112 {
            let value = two(at + 8)?;
            return u8::try_from(value)
                .ok()
                .filter(|value| (2..=8).contains(value));
        }
    }
    None
}

/// Returns a block of EXIF that says which side is up, and nothing else.
pub(super) fn block(orientation: u8) -> Vec<u8> {
    let mut block = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
    block.push(orientation);
    block.extend([0; 6]);
    block
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_orientation_comes_back() {
        for way in 2..=8 {
            assert_eq!(orientation(&block(way)), Some(way));
        }
        assert_eq!(orientation(&block(1)), None);
        assert_eq!(orientation(b"II*\0\xFF\xFF\xFF\xFF"), None);
    }
}
