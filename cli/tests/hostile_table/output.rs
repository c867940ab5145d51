//! Where the program writes: files that are there already, partial files and journals that are something else, streams
//! that are closed, and signals at any moment.

use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::time::Duration;

use rustix::process::Signal;

use crate::case::{DONE, EITHER, Found, Group, REFUSED, all};
use crate::common::Folder;

const SPEC: &str = "default = \"ones\"\n[[tensor]]\nname = \"w\"\nshape = [4, 6]\n";
const BIG: &str = "seed = 7\ndefault = \"uniform\"\n\
    [[tensor]]\nname = \"a\"\nshape = [30000001]\n[[tensor]]\nname = \"b\"\nshape = [9999999]\n";
const OUT: &str = "o.safetensors";
const PART: &str = ".o.safetensors.weightinit-part";
const JOURNAL: &str = ".o.safetensors.weightinit-journal";
const INIT: &[&str] = &["init", "s.toml", "-o", OUT, "--backend", "cpu"];
/// The user that owns nothing.
const NOBODY: &str = "setpriv --reuid 65534 --regid 65534 --clear-groups";

fn folder(script: &str) -> Folder {
    let folder = Folder::with("s.toml", SPEC);
    let done = std::process::Command::new("bash").args(["-ec", script]).current_dir(folder.folder.path()).status();
    assert!(done.unwrap().success(), "{script}");
    folder
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

#[test]
fn outputs() {
    let group = &mut Group::new("output");
    attributes(group);
    in_the_way(group);
    umasks(group);
    streams(group);
    verdicts(group);
    signals(group);
    std::mem::replace(group, Group::new("output")).finish();
}

/// What a file has, its successor has.
fn attributes(group: &mut Group) {
    for mode in ["600", "640", "444", "664", "755", "000"] {
        let folder = folder(&format!("echo old > {OUT}; chmod {mode} {OUT}"));
        let has_mode = move |_: &Found, folder: &Folder| {
            let found = std::fs::metadata(folder.path(OUT)).unwrap().permissions().mode() & 0o7777;
            if format!("{found:03o}") == mode { Ok(()) } else { Err(format!("mode {mode} became {found:o}")) }
        };
        for options in [&[][..], &["--resume"]] {
            let case = group.case_in(&folder, format!("mode {mode} is kept {options:?}"));
            case.arguments(INIT).arguments(options).check(has_mode).ends(DONE);
        }
    }
    if is_root() {
        let folder = folder(&format!("echo old > {OUT}; chown 1000:1001 {OUT}"));
        let is_theirs = |_: &Found, folder: &Folder| {
            let found = std::fs::metadata(folder.path(OUT)).unwrap();
            if (found.uid(), found.gid()) == (1000, 1001) { Ok(()) } else { Err("another owner".into()) }
        };
        group.case_in(&folder, "owner and group are kept").arguments(INIT).check(is_theirs).ends(DONE);
        // Who cannot keep a group lets the new one do no more than everybody.
        let folder = self::folder(&format!("chmod 777 .; echo old > {OUT}; chown 1000:1001 {OUT}; chmod 660 {OUT}"));
        let is_private = |_: &Found, folder: &Folder| {
            let found = std::fs::metadata(folder.path(OUT)).unwrap().permissions().mode() & 0o7777;
            if found == 0o600 { Ok(()) } else { Err(format!("mode {found:o}")) }
        };
        let script = format!("exec {NOBODY} \"$weightinit\" {}", INIT.join(" "));
        let case = group.case_in(&folder, "another's group").script(&script).says("its group 1001 cannot be kept");
        case.check(is_private).ends(DONE);
    }
    let folder = folder(&format!("echo old > {OUT}; ln {OUT} other"));
    let other_stays = |_: &Found, folder: &Folder| keeps(folder, "other", b"old\n");
    group.case_in(&folder, "a hard link is not followed").arguments(INIT).check(other_stays).ends(DONE);
}

fn keeps(folder: &Folder, name: &str, bytes: &[u8]) -> Result<(), String> {
    if folder.read(name) == bytes { Ok(()) } else { Err(format!("DATA LOSS: {name} was overwritten")) }
}

/// Something else under the partial file's name, or the journal's.
fn in_the_way(group: &mut Group) {
    for (what, script, says) in [
        ("a hard link", "echo precious > victim; ln victim NAME", "another name of a file"),
        ("a link", "echo precious > victim; ln -s victim NAME", "no ordinary file"),
        ("a dangling link", "ln -s nothing NAME", "no ordinary file"),
        ("a directory", "mkdir NAME", "no ordinary file"),
        ("a FIFO", "mkfifo NAME", "no ordinary file"),
        ("/dev/zero", "ln -s /dev/zero NAME", "no ordinary file"),
    ] {
        for name in [PART, JOURNAL] {
            for options in [&[][..], &["--resume"]] {
                let folder = folder(&script.replace("NAME", name));
                let is_untouched = |_: &Found, folder: &Folder| {
                    let is_there = folder.path("victim").exists();
                    if folder.path("nothing").exists() {
                        Err("it made what the link leads to".into())
                    } else if is_there {
                        keeps(folder, "victim", b"precious\n")
                    } else {
                        Ok(())
                    }
                };
                let case = group.case_in(&folder, format!("{name} is {what} {options:?}"));
                let case = case.arguments(INIT).arguments(options).check(is_untouched);
                case.says(name).says(says).ends(REFUSED);
            }
        }
    }
    for options in [&[][..], &["--resume"]] {
        for (size, ways) in [("3G", if options.is_empty() { DONE } else { REFUSED }), ("200M", DONE)] {
            let folder = folder(&format!("truncate -s {size} {JOURNAL}"));
            let case = group.case_in(&folder, format!("the journal is a hole of {size} {options:?}"));
            case.arguments(INIT).arguments(options).writes(OUT).ends(ways);
        }
    }
    if is_root() {
        let folder = folder(&format!("touch {PART}; chmod 444 {PART}; chown 65534 ."));
        let script = format!("exec {NOBODY} \"$weightinit\" {}", INIT.join(" "));
        group.case_in(&folder, "another's partial file").script(&script).says("weightinit-part").ends(REFUSED);
    }
    let script = format!(
        "echo precious > v; \"$weightinit\" {} & p=$!; while [ ! -s {PART} ]; do sleep 0.001; done; kill -STOP $p; \
         ln -sf v {PART}; kill -CONT $p; wait $p",
        INIT.join(" ")
    );
    let folder = Folder::with("s.toml", BIG);
    let is_untouched = |_: &Found, folder: &Folder| keeps(folder, "v", b"precious\n");
    let case = group.case_in(&folder, "the partial file is replaced by a link meanwhile");
    // A run that was quicker than the link has written its file.
    case.script(&script).seconds(4.0).leaves("v").leaves(PART).leaves(OUT).check(is_untouched).ends(EITHER);
}

fn umasks(group: &mut Group) {
    if !is_root() {
        return;
    }
    for umask in ["000", "077", "0177", "0377", "0777"] {
        let folder = folder("chown 65534 .");
        let script = format!("umask {umask}; exec {NOBODY} \"$weightinit\" {}", INIT.join(" "));
        group.case_in(&folder, format!("umask {umask}")).script(&script).writes(OUT).ends(DONE);
    }
}

fn streams(group: &mut Group) {
    let fill = "\"$weightinit\" fill --shape 5000000 --init normal --backend cpu -o -";
    let init = format!("\"$weightinit\" {}", INIT.join(" "));
    let explain = "\"$weightinit\" init s.toml --explain";
    for (name, script, ways) in [
        ("stdout is /dev/full", format!("exec {fill} > /dev/full"), REFUSED),
        ("stdout is closed: fill", format!("exec {fill} >&-"), REFUSED),
        ("stdout is /dev/null: fill", format!("exec {fill} > /dev/null"), DONE),
        ("stdout is closed: --explain", format!("exec {explain} >&-"), REFUSED),
        ("stdout is /dev/null: --explain", format!("exec {explain} >/dev/null"), DONE),
        ("stdout is /dev/full: --explain", format!("exec {explain} >/dev/full"), REFUSED),
        ("stdout is closed: init", format!("exec {init} >&-"), DONE),
        ("stderr is closed", format!("exec {init} 2>&-"), DONE),
        ("stdin is closed", format!("exec {init} <&-"), DONE),
        ("all are closed", format!("exec {init} <&- >&- 2>&-"), DONE),
        ("stderr is /dev/full", format!("exec {init} 2>/dev/full"), DONE),
        ("a reader that takes one byte", format!("set -o pipefail; {fill} | head -c1 >/dev/null"), DONE),
        ("a reader that takes all", format!("set -o pipefail; {fill} | (sleep 0.2; md5sum)"), DONE),
    ] {
        group.case(name).file("s.toml", SPEC).script(&script).leaves(OUT).ends(ways);
    }
}

/// A check that could not be reported has not passed, and one that failed fails whoever listens.
fn verdicts(group: &mut Group) {
    let folder = Folder::with("s.toml", SPEC).and("t.toml", SPEC.replace("ones", "zeros"));
    folder.ok(INIT);
    for (options, spec) in [("", "s"), ("--json", "s"), ("--json", "t"), ("--statistics", "t")] {
        for (to, redirected) in [("a closed pipe", "> >(exec true)"), ("/dev/full", "> /dev/full")] {
            let verify = format!("\"$weightinit\" verify {OUT} --spec {spec}.toml {options} --backend cpu");
            let name = format!("verify {options} of {spec}.toml to {to}");
            // The reader is gone before anything is written to it.
            let script = format!("exec {redirected}; sleep 0.1; exec {verify}");
            group.case_in(&folder, name).script(&script).ends(REFUSED);
        }
        let verify =
            format!("exec \"$weightinit\" verify {OUT} --spec {spec}.toml {options} --backend cpu > /dev/null");
        let ways = if spec == "s" { DONE } else { REFUSED };
        group.case_in(&folder, format!("verify {options} of {spec}.toml, read")).script(&verify).ends(ways);
    }
    let many: String = (0..3000).map(|number| format!("[[tensor]]\nname = \"t{number}\"\nshape = [2]\n")).collect();
    let folder = folder.and("many.toml", format!("default = \"ones\"\n{many}"));
    let is_short = |found: &Found, _: &Folder| {
        let lines: Vec<_> = found.stderr.lines().collect();
        let last = format!("{OUT}: 3001 differences");
        let is_right = lines.len() == 22 && lines[20] == "and 2981 more" && lines[21] == last;
        if is_right { Ok(()) } else { Err(format!("{} lines, the last is {:?}", lines.len(), lines.last())) }
    };
    let case = group.case_in(&folder, "verify of a list that shares nothing with the file");
    case.arguments(&["verify", OUT, "--spec", "many.toml", "--backend", "cpu"]).check(is_short).ends(REFUSED);
}

fn signals(group: &mut Group) {
    let ends = |signal: Signal| [0, 128 + signal.as_raw(), -signal.as_raw()];
    let moments: &[u64] = if all() { &[0, 2, 5, 10, 20, 50, 100, 150, 200, 250] } else { &[2, 60] };
    for signal in [Signal::INT, Signal::TERM, Signal::HUP] {
        for milliseconds in moments {
            let case = group.case(format!("{signal:?} after {milliseconds} ms")).file("s.toml", BIG).writes(OUT);
            case.arguments(INIT).signal(signal, Duration::from_millis(*milliseconds)).ends(&ends(signal));
        }
    }
    let long = |name: &str, file: (&str, &str), arguments: &str, backend: &str| {
        let arguments: Vec<_> = arguments.split(' ').chain(["--backend", backend]).collect();
        let case = group.case(format!("SIGINT in {name} on {backend}")).file(file.0, file.1).leaves("a.npy");
        let case = case.arguments(&arguments).seconds(6.0).megabytes(900);
        case.signal(Signal::INT, Duration::from_millis(600)).ends(&[0, 130]);
    };
    let orthogonal = "fill --init orthogonal --layout torch -o a.npy --shape";
    long("an orthogonal matrix", ("s.toml", SPEC), &format!("{orthogonal} 3000x3000"), "cpu");
    long("an orthogonal matrix", ("s.toml", SPEC), &format!("{orthogonal} 2000x2000"), "gpu");
    long("a bench", ("s.toml", SPEC), "bench --size 100000000 --rounds 1000", "cpu");
    let case = group.case("SIGINT in devices --all").arguments(&["devices", "--all"]).seconds(6.0);
    case.signal(Signal::INT, Duration::from_millis(600)).ends(&[0, 130]);
    // Whoever reads sleeps, and the program waits for room in the pipe.
    let script = "exec > >(sleep 5); exec \"$weightinit\" fill --shape 5000000 --init normal --backend cpu -o -";
    let case = group.case("SIGTERM while the reader sleeps").script(script).seconds(3.0);
    case.signal(Signal::TERM, Duration::from_millis(600)).ends(&[143]);
}
