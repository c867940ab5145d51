//! `plan --world-size`: what it says is what ranks write, and it holds whatever there is.

mod common;

use std::time::Instant;

use common::{Folder, said};
use safetensors::SafeTensors;
use serde_json::{Value, json};

/// Shapes that divide well and badly, one without elements, and a scalar.
const SHAPES: &str = r#"{"a": [40, 50], "b": [7], "c": [3, 100, 3], "d": [1, 9], "e": [0, 4], "f": [], "g": [1000]}"#;

fn plan(folder: &Folder, ranks: u64, division: &[&str]) -> Value {
    let ranks = ranks.to_string();
    let options = ["plan", "s.json", "--init", "normal", "--world-size", &ranks, "--json"];
    serde_json::from_slice(&folder.ok(&[&options[..], division].concat())).unwrap()
}

/// Files, elements and bytes of each rank.
fn loads(plan: &Value) -> Vec<[u64; 3]> {
    let runs = plan["ranks"].as_array().unwrap().iter();
    let mut loads = Vec::new();
    for run in runs {
        assert_eq!(run["first"], loads.len());
        let load = ["files", "elements", "bytes"].map(|field| run[field].as_u64().unwrap());
        loads.resize(run["last"].as_u64().unwrap() as usize + 1, load);
    }
    loads
}

#[test]
fn ranks_write_what_was_planned() {
    let folder = Folder::with("s.json", SHAPES);
    for division in [
        &["--shard-size", "5KB"][..],
        &["--partition", "tensor"],
        &["--partition", "rows"],
        &["--partition", "cols"],
        &["--partition", "flat"],
    ] {
        for ranks in [1, 2, 3, 5, 8] {
            let plan = plan(&folder, ranks, division);
            let loads = loads(&plan);
            assert_eq!(loads.len() as u64, ranks);
            let name = format!("m{}{ranks}", division[1]);
            for (rank, expected) in loads.iter().enumerate() {
                let before: Vec<_> = list(&folder, &name);
                let (rank, ranks) = (rank.to_string(), ranks.to_string());
                let init = ["init", "s.json", "--init", "normal", "--backend", "cpu", "-o", &name];
                folder.ok(&[&init[..], division, &["--rank", &rank, "--world-size", &ranks]].concat());
                let new: Vec<_> = list(&folder, &name).into_iter().filter(|file| !before.contains(file)).collect();
                let mut found = [new.len() as u64, 0, 0];
                for file in new {
                    let bytes = std::fs::read(folder.path(&name).join(file)).unwrap();
                    for (_, tensor) in SafeTensors::deserialize(&bytes).unwrap().tensors() {
                        found[1] += tensor.shape().iter().product::<usize>() as u64;
                        found[2] += tensor.data().len() as u64;
                    }
                }
                assert_eq!(found, *expected, "rank {rank} of {ranks}, {division:?}");
            }
        }
    }
}

fn list(folder: &Folder, name: &str) -> Vec<String> {
    let entries = std::fs::read_dir(folder.path(name)).into_iter().flatten().map(Result::unwrap);
    let names = entries.map(|entry| entry.file_name().into_string().unwrap());
    names.filter(|name| name.ends_with(".safetensors")).collect()
}

#[test]
fn the_table_is_for_people() {
    let folder = Folder::with("s.json", SHAPES);
    let plan = ["plan", "s.json", "--init", "normal", "--world-size", "4", "--partition", "rows", "--rate", "1KB"];
    let output = folder.run(&plan);
    let expected = "ranks  files  tensors  elements  bytes             seconds\n\
                    0      1      6        1062      4248   4.25 kB    4.25\n\
                    1-2    1      4        1052      4208   4.21 kB    4.21\n\
                    3      1      3        751       3004   3.00 kB    3.00\n";
    let found = String::from_utf8(output.stdout.clone()).unwrap();
    let columns =
        |text: &str| text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect::<Vec<_>>();
    assert_eq!(columns(&found), columns(expected));
    assert_eq!(
        said(&output).lines().last().unwrap(),
        "3917 elements, 15.67 kB (15668 bytes) in 7 tensors; a file a rank by --partition rows; seconds at 1.00 kB a \
         second; nothing is written"
    );
    let alone = folder.run(&["plan", "s.json", "--init", "normal", "--partition", "rows"]);
    assert_eq!(said(&alone), "error: --shard-size and --partition go with --world-size\n");
}

/// As many tensors as ranks, a hundred thousand: time and memory by sums, not by products.
#[test]
fn a_hundred_thousand_tensors_and_ranks_are_planned() {
    let shapes: serde_json::Map<_, _> = (0..100_000).map(|i| (format!("l.{i}.w"), json!([64 + i % 7, 64]))).collect();
    let folder = Folder::with("s.json", Value::Object(shapes).to_string());
    for division in [&["--shard-size", "30KB"][..], &["--partition", "rows"], &["--partition", "tensor"]] {
        let begun = Instant::now();
        let plan = plan(&folder, 100_000, division);
        // Without optimization; scripts/distributed-test holds it to a second.
        assert!(begun.elapsed().as_secs() < 60, "{:?}", begun.elapsed());
        let loads = loads(&plan);
        assert_eq!(loads.len(), 100_000);
        assert_eq!(loads.iter().map(|load| load[1]).sum::<u64>(), plan["elements"].as_u64().unwrap());
    }
}
