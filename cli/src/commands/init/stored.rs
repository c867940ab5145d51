//! Tests of what `init` writes into stores, by stores in memory.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;
use std::sync::atomic::Ordering;

use anyhow::Result;
use serde_json::Value;

use crate::store::testing::Memory;

/// Three shards of 40 MB each, and a small one.
const SPEC: &str = r#"
seed = 7
default = "uniform"
[[tensor]]
name = "a"
shape = [10000001]
[[tensor]]
name = "b"
shape = [10000000]
[[tensor]]
name = "c"
shape = [10000000]
[[tensor]]
name = "d"
shape = [1000]
"#;

const SHARDS: [&str; 2] = ["--shard-size", "40.001MB"];

/// A folder with the spec, and a store of a test's own.
struct Place {
    folder: tempfile::TempDir,
    store: Memory,
    url: String,
}

impl Place {
    fn new(name: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("spec.toml"), SPEC).unwrap();
        Self { folder, store: Memory::of(name), url: format!("memory://{name}/m") }
    }

    fn spec(&self) -> String {
        self.folder.path().join("spec.toml").display().to_string()
    }

    fn call(&self, arguments: &[&str]) -> Result<Value> {
        let arguments = ["weightinit"].iter().chain(arguments).map(OsString::from).collect();
        crate::call(&[], arguments, &mut |_, _| Ok(()))
    }

    fn init_into(&self, output: &str, more: &[&str]) -> Result<Value> {
        self.call(&[&["init", &self.spec(), "--backend", "cpu", "-o", output], more].concat())
    }

    fn init(&self, more: &[&str]) -> Result<Value> {
        self.init_into(&self.url, &[&SHARDS[..], more].concat())
    }

    fn verify(&self, below: &str) -> Result<Value> {
        self.call(&["verify", &(self.url.clone() + below), "--spec", &self.spec(), "--backend", "cpu"])
    }

    /// The files that the same job writes on a disk.
    fn files(&self, more: &[&str]) -> BTreeMap<String, Vec<u8>> {
        let path = self.folder.path().join("m");
        self.init_into(path.to_str().unwrap(), more).unwrap();
        of_folder(&path)
    }
}

fn of_folder(path: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = std::fs::read_dir(path).unwrap().map(Result::unwrap);
    entries.map(|entry| (entry.file_name().into_string().unwrap(), std::fs::read(entry.path()).unwrap())).collect()
}

fn text(error: anyhow::Error) -> String {
    format!("{error:#}")
}

const FIRST: &str = "model-00001-of-00004.safetensors";
const SECOND: &str = "model-00002-of-00004.safetensors";

/// By one process and by three, the objects are the files, and whatever reads files reads them.
#[test]
fn objects_are_the_files_on_a_disk() {
    let place = Place::new("objects_are_the_files");
    let expected = place.files(&SHARDS);
    assert_eq!(expected.len(), 5);
    place.init(&[]).unwrap();
    assert!(place.store.all("m") == expected);
    for rank in ["2", "0", "1"] {
        place
            .init_into(
                "memory://objects_are_the_files/three",
                &[&SHARDS[..], &["--world-size", "3", "--rank", rank]].concat(),
            )
            .unwrap();
    }
    assert!(place.store.all("three") == expected);
    assert_eq!(place.store.uploads().open.load(Ordering::SeqCst), 0);

    for below in ["", "/", "/model.safetensors.index.json"] {
        assert_eq!(place.verify(below).unwrap()["equal"], true, "{below}");
    }
    let mut other = expected[SECOND].clone();
    *other.last_mut().unwrap() ^= 1;
    place.store.put("m", SECOND, other);
    let found = place.verify("").unwrap();
    assert_eq!((&found["equal"], found["differences"].as_array().unwrap().len()), (&Value::Bool(false), 1));
    place.store.remove("m", SECOND);
    let expected = format!(
        "memory://objects_are_the_files/m/model.safetensors.index.json: 1 of its 4 files are missing: {SECOND}; "
    );
    assert!(text(place.verify("").unwrap_err()).starts_with(&expected));
}

/// Parts on their way are bounded, whatever the object's size.
#[test]
fn single_objects_are_files_in_few_bytes_of_memory() {
    let place = Place::new("single_objects");
    let url = format!("{}/model.safetensors", place.url);
    place.init_into(&url, &[]).unwrap();
    let path = place.folder.path().join("model.safetensors");
    place.init_into(path.to_str().unwrap(), &[]).unwrap();
    assert!(place.store.all("m")["model.safetensors"] == std::fs::read(&path).unwrap());
    let most = place.store.uploads().most_on_the_way.load(Ordering::SeqCst);
    assert!((9 << 20..=32 << 20).contains(&most), "{most}");
    let refused = text(place.init_into(&url, &["--resume"]).unwrap_err());
    assert!(refused.contains("a single object is uploaded whole or not at all"), "{refused}");
}

#[test]
fn complete_shards_are_left_alone() {
    let place = Place::new("complete_shards");
    place.init(&[]).unwrap();
    let expected = place.store.all("m");
    place.store.remove("m", SECOND);
    assert_eq!(place.init(&["--resume"]).unwrap()["complete_already"], 3);
    assert!(place.store.all("m") == expected);
    // A byte that is another: seen when it is computed again.
    let mut other = expected[FIRST].clone();
    *other.last_mut().unwrap() ^= 1;
    place.store.put("m", FIRST, other);
    assert_eq!(place.init(&["--resume"]).unwrap()["complete_already"], 4);
    assert!(place.store.all("m") != expected);
    assert_eq!(place.init(&["--resume", "--verify-existing"]).unwrap()["complete_already"], 3);
    assert!(place.store.all("m") == expected);
    // One that is cut off, and one of another job.
    place.store.put("m", FIRST, expected[FIRST][..5000].to_vec());
    assert_eq!(place.init(&["--resume"]).unwrap()["complete_already"], 3);
    assert!(place.store.all("m") == expected);
    let refused = text(place.init(&["--resume", "--seed", "8"]).unwrap_err());
    assert!(refused.contains("another job's files are in it: model.safetensors.index.json; "), "{refused}");
}

/// An upload that fails in its middle is given up: nothing of it has the object's name, and what is complete stays.
#[test]
fn failures_leave_no_half_object() {
    let place = Place::new("failures");
    place.init(&[]).unwrap();
    let expected = place.store.all("m");
    place.store.remove("m", FIRST);
    place.store.remove("m", "model.safetensors.index.json");
    // 5 parts of the first shard, 2 of the second, which is there from before.
    place.store.uploads().parts_left.store(8, Ordering::SeqCst);
    let failed = text(place.init(&[]).unwrap_err());
    assert_eq!(
        failed,
        format!(
            "complete files stay, and the same command with --resume goes on after them: cannot write \
             memory://failures/m/{SECOND}: no answer: the line was cut; check the network and where the store is \
             (AWS_REGION, AWS_DEFAULT_REGION)"
        )
    );
    let mut found = place.store.all("m");
    let marks: Vec<_> = found.keys().filter(|name| name.starts_with('.')).cloned().collect();
    assert!(marks.len() == 1 && marks[0].starts_with(".model.weightinit-job-"), "{marks:?}");
    found.remove(&marks[0]);
    found.insert("model.safetensors.index.json".to_owned(), expected["model.safetensors.index.json"].clone());
    assert!(found == expected, "{:?}", found.keys());
    assert_eq!(place.store.uploads().open.load(Ordering::SeqCst), 0);
    // Meanwhile the prefix belongs to its job.
    let refused = text(place.init(&["--seed", "8"]).unwrap_err());
    assert!(refused.contains(&format!("another job's files are in it: {}", marks[0])), "{refused}");
    place.store.uploads().parts_left.store(0, Ordering::SeqCst);
    assert_eq!(place.init(&["--resume"]).unwrap()["complete_already"], 4);
    assert!(place.store.all("m") == expected);
}

/// A run that is refused takes its mark away again.
#[test]
fn refused_runs_leave_nothing() {
    let place = Place::new("refused_runs");
    place.store.put("m", FIRST, b"no header of ours".to_vec());
    let refused = text(place.init(&[]).unwrap_err());
    assert!(refused.contains(&format!("/{FIRST}: it is there and of another job; ")), "{refused}");
    assert_eq!(place.store.all("m").into_keys().collect::<Vec<_>>(), [FIRST]);
    let refused = text(place.init(&["--local-folder"]).unwrap_err());
    assert!(refused.contains("a store is no disk of one machine; leave --local-folder out"), "{refused}");
    let refused = text(place.init_into("memory://refused_runs", &[]).unwrap_err());
    assert!(refused.contains("expected a name that ends in .safetensors"), "{refused}");
    let refused = text(place.verify("/no.safetensors").unwrap_err());
    assert_eq!(refused, "cannot open memory://refused_runs/m/no.safetensors: there is no such object");
}
