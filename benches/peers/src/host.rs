//! On the CPU, into memory that is used again: with all threads, and with one within its cache.

use std::cell::RefCell;
use std::rc::Rc;

use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};
use rand_distr::{Distribution, Normal, StandardNormal, Uniform};
use rayon::prelude::*;
use weightinit::{DType, Fill, Law, cpu};

use crate::{Contender, ELEMENTS, SCALE, contender};

/// Elements that one rayon task fills, each with a generator of its own.
const CHUNK: usize = 1 << 16;

/// Elements that one core writes again and again, so that no memory is waited for.
const CACHED: usize = 1 << 18;

/// The laws that all contenders have.
pub(crate) fn laws() -> [(&'static str, Law); 3] {
    let two = f64::from(SCALE) * 2.0;
    [
        ("uniform", Law::uniform(-f64::from(SCALE), SCALE.into())),
        ("normal", Law::normal(0.0, SCALE.into())),
        ("truncated normal", Law::truncated_normal(0.0, SCALE.into(), -two, two).expect("a valid law")),
    ]
}

pub(crate) fn fill(law: Law) -> Fill {
    Fill::new(0, law, DType::F32, ELEMENTS as u64).expect("a valid fill").with_seed(1).with_stream("peers")
}

/// All of `out` by a law of rand's, each chunk with a generator of its own.
pub(crate) fn sample(out: &mut [f32], law: impl Distribution<f32> + Sync) {
    out.par_chunks_mut(CHUNK).enumerate().for_each(|(chunk, out)| {
        let mut rng = SmallRng::seed_from_u64(chunk as u64);
        out.iter_mut().for_each(|x| *x = rng.sample(&law));
    });
}

/// The uniform law of rand.
pub(crate) fn uniform() -> Uniform<f32> {
    Uniform::new(-SCALE, SCALE).expect("valid bounds")
}

/// The normal law of rand_distr.
pub(crate) fn normal() -> Normal<f32> {
    Normal::new(0.0, SCALE).expect("a valid deviation")
}

/// A normal law without what is beyond two deviations, by drawing again.
struct Truncated;

impl Distribution<f32> for Truncated {
    fn sample<R: rand::Rng + ?Sized>(&self, rng: &mut R) -> f32 {
        loop {
            let x: f32 = StandardNormal.sample(rng);
            if x.abs() < 2.0 {
                return x * SCALE;
            }
        }
    }
}

/// Room for one tensor.
pub(crate) fn memory() -> Vec<f32> {
    vec![0.0; ELEMENTS]
}

pub(crate) fn contenders() -> Vec<Contender> {
    // Contenders take turns with the same memory.
    let memory = Rc::new(RefCell::new(memory()));
    let on = |place: &str, name: &str, run: Box<dyn Fn(&mut [f32])>| {
        let memory = memory.clone();
        contender(place, name, move || {
            run(&mut memory.borrow_mut());
            Ok(())
        })
    };
    let contender = |name: &str, run| on("CPU", name, run);
    let ours = laws().into_iter().flat_map(|(name, law)| {
        let (fill, name) = (fill(law), format!("weightinit, {name}"));
        let part = fill.range(0..CACHED as u64).expect("a part");
        let all = move |out: &mut [f32]| cpu::write(&fill, bytemuck::cast_slice_mut(out)).expect("room for all");
        let over_and_over = move |out: &mut [f32]| {
            for _ in 0..ELEMENTS / CACHED {
                cpu::write_serial(&part, bytemuck::cast_slice_mut(out)).expect("room for a part");
            }
        };
        [on("CPU", &name, Box::new(all)), on("one core in its cache", &name, Box::new(over_and_over))]
    });
    let theirs = [
        contender("write, constant", Box::new(|out| out.par_chunks_mut(CHUNK).for_each(|out| out.fill(1.0)))),
        contender("rand SmallRng, uniform", Box::new(|out| sample(out, uniform()))),
        contender("rand_distr StandardNormal, normal", Box::new(|out| sample(out, StandardNormal))),
        contender("rand_distr Normal, normal", Box::new(|out| sample(out, normal()))),
        contender("rand_distr and rejection, truncated normal", Box::new(|out| sample(out, Truncated))),
    ];
    ours.chain(theirs).collect()
}
