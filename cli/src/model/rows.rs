//! New rows of a tensor that has grown, as the rows that it had tell them.

use anyhow::{Context, Result, ensure};
use weightinit::init::{self, Arguments, Value};
use weightinit::verify::SampleMoments;
use weightinit::{Initializer, Law, cpu};

use crate::model::dtype;
use crate::model::header::Declared;
use crate::model::kept::Kept;

/// What a parameter says whose number is that of the rows that are kept.
const OF_KEPT: &str = "kept";
/// Parameters that may say it.
const MEASURED: [&str; 2] = ["mean", "std"];
/// The initializer of rows that are each the mean of those that are kept.
const MEAN_ROW: &str = "mean_row";

/// How new rows are initialized.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Rows {
    /// By what needs nothing of the old ones.
    By(Initializer),
    /// By an initializer some of whose parameters are moments of the elements of the old ones.
    Measured { name: String, arguments: Arguments },
    /// Each is the mean of the old ones.
    Mean,
}

/// Bytes that are read at a time: whole elements of every type.
const PART: u64 = 1 << 20;
/// Elements of a mean row, as of every list.
const MOST_COLUMNS: u64 = 1 << 24;

impl Rows {
    /// Understands the name of an initializer and its arguments.
    pub(super) fn new(name: String, arguments: Arguments) -> Result<Self> {
        if name == MEAN_ROW {
            let other = arguments.keys().next();
            ensure!(other.is_none(), "{MEAN_ROW} has no parameter '{}'", other.map_or("", String::as_str));
            return Ok(Self::Mean);
        }
        let is_measured = arguments.iter().any(|(name, value)| is_of_kept(name, value));
        let rows = Self::Measured { name, arguments };
        // Names and numbers are right or wrong whatever the moments are.
        let initializer = rows.with(0.0, 1.0)?;
        Ok(if is_measured { rows } else { Self::By(initializer) })
    }

    /// The initializer for what has grown from `kept`.
    pub(super) fn initializer(&self, declared: &Declared, kept: &Kept) -> Result<Initializer> {
        let columns: u64 = declared.shape.iter().skip(1).product();
        match self {
            Self::By(initializer) => Ok(initializer.clone()),
            Self::Measured { .. } => {
                let moments = measure(declared, kept, |_, _| ())?;
                self.with(moments.mean(), moments.std())
            }
            Self::Mean => {
                ensure!(
                    columns <= MOST_COLUMNS,
                    "its rows have {columns} elements; a mean row has {MOST_COLUMNS} at most"
                );
                let mut sums = vec![0.0; columns as usize];
                let moments = measure(declared, kept, |index, value| sums[(index % columns) as usize] += value)?;
                let rows = (moments.count() / columns) as f64;
                Ok(Law::listed(sums.into_iter().map(|sum| sum / rows).collect::<Vec<_>>())?.into())
            }
        }
    }

    /// The initializer, where the old rows have these moments.
    fn with(&self, mean: f64, std: f64) -> Result<Initializer> {
        let Self::Measured { name, arguments } = self else { return Ok(Initializer::zeros()) };
        let moment = |name: &str| Value::Number(if name == MEASURED[0] { mean } else { std });
        let arguments = arguments
            .iter()
            .map(|(name, value)| (name.clone(), if is_of_kept(name, value) { moment(name) } else { value.clone() }));
        Ok(init::by_name(name)?.initializer(&arguments.collect())?)
    }
}

fn is_of_kept(name: &str, value: &Value) -> bool {
    MEASURED.contains(&name) && *value == Value::Text(OF_KEPT.to_owned())
}

/// Moments of what is kept, each of whose elements is shown with its index.
fn measure(declared: &Declared, kept: &Kept, mut show: impl FnMut(u64, f64)) -> Result<SampleMoments> {
    let dtype = dtype::sampled(declared.dtype)
        .with_context(|| format!("the mean of rows of {:?} is not known; give an initializer", declared.dtype))?;
    let (mut moments, mut index) = (SampleMoments::default(), 0);
    let mut bytes = Vec::new();
    for first in (0..kept.bytes).step_by(PART as usize) {
        bytes.resize(PART.min(kept.bytes - first) as usize, 0);
        kept.copy(first, &mut bytes)?;
        let values: Vec<_> = cpu::elements(dtype, &bytes).map(|bits| dtype.value(bits)).collect();
        for value in &values {
            ensure!(value.is_finite(), "element {index} that is kept is {value}, so that new rows have no mean");
            show(index, *value);
            index += 1;
        }
        moments = moments.and(SampleMoments::of(&values));
    }
    ensure!(moments.count() > 0, "it has no rows that are kept, so that new ones have no mean");
    Ok(moments)
}
