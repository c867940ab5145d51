//! A line every 20 s for tests that take long, past the capture of what tests print.

use std::io::Write;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

/// Says how long `what` has gone on, until the result is dropped.
pub(crate) fn progress(what: &'static str) -> Sender<()> {
    let (going_on, ended) = channel();
    let start = Instant::now();
    std::thread::spawn(move || {
        while ended.recv_timeout(Duration::from_secs(20)) == Err(RecvTimeoutError::Timeout) {
            // Nobody needs this line who has closed the terminal.
            let _ = writeln!(std::io::stderr(), "{what}: {} s so far", start.elapsed().as_secs());
        }
    });
    going_on
}
