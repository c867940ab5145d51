//! Element types and their rounding: which values of a type lie inside a law's bounds.

use std::fmt;
use std::str::FromStr;

use crate::arithmetic::dtype::types;
use crate::name::UnknownName;
use crate::real;

/// Defines the enum and what its rows say.
macro_rules! define {
    (
        numbers { $($numbers:tt)+ }
        words { $($words:tt)+ }
    ) => {
        define! { @all $($numbers)+ $($words)+ }
        define! { @numbers $($numbers)+ }
    };
    (
        @all
        $(
            $(#[$doc:meta])*
            $variant:ident = $name:literal $(| $other:literal)*, $size:literal bytes, bias $bias:literal,
            mantissa $mantissa:literal, largest $largest:expr, $store:ident [$($with:ident),*], $load:ident [$($and:ident),*];
        )+
    ) => {
        /// The type of the elements that a fill writes, little endian.
        ///
        /// Elements are the f32 sample rounded to nearest even, or widened to f64; where rounding would leave a law's
        /// finite bounds, the nearest value inside them. Types of 8 bits saturate at their largest value.
        ///
        /// ```
        /// use weightinit::DType;
        ///
        /// assert_eq!("bf16".parse(), Ok(DType::BF16));
        /// assert_eq!("torch.float8_e4m3fn".parse(), Ok(DType::F8E4M3));
        /// assert_eq!(DType::F32.size(), 4);
        /// assert!("f8".parse::<DType>().is_err());
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum DType {
            $($(#[$doc])* $variant,)+
        }

        impl DType {
            /// Every type, in the order in which errors list them.
            pub const ALL: [Self; [$($name),+].len()] = [$(Self::$variant),+];

            /// The name, which [`FromStr`] reads beside the spellings of the frameworks.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }

            /// Bytes of one element.
            pub const fn size(self) -> u64 {
                match self {
                    $(Self::$variant => $size,)+
                }
            }

            /// The largest finite value (of f32 for [`DType::U32`], which holds no numbers).
            pub const fn max(self) -> f64 {
                match self {
                    $(Self::$variant => $largest,)+
                }
            }

            /// Exponent bias and bits of mantissa.
            const fn format(self) -> (u32, u32) {
                match self {
                    $(Self::$variant => ($bias, $mantissa),)+
                }
            }

            /// The shaders that encode an f32 number as an element.
            pub(crate) const fn store_shaders(self) -> &'static [&'static str] {
                match self {
                    $(Self::$variant => &[$(shader!(dtype $with),)* shader!(dtype $store)],)+
                }
            }

            /// The shaders that decode one.
            pub(crate) const fn load_shaders(self) -> &'static [&'static str] {
                match self {
                    $(Self::$variant => &[$(shader!(dtype $and),)* shader!(dtype $load)],)+
                }
            }

            /// The type with one of these names.
            fn called(name: &str) -> Option<Self> {
                match name {
                    $($name $(| $other)* => Some(Self::$variant),)+
                    _ => None,
                }
            }
        }
    };
    (@numbers $($(#[$doc:meta])* $variant:ident = $name:literal $(| $other:literal)*, $size:literal bytes, bias $bias:literal,
        mantissa $mantissa:literal, largest $largest:expr, $store:ident [$($with:ident),*], $load:ident [$($and:ident),*];)+) => {
        impl DType {
            /// The types that hold samples.
            pub const FLOATS: [Self; [$($name),+].len()] = [$(Self::$variant),+];
        }
    };
}

types!(define!());

/// Evaluates an expression for a type, in which `$store` and `$load` are the type's own modules: a loop in it is
/// compiled for each type by itself.
macro_rules! by_type {
    ($dtype:expr, |$store:ident, $load:ident| $body:expr) => {
        $crate::arithmetic::dtype::types!(by_type!(@rows $dtype, $store, $load, $body,))
    };
    (
        @rows $dtype:expr, $as_store:ident, $as_load:ident, $body:expr,
        $($group:ident {
            $(
                $(#[$doc:meta])*
                $variant:ident = $name:literal $(| $other:literal)*, $size:literal bytes, bias $bias:literal,
                mantissa $mantissa:literal, largest $largest:expr, $store:ident [$($with:ident),*], $load:ident [$($and:ident),*];
            )+
        })+
    ) => {
        match $dtype {
            $($(
                $crate::dtype::DType::$variant => {
                    #[allow(unused_imports, reason = "not every expression has both")]
                    use $crate::arithmetic::dtype::{$store as $as_store, $load as $as_load};
                    $body
                }
            )+)+
        }
    };
}

pub(crate) use by_type;

impl DType {
    /// The type of the smallest elements.
    pub(crate) const NARROWEST: Self = Self::F8E4M3;

    /// The first type with elements of so many bytes, which stands for all of them where elements are patterns of bits.
    pub(crate) fn of_size(size: u64) -> Self {
        Self::FLOATS.into_iter().find(|dtype| dtype.size() == size).unwrap_or(Self::F32)
    }

    /// Whether it holds samples, and not words.
    pub fn is_float(self) -> bool {
        Self::FLOATS.contains(&self)
    }

    /// The bits of the largest finite value; greater magnitudes are infinite or no numbers.
    pub(crate) fn largest_bits(self) -> u32 {
        self.bits(self.max()) as u32
    }

    /// All bits of an element of up to 32 bits but the sign.
    pub(crate) fn magnitude_bits(self) -> u32 {
        u32::MAX >> (33 - 8 * self.size().min(4))
    }

    /// The type whose values samples take: f32 for f64, else the type itself.
    pub const fn sampled(self) -> Self {
        match self {
            DType::F64 => DType::F32,
            other => other,
        }
    }

    /// Largest relative error of a normal value's rounding from a real number.
    pub fn precision(self) -> f64 {
        let (_, mantissa) = self.format();
        real::ldexp(1.0, -(mantissa as i32) - 1)
    }

    /// The smallest positive value that rounding can give.
    pub fn least(self) -> f64 {
        let (bias, mantissa) = self.format();
        real::ldexp(1.0, 1 - bias as i32 - mantissa as i32)
    }

    /// The bits of a finite `value` rounded to f32 and then to the type, each to nearest even; of f64, its own.
    pub fn bits(self, value: f64) -> u64 {
        let short = value as f32;
        match self {
            DType::F64 => value.to_bits(),
            _ => by_type!(self, |store, _load| u64::from(store::encode(short))),
        }
    }

    /// The value of an element's bits (for [`DType::U32`] the integer).
    pub fn value(self, bits: u64) -> f64 {
        match self {
            DType::F64 => f64::from_bits(bits),
            DType::U32 => bits as f64,
            // What is no finite number is not for the shaders.
            _ => {
                self.not_finite(bits).unwrap_or_else(|| by_type!(self, |_store, load| load::decode(bits as u32)).into())
            }
        }
    }

    /// The infinity or NaN that has these bits, if that is what they are.
    fn not_finite(self, bits: u64) -> Option<f64> {
        let (bias, mantissa) = self.format();
        let magnitude = bits as u32 & self.magnitude_bits();
        let full = self.magnitude_bits() >> mantissa;
        if magnitude >> mantissa < full {
            return None;
        }
        // A type without infinities has numbers in its last octave, and one NaN.
        if self.max() >= real::ldexp(1.0, bias as i32 + 1) {
            return (magnitude == self.magnitude_bits()).then_some(f64::NAN);
        }
        let negative = bits as u32 > self.magnitude_bits();
        let infinity = if negative { f64::NEG_INFINITY } else { f64::INFINITY };
        Some(if magnitude == full << mantissa { infinity } else { f64::NAN })
    }

    /// The smallest value of the type that is at least `bound` (above it, if `open`), 0 or a normal f32 number; ∞ if it
    /// has none.
    pub(crate) fn at_least(self, bound: f64, open: bool) -> f32 {
        0.0 - self.at_most(-bound, open)
    }

    /// The largest value of the type that is at most `bound` (below it, if `open`), 0 or a normal f32 number; −∞ if it
    /// has none.
    pub(crate) fn at_most(self, bound: f64, open: bool) -> f32 {
        let (dtype, size) = (self.sampled(), self.sampled().size());
        let inside = |x: f64| if open { x < bound } else { x <= bound };
        // Not every type has infinities, below which there would be an end to the steps down.
        if !inside(-dtype.max()) {
            return f32::NEG_INFINITY;
        }
        let mut bits = ordered(dtype.bits(bound.clamp(-dtype.max(), dtype.max())), size);
        // Rounding moves by less than one step, so that two steps down suffice.
        while !inside(dtype.value(unordered(bits, size))) {
            bits -= 1;
        }
        let value = dtype.value(unordered(bits, size)) as f32;
        match value.is_subnormal() {
            false => value + 0.0,
            true if value > 0.0 => 0.0,
            true => -f32::MIN_POSITIVE,
        }
    }
}

/// The bits of a float as an integer that grows with its value: two's complement instead of sign and magnitude.
fn ordered(bits: u64, size: u64) -> i64 {
    let sign = 1i64 << (8 * size - 1);
    let bits = bits as i64;
    if bits & sign != 0 { -(bits ^ sign) } else { bits }
}

/// The inverse of [`ordered`].
fn unordered(ordered: i64, size: u64) -> u64 {
    let sign = 1i64 << (8 * size - 1);
    (if ordered < 0 { -ordered | sign } else { ordered }) as u64
}

impl fmt::Display for DType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for DType {
    type Err = UnknownName;

    /// In any framework's spelling: `bf16`, `bfloat16`, `torch.bfloat16`, `jnp.bfloat16`, `BF16`.
    fn from_str(name: &str) -> Result<Self, UnknownName> {
        let bare = name.rsplit_once('.').map_or(name, |(module, bare)| match module {
            "torch" | "jnp" | "np" | "numpy" | "jax.numpy" | "tf" | "ml_dtypes" | "mx" => bare,
            _ => name,
        });
        let known = Self::called(&bare.to_lowercase());
        known.ok_or_else(|| UnknownName::new("dtype", name, Self::ALL.map(Self::name)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_the_nearest_values_inside() {
        assert_eq!(DType::F32.at_most(1.0, true), 1.0f32.next_down());
        assert_eq!(DType::F32.at_most(1.0, false), 1.0);
        assert_eq!(DType::F32.at_least(0.1, false), 0.1f32);
        assert_eq!(DType::F32.at_most(0.1, false), 0.1f32.next_down());
        assert_eq!(DType::BF16.at_most(1.0, true), 0.99609375);
        assert_eq!(DType::F16.at_least(-1.0, true), -0.99951172);
        assert_eq!(DType::F16.at_most(1e9, true), 65504.0);
    }

    /// Beyond the largest values lies none, whether the type has infinities or not.
    #[test]
    fn bounds_out_of_reach_have_no_values_inside() {
        for dtype in DType::FLOATS {
            let largest = dtype.sampled().max();
            assert_eq!(dtype.at_most(-largest, false), -largest as f32, "{dtype}");
            assert_eq!(dtype.at_least(largest, false), largest as f32, "{dtype}");
            for bound in [largest.next_up(), 1e300, f64::INFINITY] {
                assert_eq!(dtype.at_most(-bound, false), f32::NEG_INFINITY, "{dtype} {bound}");
                assert_eq!(dtype.at_least(bound, false), f32::INFINITY, "{dtype} {bound}");
            }
            assert_eq!(dtype.at_most(-largest, true), f32::NEG_INFINITY, "{dtype}");
        }
    }

    /// Every value of the 8-bit types is its own rounding, and halfway cases go to even.
    #[test]
    fn eight_bits_round_to_nearest_even() {
        for dtype in [DType::F8E4M3, DType::F8E5M2] {
            let finite: Vec<_> = (0..=dtype.bits(dtype.max())).collect();
            for pair in finite.windows(2) {
                let (low, high) = (dtype.value(pair[0]), dtype.value(pair[1]));
                assert_eq!(dtype.bits(low), pair[0]);
                assert_eq!(dtype.bits(-low), pair[0] | 0x80);
                let middle = f64::midpoint(low, high);
                assert_eq!(dtype.bits(middle) & 1, 0, "{dtype} {middle}");
                assert_eq!(dtype.bits(middle - (high - low) / 64.0), pair[0]);
                assert_eq!(dtype.bits(middle + (high - low) / 64.0), pair[1]);
            }
            assert_eq!(dtype.value(dtype.bits(1e9)), dtype.max());
            assert_eq!(dtype.value(dtype.bits(-1e9)), -dtype.max());
        }
    }

    #[test]
    fn bounds_at_zero_are_normal_numbers() {
        assert_eq!(DType::F32.at_most(0.0, true), -f32::MIN_POSITIVE);
        assert_eq!(DType::F32.at_least(0.0, true), f32::MIN_POSITIVE);
        assert_eq!(DType::F32.at_least(-0.0, false).to_bits(), 0);
        assert_eq!(DType::F32.at_most(1e-45, false).to_bits(), 0);
        assert_eq!(DType::F16.at_most(0.0, true), -real::ldexp(1.0, -24) as f32);
    }
}
