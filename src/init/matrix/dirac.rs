//! `torch/nn/init.py`, `dirac_`: output channel d of each group is input channel d.

use crate::error::{Error, Result};
use crate::init::fan::Layout;
use crate::law::Law;
use crate::request::structure::Structure;

pub(crate) fn parts(groups: u64, shape: &[u64], layout: Layout) -> Result<(Law, Structure)> {
    if layout != Layout::Torch {
        let expected = "layout torch (out, in/groups, ...)";
        return Err(Error::WrongLayout { initializer: "dirac", expected, layout: layout.to_string() });
    }
    let &[out, inputs, ref receptive @ ..] = shape else { return Err(wrong(shape)) };
    if !(1..=3).contains(&receptive.len()) {
        return Err(wrong(shape));
    }
    if groups == 0 || out % groups != 0 {
        return Err(Error::InvalidGroups { groups, out, shape: shape.to_vec() });
    }
    // The element in the middle of each axis.
    let centre = receptive.iter().fold(0, |centre, size| centre * size + size / 2);
    let taps: u64 = receptive.iter().product();
    let structure = Structure::Diagonal { columns: inputs * taps, period: out / groups, step: taps, offset: centre };
    Ok((Law::Constant(1.0), structure))
}

fn wrong(shape: &[u64]) -> Error {
    let expected = "three to five dimensions (out, in/groups, ...)";
    Error::WrongShape { initializer: "dirac", expected, shape: shape.to_vec() }
}
