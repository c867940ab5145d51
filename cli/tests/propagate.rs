//! `weightinit propagate`: what texts say of initializers, as numbers; its formats; and what it refuses.

mod common;

use common::{Folder, said};
use serde_json::Value;

/// The runs of `propagate --json` with these arguments.
fn runs(arguments: &str) -> Vec<Value> {
    let arguments: Vec<_> = ["propagate", "--json"].into_iter().chain(arguments.split(' ')).collect();
    let report: Value = serde_json::from_slice(&Folder::new().ok(&arguments)).unwrap();
    report["runs"].as_array().unwrap().clone()
}

/// A list of numbers, one a layer.
fn numbers(run: &Value, key: &str) -> Vec<f64> {
    let list = run[key].as_array().unwrap_or_else(|| panic!("{key} of {run}"));
    list.iter().map(|number| number.as_f64().unwrap_or(f64::INFINITY)).collect()
}

fn of<'a>(runs: &'a [Value], init: &str, activation: &str) -> &'a Value {
    runs.iter().find(|run| run["init"] == init && run["activation"] == activation).unwrap()
}

/// The greatest factor between two lists, whichever is greater.
fn distance(found: &[f64], expected: &[f64]) -> f64 {
    assert_eq!(found.len(), expected.len());
    found.iter().zip(expected).map(|(found, expected)| (found / expected).ln().abs()).fold(0.0, f64::max).exp()
}

/// With zeros and constants the units of a layer are bit-equal after 100 steps of gradient descent, with random weights
/// none are.
#[test]
fn constant_weights_keep_units_equal() {
    let init = "zeros,constant(0.01),ones,normal(0,0.01),glorot_uniform,he_normal,orthogonal";
    let runs = runs(&format!("--symmetry --activation tanh,relu --width 24 --init {init}"));
    assert_eq!(runs.len(), 14);
    for run in &runs {
        let is_constant = ["zeros", "constant(0.01)", "ones"].contains(&run["init"].as_str().unwrap());
        assert_eq!((&run["steps"], &run["units"]), (&100.into(), &72.into()));
        // Ones and ReLU: 24 units of 24 inputs each diverge, and what is no number is not called equal.
        let verdict = match (is_constant, run["loss"].is_null()) {
            (_, true) => "diverges: its weights are no numbers",
            (true, false) => "all units of a layer are equal",
            (false, false) => "no units are equal",
        };
        assert_eq!(run["verdict"], verdict, "{run}");
        assert!(!run["loss"].is_null() || run["init"] == "ones", "{run}");
        if !run["loss"].is_null() {
            assert_eq!(run["equal_units"], if is_constant { 72 } else { 0 }, "{run}");
        }
    }
    // They do learn.
    let loss = |init: &str| of(&runs, init, "tanh")["loss"].as_f64().unwrap();
    assert!(loss("he_normal") < 0.5 && loss("zeros") > 0.9, "{runs:#?}");
}

/// Small normal weights make signals vanish, large ones make them explode or saturate.
#[test]
fn plain_normal_weights_vanish_or_explode() {
    let runs = runs("--backend cpu --depth 50 --width 256 --activation tanh,relu --init normal(0,0.01),normal(0,1)");
    let small = of(&runs, "normal(0,0.01)", "tanh");
    let variance = numbers(small, "activation_variance");
    assert!(variance[49] < 1e-20 * variance[0] && variance[49] > 0.0, "{variance:?}");
    // A product of 50 layers is spread as a log-normal law: by this much or more at this width.
    assert!(distance(&variance, &numbers(small, "theory")) < 3.0);
    assert_eq!(small["verdict"], "vanishes by layer 4");
    let large = of(&runs, "normal(0,1)", "relu");
    assert!(numbers(large, "activation_variance")[49] > 1e90);
    assert_eq!(large["verdict"], "explodes by layer 3");
    let large = of(&runs, "normal(0,1)", "tanh");
    assert_eq!(large["verdict"], "saturates by layer 1: most units are flat");
    assert!(numbers(large, "saturated").iter().all(|share| *share > 0.75));
    // What comes back through steep units all the same explodes.
    assert!(numbers(large, "gradient_variance")[0] > 1e30);
}

/// Glorot suits tanh, and He suits ReLU: variances and gradients stay within a factor of 2 around the theory over 50
/// layers of 1024 units.
#[test]
fn glorot_suits_tanh_and_he_suits_relu() {
    for (init, activation) in [("glorot_uniform", "tanh"), ("he_normal", "relu")] {
        let runs = runs(&format!("--backend cpu --depth 50 --width 1024 --activation {activation} --init {init}"));
        let run = &runs[0];
        for (measured, theory) in [("activation_variance", "theory"), ("gradient_variance", "gradient_theory")] {
            let factor = distance(&numbers(run, measured), &numbers(run, theory));
            assert!(factor < 2.0, "{init}, {activation}, {measured}: {factor}");
        }
        // Neither vanishes nor explodes, forward or back.
        let singular_value = run["largest_singular_value"].as_f64().unwrap();
        assert!((0.1..100.0).contains(&singular_value), "{singular_value}");
    }
}

/// Glorot halves variances of ReLU at every layer. Over the mean-field theory: the mean ratio of 20 layers.
#[test]
fn glorot_halves_relu() {
    let runs = runs("--backend cpu --depth 20 --width 512 --activation relu --init glorot_normal");
    let variance = numbers(&runs[0], "activation_variance");
    let ratio = (variance[19] / variance[0]).powf(1.0 / 19.0);
    assert!((ratio - 0.5).abs() < 0.05, "{ratio}");
    let gradient = numbers(&runs[0], "gradient_variance");
    let ratio = (gradient[0] / gradient[19]).powf(1.0 / 19.0);
    assert!((ratio - 0.5).abs() < 0.05, "{ratio}");
    assert_eq!(runs[0]["verdict"], "vanishes by layer 15");
}

/// He saturates sigmoid layers: all inputs come to give the same outputs, and gradients vanish. It is not that units
/// would be flat: none is.
#[test]
fn he_saturates_sigmoid() {
    let run = &runs("--backend cpu --depth 50 --width 256 --activation sigmoid --init he_normal")[0];
    assert_eq!(run["verdict"], "saturates by layer 7: all inputs give the same outputs");
    assert!(numbers(run, "cosine")[49] > 1.0 - 1e-9);
    assert!(numbers(run, "gradient_variance")[0] < 1e-40);
    assert!(numbers(run, "saturated")[1..].iter().all(|share| *share < 0.001));
    assert!(distance(&numbers(run, "activation_variance"), &numbers(run, "theory")) < 1.5);
}

/// The cosine between two inputs follows the correlation map: to 1 in the ordered phase, to a fixed point below it in
/// the chaotic one (Poole et al. 2016).
#[test]
fn cosines_follow_the_correlation_map() {
    let runs = runs(
        "--backend cpu --depth 20 --width 512 --batch 64 --activation tanh --bias normal(0,0.3) \
         --init normal(0,0.0442),normal(0,0.1768)",
    );
    for run in &runs {
        let pairs = numbers(run, "cosine").into_iter().zip(numbers(run, "cosine_theory"));
        let off = pairs.map(|(found, expected)| (found - expected).abs()).fold(0.0, f64::max);
        assert!(off < 0.05, "{off}: {run}");
    }
    assert!(numbers(&runs[0], "cosine")[19] > 0.9 && numbers(&runs[1], "cosine")[19] < 0.3);
}

/// An orthogonal linear network is an isometry: every number is known.
#[test]
fn orthogonal_linear_networks_are_isometries() {
    let runs = runs("--backend cpu --depth 30 --width 64 --activation linear --init orthogonal,orthogonal(2)");
    for (run, gain) in runs.iter().zip([1.0f64, 2.0]) {
        let singular_value = run["largest_singular_value"].as_f64().unwrap();
        assert!((singular_value / gain.powi(30) - 1.0).abs() < 1e-5, "{singular_value}");
        assert!((numbers(run, "cosine")[29] / numbers(run, "cosine")[0] - 1.0).abs() < 1e-6);
        assert!(distance(&numbers(run, "activation_variance"), &numbers(run, "theory")) < 1.1);
    }
    assert_eq!(runs[0]["verdict"], "keeps its variance within 2 × over 30 layers");
}

/// Delta-orthogonal convolutions are isometries too (Xiao et al. 2018).
#[test]
fn convnets() {
    let runs = runs(
        "--backend cpu --network convnet --depth 8 --width 32 --batch 8 --activation linear \
         --init delta_orthogonal,he_normal",
    );
    let singular_value = runs[0]["largest_singular_value"].as_f64().unwrap();
    assert!((singular_value - 1.0).abs() < 1e-5, "{singular_value}");
    // He doubles the variance of linear layers.
    let variance = numbers(&runs[1], "activation_variance");
    assert!((variance[7] / 256.0).ln().abs() < 0.7, "{variance:?}");
    assert!(distance(&numbers(&runs[1], "gradient_variance"), &numbers(&runs[1], "gradient_theory")) < 2.0);
}

/// The weights of a GPU are the CPU's to the bit; passes are rounded in other ways. Where signals are not chaotic,
/// every number is within 1e-3 of the CPU's.
#[test]
fn gpu_and_cpu_agree() {
    let asked = "--depth 9 --width 72 --batch 10 --activation tanh,relu \
                 --init he_normal,glorot_uniform,normal(0,0.01),constant(0.01) --backend";
    let (cpu, gpu) = (runs(&format!("{asked} cpu")), runs(&format!("{asked} gpu")));
    let conv = "--network convnet --depth 3 --width 5 --batch 4 --activation gelu --init he_uniform --backend";
    let all = cpu.iter().zip(&gpu);
    let (cpu_conv, gpu_conv) = (runs(&format!("{conv} cpu")), runs(&format!("{conv} gpu")));
    for (cpu, gpu) in all.chain(cpu_conv.iter().zip(&gpu_conv)) {
        for key in ["activation_variance", "gradient_variance", "cosine"] {
            for (cpu, gpu) in numbers(cpu, key).iter().zip(numbers(gpu, key)) {
                let off = (gpu - cpu).abs() <= 1e-3 * cpu.abs().max(1e-60);
                // Cosines with an input that a layer makes 0 are none.
                assert!(off || *cpu == gpu, "{key}: {cpu}, {gpu}");
            }
        }
        let value = |run: &Value| run["largest_singular_value"].as_f64().unwrap();
        assert!((value(gpu) / value(cpu) - 1.0).abs() < 1e-2, "{} {}", value(cpu), value(gpu));
        assert_eq!((&cpu["verdict"], &cpu["theory"]), (&gpu["verdict"], &gpu["theory"]));
    }
}

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

#[test]
fn models_that_are_no_mlp() {
    let refused = |name: &str, shapes: &str, expected: &str| {
        let folder = Folder::with(name, shapes);
        let output = folder.run(&["propagate", "--spec", name, "--backend", "cpu"]);
        assert_eq!((output.status.code(), said(&output)), (Some(1), format!("error: {expected}\n")));
    };
    let spec = |tensors: &str| format!("default = \"ones\"\n{tensors}");
    let tensor = |name: &str, shape: &str| format!("[[tensor]]\nname = \"{name}\"\nshape = {shape}\n");
    refused(
        "m.toml",
        &spec(&(tensor("a.weight", "[4, 3]") + &tensor("b.weight", "[4, 5]"))),
        "m.toml is no MLP: 'a.weight' gives 4 outputs, and 'b.weight' after it takes 5 inputs",
    );
    refused(
        "m.toml",
        &spec(&tensor("a.weight", "[4, 3, 3, 3]")),
        "m.toml is no MLP: 'a.weight' of shape [4, 3, 3, 3] is neither a 2-D weight nor the bias after it \
         (fc.weight, fc.bias)",
    );
    refused(
        "m.toml",
        &spec(&(tensor("a.weight", "[4, 3]") + &tensor("a.bias", "[3]"))),
        "m.toml is no MLP: 'a.bias' has 3 elements, and its weight 4 outputs",
    );
    refused(
        "m.toml",
        &format!("layout = \"keras_depthwise\"\n{}", spec(&tensor("a.weight", "[4, 3]"))),
        "m.toml is no MLP: its layout is keras_depthwise; expected torch or keras",
    );
    refused("m.txt", "", "m.txt: expected a spec (.toml), a shapes file (.json) or a .safetensors");
    misused("--spec m.toml --depth 3", "the argument '--spec <FILE>' cannot be used with '--depth <DEPTH>'");
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
    assert_eq!(folder.files(), ["a.png", "a.svg", "b.svg", "t.svg"]);
    for name in ["a.gif", "a", "svg"] {
        let expected = format!("cannot write {name}: expected a name that ends in .svg or .png");
        refused(&format!("-o {name}"), &expected);
    }
    refused(
        "--backend cpu --depth 1 --width 1 -o none/a.svg",
        "cannot write none/a.svg: there is no directory none; create it",
    );
    misused("--symmetry -o a.svg", "the argument '--symmetry' cannot be used with '--output <FILE>'");
}

/// The exit code and what is said; nothing is written.
fn run(arguments: &str) -> (i32, String) {
    let folder = Folder::new();
    let arguments: Vec<_> = ["propagate"].into_iter().chain(arguments.split(' ')).collect();
    let output = folder.run(&arguments);
    assert_eq!(folder.files(), [""; 0]);
    (output.status.code().unwrap(), said(&output))
}

fn refused(arguments: &str, expected: &str) {
    assert_eq!(run(arguments), (1, format!("error: {expected}\n")));
}

fn misused(arguments: &str, expected: &str) {
    let (code, text) = run(arguments);
    assert_eq!((code, text.lines().next().unwrap()), (2, format!("error: {expected}").as_str()));
}

#[test]
fn numbers_out_of_range() {
    let ranges = [("depth", 1, 200), ("width", 1, 4096), ("batch", 2, 1024), ("steps", 1, 100_000)];
    for (option, least, most) in ranges {
        for wrong in [least - 1, most + 1] {
            let name = option.to_uppercase();
            misused(
                &format!("--{option} {wrong}"),
                &format!("invalid value '{wrong}' for '--{option} <{name}>': {wrong} is not in {least}..={most}"),
            );
        }
    }
    misused("--training --seeds 0", "invalid value '0' for '--seeds <SEEDS>': 0 is not in 1..=100");
    misused("--training --seeds 101", "invalid value '101' for '--seeds <SEEDS>': 101 is not in 1..=100");
    misused("--depth x", "invalid value 'x' for '--depth <DEPTH>': invalid digit found in string");
    // Both limits themselves are taken.
    for size in ["--depth 1 --width 1 --batch 2", "--depth 200 --width 2", "--depth 1 --width 4096 --batch 2"] {
        let (code, said) = run(&format!("--backend cpu --init zeros {size}"));
        assert_eq!(code, 0, "{said}");
    }
}

#[test]
fn wrong_names() {
    misused("--activation swish", "invalid value 'swish' for '--activation <ACTIVATION>'");
    misused("--network rnn", "invalid value 'rnn' for '--network <NETWORK>'");
    let (code, text) = run("--init he_norm");
    let start = "error: --init he_norm: unknown initializer 'he_norm'; expected one of: zeros, ones, constant, ";
    assert!(code == 1 && text.starts_with(start), "{text}");
    refused(
        "--init normal(sigma=1)",
        "--init normal(sigma=1): initializer normal has no parameter 'sigma'; it takes mean, std",
    );
    refused("--init constant", "--init constant: initializer constant needs parameter 'value'; give value = <number>");
    refused("--init normal(0", "'normal(0' has brackets without partners; write calls such as normal(std=0.02)");
}

#[test]
fn initializers_that_make_no_such_matrix() {
    refused("--init bits", "--init bits: bits gives dtype u32, not f32; ask for dtype u32");
    refused(
        "--init normal(std=-1)",
        "--init normal(std=-1): parameter std is -1.0; it must be finite and not negative",
    );
    for init in ["dirac", "rotary_frequencies", "block_diagonal(3)"] {
        for mode in ["", "--symmetry "] {
            let (code, text) = run(&format!("{mode}--width 8 --init {init}"));
            assert!(code == 1 && text.starts_with(&format!("error: --init {init}: ")), "{text}");
        }
    }
    let (code, text) = run("--bias he_normal");
    assert!(code == 1 && text.starts_with("error: --bias he_normal: shape [512] has no fan_in and fan_out"), "{text}");
}

#[test]
fn options_that_do_not_go_together() {
    let training = "--steps and --learning-rate are for training; add --symmetry or --training";
    refused("--steps 5", training);
    refused("--learning-rate 0.1", training);
    for rate in ["0", "-1", "inf", "NaN"] {
        let expected = format!("--learning-rate is {rate}; expected a finite number above 0");
        refused(&format!("--symmetry --learning-rate={rate}"), &expected);
    }
    let on_cpu = "--symmetry and --training compute on the CPU; leave --backend out";
    refused("--symmetry --backend gpu", on_cpu);
    refused("--training --backend gpu", on_cpu);
    misused("--symmetry --training", "the argument '--symmetry' cannot be used with '--training'");
    misused("--symmetry --network convnet", "the argument '--symmetry' cannot be used with '--network <NETWORK>'");
    refused("--backend cpu --adapter 0", "--adapter goes with --backend gpu or auto, not with cpu");
    refused("--adapter all", "propagate computes on one adapter; give its number or a part of its name");
}

/// A limit on memory, which is told before anything is computed.
#[cfg(target_os = "linux")]
#[test]
fn memory_that_cannot_be_had() {
    let program = env!("CARGO_BIN_EXE_weightinit");
    let script = format!("ulimit -v 1000000; {program} propagate --backend cpu --init zeros --width 4096 --depth 100");
    let output = std::process::Command::new("bash").args(["-c", &script]).output().unwrap();
    let text = said(&output);
    let start = "error: there is no memory for 100 layers of 4096 units: it takes 13.";
    assert!(output.status.code() == Some(1) && text.starts_with(start), "{text}");
}
