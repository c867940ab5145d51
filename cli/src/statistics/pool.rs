//! Short tensors of one rule and one law together, of which each alone has too few elements to tell.

use std::collections::BTreeMap;

use safetensors::Dtype;
use weightinit::Law;

/// Elements of a tensor that is long enough by itself.
pub(crate) const SHORT: u64 = 1 << 11;
/// Elements that a pool takes, and all of them: memory does not grow with the file.
const MOST_OF_ONE: usize = 1 << 16;
const MOST_OF_ALL: usize = 1 << 23;
/// Laws of one rule that are told apart.
const MOST_LAWS: usize = 64;

/// Elements of short tensors.
#[derive(Default)]
pub(crate) struct Pools<'a> {
    pools: BTreeMap<(&'a str, Dtype), Vec<Pool<'a>>>,
    elements: usize,
}

/// Elements that follow one law by one rule.
pub(crate) struct Pool<'a> {
    pub(crate) rule: &'a str,
    pub(crate) law: &'a Law,
    pub(crate) dtype: Dtype,
    pub(crate) tensors: u64,
    pub(crate) samples: Vec<f64>,
}

impl<'a> Pools<'a> {
    /// Adds the samples of a tensor, as far as there is room.
    pub(crate) fn add(&mut self, rule: &'a str, law: &'a Law, dtype: Dtype, samples: &[f64]) {
        let pools = self.pools.entry((rule, dtype)).or_default();
        let known = pools.iter().position(|pool| pool.law == law);
        if known.is_none() && pools.len() == MOST_LAWS {
            return;
        }
        let number = known.unwrap_or_else(|| {
            pools.push(Pool { rule, law, dtype, tensors: 0, samples: Vec::new() });
            pools.len() - 1
        });
        let pool = &mut pools[number];
        if pool.samples.len() + samples.len() <= MOST_OF_ONE && self.elements + samples.len() <= MOST_OF_ALL {
            pool.samples.extend(samples);
            pool.tensors += 1;
            self.elements += samples.len();
        }
    }

    /// Pools of more than one tensor, in the order of their rules.
    pub(crate) fn finish(self) -> Vec<Pool<'a>> {
        let mut pools: Vec<_> = self.pools.into_values().flatten().filter(|pool| pool.tensors > 1).collect();
        pools.sort_by(|a, b| (a.rule, b.tensors).cmp(&(b.rule, a.tensors)));
        pools
    }
}
