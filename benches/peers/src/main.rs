//! What Rust programs have for the same tensors, and wginit beside it: rand with rayon on the CPU, burn on the same adapter,
//! and the way over the host's memory.
//!
//! Prints one line of JSON: the adapter, and the names of what it can time, as `place: contender, law`. Then reads names from
//! standard input, one a line, does that once, and prints how many seconds it took. So compare.py can take turns with
//! programs in other languages. A place that the environment variable `PLACE` does not name is left out.

mod adapter;
mod host;

use std::io::{BufRead, Write};

use anyhow::{Context, Result};
use serde_json::json;

/// f32 elements of every tensor.
const ELEMENTS: usize = 1 << 25;

/// Standard deviation of every normal law, and half-width of every uniform one.
const SCALE: f32 = 0.02;

/// Something that can be timed, in seconds.
struct Contender<'a> {
    name: String,
    run: Box<dyn FnMut() -> Result<f64> + 'a>,
}

fn main() -> Result<()> {
    let place = std::env::var("PLACE").ok();
    let wanted = |name: &str| place.as_deref().is_none_or(|place| place == name);
    let mut memory = vec![0f32; ELEMENTS];
    let memory = std::cell::RefCell::new(&mut memory[..]);
    let opened = if wanted("adapter") { Some(adapter::Adapter::open()?) } else { None };
    let mut contenders = if wanted("CPU") { host::contenders(&memory) } else { Vec::new() };
    if let Some(adapter) = &opened {
        contenders.extend(adapter.contenders(&memory)?);
    }
    let names: Vec<_> = contenders.iter().map(|contender| contender.name.as_str()).collect();
    let adapter = opened.as_ref().map(|adapter| adapter.name.as_str());
    let mut out = std::io::stdout().lock();
    writeln!(out, "{}", json!({ "adapter": adapter, "names": names }))?;
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let contender = contenders.iter_mut().find(|contender| contender.name == line);
        let seconds = (contender.with_context(|| format!("nothing is called {line}"))?.run)().with_context(|| line)?;
        writeln!(out, "{seconds}")?;
        out.flush()?;
    }
    Ok(())
}
