//! Tables, JSON, pictures, and specs.

use serde_json::Value;

use crate::common::{Folder, said};
use crate::{distance, numbers, runs};

#[test]
fn losses_of_several_seeds() {
    let runs = runs("--training --steps 60 --seeds 3 --seed 7 --depth 2 --width 8 --init he_normal,zeros");
    for run in &runs {
        assert_eq!(run["seeds"], serde_json::json!([7, 8, 9]));
        let [least, median, greatest] = ["least_loss", "median_loss", "greatest_loss"].map(|which| numbers(run, which));
        assert_eq!((least.len(), run["steps"].as_array().unwrap().len()), (61, 61));
        assert!((0..61).all(|point| least[point] <= median[point] && median[point] <= greatest[point]));
    }
    let end = |run: &Value| numbers(run, "median_loss")[60];
    assert!(end(&runs[0]) < 0.8 && (end(&runs[1]) - 1.0).abs() < 0.1, "{runs:?}");
}

/// The keys that readers of `--json` may count on, with a number for each layer.
#[test]
fn json_has_a_number_for_each_layer() {
    let runs =
        runs("--backend cpu --depth 3 --width 8 --seed 3 --activation selu --init zeros,lecun_normal,constant(1)");
    for run in &runs {
        let keys: Vec<_> = run.as_object().unwrap().keys().take(9).map(String::as_str).collect();
        assert_eq!(
            keys.join(" "),
            "init activation depth width seed activation_variance gradient_variance theory verdict"
        );
        assert_eq!((&run["depth"], &run["width"], &run["seed"]), (&3.into(), &8.into(), &3.into()));
        for key in ["activation_variance", "gradient_variance", "cosine", "dead", "saturated"] {
            assert_eq!(run[key].as_array().unwrap().len(), 3, "{key}");
        }
    }
    // Of a constant the theory says nothing; of zeros there is no angle.
    assert!(runs[2]["theory"].is_null() && runs[0]["cosine"][0].is_null());
    assert_eq!(runs[1]["theory"].as_array().unwrap().len(), 3);
    let equal = "all units of a layer are equal";
    assert_eq!((&runs[0]["verdict"], &runs[2]["verdict"]), (&equal.into(), &equal.into()));
}

#[test]
fn the_table_has_a_row_for_each_run() {
    let folder = Folder::new();
    let output = folder.run(&["propagate", "--backend", "cpu", "--depth", "2", "--width", "4", "--activation", "relu"]);
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    assert_eq!(text.lines().count(), 13, "{text}");
    assert!(text.starts_with("initializer "), "{text}");
    assert!(said(&output).starts_with("12 runs by CPU on "), "{}", said(&output));
}

/// A model of three layers; with `layout` keras the same matrices, transposed.
fn model(layout: &str) -> String {
    let mut text = format!("seed = 5\nlayout = \"{layout}\"\ndefault = {{ init = \"normal\", std = 0.1 }}\n");
    for (name, out, inputs) in [("fc1", 240, 400), ("fc2", 160, 240), ("fc3", 40, 160)] {
        let [first, second] = if layout == "torch" { [out, inputs] } else { [inputs, out] };
        text += &format!("[[tensor]]\nname = \"{name}.weight\"\nshape = [{first}, {second}]\n");
        text += &format!("[[tensor]]\nname = \"{name}.bias\"\nshape = [{out}]\n");
    }
    text + "[[rule]]\nmatch = \"*.weight\"\ninit = \"he_normal\"\n"
}

/// A model's own weights, in its own order, by whatever layout they are stored.
#[test]
fn a_spec_is_propagated() {
    for layout in ["torch", "keras"] {
        let folder = Folder::with("m.toml", model(layout));
        let output =
            folder.ok(&["propagate", "--spec", "m.toml", "--backend", "cpu", "--activation", "relu", "--json"]);
        let report: Value = serde_json::from_slice(&output).unwrap();
        let run = &report["runs"][0];
        assert_eq!(
            (&run["init"], &run["depth"], &run["width"], &run["seed"]),
            (&"m.toml".into(), &3.into(), &240.into(), &5.into())
        );
        // The theory knows the widths: σ_w² back is 2 × 240 / 400, and so on.
        for (measured, theory) in [("activation_variance", "theory"), ("gradient_variance", "gradient_theory")] {
            assert!(distance(&numbers(run, measured), &numbers(run, theory)) < 1.6, "{run}");
        }
        let gradients = numbers(run, "gradient_theory");
        assert!((gradients[0] / gradients[1] - 0.5 * 2.0 * 160.0 / 240.0).abs() < 1e-6, "{gradients:?}");
        let seeded = folder.ok(&["propagate", "--spec", "m.toml", "--backend", "cpu", "--seed", "6", "--json"]);
        let report: Value = serde_json::from_slice(&seeded).unwrap();
        assert_eq!(report["runs"][0]["seed"], 6);
    }
}

/// On a GPU too: matrices that are stored by columns, and types that are widened on their way there.
#[test]
fn a_spec_is_propagated_on_a_gpu() {
    let folder = Folder::with("m.toml", format!("dtype = \"bf16\"\n{}", model("keras")));
    let variances = |backend: &str| {
        let output = folder.ok(&["propagate", "--spec", "m.toml", "--backend", backend, "--batch", "8", "--json"]);
        let report: Value = serde_json::from_slice(&output).unwrap();
        ["activation_variance", "gradient_variance"].map(|key| numbers(&report["runs"][0], key))
    };
    for (cpu, gpu) in variances("cpu").iter().zip(variances("gpu")) {
        assert!(distance(cpu, &gpu) < 1.0001, "{cpu:?}, {gpu:?}");
    }
}

#[test]
fn pictures() {
    let folder = Folder::new();
    let arguments = ["propagate", "--backend", "cpu", "--depth", "4", "--width", "8", "--batch", "4", "-o"];
    for (name, begins) in [("a.svg", &b"<svg "[..]), ("a.png", b"\x89PNG")] {
        folder.ok(&[&arguments[..], &[name]].concat());
        assert!(folder.read(name).starts_with(begins));
    }
    // The same numbers are the same picture; every line has its name.
    folder.ok(&[&arguments[..], &["b.svg"]].concat());
    let text = String::from_utf8(folder.read("a.svg")).unwrap();
    assert_eq!(text.as_bytes(), folder.read("b.svg"));
    for name in ["zeros", "constant(0.01)", "normal(0,1)", "orthogonal", "variance", "cosine", "layer", "mean-field"] {
        assert!(text.contains(name), "{name}");
    }
    let training =
        ["propagate", "--training", "--steps", "5", "--depth", "1", "--width", "2", "--seeds", "2", "-o", "t.svg"];
    folder.ok(&training);
    assert!(String::from_utf8(folder.read("t.svg")).unwrap().contains("median of 2"));
    let layers = ["propagate", "--training", "--layers", "--steps", "5", "--depth", "3", "--width", "2", "-o", "l.svg"];
    let table = String::from_utf8(folder.ok(&[&layers[..], &["--init", "zeros,he_normal"]].concat())).unwrap();
    // Three layers at three steps of two networks.
    assert_eq!(table.lines().count(), 1 + 3 * 3 * 2, "{table}");
    let text = String::from_utf8(folder.read("l.svg")).unwrap();
    for name in ["layer 1", "layer 3", "98th percentile", "density", "he_normal"] {
        assert!(text.contains(name), "{name}");
    }
    assert_eq!(folder.files(), ["a.png", "a.svg", "b.svg", "l.svg", "t.svg"]);
}
