//! `weightinit folder`: what it times, and what it says of it.

mod common;

use common::{Folder, said};
use serde_json::Value;

const KERNELS: [&str; 8] =
    ["write limit", "bits", "constant", "uniform", "normal", "normal_quantile", "normal_native", "truncated_normal"];

#[test]
fn every_kernel_of_every_backend_is_timed() {
    let output = Folder::new().ok(&["bench", "--size", "5000", "--rounds", "3", "--dtype", "bf16", "--json"]);
    let report: Value = serde_json::from_slice(&output).unwrap();
    assert_eq!((&report["elements"], &report["rounds"], &report["dtype"]), (&5000.into(), &3.into(), &"bf16".into()));
    let results = report["results"].as_array().unwrap();
    let of = |processor: &str| results.iter().filter(|result| result["processor"].as_str() == Some(processor)).count();
    let processors: std::collections::BTreeSet<_> =
        results.iter().map(|result| result["processor"].as_str().unwrap()).collect();
    assert!(processors.len() >= 2, "an adapter and the CPU: {processors:?}");
    for processor in &processors {
        assert_eq!(of(processor), KERNELS.len());
    }
    for (result, kernel) in results.iter().zip(KERNELS.iter().cycle()) {
        assert_eq!(result["kernel"], **kernel);
        let bytes = if *kernel == "bits" || *kernel == "write limit" { 20_000 } else { 10_000 };
        assert_eq!(result["bytes"], bytes);
        let seconds = |which: &str| result["seconds"][which].as_f64().unwrap();
        assert!(seconds("minimum") <= seconds("median"), "{result}");
        let rate = result["elements_per_second"]["median"].as_f64().unwrap();
        assert!((rate * seconds("median").max(1e-9) / 5000.0 - 1.0).abs() < 1e-9);
        let is_limit = *kernel == "write limit";
        assert!(!is_limit || result["share_of_write_limit"] == 1.0, "{result}");
    }
}

#[test]
fn the_table_is_by_processor() {
    let output = Folder::new().ok(&["bench", "--backend", "cpu", "--size", "1000", "--rounds", "1"]);
    let text = String::from_utf8(output).unwrap();
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("1000 elements of f32, 1 rounds, interleaved"));
    assert!(lines.next().unwrap().starts_with("CPU reference on "));
    assert!(lines.next().unwrap().starts_with("  kernel"));
    for kernel in KERNELS {
        assert!(lines.next().unwrap().starts_with(&format!("  {kernel} ")));
    }
    assert_eq!(lines.next(), None);
}

#[test]
fn impossible_benches_are_refused() {
    let refused = |arguments: &[&str], expected: &str| {
        let output = Folder::new().run(&[&["bench"], arguments].concat());
        assert_eq!((output.status.code(), said(&output).as_str()), (Some(1), expected));
    };
    for rounds in ["0", "1001", "4294967295"] {
        let output = Folder::new().run(&["bench", "--rounds", rounds]);
        let text = format!("error: invalid value '{rounds}' for '--rounds <ROUNDS>': {rounds} is not in 1..=1000\n");
        assert!(output.status.code() == Some(2) && said(&output).starts_with(&text), "{}", said(&output));
    }
    let output = Folder::new().run(&["bench", "--backend", "cpu", "--size", "1000000000000000"]);
    assert!(
        said(&output).starts_with("error: there is no memory for the elements: it takes 4.00 PB;"),
        "{}",
        said(&output)
    );
    refused(&["--size", "0"], "error: shape [0] has no elements; every dimension must be at least 1\n");
    refused(
        &["--backend", "cpu", "--adapter", "0"],
        "error: --adapter goes with --backend gpu or auto, not with cpu\n",
    );
    let output = Folder::new().run(&["bench", "--adapter", "0", "--size", "99999999999"]);
    assert!(said(&output).contains("give a smaller --size"), "{}", said(&output));
}
