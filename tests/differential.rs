//! Random requests on every adapter against the CPU reference: initializers, types, structures, updates, shapes,
//! ranges, seeds, streams and places in a buffer as a number draws them, a new one in each run.
//!
//! `WEIGHTINIT_DIFFERENTIAL_SEED` repeats a run, `WEIGHTINIT_DIFFERENTIAL_CASES` says how many cases it has, or which:
//! `5000`, or `117..118`. `scripts/check/differential` runs it longer. A run that is told no cases has 300 and compiles
//! kernels for 12 s; it says how many cases an adapter had the kernels for.

mod common;
#[path = "common/differential/mod.rs"]
mod differential;
#[cfg(target_os = "linux")]
#[path = "implementations/drivers.rs"]
mod drivers;

use std::collections::BTreeSet;
use std::io::Write;
use std::ops::Range;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use common::gpus;
use differential::case::{ROUND, pair, pairs};
use differential::run::{Judged, Run};
use differential::tester::{Tester, difference, is_exact};
use weightinit::Request;
use weightinit::init::REGISTRY;

/// What a line of the other process begins with that names an adapter.
const ADAPTER: &str = "adapter: ";

/// After so many failures a run ends.
const MOST_FAILURES: usize = 100;

/// Past the test harness, which would keep it to itself until something fails.
fn say(text: &str) {
    // Nobody needs this line who has closed the terminal.
    let _ = writeln!(std::io::stderr(), "differential: {text}");
}

#[test]
fn random_requests_have_the_bits_of_the_cpu_on_every_adapter() {
    let run = Run::of_environment();
    say(&run.command());
    // A process of its own: only a process's environment can add drivers.
    let mut command = Command::new(std::env::current_exe().expect("this test's own path"));
    command.args(["--ignored", "--exact", "random_requests_of_this_process", "--nocapture"]);
    command.envs(run.variables()).stderr(Stdio::inherit());
    #[cfg(target_os = "linux")]
    command.env_remove("VK_DRIVER_FILES").env("VK_ADD_DRIVER_FILES", drivers::drivers().join(":"));
    let output = command.output().expect("this test's own program runs");
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "what is above is found again by {}\n{printed}", run.command());
    let adapters: Vec<_> = printed.lines().filter(|line| line.starts_with(ADAPTER)).collect();
    assert!(!adapters.is_empty(), "no adapter: scripts/test installs one");
    if cfg!(target_os = "linux") {
        let missing = ["llvmpipe", "SwiftShader"].into_iter().find(|name| !adapters.iter().any(|a| a.contains(name)));
        assert_eq!(missing, None, "{adapters:?}");
    }
}

#[test]
#[ignore = "the other half of random_requests_have_the_bits_of_the_cpu_on_every_adapter"]
fn random_requests_of_this_process() {
    let (run, start) = (Run::of_environment(), Instant::now());
    let end = run.seconds.map(|seconds| start + Duration::from_secs(seconds));
    let mut testers: Vec<_> = gpus().into_iter().map(Tester::new).collect();
    let (mut done, mut far, mut updates, mut refused) = (0, 0, 0, 0);
    let mut failures = Vec::new();
    for cases in run.parts(ROUND) {
        let part = run.with_cases(cases);
        let (cases, wrong) = part.draw();
        failures.extend(wrong);
        std::thread::scope(|scope| {
            let running: Vec<_> =
                testers.iter_mut().map(|tester| scope.spawn(|| tester.failures(&part, &cases, end))).collect();
            failures.extend(running.into_iter().flat_map(|thread| thread.join().expect("no panic on the way")));
        });
        done += cases.len() as u64;
        far += cases.iter().filter(|(case, _)| case.request.elements().end >> 32 > 0).count();
        updates += cases.iter().filter(|(case, _)| matches!(case.request, Request::Update(_))).count();
        refused += cases.iter().map(|(case, _)| case.refused).sum::<u64>();
        say(&format!("{done} of {} cases in {:.1} s", run.cases.end - run.cases.start, start.elapsed().as_secs_f64()));
        if failures.len() >= MOST_FAILURES {
            break;
        }
    }
    let mut unused = Vec::new();
    let share = 100 * refused / (refused + done).max(1);
    say(&format!("{updates} updates, {far} beyond 2^32; {share}% of what was drawn was refused"));
    for Tester { name, cases, kernels, seconds, .. } in testers {
        say(&format!("{cases} cases, {} kernels, {seconds:.1} s on {name}", kernels.len()));
        writeln!(std::io::stdout(), "{ADAPTER}{name}").expect("a reader");
        unused.extend((cases == 0).then_some(name));
    }
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
    assert_eq!(unused, [""; 0], "adapters that had no time for a single case");
    // Laws that a type's numbers are too coarse for are refused too, and cases are drawn to be near that.
    assert!(done < 100 || share < 75, "{share}% of what was drawn was refused: cases miss what is served");
}

/// Those cases of a run that are wanted by number and initializer.
fn some(run: &Run, wanted: impl Fn(u64, &str) -> bool) -> Vec<Judged> {
    let numbers = run.cases.clone().filter(|number| wanted(*number, pair(run.seed, *number).0));
    numbers.flat_map(|number| run.with_cases(number..number + 1).draw().0).collect()
}

/// Every bit counts, in the destination and around it; where a tolerance is promised, what is far beyond it.
#[test]
fn wrong_bits_are_reported() {
    let run = Run { seed: 1, cases: 0..5000, seconds: None };
    let cases = some(&run, |number, name| number < ROUND || name == "normal_native" || name == "orthogonal");
    let mut tolerant = 0;
    for (case, expected) in &cases {
        assert_eq!(difference(case, expected, expected), None, "{case}");
        let place = case.place();
        let wrong = |bytes: Range<usize>, bits: u8| {
            let mut found = expected.clone();
            found[bytes].iter_mut().for_each(|byte| *byte ^= bits);
            difference(case, expected, &found).is_some()
        };
        assert!(wrong(0..1, 1) && wrong(place.start - 1..place.start, 0x80), "{case}");
        assert!(place.end == expected.len() || wrong(place.end..place.end + 1, 1), "{case}");
        if is_exact(&case.request) {
            assert!(wrong(place.start..place.start + 1, 1) && wrong(place.end - 1..place.end, 0x80), "{case}");
        } else if wrong(place, 0xff) {
            tolerant += 1;
        } else {
            // A tolerance can be more than an 8-bit type holds, since that saturates.
            assert_eq!(case.request.dtype().size(), 1, "{case}");
        }
    }
    assert!(tolerant > 10 && cases.len() > 2 * tolerant, "{tolerant} of {}", cases.len());
}

/// From the GPU to the report, with a reference that is wrong by one bit in every other case.
#[test]
fn reports_name_the_wrong_cases_and_how_to_repeat_them() {
    let run = Run { seed: 1, cases: 0..5000, seconds: None };
    // Of kernels that are compiled in no time.
    let mut cases = some(&run, |_, name| matches!(name, "zeros" | "ones" | "constant" | "eye"));
    cases.truncate(6);
    for (case, expected) in cases.iter_mut().step_by(2) {
        expected[case.place().start] ^= 1;
    }
    let mut tester = Tester::new(gpus().into_iter().next().expect("an adapter: scripts/test installs one"));
    let failures = tester.failures(&run, &cases, None);
    assert_eq!((cases.len(), failures.len()), (6, 3), "{failures:?}");
    for (case, _) in cases.iter().step_by(2) {
        let failure = failures.iter().find(|failure| failure.contains(&case.to_string()));
        let failure = failure.unwrap_or_else(|| panic!("{case} is not in {failures:?}"));
        let alone = run.with_cases(case.number..case.number + 1);
        assert!(failure.contains(&alone.command()), "{failure}");
        assert!(failure.contains("elements differ, first at index"), "{failure}");
        assert_eq!(alone.draw().0[0].0, *case);
    }
}

#[test]
fn a_long_run_has_every_initializer_with_every_type() {
    let met: BTreeSet<_> = (0..5000).map(|number| pair(1, number)).collect();
    let without = REGISTRY.iter().map(|entry| entry.name).filter(|name| !met.iter().any(|(met, _)| met == name));
    let without: Vec<_> = without.collect();
    // On the CPU they take a feature, which scripts/test has.
    let orthogonal = ["orthogonal", "delta_orthogonal"].as_slice();
    assert_eq!(without, if cfg!(feature = "faer") { &[] } else { orthogonal });
    assert_eq!(met.len(), pairs().len());
}
