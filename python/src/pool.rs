//! Threads to compute on. A process that was forked has none of its parent's, and gets its own.

use std::sync::{Arc, Mutex, PoisonError};

use pyo3::PyResult;
use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::error::refused;

static POOL: Mutex<Option<(u32, Arc<ThreadPool>)>> = Mutex::new(None);

/// This process's threads: as many as processors, or as `RAYON_NUM_THREADS` says.
pub(crate) fn pool() -> PyResult<Arc<ThreadPool>> {
    let mut pool = POOL.lock().unwrap_or_else(PoisonError::into_inner);
    let process = std::process::id();
    if let Some((owner, pool)) = &*pool
        && *owner == process
    {
        return Ok(Arc::clone(pool));
    }
    let own = Arc::new(
        ThreadPoolBuilder::new().thread_name(|number| format!("weightinit-{number}")).build().map_err(refused)?,
    );
    // A parent's threads are not here to be waited for.
    std::mem::forget(pool.replace((process, Arc::clone(&own))));
    Ok(own)
}
