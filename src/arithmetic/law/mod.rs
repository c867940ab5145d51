//! Laws: from words to standard samples, and from those to elements.

pub mod bits;
pub mod coefficients;
pub mod constant;
pub mod constant_64;
pub mod cos_sin;
pub mod gather;
pub mod listed;
pub mod listed_64;
pub mod normal;
pub mod normal_native;
pub mod portable_math;
pub mod quantile;
pub mod sample;
pub mod symmetric_quantile;
pub mod uniform;
pub mod wave;
