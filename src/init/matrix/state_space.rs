//! Matrices of state space models: Gu et al., "HiPPO: recurrent memory with optimal polynomial projections" (2020).

use crate::error::{Error, Result};
use crate::init::matrix::shape::table;
use crate::law::Law;
use crate::name::names;
use crate::real;
use crate::request::structure::Structure;

/// Which matrix of a state space model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StateSpace {
    /// HiPPO-LegS, the state's transition: −√((2n+1)(2k+1)) below the diagonal, −(n+1) on it, 0 above. Stacks of them
    /// too.
    LegS,
    /// The input of HiPPO-LegS: √(2n+1).
    LegSInput,
    /// π n, the imaginary part of S4D-Lin (Gu et al., "On the parameterization and initialization of diagonal state
    /// space models", 2022, equation 9).
    Linear,
    /// ln(n+1), Mamba's `A_log` (S4D-Real).
    LogIndex,
}

/// The largest state whose matrix is listed.
const MOST_STATES: u64 = 4096;

names!(StateSpace, "kind", { LegS => "legs", LegSInput => "legs_input", Linear => "linear", LogIndex => "log_index" });

pub(crate) fn parts(kind: StateSpace, shape: &[u64]) -> Result<(Law, Structure)> {
    let wrong = |expected| Error::WrongShape { initializer: "state_space", expected, shape: shape.to_vec() };
    let listed =
        |states: u64, value: fn(f64) -> f64| Law::listed((0..table("state_space", states)?).map(|n| value(n as f64)));
    let law = match (kind, shape) {
        (StateSpace::LegS, &[.., rows, columns]) if rows == columns && rows <= MOST_STATES => {
            Law::listed((0..rows * rows).map(|index| legs((index / rows) as f64, (index % rows) as f64)))?
        }
        (StateSpace::LegS, _) => return Err(wrong("(..., N, N), N at most 4096")),
        (StateSpace::LegSInput, &[.., states, 1]) | (StateSpace::LegSInput, &[.., states]) => {
            listed(states, |n| f64::sqrt(2.0 * n + 1.0))?
        }
        (StateSpace::Linear, &[.., states]) => listed(states, |n| std::f64::consts::PI * n)?,
        (StateSpace::LogIndex, &[.., states]) => listed(states, |n| real::log(n + 1.0))?,
        _ => return Err(wrong("(..., N)")),
    };
    Ok((law, Structure::Dense))
}

fn legs(n: f64, k: f64) -> f64 {
    if n > k {
        -f64::sqrt((2.0 * n + 1.0) * (2.0 * k + 1.0))
    } else if n == k {
        -(n + 1.0)
    } else {
        0.0
    }
}
