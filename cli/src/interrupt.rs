//! Ctrl-C and SIGTERM: a flag that long work looks at between chunks.

use std::fmt;
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};

use signal_hook::consts::signal;

/// The signal that came; 0 before one does.
static SIGNAL: LazyLock<Arc<AtomicUsize>> = LazyLock::new(Arc::default);

/// The run was interrupted by this signal.
#[derive(Debug)]
pub(crate) struct Interrupted {
    signal: usize,
    /// Whether what was written is kept.
    resumable: bool,
}

impl Interrupted {
    /// As shells report programs that a signal ended.
    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(u8::try_from(128 + self.signal).unwrap_or(1))
    }

    /// The same where what was written is kept.
    pub(crate) fn resumable(&self) -> Self {
        Self { signal: self.signal, resumable: true }
    }
}

impl fmt::Display for Interrupted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.resumable {
            false => "interrupted; nothing was written",
            true => "interrupted; the same command goes on from here",
        })
    }
}

impl std::error::Error for Interrupted {}

/// Makes signals set the flag instead of ending the process in the middle of a file.
pub(crate) fn install() {
    #[cfg(unix)]
    const SIGNALS: [i32; 3] = [signal::SIGINT, signal::SIGTERM, signal::SIGHUP];
    #[cfg(not(unix))]
    const SIGNALS: [i32; 2] = [signal::SIGINT, signal::SIGTERM];
    for signal in SIGNALS {
        // It fails only for signals that cannot be handled; these can.
        let _ = signal_hook::flag::register_usize(signal, Arc::clone(&SIGNAL), signal as usize);
    }
}

/// An error once the run was interrupted.
pub(crate) fn check() -> Result<(), Interrupted> {
    match SIGNAL.load(Ordering::Relaxed) {
        0 => Ok(()),
        signal => Err(Interrupted { signal, resumable: false }),
    }
}

/// What a signal does, or its opposite. Tests that share a process share the flag.
#[cfg(test)]
pub(crate) fn set(interrupted: bool) {
    SIGNAL.store(if interrupted { signal::SIGINT as usize } else { 0 }, Ordering::Relaxed);
}
