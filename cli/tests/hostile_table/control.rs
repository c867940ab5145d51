//! What shows that the table can fail: each kind of fault, by a script that has it.

use std::time::Duration;

use rustix::process::Signal;

use crate::case::{Case, DONE, Group, REFUSED};

#[test]
fn every_fault_is_found() {
    let right = "echo 'error: no' >&2; exit 1";
    find(right, REFUSED, &[], |case| case.says("no"));
    find("touch a", DONE, &[], |case| case.writes("a"));
    find(right, DONE, &["it ended by 1, expected one of [0]"], |case| case);
    find(right, REFUSED, &["does not say 'yes'"], |case| case.says("yes"));
    find(right, REFUSED, &["another fault"], |case| case.check(|_, _| Err("another fault".to_owned())));
    find("exit 1", REFUSED, &["no message"], |case| case);
    find("echo 'thread panicked at a' >&2", DONE, &["it panicked"], |case| case);
    find("echo 'memory allocation of 9 bytes failed' >&2; kill -ABRT $$", &[-6], &["it aborted"], |case| case);
    find("kill -SEGV $$", DONE, &["it ended by -11, expected one of [0]"], |case| case);
    find("printf '\\033[31m' >&2", DONE, &["control characters on stderr"], |case| case);
    find("head -c 70000 /dev/zero | tr '\\0' a >&2", DONE, &["70000 bytes on stderr"], |case| case);
    find("touch a", DONE, &["left behind: \"a\""], |case| case);
    find("touch a; exit 1", REFUSED, &["no message", "left behind: \"a\""], |case| case.writes("a"));
    find("rm a", DONE, &["missing: \"a\""], |case| case.file("a", ""));
    find("true", DONE, &["missing: \"a\""], |case| case.writes("a"));
    find("exec sleep 60", DONE, &["it went on and on", "s, it may take"], |case| case.seconds(0.01));
    // Bash takes a few megabytes itself.
    let memory = "a=$(head -c 100000000 /dev/zero | tr '\\0' a)";
    find(memory, DONE, &["it took more and more memory", "MB of memory, it may take 20 MB"], |case| case.megabytes(20));
    let deaf = "trap '' INT; sleep 3.9";
    find(deaf, DONE, &["s from the signal to its end"], |case| case.signal(Signal::INT, Duration::from_millis(200)));
    // Not by INT, which what runs in the background of a script ignores.
    find("exec sleep 60", &[-15], &[], |case| case.signal(Signal::TERM, Duration::from_millis(200)));
}

/// Runs a script, of which all these faults are found and no other.
fn find(
    script: &str,
    ways: &[i32],
    faults: &[&str],
    change: impl for<'g> FnOnce(Case<'g, 'static>) -> Case<'g, 'static>,
) {
    let group = Group::new("faults on purpose");
    change(group.case(script).script(script)).ends(ways);
    let wrong = group.wrong();
    assert_eq!(wrong.len(), usize::from(!faults.is_empty()), "{script}: {wrong:?}");
    let missed: Vec<_> = faults.iter().filter(|fault| !wrong[0].contains(**fault)).collect();
    assert!(missed.is_empty(), "{script}: {missed:?} not in {wrong:?}");
}
