//! Whatever its parameters, a table is built or refused in no time.

use std::time::{Duration, Instant};

use weightinit::init::{Arguments, Entry, REGISTRY, Value};
use weightinit::{DType, Initializer, Law, Layout};

/// What a table may take, and what it may where code is not optimized.
const MOST: Duration = Duration::from_millis(if cfg!(debug_assertions) { 2000 } else { 50 });
/// Parameters tried for each initializer.
const CASES: u64 = 300;
/// Those that take too long are tried again, in case it was the machine that did.
const TRIES: i32 = 5;
const SEED: u64 = 20_271_128;

/// SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014).
struct Random(u64);

impl Random {
    fn word(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }

    fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * (self.word() >> 11) as f64 / (1u64 << 53) as f64
    }

    fn of<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.word() as usize % list.len()]
    }

    /// A number that nobody means: tiny, huge, of any size, the same as one `before`, or close to it.
    fn hostile(&mut self, before: &[f64]) -> f64 {
        let sign = if self.word().is_multiple_of(4) { -1.0 } else { 1.0 };
        match self.word() % 8 {
            0 => self.of(&[0.0, -0.0, 5e-324, f64::MIN_POSITIVE, 448.0, 465.0, 65504.0, 1e20, f32::MAX.into(), 1e300]),
            1 => sign * 10f64.powf(self.between(-323.0, 308.0)),
            2 | 3 => sign * 10f64.powf(self.between(-3.0, 6.0)),
            4 => sign * 10f64.powf(self.between(-40.0, 40.0)),
            5 | 6 if !before.is_empty() => {
                let other = self.of(before);
                let factor = 1.0 + 10f64.powf(self.between(-15.0, 1.0));
                self.of(&[other, other.next_up(), other * factor, -other])
            }
            _ => sign * self.between(0.0, 4.0),
        }
    }
}

/// Parameters that are numbers, by name.
fn numbers(entry: &Entry) -> Vec<&'static str> {
    let numbers = entry.parameters.iter().filter(|p| !matches!(p.default_value(), Some(Value::Text(_))));
    numbers.map(|parameter| parameter.name).collect()
}

fn initializer(entry: &'static Entry, names: &[&str], values: &[f64]) -> weightinit::Result<Initializer> {
    let given = names.iter().zip(values).map(|(name, value)| ((*name).to_owned(), Value::Number(*value)));
    entry.initializer(&given.collect::<Arguments>())
}

/// The shape of every request.
const SHAPE: [u64; 2] = [6, 4];

/// How long it takes to make the law and to lower it to every type.
fn time(entry: &'static Entry, names: &[&str], values: &[f64]) -> Duration {
    let begun = Instant::now();
    if let Ok(initializer) = initializer(entry, names, values) {
        for dtype in DType::FLOATS {
            // Accepted or refused.
            let _ = initializer.request(0, &SHAPE, Layout::Torch, dtype);
        }
    }
    begun.elapsed()
}

/// Whether its law is tabulated with one of some harmless parameters.
fn has_a_table(entry: &'static Entry, names: &[&str]) -> bool {
    [[0.25, 0.5, 0.75, 1.0], [1.0, 2.0, 0.5, 3.0]].iter().any(|values| {
        let law = initializer(entry, names, values).and_then(|initializer| initializer.law(&SHAPE, Layout::Torch));
        matches!(law, Ok(Law::Tabulated { .. }))
    })
}

#[test]
fn tables_are_built_or_refused_in_no_time() {
    eprintln!("seed {SEED}");
    let (mut initializers, mut slowest) = (0, (Duration::ZERO, String::new()));
    for entry in REGISTRY {
        let names = numbers(entry);
        if !has_a_table(entry, &names) {
            continue;
        }
        initializers += 1;
        let cases = if names.is_empty() { 1 } else { CASES };
        for case in 0..cases {
            let mut random = Random(SEED ^ case << 32);
            let mut values = Vec::new();
            for _ in &names {
                values.push(random.hostile(&values));
            }
            let what = format!("{}{:?}", entry.name, names.iter().zip(&values).collect::<Vec<_>>());
            // Each time other parameters, since tables are kept: apart by a few units in the last place.
            let apart = |nth: i32| values.iter().map(|x| x * (1.0 + f64::from(nth) * f64::EPSILON)).collect::<Vec<_>>();
            let times = (0..TRIES).map(|nth| time(entry, &names, &apart(nth)));
            let mut best = Duration::MAX;
            for time in times {
                best = best.min(time);
                if best <= MOST {
                    break;
                }
            }
            assert!(best <= MOST, "{what} takes {best:?}, seed {SEED}, case {case}");
            if best > slowest.0 {
                slowest = (best, what);
            }
        }
    }
    eprintln!("{initializers} initializers with tables; the slowest is {} with {:?}", slowest.1, slowest.0);
    assert!(initializers > 10, "{initializers} initializers");
}
