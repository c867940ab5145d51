//! `verify --statistics`: true files pass in every type, every kind of fault is named, and hostile files are refused.

mod common;

use std::process::Output;

use common::{Folder, said};
use serde_json::{Value, json};
use weightinit::{DType, Fill, Law, cpu};

const N: u64 = 1 << 17;

/// Laws of all kinds, as a spec and as the library has them.
fn laws() -> Vec<(&'static str, Law)> {
    vec![
        (r#"{ init = "normal", std = 0.02 }"#, Law::normal(0.0, 0.02)),
        (r#"{ init = "normal", mean = 1, std = 0.02 }"#, Law::normal(1.0, 0.02)),
        (r#"{ init = "uniform", low = -0.1, high = 0.2 }"#, Law::uniform(-0.1, 0.2)),
        (r#"{ init = "uniform", low = -0.05, high = 0.05 }"#, Law::uniform(-0.05, 0.05)),
        (r#"{ init = "truncated_normal", std = 0.5 }"#, Law::truncated_normal(0.0, 0.5, -1.0, 1.0).unwrap()),
        (r#"{ init = "exponential", rate = 2 }"#, Law::exponential(2.0).unwrap()),
        (r#"{ init = "cauchy", scale = 0.1 }"#, Law::cauchy(0.0, 0.1, 0.001).unwrap()),
        (r#"{ init = "log_normal", sigma = 1 }"#, Law::log_normal(0.0, 1.0).unwrap()),
        (
            r#"{ init = "inverse_softplus_log_uniform", floor = 0.004 }"#,
            Law::inverse_softplus_log_uniform_above(0.001, 0.1, 0.004).unwrap(),
        ),
    ]
}

/// A spec of one tensor `w`.
fn spec(law: &str, n: u64) -> String {
    format!("default = {law}\n[[tensor]]\nname = \"w\"\nshape = [{n}]\n")
}

/// A file of tensors: name, type, elements, bytes.
fn file(tensors: &[(&str, &str, u64, Vec<u8>)]) -> Vec<u8> {
    let (mut header, mut data) = (serde_json::Map::new(), Vec::new());
    for (name, dtype, elements, bytes) in tensors {
        let start = data.len();
        data.extend_from_slice(bytes);
        let info = json!({"dtype": dtype, "shape": [elements], "data_offsets": [start, data.len()]});
        header.insert((*name).to_owned(), info);
    }
    let header = serde_json::to_vec(&header).unwrap();
    [&(header.len() as u64).to_le_bytes()[..], &header, &data].concat()
}

/// Samples of `law`, each changed, as elements of `dtype`.
fn changed(law: &Law, dtype: DType, n: u64, change: impl Fn(f64) -> f64) -> Vec<u8> {
    let fill = Fill::new(0, law.clone(), dtype, n).unwrap().with_seed(3).with_stream("w");
    let bits = cpu::values(&fill).unwrap().into_iter().map(|x| dtype.bits(change(x)));
    bits.flat_map(|bits| bits.to_le_bytes()[..dtype.size() as usize].to_vec()).collect()
}

fn f32_file(law: &Law, n: u64, change: impl Fn(f64) -> f64) -> Vec<u8> {
    file(&[("w", "F32", n, changed(law, DType::F32, n, change))])
}

/// Runs `verify a.safetensors --statistics` on a file with a spec.
fn judged(contents: &[u8], spec: &str) -> Output {
    let folder = Folder::with("a.safetensors", contents).and("spec.toml", spec);
    folder.run(&["verify", "a.safetensors", "--statistics", "--spec", "spec.toml"])
}

/// Runs it without a spec, and returns its table.
fn listed(contents: &[u8]) -> String {
    let folder = Folder::with("a.safetensors", contents);
    String::from_utf8(folder.ok(&["verify", "a.safetensors", "--statistics"])).unwrap()
}

/// The fault that the only tensor is reported with.
fn fault(contents: &[u8], spec: &str) -> String {
    let output = judged(contents, spec);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert_eq!(said(&output), "a.safetensors: 1 of 1 tensors are suspicious (p below 1e-9), 0 are missing\n", "{text}");
    text.split_once("SUSPICIOUS, ").unwrap_or_else(|| panic!("no fault in {text}")).1.trim_end().to_owned()
}

#[test]
fn samples_of_every_law_and_type_pass() {
    let names = [
        ("f32", "F32"),
        ("f16", "F16"),
        ("bf16", "BF16"),
        ("f64", "F64"),
        ("f8_e4m3", "F8_E4M3"),
        ("f8_e5m2", "F8_E5M2"),
    ];
    for (text, law) in laws() {
        for (dtype, stored) in names {
            let bytes = changed(&law, dtype.parse().unwrap(), N, |x| x);
            let output = judged(&file(&[("w", stored, N, bytes)]), &spec(text, N));
            let table = String::from_utf8_lossy(&output.stdout).into_owned();
            assert!(output.status.success() && table.contains(": p ≥ "), "{text} {dtype}: {table}{}", said(&output));
        }
    }
}

/// The scale, the mean, the tails, the fineness, the law itself.
#[test]
fn faults_are_found_and_named() {
    let normal = Law::normal(0.0, 1.0);
    let of = |change: fn(f64) -> f64| fault(&f32_file(&normal, N, change), &spec(r#""normal""#, N));
    let scaled = of(|x| 1.05 * x);
    assert!(scaled.starts_with("std +2") && scaled.contains(" standard errors off, χ² "), "{scaled}");
    let moved = of(|x| x + 0.03);
    assert!(moved.starts_with("mean +1") && moved.contains(" standard errors off"), "{moved}");
    let clipped = of(|x| x.clamp(-3.4, 3.4));
    assert!(clipped.contains("min -3.4 (p ") && clipped.contains("max 3.4 (p "), "{clipped}");
    let outlier = of(|x| if x > 3.8 { 40.0 } else { x });
    assert!(outlier.contains("max 40 (p 0e0)"), "{outlier}");
    let rounded = of(|x| (x * 64.0).round() / 64.0);
    assert!(rounded.starts_with("χ² "), "{rounded}");
    let skewed = of(|x| x + 0.05 * (x * x - 1.0));
    assert!(skewed.contains("skewness +"), "{skewed}");

    // Another law of the same variance.
    let uniform = Law::uniform(-(3f64.sqrt()), 3f64.sqrt());
    let wrong = fault(&f32_file(&uniform, N, |x| x), &spec(r#""normal""#, N));
    assert!(wrong.contains("max 1.732 (p 0e0), χ² "), "{wrong}");
    let swapped = fault(&f32_file(&Law::uniform(-0.2, 0.1), N, |x| x), &spec(laws()[2].0, N));
    assert!(swapped.contains("mean -") && swapped.contains("min -0.2 (p 0e0)"), "{swapped}");
}

/// The same faults in types whose rounding is coarser than they are.
#[test]
fn faults_are_found_in_short_types() {
    for (dtype, stored) in [("bf16", "BF16"), ("f16", "F16"), ("f8_e4m3", "F8_E4M3"), ("f64", "F64")] {
        let bytes = changed(&Law::normal(0.0, 1.06), dtype.parse().unwrap(), N, |x| x);
        let scaled = fault(&file(&[("w", stored, N, bytes)]), &spec(r#""normal""#, N));
        assert!(scaled.contains("std +") && scaled.contains("χ² "), "{dtype}: {scaled}");
    }
}

#[test]
fn what_is_no_number_is_counted() {
    let with_nan = f32_file(&Law::normal(0.0, 1.0), N, |x| {
        if x > 3.8 {
            f64::NAN
        } else if x < -3.8 {
            f64::INFINITY
        } else {
            x
        }
    });
    let found = fault(&with_nan, &spec(r#""normal""#, N));
    assert!(found.contains(" NaN, ") && found.contains(" infinite"), "{found}");
    let table = listed(&with_nan);
    assert!(table.contains(" NaN, ") && table.contains("fits normal"), "{table}");
    let none = file(&[("w", "F32", 4, [f32::NAN; 4].iter().flat_map(|x| x.to_le_bytes()).collect())]);
    assert!(listed(&none).ends_with("4 NaN\n"));
}

#[test]
fn constants_and_integers_are_judged() {
    let zeros = |last: f32| {
        let values = [0.0, -0.0, 0.0, last];
        file(&[("w", "F32", 4, values.iter().flat_map(|x: &f32| x.to_le_bytes()).collect())])
    };
    assert!(judged(&zeros(0.0), &spec("\"zeros\"", 4)).status.success());
    assert_eq!(
        fault(&zeros(0.25), &spec("\"zeros\"", 4)),
        "1 elements are not what they should be, the first is 3: 0.25, expected 0"
    );
    let integers = file(&[("w", "I64", 3, [0i64, 0, 7].iter().flat_map(|x| x.to_le_bytes()).collect())]);
    let spec = spec("\"zeros\"", 3) + "dtype = \"int64\"\n";
    assert_eq!(fault(&integers, &spec), "1 elements are not what they should be, the first is 2: 7, expected 0");
}

/// A row of zeros is found under a law without one, and asked for under a law that has it.
#[test]
fn rows_of_zeros_are_known_or_found() {
    let row = |rows: std::ops::Range<u64>| {
        let is_inside = move |i: u64| rows.contains(&(i / 64));
        let values = changed(&Law::normal(0.0, 1.0), DType::F32, N, |x| x);
        let zeroed = (0..N).zip(values.as_chunks::<4>().0).flat_map(|(i, x)| if is_inside(i) { [0; 4] } else { *x });
        let bytes: Vec<u8> = zeroed.collect();
        let header = format!(r#"{{"w":{{"dtype":"F32","shape":[{},64],"data_offsets":[0,{}]}}}}"#, N / 64, 4 * N);
        [&(header.len() as u64).to_le_bytes()[..], header.as_bytes(), &bytes].concat()
    };
    let spec = |law: &str| spec(law, N).replace(&format!("[{N}]"), &format!("[{}, 64]", N / 64));
    let found = fault(&row(5..6), &spec("\"normal\""));
    assert!(found.starts_with("64 zeros (p "), "{found}");
    let padded = spec(r#"{ init = "padded", padding_idx = 5, of = "normal" }"#);
    assert!(judged(&row(5..6), &padded).status.success());
    let wrong = "64 elements are not what they should be, the first is 320: ";
    assert!(fault(&row(6..7), &padded).starts_with(wrong), "{}", fault(&row(6..7), &padded));
}

/// Short tensors of one rule tell together what each does not.
#[test]
fn short_tensors_are_judged_together() {
    let names: Vec<_> = (0..40).map(|i| format!("b{i}")).collect();
    let uniform = |scale: f64| {
        let bytes = |i: u64| -> Vec<u8> {
            let fill = Fill::new(i, Law::uniform(-scale, scale), DType::F32, 60).unwrap();
            cpu::values(&fill).unwrap().into_iter().flat_map(|x| (x as f32).to_le_bytes()).collect()
        };
        file(&names.iter().zip(0..).map(|(name, i)| (name.as_str(), "F32", 60, bytes(i))).collect::<Vec<_>>())
    };
    let tensors: String = names.iter().map(|name| format!("[[tensor]]\nname = \"{name}\"\nshape = [60]\n")).collect();
    let rule = "[[rule]]\nmatch = \"b*\"\ninit = \"uniform\"\nlow = -1\nhigh = 1\n";
    assert!(judged(&uniform(1.0), &(tensors.clone() + rule)).status.success());
    let output = judged(&uniform(0.9), &(tensors + rule));
    let table = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(!output.status.success() && table.contains("40 short tensors of rule 'b*'"), "{table}");
    assert!(said(&output).contains(", 1 of 1 pools of short ones, "), "{}", said(&output));
}

#[test]
fn tensors_must_be_those_of_the_spec() {
    let samples = f32_file(&Law::normal(0.0, 1.0), N, |x| x);
    assert_eq!(fault(&samples, &spec("\"normal\"", N - 1)), format!("shape [{N}], expected [{}]", N - 1));
    let output = judged(&samples, &spec("\"normal\"", N).replace("\"w\"", "\"v\""));
    assert_eq!(output.status.code(), Some(1));
    let text = "tensor 'v' is missing\na.safetensors: 1 of 1 tensors are suspicious (p below 1e-9), 1 are missing\n";
    assert_eq!(said(&output), text);
    assert!(String::from_utf8_lossy(&output.stdout).contains("SUSPICIOUS, not in the spec"));
}

/// Without a spec the law that fits is named.
#[test]
fn laws_are_recognized() {
    let cases = [
        (Law::normal(3.0, 0.1), "fits normal (p "),
        (Law::uniform(-0.3, 0.1), "fits uniform (p "),
        (Law::truncated_normal(0.5, 0.1, 0.3, 0.7).unwrap(), "fits normal truncated at 2 std (p "),
        (Law::log_normal(0.0, 1.0).unwrap(), "fits none; nearest is "),
        (Law::Constant(0.25), "all 0.25"),
    ];
    for (law, verdict) in cases {
        for (dtype, stored) in [(DType::F32, "F32"), (DType::BF16, "BF16"), (DType::F8E4M3, "F8_E4M3")] {
            let table = listed(&file(&[("w", stored, N, changed(&law, dtype, N, |x| x))]));
            // A spread of 0.1 around 3 is two values of 8 bits, which any law fits.
            let is_too_coarse = dtype == DType::F8E4M3 && law == Law::normal(3.0, 0.1);
            assert!(is_too_coarse || table.contains(verdict), "{law:?} {dtype}: {table}");
        }
    }
    assert!(listed(&f32_file(&Law::normal(0.0, 1.0), 50, |x| x)).ends_with("too few to tell\n"));
}

#[test]
fn types_without_laws_are_summarized() {
    let mask = vec![1, 0, 0, 1, 1, 1, 0, 1];
    let contents = file(&[
        ("mask", "BOOL", 8, mask),
        ("ids", "I32", 2, vec![255, 255, 255, 255, 3, 0, 0, 0]),
        ("none", "F32", 0, vec![]),
        ("z", "C64", 1, vec![0; 8]),
        ("e", "F8_E8M0", 3, vec![0; 3]),
    ]);
    let words = |line: &str| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>().join(" ");
    let lines: Vec<_> = listed(&contents).lines().map(words).collect();
    assert_eq!(
        lines,
        [
            "tensor dtype elements zeros mean std skewness kurtosis - 3 min max law",
            "mask BOOL 8 3 0.625 0.48412 -0.516 -1.733 0 1",
            "ids I32 2 0 1 2 0.000 -2.000 -1 3",
            "none F32 0 - - - - - - -",
            "z C64 1 - - - - - - - not read as numbers",
            "e F8_E8M0 3 - - - - - - - not read as numbers",
        ]
    );
}

/// Steps, signs, and numbers whose squares overflow are nothing special.
#[test]
fn odd_tensors_are_summarized() {
    let f32s = |value: fn(u64) -> f64| file(&[("w", "F32", N, changed_by_index(DType::F32, value))]);
    let steps = f32s(|i| i as f64 / N as f64);
    assert!(listed(&steps).ends_with("fits uniform (p 1.00)\n"));
    assert!(judged(&steps, &spec(r#""uniform""#, N)).status.success());
    let signs = f32s(|i| if i % 2 == 0 { 1.0 } else { -1.0 });
    assert!(listed(&signs).contains("  fits none; nearest is "), "{}", listed(&signs));
    assert!(fault(&signs, &spec(r#"{ init = "uniform", low = -1 }"#, N)).contains("χ² "));
    let wide = file(&[("w", "F64", N, changed_by_index(DType::F64, |i| if i % 3 == 0 { 1e300 } else { -1e300 }))]);
    assert!(listed(&wide).contains("  inf "), "{}", listed(&wide));
    assert!(fault(&wide, &spec(r#""normal""#, N)).contains("max 1.0000e300 (p 0e0)"));
}

fn changed_by_index(dtype: DType, value: impl Fn(u64) -> f64) -> Vec<u8> {
    (0..N).flat_map(|i| dtype.bits(value(i)).to_le_bytes()[..dtype.size() as usize].to_vec()).collect()
}

/// `--recipe` and `--init` decide about the file's own tensors.
#[test]
fn rules_stand_for_a_spec() {
    let tensor = |name: &str, shape: &str| format!("[[tensor]]\nname = \"{name}\"\nshape = {shape}\n");
    let spec = |before: &str| {
        format!("layout = \"torch\"\n{before}\n{}{}", tensor("fc.weight", "[300, 500]"), tensor("fc.bias", "[300]"))
    };
    let folder =
        Folder::with("spec.toml", spec("default = \"xavier_uniform\"\n[[rule]]\nmatch = \"*.bias\"\ninit = \"zeros\""));
    folder.ok(&["init", "spec.toml", "-o", "a.safetensors", "--backend", "cpu"]);
    folder.ok(&["verify", "a.safetensors", "--statistics", "--init", "xavier_uniform"]);
    let output = folder.run(&["verify", "a.safetensors", "--statistics", "--init", "kaiming_uniform"]);
    assert_eq!(output.status.code(), Some(1));
    let table = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(table.contains("fc.weight") && table.contains("SUSPICIOUS, std -"), "{table}");
}

#[test]
fn json_has_every_number() {
    let folder = Folder::with("a.safetensors", f32_file(&Law::normal(0.0, 1.0), N, |x| x))
        .and("spec.toml", spec("\"normal\"", N));
    let run = |more: &[&str]| -> Value {
        let arguments: Vec<_> =
            ["verify", "a.safetensors", "--statistics", "--json"].iter().chain(more).copied().collect();
        serde_json::from_slice(&folder.ok(&arguments)).unwrap()
    };
    let report = run(&["--spec", "spec.toml"]);
    assert_eq!(
        (&report["threshold"], &report["suspicious"], &report["missing"]),
        (&json!(1e-9), &json!(0), &json!([]))
    );
    let tensor = &report["tensors"][0];
    assert_eq!(
        (&tensor["name"], &tensor["dtype"], &tensor["shape"], &tensor["law"], &tensor["faults"]),
        (&json!("w"), &json!("F32"), &json!([N]), &json!("normal mean 0 std 1"), &json!([]))
    );
    let values =
        cpu::values(&Fill::new(0, Law::normal(0.0, 1.0), DType::F32, N).unwrap().with_seed(3).with_stream("w"))
            .unwrap();
    let mean = values.iter().sum::<f64>() / N as f64;
    let close = |name: &str, value: f64| {
        let found = tensor["statistics"][name].as_f64().unwrap();
        assert!((found - value).abs() < 1e-12, "{name}: {found} {value}");
    };
    close("count", N as f64);
    close("nan", 0.0);
    close("mean", mean);
    close("std", (values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / N as f64).sqrt());
    close("min", values.iter().copied().fold(f64::INFINITY, f64::min));
    close("max", values.iter().copied().fold(f64::NEG_INFINITY, f64::max));
    let names: Vec<_> = tensor["tests"].as_array().unwrap().iter().map(|test| test["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["mean", "std", "skewness", "min", "max", "chi_square"]);
    assert!(tensor["tests"].as_array().unwrap().iter().all(|test| test["p"].as_f64().unwrap() > 1e-9));
    assert_eq!(tensor["tests"][5]["degrees"], json!(999));
    let fit = &run(&[])["tensors"][0]["fit"];
    assert_eq!((&fit["law"], &fit["fits"]), (&json!("normal"), &json!(true)));
}
