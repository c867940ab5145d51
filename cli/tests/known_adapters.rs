//! Adapters that are known to work are opened without another process, and known no more once one has ended a process.
#![cfg(target_os = "linux")]

mod common;
#[path = "../../tests/implementations/drivers.rs"]
mod drivers;

use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Command, Output};
use std::time::{Duration, SystemTime};

use common::{Folder, said};

const OPTIONS: [&str; 9] = ["fill", "--shape", "4", "--init", "normal", "--backend", "gpu", "-o", "-"];

/// The program in `folder`, with a driver of its own and the cache in that folder.
fn fill(folder: &Folder) -> Command {
    let mut command = folder.command(&OPTIONS);
    command.env("WEIGHTINIT_CACHE", folder.path("cache")).env("VK_DRIVER_FILES", folder.path("driver.json"));
    command
}

/// A folder with a driver that works: lavapipe.
fn folder() -> Folder {
    let [lavapipe, _] = drivers::drivers();
    Folder::with("driver.json", std::fs::read(lavapipe).unwrap())
}

fn fills(folder: &Folder) -> Vec<u8> {
    let Output { status, stdout, stderr } = fill(folder).output().unwrap();
    assert!(status.success(), "{}", String::from_utf8_lossy(&stderr));
    stdout
}

/// The files of the cache.
fn files(folder: &Folder) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder.path("cache"));
    entries.map_or_else(|_| Vec::new(), |entries| entries.map(|entry| entry.unwrap().path()).collect())
}

fn modified(path: &PathBuf) -> SystemTime {
    std::fs::metadata(path).unwrap().modified().unwrap()
}

/// Gives the driver's file other contents of the same size and time.
fn replace(folder: &Folder, contents: impl FnOnce(&str) -> String) {
    let path = folder.path("driver.json");
    let (before, time) = (std::fs::read_to_string(&path).unwrap(), modified(&path));
    let mut after = contents(&before);
    assert!(after.len() <= before.len());
    after += &" ".repeat(before.len() - after.len());
    std::fs::write(&path, after).unwrap();
    std::fs::File::options().write(true).open(&path).unwrap().set_modified(time).unwrap();
}

/// The driver called older than what it is taken for, which ends the process that opens it.
fn break_driver(folder: &Folder) {
    replace(folder, |text| {
        let mut manifest: serde_json::Value = serde_json::from_str(text).unwrap();
        manifest["ICD"]["api_version"] = "1.0.0".into();
        manifest.to_string()
    });
}

#[test]
fn a_known_adapter_gives_the_same_bytes() {
    let folder = folder();
    let tried = fills(&folder);
    let [file] = &files(&folder)[..] else { panic!("{:?}", files(&folder)) };
    let text = std::fs::read_to_string(file).unwrap();
    assert!(text.contains("llvmpipe") && text.contains("libvulkan_lvp") && text.contains("driver.json"), "{text}");
    // Written again, by the process that took it.
    assert_eq!(fills(&folder), tried);
    assert_eq!((files(&folder), std::fs::read_to_string(file).unwrap()), (vec![file.clone()], text.clone()));
    let by_cpu = folder.ok(&["fill", "--shape", "4", "--init", "normal", "--backend", "cpu", "-o", "-"]);
    assert_eq!(by_cpu, tried);
    // Another process would not know what only the file says.
    let more = text.replace("\"adapters\":[", "\"adapters\":[[7,\"nobody's\"],");
    std::fs::write(file, &more).unwrap();
    assert_eq!(fills(&folder), tried);
    assert!(std::fs::read_to_string(file).unwrap().contains("nobody's"), "another process was asked");
}

fn variables(folder: &Folder) -> [(&'static str, PathBuf); 2] {
    [("WEIGHTINIT_CACHE", folder.path("cache")), ("VK_DRIVER_FILES", folder.path("driver.json"))]
}

/// Once without a name, and from then on with it.
#[test]
fn a_driver_that_ends_the_process_is_known_no_more() {
    let folder = folder();
    let bytes = fills(&folder);
    break_driver(&folder);
    let ended = fill(&folder).output().unwrap();
    assert!(ended.status.signal().is_some() && ended.stdout.is_empty(), "{}: {}", ended.status, said(&ended));
    assert!(files(&folder).is_empty(), "{:?}", files(&folder));
    for _ in 0..2 {
        let refused = fill(&folder).output().unwrap();
        let text = said(&refused);
        assert!(refused.status.code() == Some(1) && text.contains("left out"), "{}: {text}", refused.status);
        assert!(files(&folder).is_empty(), "{:?}", files(&folder));
    }
    // Whoever may use the CPU is told and served.
    let mut auto = folder.command(&["fill", "--shape", "4", "--init", "normal", "-o", "-"]);
    let auto = auto.envs(variables(&folder)).output().unwrap();
    assert!(said(&auto).contains("left out") && said(&auto).contains("using the CPU"), "{}", said(&auto));
    assert_eq!(auto.stdout, bytes);
}

/// A driver that has changed is tried first, so that it has a name at once.
#[test]
fn a_driver_that_has_changed_is_tried_again() {
    let folder = folder();
    fills(&folder);
    break_driver(&folder);
    let file = std::fs::File::options().write(true).open(folder.path("driver.json")).unwrap();
    file.set_modified(SystemTime::now() + Duration::from_secs(10)).unwrap();
    let refused = fill(&folder).output().unwrap();
    assert!(refused.status.code() == Some(1) && said(&refused).contains("left out"), "{}", said(&refused));
    assert!(files(&folder).is_empty(), "{:?}", files(&folder));
}

#[test]
fn what_stands_in_the_cache_is_harmless() {
    let folder = folder();
    let bytes = fills(&folder);
    let [file] = &files(&folder)[..] else { panic!("{:?}", files(&folder)) };
    let whole = std::fs::read(file).unwrap();
    for contents in [&whole[..whole.len() / 2], b"", b"null", b"\xff"] {
        std::fs::write(file, contents).unwrap();
        assert!(fills(&folder) == bytes && std::fs::read(file).unwrap() == whole);
    }
    // An adapter of another name is not this one.
    let other = String::from_utf8(whole.clone()).unwrap().replace("llvmpipe", "a card");
    std::fs::write(file, other).unwrap();
    assert!(fills(&folder) == bytes && std::fs::read(file).unwrap() == whole);
}

#[test]
fn the_cache_may_be_anywhere_or_nowhere() {
    let folder = folder();
    let bytes = fills(&folder);
    let silent = |command: &mut Command| {
        let output = command.output().unwrap();
        assert_eq!((output.status.code(), said(&output).as_str()), (Some(0), ""));
        assert_eq!(output.stdout, bytes);
    };
    std::fs::remove_dir_all(folder.path("cache")).unwrap();
    silent(fill(&folder).env("WEIGHTINIT_CACHE", ""));
    // Places where nothing can be made, even by root.
    for place in ["/proc/weightinit", "/dev/null", "/dev/null/weightinit"] {
        silent(fill(&folder).env("WEIGHTINIT_CACHE", place));
    }
    assert_eq!(folder.files(), ["driver.json"]);
    silent(fill(&folder).env_remove("WEIGHTINIT_CACHE").env("XDG_CACHE_HOME", folder.path("caches")));
    assert_eq!(std::fs::read_dir(folder.path("caches/weightinit")).unwrap().count(), 1);
}
