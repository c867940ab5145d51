//! Axes by number, as JAX' initializers take them.

use std::fmt;
use std::str::FromStr;

use crate::name::UnknownName;

/// Up to four axes of a shape, counted from its end where negative.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct AxisList {
    axes: [i8; 4],
    len: u8,
}

impl AxisList {
    /// These axes; `None` for more than four.
    pub fn new(axes: &[i8]) -> Option<Self> {
        (axes.len() <= 4).then(|| Self::of(axes))
    }

    /// These axes, the first four of them.
    pub(crate) fn of(axes: &[i8]) -> Self {
        let mut list = Self::default();
        for (place, axis) in list.axes.iter_mut().zip(axes) {
            *place = *axis;
            list.len += 1;
        }
        list
    }

    fn axes(&self) -> &[i8] {
        &self.axes[..usize::from(self.len)]
    }

    /// How many axes these are, if they are the first of a shape of this rank.
    pub(crate) fn leading(self, rank: usize) -> Option<usize> {
        let set = self.resolve(rank)?;
        (set & (set + 1) == 0).then_some(set.count_ones() as usize)
    }

    /// The axes of a shape of this rank as a set of bits, if they are in it and none is named twice.
    pub(crate) fn resolve(self, rank: usize) -> Option<u64> {
        self.axes().iter().try_fold(0u64, |set, &axis| {
            let bit = bit(axis, rank)?;
            (set & bit == 0).then_some(set | bit)
        })
    }
}

/// The bit of an axis in a set, if a shape of this rank has it.
fn bit(axis: i8, rank: usize) -> Option<u64> {
    let from_start = if axis < 0 { rank.checked_sub(usize::from(axis.unsigned_abs()))? } else { axis as usize };
    1u64.checked_shl(from_start as u32).filter(|_| from_start < rank.min(64))
}

impl fmt::Display for AxisList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let axes: Vec<_> = self.axes().iter().map(i8::to_string).collect();
        f.write_str(&axes.join("+"))
    }
}

/// JAX' `in_axis`, `out_axis` and `batch_axis` (`jax/_src/nn/initializers.py`, `_compute_fans`): all other axes are the
/// receptive field.
///
/// ```
/// use weightinit::{Layout, init::Fans};
///
/// // Eight experts, each a matrix of 256 inputs and 1024 outputs.
/// let experts: Layout = "in=1,out=2,batch=0".parse()?;
/// assert_eq!(experts.fans(&[8, 256, 1024], 1), Ok(Fans { fan_in: 256, fan_out: 1024 }));
/// // Attention from 512 features to 8 heads of 64.
/// let heads: Layout = "in=0,out=1+2".parse()?;
/// assert_eq!(heads.fans(&[512, 8, 64], 1), Ok(Fans { fan_in: 512, fan_out: 512 }));
/// # Ok::<(), weightinit::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Axes {
    /// Axes of the inputs.
    pub inputs: AxisList,
    /// Axes of the outputs.
    pub outputs: AxisList,
    /// Axes of independent weights, which count in neither fan.
    pub batch: AxisList,
}

impl Axes {
    /// Whether one axis of a shape of this rank has two of its names.
    pub(crate) fn name_one_twice(self, rank: usize) -> bool {
        let mut set = 0;
        let lists = [self.inputs, self.outputs, self.batch];
        lists.iter().flat_map(AxisList::axes).filter_map(|axis| bit(*axis, rank)).any(|bit| {
            let is_there = set & bit != 0;
            set |= bit;
            is_there
        })
    }
}

impl fmt::Display for Axes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "in={},out={}", self.inputs, self.outputs)?;
        if self.batch.len > 0 { write!(f, ",batch={}", self.batch) } else { Ok(()) }
    }
}

impl FromStr for Axes {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, UnknownName> {
        let parsed = parse(text);
        parsed.ok_or_else(|| UnknownName::new("axes", text, ["axes such as in=-2,out=-1,batch=0"]))
    }
}

fn parse(text: &str) -> Option<Axes> {
    let mut found = Axes::default();
    for part in text.split(',') {
        let (name, axes) = part.split_once('=')?;
        let axes: Vec<i8> = axes.split('+').map(|axis| axis.trim().parse().ok()).collect::<Option<_>>()?;
        let list = AxisList::new(&axes)?;
        let place = match name.trim() {
            "in" => &mut found.inputs,
            "out" => &mut found.outputs,
            "batch" => &mut found.batch,
            _ => return None,
        };
        *place = list;
    }
    (found.inputs.len > 0 && found.outputs.len > 0).then_some(found)
}
