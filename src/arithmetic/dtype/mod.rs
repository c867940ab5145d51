//! Types of elements: an f32 number to the bits of an element, and back.

pub mod load_bf16;
pub mod load_f16;
pub mod load_f32;
pub mod load_f8_e4m3;
pub mod load_f8_e5m2;
pub mod small_float;
pub mod store_bf16;
pub mod store_f16;
pub mod store_f32;
pub mod store_f64;
pub mod store_f8_e4m3;
pub mod store_f8_e5m2;
pub mod wide_float;

/// The table of types, from which everything that depends on a type is made: calls the macro `$then` with what is given
/// to it and a row for each type.
///
/// A row has the type's documentation and variant of [`crate::DType`], its name and what else it is called, bytes of an
/// element, exponent bias and bits of mantissa, the largest finite value, the pair of files that stores an f32 number
/// and the one that loads it, and the files that these need. Words of the generator, which hold no numbers, come after
/// the numbers.
macro_rules! types {
    ($then:ident!($($given:tt)*)) => {
        $then! {
            $($given)*
            numbers {
                /// IEEE 754 binary32.
                F32 = "f32" | "float32" | "float", 4 bytes, bias 127, mantissa 23, largest f32::MAX as f64,
                    store_f32 [], load_f32 [];
                /// IEEE 754 binary16.
                F16 = "f16" | "float16" | "half", 2 bytes, bias 15, mantissa 10, largest 65504.0,
                    store_f16 [small_float], load_f16 [wide_float];
                /// bfloat16: the upper half of a binary32.
                BF16 = "bf16" | "bfloat16", 2 bytes, bias 127, mantissa 7, largest 3.389_531_389_251_535_5e38,
                    store_bf16 [], load_bf16 [];
                /// IEEE 754 binary64: f32 samples, widened. Constants are f64.
                F64 = "f64" | "float64" | "double", 8 bytes, bias 1023, mantissa 52, largest f64::MAX,
                    store_f64 [], load_f32 [];
                /// OCP 8-bit floating point with 4 bits of exponent, no infinity (`torch.float8_e4m3fn`).
                F8E4M3 = "f8_e4m3" | "float8_e4m3fn" | "float8_e4m3" | "f8e4m3" | "f8e4m3fn", 1 bytes, bias 7, mantissa 3,
                    largest 448.0, store_f8_e4m3 [small_float], load_f8_e4m3 [wide_float];
                /// OCP 8-bit floating point with 5 bits of exponent (`torch.float8_e5m2`).
                F8E5M2 = "f8_e5m2" | "float8_e5m2" | "f8e5m2", 1 bytes, bias 15, mantissa 2, largest 57344.0,
                    store_f8_e5m2 [small_float], load_f8_e5m2 [wide_float];
            }
            words {
                /// Raw 32-bit words of the generator, for [`crate::Law::Bits`] only.
                U32 = "u32" | "uint32", 4 bytes, bias 127, mantissa 23, largest f32::MAX as f64,
                    store_f32 [], load_f32 [];
            }
        }
    };
}

pub(crate) use types;
