//! The largest singular value of the input–output Jacobian, by power iteration.

use anyhow::Result;

use crate::propagation::network::Kind;
use crate::propagation::passes::Passes;
use crate::propagation::patches::{gather, scatter};
use crate::propagation::products::{Direction, Products};
use crate::propagation::signals::Signals;

/// Steps at most, and the change of a step that is no longer worth another.
const MOST_STEPS: usize = 30;
const TOLERANCE: f64 = 1e-3;

/// Inputs of a batch at which the Jacobian is looked at.
const INPUTS: usize = 8;

/// The largest singular value of the Jacobian, its mean over the first inputs, after the passes.
///
/// # Errors
/// What the processor refuses.
pub(crate) fn largest_singular_value(passes: &Passes, products: &dyn Products) -> Result<f64> {
    let (network, entering) = (passes.network(), passes.entering());
    let columns = network.kind.columns();
    let inputs = entering.iter().map(|sums| sums.columns() / columns).min().unwrap_or(0).min(INPUTS);
    let slope = |sums: &Signals| {
        let first = sums.values[..sums.units * columns * inputs].iter();
        first.map(|x| passes.activation().slope(*x)).collect::<Vec<_>>()
    };
    let slopes: Vec<_> = entering.iter().map(slope).collect();
    let start = network.normals("jacobian", network.inputs(), inputs)?;
    let is_convnet = network.kind == Kind::Convnet;
    let mut vectors = Vectors::new(start, columns);
    let mut found = vec![0.0; inputs];
    for _ in 0..MOST_STEPS {
        // Of unit vectors v: |J v|, which is never above the largest singular value, and then Jᵀ J v.
        vectors.logarithms.fill(0.0);
        for (layer, slopes) in slopes.iter().enumerate() {
            let patches = is_convnet.then(|| gather(&vectors.signals));
            let sums = products.product(layer, Direction::Forward, patches.as_ref().unwrap_or(&vectors.signals))?;
            vectors = vectors.followed_by(sums.times(slopes.iter().copied()));
        }
        let before = std::mem::replace(&mut found, vectors.logarithms.iter().map(|length| length.exp()).collect());
        let is_settled = |(found, before): (&f64, &f64)| {
            *found == 0.0 || !found.is_finite() || (found / before - 1.0).abs() < TOLERANCE
        };
        if found.iter().zip(&before).all(is_settled) {
            break;
        }
        for (layer, slopes) in slopes.iter().enumerate().rev() {
            let signals = vectors.signals.times(slopes.iter().copied());
            let back = products.product(layer, Direction::Backward, &signals)?;
            vectors = vectors.followed_by(if is_convnet { scatter(&back) } else { back });
        }
    }
    Ok(found.iter().sum::<f64>() / inputs as f64)
}

/// Vectors of length 1, one of each input, and the logarithms of what their lengths were: of deep networks those may be
/// beyond any number.
struct Vectors {
    signals: Signals,
    /// Columns of a vector.
    columns: usize,
    logarithms: Vec<f64>,
}

impl Vectors {
    fn new(mut signals: Signals, columns: usize) -> Self {
        let normalize = |vector: &mut [f64]| {
            // In two steps, since squares may be beyond any number too.
            let most = vector.iter().fold(0.0f64, |most, x| most.max(x.abs()));
            if most == 0.0 {
                return f64::NEG_INFINITY;
            }
            vector.iter_mut().for_each(|x| *x /= most);
            let length = vector.iter().map(|x| *x * *x).sum::<f64>().sqrt();
            vector.iter_mut().for_each(|x| *x /= length);
            most.ln() + length.ln()
        };
        let logarithms = signals.values.chunks_mut(signals.units * columns).map(normalize).collect();
        Self { signals, columns, logarithms }
    }

    /// The next vectors, with the lengths multiplied.
    fn followed_by(&self, signals: Signals) -> Self {
        let mut next = Self::new(signals, self.columns);
        next.logarithms.iter_mut().zip(&self.logarithms).for_each(|(next, before)| *next += before);
        next
    }
}
