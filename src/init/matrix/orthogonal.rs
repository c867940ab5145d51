//! Orthogonal matrices: how a tensor is flattened to one, and where its elements stand.

use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::init::fan::Layout;
use crate::request::fill::element_count;
use crate::request::orthogonal::Orthogonal;

/// The tensor of `shape` flattened to a matrix whose rows, or columns if there are fewer of them, are orthogonal to
/// each other and of length `gain`.
///
/// PyTorch's layouts flatten to (first axis) × (all others) (`torch/nn/init.py`, `orthogonal_`), Keras' to (all others)
/// × (last axis) (`keras/src/initializers/random_initializers.py`, `Orthogonal`; `jax.nn.initializers.orthogonal`);
/// axes by number as Keras', with leading batch axes as a stack of matrices.
pub(crate) fn flattened(gain: f64, shape: &[u64], layout: Layout, dtype: DType) -> Result<Orthogonal> {
    let elements = element_count(shape, dtype)?;
    let wrong = |expected| Error::WrongShape { initializer: "orthogonal", expected, shape: shape.to_vec() };
    let stacked = match layout {
        Layout::Axes(axes) => {
            axes.batch.leading(shape.len()).ok_or_else(|| wrong("batch axes that come first, as in batch=0"))?
        }
        _ => 0,
    };
    let (stack, matrix) = shape.split_at(stacked);
    let [first, .., last] = *matrix else { return Err(wrong("two or more dimensions")) };
    let matrices = stack.iter().product();
    let size = elements / matrices;
    let (rows, columns) = match layout {
        Layout::Torch | Layout::TorchTransposed => (first, size / first),
        _ => (size / last, last),
    };
    Orthogonal { matrices, rows, columns, ..Orthogonal::square(gain, dtype) }.of_elements(elements)
}

/// A convolution that is an orthogonal matrix in the centre of its kernel and 0 elsewhere (Xiao et al., "Dynamical
/// isometry and a mean field theory of CNNs", 2018; `jax.nn.initializers.delta_orthogonal`).
pub(crate) fn delta(gain: f64, shape: &[u64], layout: Layout, dtype: DType) -> Result<Orthogonal> {
    let elements = element_count(shape, dtype)?;
    let wrong = |expected| Error::WrongShape { initializer: "delta_orthogonal", expected, shape: shape.to_vec() };
    if !(3..=5).contains(&shape.len()) {
        return Err(wrong("three to five dimensions"));
    }
    let (receptive, inputs, outputs) = match layout {
        Layout::Torch => (&shape[2..], shape[1], shape[0]),
        Layout::Keras => (&shape[..shape.len() - 2], shape[shape.len() - 2], shape[shape.len() - 1]),
        _ => {
            let expected = "layout keras (..., in, out) or torch (out, in, ...)";
            return Err(Error::WrongLayout { initializer: "delta_orthogonal", expected, layout: layout.to_string() });
        }
    };
    if inputs > outputs {
        return Err(wrong("at most as many inputs as outputs"));
    }
    let centre = receptive.iter().fold(0, |centre, size| centre * size + (size - 1) / 2);
    let square = Orthogonal::square(gain, dtype);
    let place = match layout {
        Layout::Torch => {
            Orthogonal { rows: outputs, columns: inputs, taps: receptive.iter().product(), tap: centre, ..square }
        }
        _ => Orthogonal { rows: inputs, columns: outputs, first: centre * inputs * outputs, ..square },
    };
    place.of_elements(elements)
}
