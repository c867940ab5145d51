//! Ranks that are killed and started again, damaged files, jobs that meet: the same files in the end.

#![cfg(unix)]

mod common;

use std::collections::BTreeMap;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use common::{Folder, said};
use weightinit::{DType, Fill, Law, cpu};

/// 7 tensors of 16 MB, one of 200 MB: quick to compute, and a journal has lines.
fn spec() -> String {
    let mut spec = "seed = 7\ndefault = \"uniform\"\n[[tensor]]\nname = \"big\"\nshape = [50000001]\n".to_owned();
    for number in 0..7 {
        spec += &format!("[[tensor]]\nname = \"t{number}\"\nshape = [4000, 1000]\n");
    }
    spec
}

fn folder() -> Folder {
    Folder::with("spec.toml", spec())
}

const INIT: [&str; 6] = ["init", "spec.toml", "--backend", "cpu", "-o", "m"];

fn with<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&INIT[..], more].concat()
}

fn files(folder: &Folder) -> BTreeMap<String, Vec<u8>> {
    let entries = std::fs::read_dir(folder.path("m")).unwrap().map(Result::unwrap);
    entries.map(|entry| (entry.file_name().into_string().unwrap(), std::fs::read(entry.path()).unwrap())).collect()
}

fn start(folder: &Folder, division: &[&str], rank: u64, ranks: u64) -> Child {
    let (rank, ranks) = (rank.to_string(), ranks.to_string());
    let options = [division, &["--resume", "--rank", &rank, "--world-size", &ranks]].concat();
    folder.command(&with(&options)).stderr(Stdio::null()).spawn().unwrap()
}

fn random(seed: u64, count: u64) -> Vec<u64> {
    let words = Fill::new(0, Law::Bits, DType::U32, count).unwrap().with_seed(seed);
    cpu::bytes(&words).unwrap().chunks_exact(4).map(|w| u64::from(u16::from_le_bytes([w[0], w[1]]))).collect()
}

/// Kills ranks at random moments, starts them again until all have ended by themselves, and compares.
fn kill(division: &[&str], rounds: u64) {
    const RANKS: u64 = 3;
    let undisturbed = folder();
    let begun = Instant::now();
    for rank in 0..RANKS {
        assert!(start(&undisturbed, division, rank, RANKS).wait().unwrap().success());
    }
    let duration = begun.elapsed();
    let expected = files(&undisturbed);
    drop(undisturbed);
    let mut killed = 0;
    for round in 0..rounds {
        let folder = folder();
        let mut left: Vec<u64> = (0..RANKS).collect();
        for (attempt, moments) in random(round, 8 * RANKS).chunks(RANKS as usize).enumerate() {
            let running: Vec<_> = left.iter().map(|rank| (*rank, start(&folder, division, *rank, RANKS))).collect();
            left.clear();
            for ((rank, mut child), moment) in running.into_iter().zip(moments) {
                if attempt < 4 {
                    std::thread::sleep(duration.mul_f64(*moment as f64 / 65536.0 / 4.0));
                    // It may have ended.
                    let _ = child.kill();
                }
                match child.wait().unwrap().code() {
                    Some(code) => assert_eq!(code, 0, "rank {rank} in round {round}"),
                    None => {
                        killed += 1;
                        left.push(rank);
                    }
                }
            }
            if left.is_empty() {
                break;
            }
        }
        assert!(left.is_empty());
        let found = files(&folder);
        assert!(found.keys().eq(expected.keys()), "{:?}", found.keys());
        assert!(found == expected, "round {round}");
    }
    eprintln!("{killed} ranks killed");
}

#[test]
fn killed_ranks_finish_with_the_same_files() {
    kill(&["--shard-size", "40MB"], 2);
    kill(&["--partition", "flat"], 1);
}

#[test]
#[ignore = "minutes: scripts/distributed-test runs it"]
fn killed_ranks_finish_with_the_same_files_many_times() {
    kill(&["--shard-size", "40MB"], 20);
    for partition in ["tensor", "rows", "cols", "flat"] {
        kill(&["--partition", partition], 5);
    }
}

/// Small files, and where the header of the first ends.
fn small() -> (Folder, BTreeMap<String, Vec<u8>>) {
    let folder = Folder::with(
        "spec.toml",
        "default = \"normal\"\n[[tensor]]\nname = \"a\"\nshape = [1000]\n[[tensor]]\nname = \"b\"\nshape = [1000]\n",
    );
    folder.ok(&with(&["--shard-size", "5KB"]));
    let files = files(&folder);
    assert_eq!(files.len(), 3);
    (folder, files)
}

const FIRST: &str = "model-00001-of-00002.safetensors";

#[test]
fn complete_files_are_left_alone() {
    let (folder, expected) = small();
    let path = folder.path("m").join(FIRST);
    let resume = ["--shard-size", "5KB", "--resume"];
    let age = |path: &std::path::Path| std::fs::metadata(path).unwrap().modified().unwrap();
    let before = age(&path);
    std::thread::sleep(Duration::from_millis(20));
    let output = folder.run(&with(&resume));
    let text = said(&output);
    assert!(text.contains("8.00 kB in 2 tensors, 2 files, 2 complete already, in "), "{text}");
    assert_eq!(age(&path), before);
    let output = folder.run(&with(&[&resume[..], &["--verify-existing"]].concat()));
    assert!(said(&output).contains(", 2 complete already, in "), "{}", said(&output));
    assert_eq!(age(&path), before);

    // A byte that is another: seen when it is computed again.
    let mut broken = expected[FIRST].clone();
    let at = broken.len() - 5;
    broken[at] ^= 1;
    std::fs::write(&path, &broken).unwrap();
    folder.ok(&with(&resume));
    assert!(files(&folder)[FIRST] == broken);
    let output = folder.run(&with(&[&resume[..], &["--verify-existing"]].concat()));
    let expected_text = format!("m/{FIRST}: byte {at} is not what the job says; the file is written anew\n");
    assert!(said(&output).contains(&expected_text), "{}", said(&output));
    assert!(files(&folder) == expected);

    // What a run has left that was killed as it gave the file its name.
    for left in [".weightinit-part", ".weightinit-journal"] {
        let left = folder.path("m").join(format!(".{FIRST}{left}"));
        std::fs::write(&left, "left").unwrap();
        folder.ok(&with(&resume));
        assert!(!left.exists());
    }
    assert!(files(&folder) == expected);

    // One that is cut off, also within its header, and one that is not there.
    for length in [at, 50, 0] {
        std::fs::write(&path, &expected[FIRST][..length]).unwrap();
        let output = folder.run(&with(&resume));
        let text = said(&output);
        let cut = format!("m/{FIRST}: it has {length} bytes, not {}, and is written anew\n", at + 5);
        assert!(text.contains(&cut) && text.contains(", 1 complete already, in "), "{text}");
        assert!(files(&folder) == expected);
    }
    std::fs::remove_file(&path).unwrap();
    folder.ok(&with(&resume));
    assert!(files(&folder) == expected);
    // Without it, all is written anew.
    std::fs::write(&path, &broken).unwrap();
    folder.ok(&with(&["--shard-size", "5KB"]));
    assert!(files(&folder) == expected);
}

/// What is half written is computed again, too, where complete files are.
#[test]
fn half_written_files_are_not_trusted_either() {
    let folder = folder();
    let division = ["--partition", "flat"];
    let [part, journal] = ["part", "journal"]
        .map(|end| folder.path("m").join(format!(".rank-00000-of-00001.safetensors.weightinit-{end}")));
    let lines = || std::fs::read_to_string(&journal).unwrap_or_default().lines().count();
    // A machine may be so fast that a run has ended when it is killed.
    let is_cut = (0..20).any(|_| {
        let _ = std::fs::remove_dir_all(folder.path("m"));
        let mut child = start(&folder, &division, 0, 1);
        while lines() < 2 && child.try_wait().unwrap().is_none() {
            std::thread::sleep(Duration::from_millis(1));
        }
        let _ = child.kill();
        child.wait().unwrap();
        lines() >= 2
    });
    assert!(is_cut);
    let mut bytes = std::fs::read(&part).unwrap();
    bytes[10_000_000] ^= 1;
    std::fs::write(&part, bytes).unwrap();
    folder.ok(&with(&["--partition", "flat", "--rank", "0", "--world-size", "1", "--resume", "--verify-existing"]));
    let found = files(&folder);
    std::fs::remove_dir_all(folder.path("m")).unwrap();
    assert!(start(&folder, &division, 0, 1).wait().unwrap().success());
    assert!(found == files(&folder));
}

/// While a rank's part is missing, the folder belongs to its job.
#[test]
fn unfinished_folders_belong_to_their_job() {
    let (whole, expected) = small();
    drop(whole);
    let folder = Folder::with(
        "spec.toml",
        "default = \"normal\"\n[[tensor]]\nname = \"a\"\nshape = [1000]\n[[tensor]]\nname = \"b\"\nshape = [1000]\n",
    );
    let rank = |rank, more: &[&str]| {
        folder.run(&with(&[&["--shard-size", "5KB", "--world-size", "2", "--rank", rank], more].concat()))
    };
    assert!(rank("1", &[]).status.success());
    let names = files(&folder).into_keys().collect::<Vec<_>>();
    assert_eq!(names.len(), 2);
    assert!(names[0].starts_with(".model.weightinit-job-"), "{names:?}");
    let output = rank("0", &["--seed", "8"]);
    let expected_text = format!(
        "error: cannot write m: another job's files are in it: {}; give what that job was begun with, or another \
         folder, or remove them\n",
        names[0]
    );
    assert_eq!(said(&output).lines().last().unwrap(), expected_text.trim_end());
    assert!(rank("0", &[]).status.success());
    assert!(files(&folder) == expected);
}

#[test]
fn interrupted_runs_keep_what_is_complete() {
    let folder = folder();
    let mut child = folder.command(&with(&["--shard-size", "40MB"])).stderr(Stdio::piped()).spawn().unwrap();
    let first = folder.path("m/model-00002-of-00005.safetensors");
    while !first.exists() && child.try_wait().unwrap().is_none() {
        std::thread::sleep(Duration::from_millis(1));
    }
    interrupt(child.id());
    let output = child.wait_with_output().unwrap();
    if output.status.code() == Some(130) {
        let text = said(&output);
        let expected = "interrupted; complete files stay, and the same command with --resume goes on after them\n";
        assert!(text.ends_with(expected), "{text}");
        assert!(files(&folder).keys().all(|name| !name.ends_with("-part")));
    }
    folder.ok(&with(&["--shard-size", "40MB", "--resume"]));
    let names: Vec<_> = files(&folder).into_keys().collect();
    assert_eq!(names.len(), 6, "{names:?}");
}

fn interrupt(process: u32) {
    let killed = std::process::Command::new("kill").args(["-INT", &process.to_string()]).status().unwrap();
    assert!(killed.success());
}
