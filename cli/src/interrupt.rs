//! Ctrl-C and SIGTERM: wherever the process is, it ends at once, and what it has half written goes with it.
//!
//! A thread waits for signals, so that it makes no difference what the others do: they may be reading from a pipe that
//! nobody writes, or be in a driver's compiler. A second signal ends the process even where that thread cannot.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::{Context, Result};
use signal_hook::consts::signal;
use signal_hook::flag;

use crate::threads;

/// What an interrupted process leaves of its output.
#[derive(Default)]
pub(crate) enum Unfinished {
    /// It writes no file.
    #[default]
    Nothing,
    /// A partial file, which is removed.
    Removed(PathBuf),
    /// Parts of an object that nobody sees. They are given up by this, which says whether the store agreed.
    #[cfg_attr(not(feature = "object-store"), expect(dead_code, reason = "nobody uploads"))]
    Upload(Box<dyn Fn() -> bool + Send>),
    /// A partial file that another run goes on with.
    Kept,
    /// A file that is whole.
    Complete,
}

static UNFINISHED: Mutex<Unfinished> = Mutex::new(Unfinished::Nothing);

/// Whether the process writes several files, of which those that are complete stay.
static SEVERAL: AtomicBool = AtomicBool::new(false);

/// Makes signals tell that complete files stay.
pub(crate) fn writes_several() {
    SEVERAL.store(true, Ordering::Relaxed);
}

/// What a signal finds. While it is held, no signal ends the process: files get their names meanwhile.
pub(crate) fn unfinished() -> MutexGuard<'static, Unfinished> {
    UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(unix)]
const SIGNALS: [i32; 3] = [signal::SIGINT, signal::SIGTERM, signal::SIGHUP];
#[cfg(not(unix))]
const SIGNALS: [i32; 2] = [signal::SIGINT, signal::SIGTERM];

/// Makes signals end the process as is said above.
pub(crate) fn install() -> Result<()> {
    for signal in SIGNALS {
        let once = Arc::new(AtomicBool::new(false));
        flag::register_conditional_shutdown(signal, exit_code(signal), Arc::clone(&once))
            .and_then(|_| flag::register(signal, once))
            .context("cannot handle signals")?;
    }
    // A file that grows beyond a limit is an error of the write, not the end of the process.
    #[cfg(unix)]
    flag::register(signal::SIGXFSZ, Arc::default()).context("cannot handle signals")?;
    wait()
}

#[cfg(unix)]
fn wait() -> Result<()> {
    let mut signals = signal_hook::iterator::Signals::new(SIGNALS).context("cannot handle signals")?;
    threads::spawn("signals", move || signals.forever().take(1).for_each(end)).map(drop)
}

/// Without a way to wait for a signal, one is looked for.
#[cfg(not(unix))]
fn wait() -> Result<()> {
    use std::sync::atomic::AtomicUsize;
    let came = Arc::new(AtomicUsize::new(0));
    for signal in SIGNALS {
        flag::register_usize(signal, Arc::clone(&came), signal as usize).context("cannot handle signals")?;
    }
    threads::spawn("signals", move || {
        loop {
            match came.load(Ordering::Relaxed) {
                0 => std::thread::sleep(std::time::Duration::from_millis(50)),
                signal => end(signal as i32),
            }
        }
    })
    .map(drop)
}

/// As shells report programs that a signal ended.
fn exit_code(signal: i32) -> i32 {
    128 + signal
}

fn end(signal: i32) {
    // Held to the end, so that no file gets its name after this.
    let unfinished = unfinished();
    let several = SEVERAL.load(Ordering::Relaxed);
    let is_removed = match &*unfinished {
        Unfinished::Removed(part) => std::fs::remove_file(part).is_ok(),
        Unfinished::Upload(give_up) => give_up(),
        _ => true,
    };
    let said = match &*unfinished {
        Unfinished::Removed(_) if !is_removed => "interrupted; a partial file is left",
        Unfinished::Upload(_) if !is_removed => {
            "interrupted; parts are left that nobody sees until the store drops them"
        }
        Unfinished::Nothing | Unfinished::Removed(_) | Unfinished::Upload(_) | Unfinished::Complete if several => {
            "interrupted; complete files stay, and the same command with --resume goes on after them"
        }
        Unfinished::Nothing => "interrupted",
        Unfinished::Removed(_) | Unfinished::Upload(_) => "interrupted; nothing was written",
        Unfinished::Kept => "interrupted; the same command goes on from here",
        Unfinished::Complete => "interrupted; the file is complete",
    };
    crate::progress::last_words(said);
    // Without what libraries do at the end of a process: drivers wait there for threads that go on working.
    signal_hook::low_level::exit(exit_code(signal));
}
