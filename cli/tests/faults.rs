//! What goes wrong while a file is written: killed and interrupted runs, full disks, closed pipes, two runs at once.
//! Whatever it is, no file that is not whole has the final name.

#![cfg(unix)]

mod common;

use std::io::Read;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use common::{Folder, example, said};

const OUT: &str = "out.safetensors";
const PART: &str = ".out.safetensors.weightinit-part";
const JOURNAL: &str = ".out.safetensors.weightinit-journal";

/// 160 MB, quick to compute: two intervals of the journal, and a rest.
const MODEL: &str = "seed = 7\ndefault = \"uniform\"\n\
    [[tensor]]\nname = \"a\"\nshape = [30000001]\n\
    [[tensor]]\nname = \"b\"\nshape = [9999999]\n";

/// Bytes that are on disk at the first line of the journal.
const RECORDED: usize = 64 << 20;

const INIT: [&str; 6] = ["init", "spec.toml", "-o", OUT, "--backend", "cpu"];
const RESUME: [&str; 7] = ["init", "spec.toml", "-o", OUT, "--backend", "cpu", "--resume"];

fn folder() -> Folder {
    Folder::with("spec.toml", MODEL)
}

/// The bytes of a run that nothing disturbs, and how long it takes.
fn undisturbed() -> (Vec<u8>, Duration) {
    let folder = folder();
    let begun = Instant::now();
    folder.ok(&INIT);
    let duration = begun.elapsed();
    (folder.read(OUT), duration)
}

/// Runs the program where files may have 100 000 000 bytes at most.
fn run_limited(folder: &Folder, arguments: &[&str]) -> Output {
    let program = folder.command(&[]).get_program().to_owned();
    let mut shell = Command::new("sh");
    shell.args(["-c", "ulimit -f 195312; exec \"$0\" \"$@\""]).arg(program).args(arguments);
    shell.current_dir(folder.folder.path()).output().unwrap()
}

/// A folder with a run that stopped after the first line of the journal.
fn stopped() -> Folder {
    let folder = folder();
    stop(&folder);
    folder
}

/// Kills a run that is to be resumed when it has written to the journal, and makes of it one that was killed at the
/// first line, at whatever moment this came.
fn stop(folder: &Folder) {
    loop {
        let mut child = folder.command(&RESUME).stderr(Stdio::null()).spawn().unwrap();
        let journal = || std::fs::read_to_string(folder.path(JOURNAL)).unwrap_or_default();
        while journal().lines().count() < 2 && child.try_wait().unwrap().is_none() {
            std::thread::sleep(Duration::from_millis(1));
        }
        child.kill().unwrap();
        child.wait().unwrap();
        let journal = journal();
        if let Some(first) = journal.lines().skip(1).find(|line| line.parse::<u64>().is_ok()) {
            let begun = journal.lines().next().unwrap();
            std::fs::write(folder.path(JOURNAL), format!("{begun}\n{first}\n")).unwrap();
            break;
        }
        // It was quicker.
        std::fs::remove_file(folder.path(OUT)).unwrap();
    }
    assert_eq!(folder.files(), [JOURNAL, PART, "spec.toml"]);
}

fn exchange(path: &Path, offset: u64, byte: u8) {
    let file = std::fs::OpenOptions::new().write(true).open(path).unwrap();
    file.write_all_at(&[byte], offset).unwrap();
}

/// Every second run is to be resumed; the others replace a file.
fn kill(times: u32) {
    let (whole, first) = undisturbed();
    // The first run of all may take twice as long as others, and most would end before they are killed.
    let duration = first.min(undisturbed().1);
    let folder = folder();
    let mut resumed = 0;
    for round in 0..times {
        let (arguments, before) = if round % 2 == 0 { (&RESUME[..], None) } else { (&INIT[..], Some("old")) };
        if let Some(before) = before {
            std::fs::write(folder.path(OUT), before).unwrap();
        }
        // Multiples of the golden ratio come everywhere, and to no moment twice.
        let moment = duration.mul_f64(f64::from(round + 1) * 0.618_034 % 1.0);
        let mut child = folder.command(arguments).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(moment);
        child.kill().unwrap();
        child.wait().unwrap();

        let found = std::fs::read(folder.path(OUT)).ok();
        let untouched = found.as_deref() == before.map(str::as_bytes);
        assert!(untouched || found.as_ref() == Some(&whole), "round {round}, after {moment:?}");
        let output = folder.run(arguments);
        assert!(output.status.success(), "{}", said(&output));
        resumed += u32::from(said(&output).contains("going on at"));
        assert!(folder.read(OUT) == whole, "round {round}, after {moment:?}");
        assert_eq!(folder.files(), [OUT, "spec.toml"]);
        std::fs::remove_file(folder.path(OUT)).unwrap();
    }
    eprintln!("{times} runs killed, {resumed} of them resumed");
}

#[test]
fn killed_runs_leave_no_half_file() {
    kill(8);
}

#[test]
#[ignore = "minutes: scripts/check/faults runs it"]
fn killed_runs_leave_no_half_file_at_a_hundred_moments() {
    kill(100);
}

#[test]
fn resumed_runs_write_the_same_bytes() {
    let (whole, _) = undisturbed();
    let folder = stopped();
    // What is not in the journal may be anything.
    let part = folder.path(PART);
    exchange(&part, RECORDED as u64 + 1000, !whole[RECORDED + 1000]);
    let output = folder.run(&RESUME);
    // From the end of the journal, where a chunk of the CPU ends too.
    let text = said(&output);
    assert!(text.starts_with("out.safetensors: going on at 67.11 MB of 160.00 MB\n"), "{text}");
    assert!(folder.read(OUT) == whole);
    assert_eq!(folder.files(), [OUT, "spec.toml"]);

    // What is in the journal is not computed again: a byte that is exchanged there stays.
    let folder = stopped();
    exchange(&folder.path(PART), 1000, !whole[1000]);
    folder.ok(&RESUME);
    let found = folder.read(OUT);
    assert_eq!(found[1000], !whole[1000]);
    assert!(found[1001..] == whole[1001..]);
}

#[test]
fn journals_are_read_with_care() {
    let (whole, _) = undisturbed();
    let goes_on = |change: &dyn Fn(&Folder)| {
        let folder = stopped();
        change(&folder);
        let output = folder.run(&RESUME);
        assert!(output.status.success(), "{}", said(&output));
        assert!(folder.read(OUT) == whole);
        assert_eq!(folder.files(), [OUT, "spec.toml"]);
        said(&output).contains("going on at 67.11 MB")
    };
    let append = |text: &'static str| {
        move |folder: &Folder| {
            let journal = folder.read(JOURNAL);
            std::fs::write(folder.path(JOURNAL), [&journal[..], text.as_bytes()].concat()).unwrap();
        }
    };
    // A line that the power failure cut, and one that is no number.
    assert!(goes_on(&append("9999999")));
    assert!(goes_on(&append("x\n")));
    // A journal without a whole first line, and one that promises more than there is.
    assert!(!goes_on(&|folder| std::fs::write(folder.path(JOURNAL), "{\"contract\":1").unwrap()));
    assert!(!goes_on(&|folder| std::fs::write(folder.path(PART), "short").unwrap()));
    // Twice stopped.
    assert!(goes_on(&stop));
    // Without --resume everything is written, and nothing kept.
    let folder = stopped();
    exchange(&folder.path(PART), 1000, !whole[1000]);
    folder.ok(&INIT);
    assert!(folder.read(OUT) == whole);
    assert_eq!(folder.files(), [OUT, "spec.toml"]);
}

#[test]
fn other_jobs_are_not_resumed() {
    let folder = stopped();
    let (part, journal) = (folder.read(PART), folder.read(JOURNAL));
    let refused = |spec: &str, options: &[&str], difference: &str| {
        std::fs::write(folder.path("spec.toml"), spec).unwrap();
        let output = folder.run(&[&RESUME[..], options].concat());
        assert_eq!(
            said(&output),
            format!(
                "error: cannot write out.safetensors: {PART} was begun {difference}; \
                 give what it was begun with, or remove it to start anew\n"
            )
        );
        assert_eq!(output.status.code(), Some(1));
        assert_eq!(folder.files(), [JOURNAL, PART, "spec.toml"]);
    };
    refused(MODEL, &["--seed", "8"], "with seed 7, not 8");
    refused(MODEL, &["--dtype", "f16"], "with tensor 'a' as F32 [30000001], not F16 [30000001]");
    refused(&MODEL.replace("9999999", "9999998"), &[], "with tensor 'b' as F32 [9999999], not F32 [9999998]");
    refused(&MODEL.replace("\"b\"", "\"c\""), &[], "with tensor 'b' where now 'c' is");
    let fewer = &MODEL[..MODEL.rfind("[[tensor]]").unwrap()];
    refused(fewer, &[], "with 2 tensors, not 1");
    let other = "with another initializer, parameter or stream of tensor 'a'";
    refused(&MODEL.replace("\"uniform\"", "{ init = \"uniform\", high = 2 }"), &[], other);
    refused(&MODEL.replace("\"uniform\"", "{ init = \"uniform\", stream = 5 }"), &[], other);
    refused(&MODEL.replace("\"uniform\"", "\"normal\""), &[], other);
    assert!(folder.read(PART) == part && folder.read(JOURNAL) == journal);
    // The job itself still is.
    std::fs::write(folder.path("spec.toml"), MODEL).unwrap();
    assert!(said(&folder.run(&RESUME)).contains("going on at 67.11 MB"));
}

/// Starts a run that takes long, and waits until it is writing.
fn start(folder: &Folder, options: &[&str]) -> std::process::Child {
    let spec = example("llama-3.2-1b.toml");
    let arguments = [&["init", &spec, "-o", OUT, "--backend", "cpu"], options].concat();
    let child = folder.command(&arguments).stderr(Stdio::piped()).spawn().unwrap();
    let begun = Instant::now();
    while std::fs::metadata(folder.path(PART)).map_or(0, |metadata| metadata.len()) == 0 {
        assert!(begun.elapsed().as_secs() < 60, "nothing is being written");
        std::thread::sleep(Duration::from_millis(5));
    }
    child
}

fn signal(child: &std::process::Child, name: &str) {
    assert!(Command::new("kill").args([name, &child.id().to_string()]).status().unwrap().success());
}

#[test]
fn signals_end_runs_in_good_order() {
    for (name, code) in [("-INT", 130), ("-TERM", 143), ("-HUP", 129)] {
        let folder = Folder::new();
        let child = start(&folder, &[]);
        signal(&child, name);
        let output = child.wait_with_output().unwrap();
        assert_eq!((said(&output).as_str(), output.status.code()), ("interrupted; nothing was written\n", Some(code)));
        assert_eq!(folder.files(), [""; 0]);
    }
    let folder = Folder::new();
    let child = start(&folder, &["--resume"]);
    signal(&child, "-TERM");
    let output = child.wait_with_output().unwrap();
    let text = "interrupted; the same command goes on from here\n";
    assert_eq!((said(&output).as_str(), output.status.code()), (text, Some(143)));
    assert_eq!(folder.files(), [JOURNAL, PART]);
}

#[test]
fn two_runs_do_not_write_one_file() {
    let folder = Folder::new();
    let first = start(&folder, &[]);
    // So that it certainly still writes.
    signal(&first, "-STOP");
    let spec = example("resnet50.toml");
    let refused = "error: cannot write out.safetensors: another run of weightinit is writing it; \
                   wait until it ends, or give another name\n";
    // By any way to the same file.
    std::os::unix::fs::symlink(OUT, folder.path("link.safetensors")).unwrap();
    std::fs::write(folder.path(OUT), "old").unwrap();
    for options in [&["-o", OUT][..], &["-o", OUT, "--resume"], &["-o", "./out.safetensors"]] {
        let output = folder.run(&[&["init", &spec, "--backend", "cpu"], options].concat());
        let expected =
            if options[1].starts_with('.') { refused.replace("write out", "write ./out") } else { refused.to_owned() };
        assert_eq!((said(&output), output.status.code()), (expected, Some(1)));
    }
    let output = folder.run(&["fill", "--shape", "9", "--init", "ones", "-o", "link.safetensors"]);
    assert_eq!((said(&output), output.status.code()), (refused.replace("write out", "write link"), Some(1)));
    assert_eq!(folder.read(OUT), b"old");
    // Other files may be written meanwhile.
    folder.ok(&["fill", "--shape", "9", "--init", "ones", "-o", "other.safetensors"]);
    signal(&first, "-CONT");
    signal(&first, "-INT");
    assert_eq!(first.wait_with_output().unwrap().status.code(), Some(130));
    folder.ok(&["fill", "--shape", "9", "--init", "ones", "-o", OUT, "--backend", "cpu"]);
    assert_eq!(folder.files(), ["link.safetensors", "other.safetensors", OUT]);
}

#[test]
fn readers_may_have_enough() {
    let mut spec = "default = \"zeros\"\n".to_owned();
    for index in 0..2000 {
        spec += &format!("[[tensor]]\nname = \"{index:0100}\"\nshape = [2]\n");
    }
    let folder = Folder::with("spec.toml", spec);
    let reads_one_byte = |arguments: &[&str]| {
        let mut child = folder.command(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdout.take().unwrap().read_exact(&mut [0]).unwrap();
        let output = child.wait_with_output().unwrap();
        (output.status.code(), said(&output))
    };
    let quiet = (Some(0), String::new());
    let cpu = ["--backend", "cpu"];
    assert_eq!(
        reads_one_byte(&[&["fill", "--shape", "9999999", "--init", "uniform", "-o", "-"], &cpu[..]].concat()),
        quiet
    );
    assert_eq!(reads_one_byte(&["init", "spec.toml", "--explain"]), quiet);
    assert_eq!(reads_one_byte(&["plan", "spec.toml"]), quiet);
    // The file is made all the same.
    let (code, text) = reads_one_byte(&["init", "spec.toml", "--explain", "-o", OUT, "--backend", "cpu"]);
    assert!(code == Some(0) && text.contains("4000 parameters in 2000 tensors"), "{text}");
    assert!(folder.path(OUT).exists());
}

#[test]
fn full_disks() {
    // A limit is known before anything is written.
    let folder = folder();
    for arguments in [&INIT[..], &RESUME] {
        let output = run_limited(&folder, arguments);
        let text = "error: cannot write out.safetensors: it takes 160.00 MB (160000256 bytes), \
                    and files may have 99999744 bytes (ulimit -f); raise the limit\n";
        assert_eq!((said(&output).as_str(), output.status.code()), (text, Some(1)));
        assert_eq!(folder.files(), ["spec.toml"]);
    }
    // But not of a file that a shell has opened: there it is an error, and no signal that ends the process.
    let fill = "ulimit -f 195312; exec \"$0\" fill --shape 99999999 --init ones -o - --backend cpu >out";
    let mut shell = Command::new("sh");
    shell.args(["-c", fill]).arg(folder.command(&[]).get_program()).current_dir(folder.folder.path());
    let output = shell.output().unwrap();
    let text = "error: File too large (os error 27)\n";
    assert_eq!((said(&output).as_str(), output.status.code()), (text, Some(1)));

    // So is what a disk has no room for.
    let folder =
        Folder::with("spec.toml", "default = \"zeros\"\n[[tensor]]\nname = \"a\"\nshape = [1125899906842624]\n");
    for options in [&[][..], &["--resume"]] {
        let output = folder.run(&[&INIT[..], options].concat());
        let text = said(&output);
        let begin = "error: cannot write out.safetensors: it takes 4.50 PB (4503599627370";
        assert!(text.starts_with(begin), "{text}");
        assert!(text.ends_with(" bytes) are free in .; free some space or give another place\n"), "{text}");
        assert_eq!(output.status.code(), Some(1));
        assert_eq!(folder.files(), ["spec.toml"]);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn full_pipes() {
    let folder = Folder::new();
    let mut command = folder.command(&["fill", "--shape", "99999", "--init", "ones", "-o", "-", "--backend", "cpu"]);
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = command.stdout(full).stderr(Stdio::piped()).spawn().unwrap().wait_with_output().unwrap();
    let text = "error: No space left on device (os error 28)\n";
    assert_eq!((said(&output).as_str(), output.status.code()), (text, Some(1)));
}
