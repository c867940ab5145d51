//! Threads, by a stack of their own choice (`RUST_MIN_STACK` may be anything), and refused with a reason.

use std::io;
use std::thread::{Builder, Scope, ScopedJoinHandle};

use anyhow::{Context, Result};

/// Bytes of a stack: what the standard library gives, more than any thread here uses.
const STACK: usize = 2 << 20;

/// What is said where the system gives no thread.
const REFUSED: &str = "cannot start a thread; raise the limits on processes and memory (ulimit -u, ulimit -v)";

fn builder(name: &str) -> Builder {
    Builder::new().name(name.to_owned()).stack_size(STACK)
}

/// Starts a thread that goes on by itself.
pub(crate) fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> Result<()> {
    builder(name).spawn(work).map(drop).context(REFUSED)
}

/// Starts a thread of `scope`.
pub(crate) fn spawn_scoped<'scope, T: Send + 'scope>(
    scope: &'scope Scope<'scope, '_>,
    name: &str,
    work: impl FnOnce() -> T + Send + 'scope,
) -> Result<ScopedJoinHandle<'scope, T>> {
    builder(name).spawn_scoped(scope, work).context(REFUSED)
}

/// Prepares the threads that the CPU reference computes on: as many as there are processors, or as the system gives.
pub(crate) fn prepare() -> Result<()> {
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let pool = |threads: usize| {
        rayon::ThreadPoolBuilder::new().num_threads(threads).stack_size(STACK).build_global().map_err(io::Error::other)
    };
    // The last one needs no other thread than this one.
    let fewer = [processors, processors / 2, 1].into_iter().filter(|threads| *threads > 0);
    let alone = || rayon::ThreadPoolBuilder::new().num_threads(1).use_current_thread().build_global();
    if fewer.map(pool).any(|built| built.is_ok()) { Ok(()) } else { alone().context(REFUSED) }
}
