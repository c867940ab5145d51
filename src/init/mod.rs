//! Initializers: the frameworks' names, and what they mean for a shape.
//!
//! ```text
//! name + parameters ─► Initializer; shape + Layout ─► fans ─► (Law, Structure) ─► Request
//! ```
//!
//! [`by_name`] has every initializer by its name, [`REGISTRY`] lists them.

mod arguments;
mod axes;
mod constructors;
mod entry;
mod fan;
mod gain;
mod initializer;
mod matrix;
mod norms;
mod parameter;
mod registry;
mod scaling;

pub use arguments::Arguments;
pub(crate) use arguments::Given;
pub use axes::{Axes, AxisList};
pub use entry::Entry;
pub use fan::{Fans, Layout};
pub use gain::Nonlinearity;
pub use initializer::{Initializer, Matrix};
pub use matrix::{RotaryOrder, RotaryPart, Scaling, Side, SinusoidalOrder, StateSpace, Window};
pub use norms::Norms;
pub(crate) use parameter::parameter;
pub use parameter::{Parameter, Value};
pub use registry::{REGISTRY, by_name};
pub use scaling::{Distribution, Mode};
