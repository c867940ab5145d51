//! What is refused: each with the exact message and exit code, and nothing left behind.

use crate::common::{Folder, said};

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
    misused("--layers", "the following required arguments were not provided:");
    misused("--training --layers --seeds 2", "the argument '--layers' cannot be used with '--seeds <SEEDS>'");
    refused("--backend cpu --adapter 0", "--adapter goes with --backend gpu or auto, not with cpu");
    refused("--adapter all", "propagate computes on one adapter; give its number or a part of its name");
}

/// A limit on memory, which is told before anything is computed.
#[cfg(target_os = "linux")]
#[test]
fn memory_that_cannot_be_had() {
    let program = env!("CARGO_BIN_EXE_weightinit");
    for (arguments, what) in [
        ("--backend cpu --depth 100", "100 layers of 4096 units: it takes 13."),
        ("--symmetry --depth 100", "the network: it takes 45."),
        ("--training --depth 100 --seeds 1", "the networks: it takes 45."),
    ] {
        let script = format!("ulimit -v 1000000; {program} propagate --init zeros --width 4096 {arguments}");
        let output = std::process::Command::new("bash").args(["-c", &script]).output().unwrap();
        let text = said(&output);
        let start = format!("error: there is no memory for {what}");
        assert!(output.status.code() == Some(1) && text.starts_with(&start), "{text}");
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
    refused(
        "m.txt",
        "",
        "m.txt: expected a spec (.toml), a shapes file (.json), or a .safetensors, its index or folder",
    );
    misused("--spec m.toml --depth 3", "the argument '--spec <FILE>' cannot be used with '--depth <DEPTH>'");
}

#[test]
fn pictures_of_other_names() {
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
