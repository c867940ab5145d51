//! Threads, by a stack of their own choice (`RUST_MIN_STACK` and `ulimit -s` may be anything), and refused with a
//! reason.

use std::sync::Mutex;
use std::thread::{Builder, JoinHandle, Scope, ScopedJoinHandle};

use anyhow::{Context, Result};

/// Bytes of a stack: what the standard library gives, more than any thread here uses.
const STACK: usize = 2 << 20;

/// What is said where the system gives no thread.
const REFUSED: &str = "cannot start a thread; raise the limits on processes and memory (ulimit -u, ulimit -v)";

fn builder(name: &str) -> Builder {
    Builder::new().name(name.to_owned()).stack_size(STACK)
}

/// Starts a thread.
pub(crate) fn spawn<T: Send + 'static>(name: &str, work: impl FnOnce() -> T + Send + 'static) -> Result<JoinHandle<T>> {
    builder(name).spawn(work).context(REFUSED)
}

/// Starts a thread of `scope`.
pub(crate) fn spawn_scoped<'scope, T: Send + 'scope>(
    scope: &'scope Scope<'scope, '_>,
    name: &str,
    work: impl FnOnce() -> T + Send + 'scope,
) -> Result<ScopedJoinHandle<'scope, T>> {
    builder(name).spawn_scoped(scope, work).context(REFUSED)
}

/// Prepares the threads that the CPU reference computes on: as many as there are processors, or fewer by
/// `RAYON_NUM_THREADS`, or as the system gives beside the one that writes. With a single one it is this thread.
pub(crate) fn prepare() -> Result<()> {
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let wanted = std::env::var("RAYON_NUM_THREADS").ok().and_then(|number| number.parse().ok());
    let wanted = wanted.filter(|wanted| *wanted > 0).unwrap_or(processors).min(processors);
    let threads = wanted.min(startable(wanted + 1).saturating_sub(1));
    let pool = rayon::ThreadPoolBuilder::new().stack_size(STACK);
    let pool = if threads > 1 { pool.num_threads(threads) } else { pool.num_threads(1).use_current_thread() };
    pool.build_global().context(REFUSED)
}

/// How many threads the system gives at once, up to `most`: rayon tries only once.
fn startable(most: usize) -> usize {
    let gate = Mutex::new(());
    std::thread::scope(|scope| {
        // They wait for each other, so that all are there at the same time.
        let closed = gate.lock();
        let threads = (0..most).map_while(|_| spawn_scoped(scope, "try", || drop(gate.lock())).ok());
        let count = threads.count();
        drop(closed);
        count
    })
}
