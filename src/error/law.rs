//! Parameters of laws, and types that cannot hold their samples.

use crate::dtype::DType;

/// Why a law was refused, by itself or in the type that was asked for.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum LawError {
    /// A parameter that is NaN or infinite.
    #[error("parameter {name} is {value:?}; it must be a finite number")]
    NotFinite {
        /// Name of the parameter.
        name: &'static str,
        /// Its value.
        value: f64,
    },
    /// A standard deviation, scale or half-width that is negative or not finite.
    #[error("parameter {name} is {value:?}; it must be finite and not negative")]
    InvalidScale {
        /// Name of the parameter.
        name: &'static str,
        /// Its value.
        value: f64,
    },
    /// A rate, shape or bound that must be positive.
    #[error("parameter {name} is {value:?}; it must be finite and above 0")]
    NotPositive {
        /// Name of the parameter.
        name: &'static str,
        /// Its value.
        value: f64,
    },
    /// A parameter that is outside of what others leave it.
    #[error("parameter {name} is {value:?}; it must be {expected}")]
    OutOfRange {
        /// Name of the parameter.
        name: &'static str,
        /// Its value.
        value: f64,
        /// What it must be.
        expected: String,
    },
    /// Bounds in the wrong order.
    #[error("lower bound {low:?} is above upper bound {high:?}; exchange them")]
    InvalidBounds {
        /// Lower bound as given.
        low: f64,
        /// Upper bound as given.
        high: f64,
    },
    /// No value that samples of the type can have lies inside the bounds.
    #[error(
        "no value that {dtype} samples can have lies between {low:?} and {high:?}; widen the bounds, take another \
         dtype, or write one value by constant"
    )]
    NothingRepresentable {
        /// Lower bound as given.
        low: f64,
        /// Upper bound as given.
        high: f64,
        /// The type asked for.
        dtype: DType,
    },
    /// Samples could leave the finite range of the type.
    #[error("samples reach {value:?}, beyond the largest {dtype} value {max:?}; lower the scale or take a wider dtype")]
    Overflow {
        /// The largest magnitude that the law reaches.
        value: f64,
        /// The type asked for.
        dtype: DType,
        /// Its largest finite value.
        max: f64,
    },
    /// Samples could leave the range of f32, in which those of every type are computed.
    #[error(
        "samples reach {value:?}, beyond the largest f32 value {max:?}, and samples of every dtype, f64 too, are \
         numbers of f32; lower the scale"
    )]
    SamplesOverflow {
        /// The largest magnitude that the law reaches.
        value: f64,
        /// The largest finite f32 number.
        max: f64,
    },
    /// The steps of f32, in which samples of every type are computed, are too wide for the law.
    #[error(
        "samples of {law} are numbers of f32, which near {at:?} are {step:?} apart: too coarse for {dtype} where half \
         of them lie within {spread:?}; {}",
        finer(*dtype)
    )]
    Coarse {
        /// The law.
        law: String,
        /// Where the numbers are.
        at: f64,
        /// How far apart they are there.
        step: f64,
        /// The width of the law's middle half.
        spread: f64,
        /// The type asked for.
        dtype: DType,
    },
    /// Many samples of one law would be the type's number beside 0, however much they differ.
    #[error(
        "more than 1 in {one_in} samples of {law} are nearer to 0 than {least:?}, the least that {dtype} samples can \
         be, and would be off by all of their size; {}",
        smaller(*least, *dtype)
    )]
    TooNearZero {
        /// The law.
        law: String,
        /// One in so many samples is.
        one_in: u32,
        /// The type's smallest magnitude above 0.
        least: f64,
        /// The type asked for.
        dtype: DType,
    },
    /// Many f64 samples would be one number, which those of f32 are rounded to.
    #[error(
        "more than 1 in {one_in} samples of {law} would be {value:?}, as {dtype} samples are numbers of f32; take \
         parameters that are less extreme, or dtype f32"
    )]
    Collapsed {
        /// The law.
        law: String,
        /// One in so many samples is.
        one_in: u32,
        /// The number.
        value: f64,
        /// The type asked for.
        dtype: DType,
    },
    /// Bounds between which a type has no number but 0.
    #[error(
        "between {low:?} and {high:?} {dtype} samples can only be 0, as the least beside it is {least:?}; widen the \
         bounds, take another dtype, or write 0 by constant"
    )]
    OnlyZero {
        /// Lower bound as given.
        low: f64,
        /// Upper bound as given.
        high: f64,
        /// The type's smallest magnitude above 0.
        least: f64,
        /// The type asked for.
        dtype: DType,
    },
    /// Samples would be subnormal f32 numbers, which some devices flush to 0.
    #[error(
        "parameter {name} is {value:?}; below {least:?} samples become subnormal numbers, which differ between devices"
    )]
    Subnormal {
        /// Name of the parameter.
        name: &'static str,
        /// Its value.
        value: f64,
        /// The smallest magnitude that is served.
        least: f64,
    },
    /// A quantile table that cannot meet its error bound.
    #[error("the law {law} cannot be tabulated: {reason}")]
    NotTabulable {
        /// What law.
        law: String,
        /// Why not.
        reason: String,
    },
    /// A list that the host would have to keep in memory, longer than any model needs.
    #[error("a list of {len} values is too long; give a smaller tensor: at most {most} are kept")]
    ListTooLong {
        /// Its values.
        len: u64,
        /// How many there may be.
        most: u64,
    },
    /// A list without values, or a matrix of waves without any.
    #[error("the list is empty; give at least one value")]
    EmptyList,
    /// A share outside of 0 to 1.
    #[error("parameter {name} is {value:?}; it must be from 0 to 1")]
    NotAShare {
        /// Name of the parameter.
        name: &'static str,
        /// Its value.
        value: f64,
    },
}

/// What to do where the steps of f32 are too wide.
const fn finer(dtype: DType) -> &'static str {
    match dtype {
        DType::F64 => "move the law towards 0 and add the rest afterwards, or take dtype f32",
        _ => "move the law's mean towards its samples",
    }
}

/// What to do where samples are too near to 0.
fn smaller(least: f64, dtype: DType) -> String {
    let other = if dtype.least() < least { "" } else { ", or take dtype f32, which has smaller ones" };
    format!("take a lower bound of at least {least:?}, or parameters that are less extreme{other}")
}
