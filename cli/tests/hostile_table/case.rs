//! One case: a run of the program in a folder, what it costs, and whether it ends as it should.

#![allow(dead_code, reason = "each group of cases uses its own part")]

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use rustix::process::Signal;

use crate::KNOWN;
use crate::common::Folder;
use crate::run::{Deed, Run};
pub(crate) use crate::run::{Found, Input};

/// How runs end: exit codes, and signals as negative numbers.
pub(crate) const DONE: &[i32] = &[0];
pub(crate) const REFUSED: &[i32] = &[1];
/// Where it does not matter which, as long as it is one of the program's own ways.
pub(crate) const EITHER: &[i32] = &[0, 1, 2];

/// What a run may cost unless its case says otherwise.
const SECONDS: f64 = 2.0;
const MEGABYTES: u64 = 300;

/// The limits of time are those of a release build on a quiet machine.
const STRETCH: f64 = if cfg!(debug_assertions) { 10.0 } else { 2.0 };

/// A run that takes this times as long as it may is ended, and so is one with twice the memory.
const PATIENCE: f64 = 2.0;

/// A signal ends the program in 0.2 s where it finds a processor, which may take a while on a busy machine.
const SIGNAL_SECONDS: f64 = 3.0;

/// Bytes of stderr that still are a message.
const MOST_STDERR: u64 = 64 << 10;

/// Whether all cases are asked for, and not those that a change is tried by.
pub(crate) fn all() -> bool {
    std::env::var_os("WEIGHTINIT_HOSTILE_ALL").is_some()
}

/// Cases of one subject, and which of them are wrong.
pub(crate) struct Group {
    name: &'static str,
    results: RefCell<Results>,
}

#[derive(Default)]
struct Results {
    cases: usize,
    known: Vec<String>,
    mended: Vec<String>,
    wrong: Vec<String>,
    seconds: f64,
}

impl Group {
    pub(crate) fn new(name: &'static str) -> Self {
        Self { name, results: RefCell::default() }
    }

    /// A case in a folder of its own. `ends` runs it.
    pub(crate) fn case(&self, name: impl Into<String>) -> Case<'_, 'static> {
        Case::new(self, name.into(), Place::Own(Folder::new()))
    }

    /// A case in a folder that others use too.
    pub(crate) fn case_in<'f>(&self, folder: &'f Folder, name: impl Into<String>) -> Case<'_, 'f> {
        Case::new(self, name.into(), Place::Shared(folder))
    }

    /// What is wrong so far.
    pub(crate) fn wrong(&self) -> Vec<String> {
        self.results.borrow().wrong.clone()
    }

    /// Lists what is wrong, and fails if anything is but what is known.
    pub(crate) fn finish(self) {
        let Results { cases, known, mended, wrong, seconds } = self.results.into_inner();
        known.iter().for_each(|case| eprintln!("known to be wrong: {case}"));
        mended.iter().for_each(|case| eprintln!("known to be wrong, but is not; take it from the list: {case}"));
        let counts = format!("{cases} cases, {} wrong, {} known to be wrong", wrong.len(), known.len());
        eprintln!("{}: {counts}, in {seconds:.1} s", self.name);
        assert!(wrong.is_empty(), "{}: {counts}:\n{}", self.name, wrong.join("\n"));
    }
}

enum Place<'f> {
    Own(Folder),
    Shared(&'f Folder),
}

type Check<'f> = Box<dyn FnOnce(&Found, &Folder) -> Result<(), String> + 'f>;

/// A run that is described step by step.
pub(crate) struct Case<'g, 'f> {
    group: &'g Group,
    name: String,
    place: Place<'f>,
    command: Command,
    input: Option<Input>,
    seconds: f64,
    megabytes: u64,
    meanwhile: Option<(Duration, Deed<'f>)>,
    outputs: Vec<String>,
    leaves: Vec<String>,
    says: Option<String>,
    check: Option<Check<'f>>,
}

impl<'g, 'f> Case<'g, 'f> {
    fn new(group: &'g Group, name: String, place: Place<'f>) -> Self {
        Self {
            group,
            name,
            place,
            command: Command::new(env!("CARGO_BIN_EXE_weightinit")),
            input: None,
            seconds: SECONDS,
            megabytes: MEGABYTES,
            meanwhile: None,
            outputs: Vec::new(),
            leaves: Vec::new(),
            says: None,
            check: None,
        }
    }

    pub(crate) fn folder(&self) -> &Folder {
        match &self.place {
            Place::Own(folder) => folder,
            Place::Shared(folder) => folder,
        }
    }

    /// A file that is there before.
    pub(crate) fn file(self, name: &str, contents: impl AsRef<[u8]>) -> Self {
        std::fs::write(self.folder().path(name), contents).unwrap();
        self
    }

    /// Whatever else is to be there before.
    pub(crate) fn prepared(self, prepare: impl FnOnce(&Folder)) -> Self {
        prepare(self.folder());
        self
    }

    pub(crate) fn arguments(mut self, arguments: &[&str]) -> Self {
        self.command.args(arguments);
        self
    }

    /// The same, separated by spaces.
    pub(crate) fn words(self, arguments: &str) -> Self {
        self.arguments(&arguments.split(' ').collect::<Vec<_>>())
    }

    /// A script of bash in place of the program, which it finds as `$weightinit`. Only what it `exec`s is measured.
    pub(crate) fn script(mut self, script: &str) -> Self {
        self.command = Command::new("bash");
        self.command.args(["-c", script]).env("weightinit", env!("CARGO_BIN_EXE_weightinit"));
        self
    }

    /// Anything else of the command, such as who runs it.
    pub(crate) fn command(mut self, change: impl FnOnce(&mut Command)) -> Self {
        change(&mut self.command);
        self
    }

    pub(crate) fn input(mut self, input: Input) -> Self {
        self.input = Some(input);
        self
    }

    /// Seconds that it may take, in a release build on a quiet machine.
    pub(crate) fn seconds(mut self, seconds: f64) -> Self {
        self.seconds = seconds;
        self
    }

    pub(crate) fn megabytes(mut self, megabytes: u64) -> Self {
        self.megabytes = megabytes;
        self
    }

    /// Sends a signal, after which it has to end.
    pub(crate) fn signal(mut self, signal: Signal, after: Duration) -> Self {
        self.meanwhile = Some((after, Deed::Signal(signal)));
        self
    }

    /// Does something while it runs.
    pub(crate) fn meanwhile(mut self, after: Duration, deed: impl FnOnce() + 'f) -> Self {
        self.meanwhile = Some((after, Deed::Other(Box::new(deed))));
        self
    }

    /// A file that is there if it succeeds, and otherwise only if it was there before.
    pub(crate) fn writes(mut self, name: &str) -> Self {
        self.outputs.push(name.to_owned());
        self
    }

    /// A file that may be there afterwards, however it ends.
    pub(crate) fn leaves(mut self, name: &str) -> Self {
        self.leaves.push(name.to_owned());
        self
    }

    /// What stderr has somewhere.
    pub(crate) fn says(mut self, text: &str) -> Self {
        self.says = Some(text.to_owned());
        self
    }

    /// What else has to be so when it has ended.
    pub(crate) fn check(mut self, check: impl FnOnce(&Found, &Folder) -> Result<(), String> + 'f) -> Self {
        self.check = Some(Box::new(check));
        self
    }

    /// Runs it. It has to end in one of these ways.
    pub(crate) fn ends(mut self, ways: &[i32]) -> Found {
        let mut command = std::mem::replace(&mut self.command, Command::new(""));
        let text = written(&command);
        command.current_dir(self.folder().folder.path());
        let before = files(self.folder());
        let patience = (self.seconds * STRETCH * PATIENCE, self.megabytes * 2);
        let found = Run { command, input: self.input.take(), patience, meanwhile: self.meanwhile.take() }.run();
        let after = files(self.folder());
        let mut wrong = self.judge(&found, ways);
        wrong.extend(self.judge_files(&before, &after, found.code));
        let (check, says) = (self.check.take(), self.says.take());
        wrong.extend(check.and_then(|check| check(&found, self.folder()).err()));
        wrong.extend(says.filter(|text| !found.stderr.contains(text)).map(|text| format!("does not say '{text}'")));
        self.record(&text, &found, &wrong);
        found
    }

    /// What is wrong with how a run ended, what it said and what it took.
    fn judge(&self, found: &Found, ways: &[i32]) -> Vec<String> {
        let Found { code, seconds, megabytes, ref stderr, stderr_bytes, .. } = *found;
        let has = |texts: &[&str]| texts.iter().any(|text| stderr.contains(text));
        let most_seconds = self.seconds * STRETCH;
        let mut wrong = Vec::new();
        let mut add = |is_wrong: bool, text: String| wrong.extend(is_wrong.then_some(text));
        add(has(&["panicked at", "stack backtrace"]) || code == 101, "it panicked".into());
        add(has(&["memory allocation of", "has overflowed its stack"]), "it aborted".into());
        add(found.ended.is_some(), format!("ended from outside: {}", found.ended.unwrap_or_default()));
        add(found.ended.is_none() && !ways.contains(&code), format!("it ended by {code}, expected one of {ways:?}"));
        add(matches!(code, 1 | 2) && !is_explained(stderr), "no message".into());
        let control = |c: char| c.is_control() && !matches!(c, '\n' | '\t');
        add(stderr.contains(control), "control characters on stderr".into());
        add(stderr_bytes > MOST_STDERR, format!("{stderr_bytes} bytes on stderr"));
        add(seconds > most_seconds, format!("{seconds:.1} s, it may take {most_seconds:.1} s"));
        add(megabytes > self.megabytes, format!("{megabytes} MB of memory, it may take {} MB", self.megabytes));
        let late = found.after_signal.filter(|after| *after > SIGNAL_SECONDS);
        add(late.is_some(), format!("{:.1} s from the signal to its end", late.unwrap_or_default()));
        wrong
    }

    /// What is wrong with the files in the folder.
    fn judge_files(&self, before: &BTreeSet<String>, after: &BTreeSet<String>, code: i32) -> Vec<String> {
        let is_output = |name: &String| code == 0 && self.outputs.contains(name);
        let left = after.difference(before).filter(|name| !is_output(name) && !self.leaves.contains(name));
        // What another run has left unfinished is the program's own.
        let own = |name: &str| name.ends_with(".weightinit-part") || name.ends_with(".weightinit-journal");
        let lost = before.difference(after).filter(|name| !own(name) && !self.leaves.contains(name));
        let missing = self.outputs.iter().filter(|name| code == 0 && !after.contains(*name));
        let left = left.map(|name| format!("left behind: {name:?}"));
        left.chain(lost.chain(missing).map(|name| format!("missing: {name:?}"))).collect()
    }

    fn record(self, command: &str, found: &Found, wrong: &[String]) {
        let Self { group, name, .. } = self;
        let mut results = group.results.borrow_mut();
        results.cases += 1;
        results.seconds += found.seconds;
        let measured = format!("code {}, {:.2} s, {} MB", found.code, found.seconds, found.megabytes);
        let said: String = found.stderr.trim_end().chars().take(300).collect();
        eprintln!("{}: {name}: {measured}{}", group.name, if wrong.is_empty() { "" } else { ", WRONG" });
        let is_known = KNOWN.contains(&(group.name, name.as_str()));
        if wrong.is_empty() {
            results.mended.extend(is_known.then_some(name));
            return;
        }
        let text = format!("{}: {name}: {}\n    {command}\n    {measured}: {said:?}", group.name, wrong.join("; "));
        if is_known { &mut results.known } else { &mut results.wrong }.push(text);
    }
}

/// A command as somebody could type it, as far as a line goes.
fn written(command: &Command) -> String {
    let arguments: Vec<_> = command.get_args().map(|argument| argument.to_string_lossy()).collect();
    arguments.join(" ").chars().take(300).collect()
}

/// Whether a run that did not succeed says why: an error, or what `verify` found.
fn is_explained(stderr: &str) -> bool {
    stderr.lines().any(|line| {
        line.starts_with("error: ") || line.ends_with(" differences") || line.contains(" tensors are suspicious ")
    })
}

/// All that is in a folder and the folders in it, by their paths.
fn files(folder: &Folder) -> BTreeSet<String> {
    fn add(root: &Path, folder: &Path, names: &mut BTreeSet<String>) {
        // A folder that may not be read has nothing to be found.
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            names.insert(path.strip_prefix(root).unwrap().to_string_lossy().into_owned());
            // Links are not followed.
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                add(root, &path, names);
            }
        }
    }
    let mut names = BTreeSet::new();
    add(folder.folder.path(), folder.folder.path(), &mut names);
    names
}
