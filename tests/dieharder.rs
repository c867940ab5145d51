//! Quick tests of the dieharder battery (R. G. Brown) on the generator's words. The words are always the same, and so
//! are the p-values. `scripts/check/dieharder` runs all its tests; TestU01 is run by `scripts/check/testu01`.
#![cfg(target_os = "linux")]

#[path = "../tools/words/order.rs"]
mod order;
#[path = "common/progress.rs"]
mod progress;

use std::process::{Command, Stdio};

use order::{Order, Words, short_philox};
use weightinit::arithmetic::generator::philox::philox;
use weightinit::{DType, Fill, Law, cpu};

/// Birthday spacings, counts of ones in bytes, runs, and the share of ones.
const TESTS: [&str; 4] = ["0", "8", "15", "100"];
/// p-values of each.
const SAMPLES: &str = "20";

/// dieharder's verdicts: PASSED, WEAK or FAILED, with their lines.
fn verdicts(test: &str, words: &Words) -> Vec<(String, String)> {
    let mut battery = Command::new("dieharder")
        .args(["-g", "200", "-p", SAMPLES, "-d", test])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("dieharder: scripts/test installs it");
    // It closes the pipe when it has seen enough.
    words.write(battery.stdin.take().unwrap()).unwrap_err();
    let output = battery.wait_with_output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let table = String::from_utf8(output.stdout).unwrap();
    let verdict = |line: &str| {
        let verdict = line.rsplit('|').next()?.trim();
        ["PASSED", "WEAK", "FAILED"].contains(&verdict).then(|| (verdict.to_owned(), line.to_owned()))
    };
    let verdicts: Vec<_> = table.lines().filter_map(verdict).collect();
    assert!(!verdicts.is_empty(), "{table}");
    verdicts
}

#[test]
fn words_pass() {
    let _said = progress::progress("words_pass");
    for order in [Order::Sequential, Order::Streams, Order::Seeds] {
        for reverse_bits in [false, true] {
            for test in TESTS {
                let words = Words { order, reverse_bits, seed: 0, rounds: None };
                for (verdict, line) in verdicts(test, &words) {
                    assert_ne!(verdict, "FAILED", "{order:?}, bits reversed: {reverse_bits}: {line}");
                }
            }
        }
    }
}

/// Two rounds of Philox are too few: most tests see it. (Across streams the ones are as many as they should be.)
#[test]
fn a_broken_generator_fails() {
    let _said = progress::progress("a_broken_generator_fails");
    for order in [Order::Sequential, Order::Streams, Order::Seeds] {
        let words = Words { order, reverse_bits: false, seed: 0, rounds: Some(2) };
        let failed = |test: &&&str| verdicts(test, &words).iter().any(|(verdict, _)| verdict == "FAILED");
        assert!(TESTS.iter().filter(failed).count() >= 3, "{order:?}");
    }
}

/// The sequential order is that of a tensor's elements, and the broken generator is ours but for its rounds.
#[test]
fn words_are_those_of_tensors() {
    let words = Words { order: Order::Sequential, reverse_bits: false, seed: 77, rounds: None };
    let mut head = [0; 40_000];
    words.write(&mut head[..]).unwrap_err();
    assert!(head[..] == cpu::bytes(&Fill::new(0, Law::Bits, DType::U32, 10_000).unwrap().with_seed(77)).unwrap());
    assert_eq!(short_philox(10, [1, 2, 3, 4], [5, 6]), philox([1, 2, 3, 4], [5, 6]));
}
