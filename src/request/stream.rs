//! Streams: a 64-bit number that keeps tensors' samples apart.

use twox_hash::XxHash64;

/// The stream of a tensor: the upper 64 bits of every Philox counter that its elements use.
///
/// A number is itself; a name is its XXH64 hash with seed 0 over the UTF-8 bytes (Yann Collet,
/// <https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md>). This is part of the sample contract.
///
/// ```
/// use weightinit::Stream;
///
/// assert_eq!(Stream::from(7).0, 7);
/// assert_eq!(Stream::from("abc").0, 0x44bc_2cf5_ad77_0999); // the specification's own test value
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Stream(pub u64);

impl From<u64> for Stream {
    fn from(number: u64) -> Self {
        Self(number)
    }
}

impl From<&str> for Stream {
    fn from(name: &str) -> Self {
        Self(XxHash64::oneshot(0, name.as_bytes()))
    }
}

impl From<&String> for Stream {
    fn from(name: &String) -> Self {
        Self::from(name.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values from the test vectors of the xxHash project (seed 0).
    #[test]
    fn names_hash_as_published() {
        assert_eq!(Stream::from("").0, 0xef46_db37_51d8_e999);
        assert_eq!(Stream::from("a").0, 0xd24e_c4f1_a98c_6e5b);
        assert_eq!(Stream::from("abc").0, 0x44bc_2cf5_ad77_0999);
    }
}
