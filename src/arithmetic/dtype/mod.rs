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
