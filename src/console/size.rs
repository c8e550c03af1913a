//! Sizes as text.

/// A number of bytes in a unit that fits: `812 B`, `1.4 kB`, `10 MB`.
pub(super) fn size_of(bytes: usize) -> String {
    let (unit, name) = match bytes {
        0..1_000 => return bytes.to_string() + " B",
        1_000..1_000_000 => (1_000, " kB"),
        _ => (1_000_000, " MB"),
    };
    let tenths = bytes.saturating_mul(10) / unit;
    let (whole, tenth) = (tenths / 10, tenths % 10);
    if whole >= 10 || tenth == 0 {
        return whole.to_string() + name;
    }
    [&whole.to_string(), ".", &tenth.to_string(), name].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_a_unit_that_fits() {
        for (bytes, expected) in [
            (0, "0 B"),
            (999, "999 B"),
            (1_000, "1 kB"),
            (1_449, "1.4 kB"),
            (12_900, "12 kB"),
            (1_250_000, "1.2 MB"),
            (10_485_760, "10 MB"),
        ] {
            assert_eq!(size_of(bytes), expected);
        }
    }
}
