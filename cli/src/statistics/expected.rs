//! What the elements of a tensor should be: samples of its law, or values that are known without chance.

use std::collections::VecDeque;

use anyhow::Result;
use safetensors::Dtype;
use weightinit::{DType, Fill, Law, Request, Structure, cpu};

use super::elements;
use super::pool::Pools;
use crate::model::dtype;
use crate::model::job::{Content, Tensor};
use crate::model::words::significant;

/// Listed values, such as sinusoids, are computed in other ways by others, in f32 whose arguments are up to some
/// thousand radians: they may differ by this part of the largest, or by this much where that is above 1.
const LISTED_AGREE: f64 = 1.0 / 2048.0;
/// Norms, sums of many squares, are computed in f32 by others: they may differ by this part of their own size.
const SUMMED_AGREE: f64 = 1.0 / 65536.0;
/// Steps of the type by which numbers differ that are computed in other ways, from the true value.
const STEPS: f64 = 8.0;
/// Columns of matrices whose diagonals are followed: memory does not grow with the file.
const MOST_COLUMNS: u64 = 1 << 22;

/// Tells samples from known values, and compares these.
pub(crate) struct Expected<'a> {
    tensor: &'a Tensor,
    kind: Kind,
    /// Elements at the beginning that are kept from a checkpoint.
    kept: u64,
    /// The last row and an element more, of matrices whose diagonals have one value each.
    last: VecDeque<f64>,
    wrong: Wrong,
}

enum Kind {
    Samples,
    /// Samples where this fill of ones has them, and zeros elsewhere.
    Masked(Fill),
    /// As many zeros, at random places.
    Sparse(u64),
    /// Samples in the first row and the first column, from which diagonals go on.
    Toeplitz(u64),
    /// The values of a request without chance.
    Known(Request),
    /// Whole numbers, again and again.
    Integers(Vec<f64>),
    /// The norms of another tensor of the same file.
    Norms(Vec<f64>),
    /// Nothing can be said of an element by itself.
    Nothing,
}

/// Elements that are not what is known.
#[derive(Default)]
struct Wrong {
    count: u64,
    first: Option<(u64, f64, f64)>,
    zeros: u64,
}

impl<'a> Expected<'a> {
    pub(crate) fn new(tensor: &'a Tensor) -> Result<Self> {
        let kept = tensor.kept.as_ref().map_or(0, |kept| kept.bytes / dtype::size(tensor.dtype));
        let kind = match &tensor.content {
            Content::Integers(bytes) => {
                let mut values = Vec::new();
                elements::read(tensor.dtype, bytes, &mut values);
                Kind::Integers(values)
            }
            Content::Request(Request::Fill(fill)) => of_fill(fill)?,
            Content::Request(_) | Content::Nothing => Kind::Nothing,
        };
        Ok(Self { tensor, kind, kept, last: VecDeque::new(), wrong: Wrong::default() })
    }

    /// Compares with the norms of what the file has of another tensor, whoever drew that.
    pub(crate) fn of_norms(tensor: &'a Tensor, norms: Vec<f64>) -> Self {
        Self { tensor, kind: Kind::Norms(norms), kept: 0, last: VecDeque::new(), wrong: Wrong::default() }
    }

    /// Whether some elements are samples.
    pub(crate) fn has_samples(&self) -> bool {
        !matches!(self.kind, Kind::Known(_) | Kind::Integers(_) | Kind::Norms(_) | Kind::Nothing)
    }

    /// Whether all elements are samples.
    pub(crate) fn takes_all(&self) -> bool {
        matches!(self.kind, Kind::Samples) && self.kept == 0
    }

    /// Adds samples of a short tensor to those of its rule and law.
    pub(crate) fn pool(&self, dtype: Dtype, samples: &[f64], pools: &mut Pools<'a>) {
        if let Some(fill) = self.tensor.fill().filter(|_| self.has_samples()) {
            pools.add(&self.tensor.why.rule, fill.law(), dtype, samples);
        }
    }

    /// Compares `found`, elements from number `first` on, and leaves the samples among them.
    pub(crate) fn take(&mut self, first: u64, found: &mut Vec<f64>) -> Result<()> {
        let kept = self.kept.saturating_sub(first).min(found.len() as u64) as usize;
        if let (Some(checkpoint), true) = (&self.tensor.kept, kept > 0) {
            let size = dtype::size(self.tensor.dtype);
            let mut bytes = vec![0; kept * size as usize];
            checkpoint.copy(first * size, &mut bytes)?;
            let mut known = Vec::new();
            elements::read(self.tensor.dtype, &bytes, &mut known);
            self.wrong.compare(first, &found[..kept], &known, |_| 0.0);
            found.drain(..kept);
        }
        let first = first + kept as u64;
        let range = first..first + found.len() as u64;
        if range.is_empty() {
            return Ok(());
        }
        let Self { kind, wrong, last, tensor, .. } = self;
        match kind {
            Kind::Samples => {}
            Kind::Masked(ones) => {
                let ones = cpu::values(&ones.range(range)?)?;
                let mut ones = (first..).zip(ones);
                found.retain(|x| {
                    let (index, one) = ones.next().unwrap_or((u64::MAX, 0.0));
                    let is_sample = one == 1.0;
                    if !is_sample {
                        wrong.compare(index, &[*x], &[0.0], |_| 0.0);
                    }
                    is_sample
                });
            }
            Kind::Sparse(_) => {
                let all = found.len();
                found.retain(|x| *x != 0.0);
                wrong.zeros += (all - found.len()) as u64;
            }
            Kind::Toeplitz(columns) => {
                let mut indices = first..;
                found.retain(|x| {
                    let index = indices.next().unwrap_or(u64::MAX);
                    let is_sample = index < *columns || index % *columns == 0;
                    // The element before it on its diagonal is a row and an element back.
                    let before = if last.len() as u64 > *columns { last.pop_front() } else { None };
                    if let (false, Some(before)) = (is_sample, before) {
                        wrong.compare(index, &[*x], &[before], |_| 0.0);
                    }
                    if *columns <= MOST_COLUMNS {
                        last.push_back(*x);
                    }
                    is_sample
                });
            }
            Kind::Known(request) => {
                let known = cpu::values(&request.range(range)?)?;
                let precision = request.dtype().precision();
                let reach = known.iter().fold(0.0, |reach: f64, x| reach.max(x.abs())).min(1.0);
                let is_constant = matches!(request.as_fill().map(Fill::law), Some(Law::Constant(_)));
                let floor = if is_constant { 0.0 } else { LISTED_AGREE * reach };
                wrong.compare(first, found, &known, |x| (STEPS * precision * x.abs()).max(floor));
                found.clear();
            }
            Kind::Integers(values) => {
                let known: Vec<_> = range.map(|index| values[(index % values.len() as u64) as usize]).collect();
                wrong.compare(first, found, &known, |_| 0.0);
                found.clear();
            }
            Kind::Norms(norms) => {
                let known = norms.get(range.start as usize..range.end as usize).unwrap_or_default();
                let precision = dtype::sampled(tensor.dtype).map_or(0.0, DType::precision);
                wrong.compare(first, found, known, |x| (STEPS * precision).max(SUMMED_AGREE) * x);
                found.clear();
            }
            Kind::Nothing => {
                // Of a tensor that is kept whole, nothing is left.
                if tensor.kept.is_some() {
                    found.clear();
                }
            }
        }
        Ok(())
    }

    /// What is wrong with the elements whose values are known, if anything is.
    pub(crate) fn fault(&self) -> Option<String> {
        if let Kind::Sparse(zeros) = self.kind
            && zeros != self.wrong.zeros
        {
            return Some(format!("{} zeros, expected {zeros}", self.wrong.zeros));
        }
        let (index, found, known) = self.wrong.first?;
        Some(format!(
            "{} elements are not what they should be, the first is {index}: {}, expected {}",
            self.wrong.count,
            significant(found),
            significant(known)
        ))
    }
}

fn of_fill(fill: &Fill) -> Result<Kind> {
    if !fill.law().is_random() {
        return Ok(Kind::Known(fill.clone().into()));
    }
    Ok(match fill.structure() {
        Structure::Dense => Kind::Samples,
        Structure::Sparse { columns, zeros, .. } => Kind::Sparse(columns * zeros),
        Structure::Toeplitz { columns, .. } => Kind::Toeplitz(columns),
        structure => {
            let ones = Fill::new(fill.stream(), Law::Constant(1.0), fill.dtype(), fill.tensor_len())?;
            Kind::Masked(ones.with_structure(structure)?)
        }
    })
}

impl Wrong {
    /// Counts elements that differ from what is known by more than `tolerance` of that.
    fn compare(&mut self, first: u64, found: &[f64], known: &[f64], tolerance: impl Fn(f64) -> f64) {
        for (index, (found, known)) in (first..).zip(found.iter().zip(known)) {
            let is_equal =
                found == known || (found - known).abs() <= tolerance(*known) || found.is_nan() && known.is_nan();
            if !is_equal {
                self.count += 1;
                self.first.get_or_insert((index, *found, *known));
            }
        }
    }
}
