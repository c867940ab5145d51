//! One run of a command, and what it costs.

use std::fs::File;
use std::io::{Read, Seek};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, kill_process_group};

/// Bytes of stderr that are looked at.
const SEEN_STDERR: u64 = 128 << 10;

/// Bytes of stdout that are looked at, and beyond which a run is ended.
const SEEN_STDOUT: u64 = 64 << 20;
const MOST_STDOUT: u64 = 1 << 30;

/// Where a run's stdin leads, if not to nothing.
pub(crate) enum Input {
    /// A pipe that nobody writes to.
    Silent,
}

/// What is done to a command while it runs.
pub(crate) enum Deed<'f> {
    Signal(Signal),
    Other(Box<dyn FnOnce() + 'f>),
}

/// A command that is to be run.
pub(crate) struct Run<'f> {
    pub(crate) command: Command,
    pub(crate) input: Option<Input>,
    /// Seconds and megabytes after which it is ended.
    pub(crate) patience: (f64, u64),
    pub(crate) meanwhile: Option<(Duration, Deed<'f>)>,
}

/// What a run did.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// The exit code; a signal that ended the process counts as negative.
    pub(crate) code: i32,
    pub(crate) seconds: f64,
    /// The peak of the process itself, not of its children.
    pub(crate) megabytes: u64,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: String,
    pub(crate) stderr_bytes: u64,
    /// Why it was ended from outside.
    pub(crate) ended: Option<&'static str>,
    /// How long it went on after the signal that it was sent.
    pub(crate) after_signal: Option<f64>,
}

impl Run<'_> {
    pub(crate) fn run(mut self) -> Found {
        // Files, since a pipe would have to be read meanwhile.
        let mut streams = [tempfile::tempfile().unwrap(), tempfile::tempfile().unwrap()];
        let [stdout, stderr] = streams.each_ref().map(|file| Stdio::from(file.try_clone().unwrap()));
        let stdin = match self.input {
            None => Stdio::null(),
            Some(Input::Silent) => Stdio::piped(),
        };
        // Drivers complain on stderr where they have no such folder.
        let runtime = std::env::var_os("XDG_RUNTIME_DIR").unwrap_or_else(|| std::env::temp_dir().into());
        self.command.env("XDG_RUNTIME_DIR", runtime).env_remove("RUST_BACKTRACE");
        // A group of its own, so that what it starts can be ended with it.
        self.command.stdin(stdin).stdout(stdout).stderr(stderr).process_group(0);
        let mut child = self.command.spawn().unwrap();
        let mut found = Found::default();
        let status = self.watch(&mut child, &mut found, &streams[0]);
        found.code = status.code().or(status.signal().map(|signal| -signal)).unwrap();
        let _ = kill_process_group(Pid::from_child(&child), Signal::KILL);
        let [stdout, stderr] = &mut streams;
        found.stderr_bytes = stderr.metadata().unwrap().len();
        found.stdout = head(stdout, SEEN_STDOUT);
        found.stderr = String::from_utf8_lossy(&head(stderr, SEEN_STDERR)).into_owned();
        found
    }

    /// Waits for its end, or ends it.
    fn watch(&mut self, child: &mut Child, found: &mut Found, stdout: &File) -> ExitStatus {
        let pid = Pid::from_child(child);
        let status_file = format!("/proc/{}/status", pid.as_raw_nonzero());
        let (most_seconds, most_megabytes) = self.patience;
        let mut signalled: Option<Instant> = None;
        let begun = Instant::now();
        loop {
            found.megabytes = found.megabytes.max(peak(&status_file).unwrap_or(0));
            let status = child.try_wait().unwrap();
            let elapsed = begun.elapsed();
            found.seconds = elapsed.as_secs_f64();
            if let Some(status) = status {
                found.after_signal = signalled.map(|at| at.elapsed().as_secs_f64());
                return status;
            }
            match self.meanwhile.take_if(|(after, _)| elapsed >= *after) {
                Some((_, Deed::Signal(signal))) => {
                    kill_process(pid, signal).unwrap();
                    signalled = Some(Instant::now());
                }
                Some((_, Deed::Other(deed))) => deed(),
                None => {}
            }
            let too_much = [
                (found.seconds > most_seconds, "it went on and on"),
                (found.megabytes > most_megabytes, "it took more and more memory"),
                (stdout.metadata().unwrap().len() > MOST_STDOUT, "it wrote more and more to stdout"),
            ];
            if let Some((_, why)) = too_much.into_iter().find(|(is_so, _)| *is_so) {
                found.ended = Some(why);
                kill_process_group(pid, Signal::KILL).unwrap();
                return child.wait().unwrap();
            }
            std::thread::sleep(Duration::from_millis(if elapsed.as_secs() < 1 { 1 } else { 10 }));
        }
    }
}

/// The most memory that a process has had, in megabytes, as long as it is there.
fn peak(status_file: &str) -> Option<u64> {
    let status = std::fs::read_to_string(status_file).ok()?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(peak.trim().trim_end_matches(" kB").parse::<u64>().ok()? / 1024)
}

/// A file's first bytes.
fn head(file: &mut File, most: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    file.rewind().unwrap();
    file.take(most).read_to_end(&mut bytes).unwrap();
    bytes
}
