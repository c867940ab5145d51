//! What Rust programs have for the same tensors, and weightinit beside it: rand with rayon on the CPU, and with feature
//! `adapter` burn on the same adapter, and the way over the host's memory.
//!
//! `weightinit-peers cpu | burn | adapter NAME` prints one line of JSON: the adapter, and the names of what it can
//! time, as `place: contender, law`. Then it reads names from standard input, one a line, does that once, and prints
//! how many seconds it took. So compare.py can take turns between programs, and stop those whose turn it is not: burn
//! has a thread that never rests, which would take its time from weightinit in the same process.

#[cfg(feature = "adapter")]
mod adapter;
#[cfg(feature = "adapter")]
mod burn;
mod host;

use std::io::{BufRead, Write};
use std::time::Instant;

use anyhow::{Context, Result, bail};
use serde_json::json;

/// f32 elements of every tensor.
const ELEMENTS: usize = 1 << 25;

/// Standard deviation of every normal law, and half-width of every uniform one.
const SCALE: f32 = 0.02;

/// Something that can be timed.
struct Contender {
    name: String,
    run: Box<dyn FnMut() -> Result<()>>,
}

fn contender(place: &str, name: impl std::fmt::Display, run: impl FnMut() -> Result<()> + 'static) -> Contender {
    Contender { name: format!("{place}: {name}"), run: Box::new(run) }
}

fn main() -> Result<()> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let (adapter, mut contenders): (Option<String>, _) =
        match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
            ["cpu"] => (None, host::contenders()),
            #[cfg(feature = "adapter")]
            ["burn"] => burn::contenders().map(|(adapter, contenders)| (Some(adapter), contenders))?,
            #[cfg(feature = "adapter")]
            ["adapter", name] => (Some(name.to_owned()), adapter::contenders(name)?),
            _ => bail!("give `cpu`, or with feature `adapter` also `burn` or `adapter NAME`"),
        };
    let names: Vec<_> = contenders.iter().map(|contender| contender.name.as_str()).collect();
    let mut out = std::io::stdout().lock();
    writeln!(out, "{}", json!({ "adapter": adapter, "names": names }))?;
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let contender = contenders.iter_mut().find(|contender| contender.name == line);
        let contender = contender.with_context(|| format!("nothing is called {line}"))?;
        let start = Instant::now();
        (contender.run)().with_context(|| line)?;
        writeln!(out, "{}", start.elapsed().as_secs_f64())?;
        out.flush()?;
    }
    Ok(())
}
