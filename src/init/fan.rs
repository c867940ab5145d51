//! Fans: how many inputs and outputs a weight connects, which sets its scale.

use std::fmt;
use std::str::FromStr;

use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::init::axes::{Axes, AxisList};
use crate::name::UnknownName;

/// Which axes of a shape are inputs, outputs and receptive field. Part of every request, never guessed.
///
/// ```
/// use weightinit::Layout;
/// use weightinit::init::Fans;
///
/// // A 3 × 3 convolution from 16 to 32 channels, as each framework stores it.
/// let fans = Fans { fan_in: 16 * 9, fan_out: 32 * 9 };
/// assert_eq!(Layout::Keras.fans(&[3, 3, 16, 32], 1), Ok(fans));
/// assert_eq!(Layout::Torch.fans(&[32, 16, 3, 3], 1), Ok(fans));
/// assert_eq!(Layout::TorchTransposed.fans(&[16, 32, 3, 3], 1), Ok(fans));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Layout {
    /// `(…receptive field…, in, out)`, as Keras and JAX store weights. A vector of d has both fans d, a scalar 1
    /// (`keras/src/initializers/random_initializers.py`, `compute_fans`).
    Keras,
    /// `(out, in/groups, …receptive field…)`, as PyTorch stores them. Shapes of fewer than two dimensions have no fans
    /// (`torch/nn/init.py`, `_calculate_fan_in_and_fan_out`).
    Torch,
    /// `(in, out/groups, …receptive field…)`: PyTorch's transposed convolutions, whose fans PyTorch itself exchanges.
    TorchTransposed,
    /// `(…receptive field…, out, in)`: Keras' transposed convolutions, whose fans Keras itself exchanges.
    KerasTransposed,
    /// `(…receptive field…, channels, multiplier)`: Keras' depthwise convolutions. Each output sees one channel, each
    /// channel reaches `multiplier` outputs; Keras itself counts all channels as inputs.
    KerasDepthwise,
    /// Axes by number, with a batch of independent weights if there is one, as in JAX' `variance_scaling`.
    Axes(Axes),
}

/// The two fans of a weight, each at least 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Fans {
    /// Inputs that each output sums over.
    pub fan_in: u64,
    /// Outputs that each input reaches.
    pub fan_out: u64,
}

impl Layout {
    /// Every layout that has a name, in the order in which errors list them.
    pub const NAMED: [Layout; 5] =
        [Self::Keras, Self::Torch, Self::TorchTransposed, Self::KerasTransposed, Self::KerasDepthwise];

    /// The name that [`FromStr`] reads: `keras`, `torch`, `torch_transposed`, `keras_transposed`, `keras_depthwise`;
    /// `axes` for axes by number.
    pub const fn name(self) -> &'static str {
        match self {
            Layout::Keras => "keras",
            Layout::Torch => "torch",
            Layout::TorchTransposed => "torch_transposed",
            Layout::KerasTransposed => "keras_transposed",
            Layout::KerasDepthwise => "keras_depthwise",
            Layout::Axes(_) => "axes",
        }
    }

    /// The fans of a weight of `shape`.
    ///
    /// `groups` is the number of groups of a grouped convolution, or of parts of a fused matrix (3 for fused query, key
    /// and value), 1 otherwise. Layouts store the inputs of one group, so that fan_in is right by itself; fan_out
    /// counts the outputs of all groups in the frameworks (which is what `groups = 1` gives) and those of one group,
    /// which are all that an input reaches, when `groups` is given. In [`Layout::TorchTransposed`] it is the other way
    /// round.
    ///
    /// # Errors
    /// [`Error::NoFans`] for a shape with too few dimensions, [`Error::SameAxis`], [`Error::ZeroFan`],
    /// [`Error::InvalidGroups`], and [`Error::TooManyElements`] when a product does not fit in 64 bits.
    pub fn fans(self, shape: &[u64], groups: u64) -> Result<Fans> {
        match (self, shape) {
            (Layout::Keras, []) => return Ok(Fans { fan_in: 1, fan_out: 1 }),
            (Layout::Keras, &[d]) => return checked(shape, d, d),
            _ => {}
        }
        let axes = self.axes();
        if axes.name_one_twice(shape.len()) {
            return Err(Error::SameAxis { layout: self.to_string(), shape: shape.to_vec() });
        }
        let Axes { inputs, outputs, batch } = axes;
        let [inputs, outputs, batch] = [inputs, outputs, batch].map(|axes| axes.resolve(shape.len()));
        let (Some(inputs), Some(outputs), Some(batch)) = (inputs, outputs, batch) else {
            return Err(Error::NoFans { shape: shape.to_vec(), layout: self.name(), expected: self.expected() });
        };
        let product = |axes: u64, named: bool| {
            // Only the first 64 axes can be named.
            let is_named = |axis: u32| axes.checked_shr(axis).is_some_and(|axes| axes & 1 == 1);
            let sizes = (0..).zip(shape).filter(|(axis, _)| is_named(*axis) == named);
            sizes
                .map(|(_, d)| *d)
                .try_fold(1u64, u64::checked_mul)
                .ok_or_else(|| Error::TooManyElements { shape: shape.to_vec(), dtype: DType::F32 })
        };
        let (mut channels_in, mut channels_out) = (product(inputs, true)?, product(outputs, true)?);
        let grouped = if self == Layout::TorchTransposed { &mut channels_in } else { &mut channels_out };
        if groups == 0 || !grouped.is_multiple_of(groups) {
            return Err(Error::InvalidGroups { groups, out: *grouped, shape: shape.to_vec() });
        }
        *grouped /= groups;
        let receptive = product(inputs | outputs | batch, false)?;
        let fan = |channels: u64| {
            let too_many = || Error::TooManyElements { shape: shape.to_vec(), dtype: DType::F32 };
            channels.checked_mul(receptive).ok_or_else(too_many)
        };
        checked(shape, fan(channels_in)?, fan(channels_out)?)
    }

    /// The layout as axes by number. A depthwise convolution is a batch of weights from one channel to its outputs.
    fn axes(self) -> Axes {
        let axes = |inputs: &[i8], outputs: &[i8], batch: &[i8]| Axes {
            inputs: AxisList::of(inputs),
            outputs: AxisList::of(outputs),
            batch: AxisList::of(batch),
        };
        match self {
            Layout::Keras => axes(&[-2], &[-1], &[]),
            Layout::Torch => axes(&[1], &[0], &[]),
            Layout::TorchTransposed => axes(&[0], &[1], &[]),
            Layout::KerasTransposed => axes(&[-1], &[-2], &[]),
            Layout::KerasDepthwise => axes(&[], &[-1], &[-2]),
            Layout::Axes(axes) => axes,
        }
    }

    const fn expected(self) -> &'static str {
        match self {
            Layout::Keras => "Keras needs two or more dimensions (..., in, out)",
            Layout::Torch => "PyTorch needs two or more dimensions (out, in/groups, ...)",
            Layout::TorchTransposed => "a transposed convolution needs two or more dimensions (in, out/groups, ...)",
            Layout::KerasTransposed => "a transposed convolution needs two or more dimensions (..., out, in)",
            Layout::KerasDepthwise => {
                "a depthwise convolution needs two or more dimensions (..., channels, multiplier)"
            }
            Layout::Axes(_) => "its axes must be ones that the shape has",
        }
    }
}

fn checked(shape: &[u64], fan_in: u64, fan_out: u64) -> Result<Fans> {
    for (fan, n) in [("fan_in", fan_in), ("fan_out", fan_out)] {
        if n == 0 {
            return Err(Error::ZeroFan { fan, shape: shape.to_vec() });
        }
    }
    Ok(Fans { fan_in, fan_out })
}

impl fmt::Display for Layout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Layout::Axes(axes) => axes.fmt(f),
            named => f.write_str(named.name()),
        }
    }
}

impl FromStr for Layout {
    type Err = UnknownName;

    /// A name, or axes such as `in=-2,out=-1` or `in=1,out=2+3,batch=0`.
    fn from_str(name: &str) -> std::result::Result<Self, UnknownName> {
        if let Some(layout) = Self::NAMED.into_iter().find(|layout| layout.name() == name) {
            return Ok(layout);
        }
        name.parse().map(Layout::Axes).map_err(|_| {
            let names = Self::NAMED.map(Layout::name).into_iter();
            UnknownName::new("layout", name, names.chain(["or axes such as in=-2,out=-1,batch=0"]))
        })
    }
}
