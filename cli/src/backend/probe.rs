//! Which adapters can be opened, by a process of its own: a driver that is too old or broken may end the process that
//! opens it, and nothing within that process could prevent it.

use std::ffi::OsString;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};
use weightinit::gpu::describe;
use weightinit::wgpu::Adapter;
use weightinit::{DType, Fill, Law, Request};

use super::adapters::{NONE, list, open};
use super::circumstances::loaded;
use super::known::{self, Known};
use crate::progress::note;

/// The hidden subcommand that is the other process.
const SUBCOMMAND: &str = "probe";

/// The command that this program is started by, where it is not this executable but a module of an interpreter.
static ITSELF: OnceLock<Vec<OsString>> = OnceLock::new();

/// Says by which command this program is started; by this executable if `command` is empty.
pub(crate) fn set_itself(command: &[OsString]) {
    ITSELF.get_or_init(|| command.to_vec());
}

/// This program once more.
fn itself() -> Result<Command> {
    let Some((program, arguments)) = ITSELF.get().and_then(|command| command.split_first()) else {
        return Ok(Command::new(std::env::current_exe().context("cannot find this program again")?));
    };
    let mut command = Command::new(program);
    command.args(arguments);
    Ok(command)
}

/// What the other process says, a line each.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Line {
    /// It opens the adapter of that number and name.
    Opens(usize, String),
    /// The adapter works.
    Works,
    /// The adapter does not, for this reason.
    Fails(String),
    /// At the end: what it has loaded.
    Loaded(Vec<PathBuf>),
}

/// Adapters to try: all, those that serve, in their order, up to the first, or one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    All,
    First,
    Number(usize),
    /// None: they are listed, which loads every driver.
    Listed,
}

/// An adapter that was tried.
#[derive(Debug)]
pub(crate) struct Tried {
    pub(crate) number: usize,
    pub(crate) name: String,
    /// Why it cannot be used, if it cannot.
    pub(crate) failure: Option<String>,
}

/// Tries adapters in other processes, of which those that end before they are done are begun again after the adapter
/// that ended them.
pub(crate) fn tried(wanted: Wanted) -> Result<Vec<Tried>> {
    let (first, last) = match wanted {
        Wanted::All | Wanted::First => (0, usize::MAX),
        Wanted::Number(number) => (number, number),
        Wanted::Listed => (usize::MAX, usize::MAX),
    };
    let (mut tried, mut files, mut next) = (Vec::<Tried>::new(), Vec::new(), first);
    while next <= last {
        let mut command = itself()?;
        command.args([SUBCOMMAND, &next.to_string(), &last.to_string()]);
        command.args((wanted == Wanted::First).then_some("--first"));
        // What it says as it ends is for those who made the driver.
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = command.spawn().context("cannot start a process that tries the adapters")?;
        let lines = process.stdout.take().map(BufReader::new).into_iter().flat_map(BufRead::lines);
        let mut opening: Option<Tried> = None;
        for line in lines.map_while(Result::ok) {
            match (serde_json::from_str(&line), opening.take()) {
                (Ok(Line::Opens(number, name)), _) => opening = Some(Tried { number, name, failure: None }),
                (Ok(Line::Works), Some(adapter)) => tried.push(adapter),
                (Ok(Line::Fails(why)), Some(adapter)) => tried.push(Tried { failure: Some(why), ..adapter }),
                (Ok(Line::Loaded(loaded)), _) => files = loaded,
                // Drivers may say something of their own.
                (_, before) => opening = before,
            }
        }
        let status = process.wait().context("cannot wait for the process that tries the adapters")?;
        let ended = format!("the driver ended the process that opened it ({status})");
        match opening {
            Some(adapter) => {
                next = adapter.number + 1;
                tried.push(Tried { failure: Some(ended), ..adapter });
            }
            None => {
                ensure!(status.success(), "the adapters cannot be listed: {ended}");
                break;
            }
        }
    }
    if tried.iter().any(|tried| tried.failure.is_some()) {
        known::forget();
    } else if !tried.is_empty() {
        known::remember(tried.iter().map(|tried| (tried.number, tried.name.clone())).collect(), &files);
    }
    Ok(tried)
}

/// The numbers of those that can be used; others are named and left out.
pub(crate) fn usable(wanted: Wanted) -> Result<Vec<usize>> {
    let tried = tried(wanted)?;
    ensure!(!tried.is_empty(), NONE);
    for Tried { name, failure, .. } in &tried {
        failure.iter().for_each(|failure| note(&format!("{name}: {failure}; left out")));
    }
    let usable = tried.iter().filter(|tried| tried.failure.is_none()).map(|tried| tried.number);
    let usable: Vec<_> = usable.collect();
    ensure!(!usable.is_empty(), "no adapter can be used; see weightinit devices");
    Ok(usable)
}

/// The numbers of those of `adapters` that [`usable`] would find, where all that it would try are `known` to work.
pub(crate) fn usable_as_known(wanted: Wanted, adapters: &[Adapter], known: &Known) -> Result<Vec<usize>> {
    let numbers = match wanted {
        Wanted::All => 0..adapters.len(),
        Wanted::First => 0..adapters.len().min(1),
        Wanted::Number(number) => number..number + 1,
        Wanted::Listed => 0..0,
    };
    ensure!(!numbers.is_empty(), NONE);
    let is_known =
        |number: usize| adapters.get(number).is_some_and(|adapter| known.has(number, &describe(&adapter.get_info())));
    ensure!(numbers.clone().all(is_known), "an adapter has not been tried");
    Ok(numbers.collect())
}

/// The other process: tries adapters `first` to `last`, or up to one that works, and says what it does.
pub(crate) fn run(first: usize, last: usize, until_one_works: bool, say: impl Fn(&Line) -> Result<()>) -> Result<()> {
    // What a driver leaves of this process is for nobody.
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, setrlimit};
        let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
    }
    let adapters = list();
    for (number, adapter) in adapters.iter().enumerate().filter(|(number, _)| (first..=last).contains(number)) {
        say(&Line::Opens(number, describe(&adapter.get_info())))?;
        let works = try_out(adapter);
        say(&works.as_ref().map_or_else(|error| Line::Fails(format!("{error:#}")), |()| Line::Works))?;
        if works.is_ok() && until_one_works {
            break;
        }
    }
    // While the adapters are held, since their drivers go with them.
    let files = loaded();
    drop(adapters);
    say(&Line::Loaded(files))
}

/// Opens the adapter and lets it compute.
fn try_out(adapter: &Adapter) -> Result<()> {
    let (_, queue, filler) = open(adapter)?;
    let request = Request::from(Fill::new(0, Law::Constant(1.0), DType::F32, 64)?);
    let check = filler.self_check_of(&queue, std::iter::once(&request))?;
    ensure!(check.passed(), "it computes other bits than the CPU reference ({check})");
    Ok(())
}
