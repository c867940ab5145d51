//! Ctrl-C and SIGTERM: a flag that long work looks at between chunks.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};

static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// The run was interrupted; what it was writing is gone.
#[derive(Debug)]
pub(crate) struct Interrupted;

impl fmt::Display for Interrupted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("interrupted; nothing was written")
    }
}

impl std::error::Error for Interrupted {}

/// Makes signals set the flag instead of ending the process in the middle of a file.
pub(crate) fn install() {
    // It fails only if it is called twice; then the first handler serves.
    let _ = ctrlc::set_handler(|| INTERRUPTED.store(true, Ordering::Relaxed));
}

/// An error once the run was interrupted.
pub(crate) fn check() -> Result<(), Interrupted> {
    if INTERRUPTED.load(Ordering::Relaxed) { Err(Interrupted) } else { Ok(()) }
}

/// What a signal does, or its opposite. Tests that share a process share the flag.
#[cfg(test)]
pub(crate) fn set(interrupted: bool) {
    INTERRUPTED.store(interrupted, Ordering::Relaxed);
}
