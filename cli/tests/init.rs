//! `init` end to end: what is in the file, on either backend.

mod common;

use common::{Folder, example, said};
use safetensors::{Dtype, SafeTensors};
use weightinit::{DType, Fill, Initializer, Law, Layout, cpu};

const SPEC: &str = r#"
seed = 7
dtype = "bf16"
layout = "torch"
default = "zeros"

[[tensor]]
name = "a.weight"
shape = [64, 48]

[[tensor]]
name = "head.weight"
shape = [64, 48]

[[tensor]]
name = "a.bias"
shape = [7]

[[tensor]]
name = "odd"
shape = [3, 5]
dtype = "float32"

[[tensor]]
name = "wide"
shape = [5, 1]

[[tensor]]
name = "steps"
shape = []
dtype = "int64"

[[tensor]]
name = "flags"
shape = [3]
dtype = "uint8"

[[rule]]
match = ["a.weight", "head.*"]
init = "he_normal"
stream = "a.weight"

[[rule]]
match = "odd"
init = "truncated_normal"
std = 0.5
dtype = "f32"

[[rule]]
match = "wide"
init = "uniform"
low = 1
high = 2.5
dtype = "f16"

[[rule]]
match = "flags"
init = "constant"
value = 3
"#;

fn bytes(law: Law, dtype: DType, len: u64, stream: &str) -> Vec<u8> {
    cpu::bytes(&Fill::new(0, law, dtype, len).unwrap().with_seed(7).with_stream(stream)).unwrap()
}

#[test]
fn files_hold_what_the_spec_says() {
    let folder = Folder::with("spec.toml", SPEC);
    for backend in ["cpu", "gpu"] {
        folder.ok(&["init", "spec.toml", "-o", "out.safetensors", "--backend", backend]);
        let file = folder.read("out.safetensors");
        let tensors = SafeTensors::deserialize(&file).unwrap();
        assert_eq!(tensors.len(), 7);
        let he = Initializer::he_normal().law(&[64, 48], Layout::Torch).unwrap();
        let weight = tensors.tensor("a.weight").unwrap();
        assert_eq!((weight.dtype(), weight.shape()), (Dtype::BF16, &[64, 48][..]));
        assert!(weight.data() == bytes(he, DType::BF16, 64 * 48, "a.weight"));
        assert!(tensors.tensor("head.weight").unwrap().data() == weight.data());
        assert_eq!(tensors.tensor("a.bias").unwrap().data(), [0; 14]);
        let odd = tensors.tensor("odd").unwrap();
        let law = Law::truncated_normal(0.0, 0.5, -1.0, 1.0).unwrap();
        assert_eq!((odd.dtype(), odd.data()), (Dtype::F32, &bytes(law, DType::F32, 15, "odd")[..]));
        let wide = tensors.tensor("wide").unwrap();
        assert_eq!(
            (wide.dtype(), wide.data()),
            (Dtype::F16, &bytes(Law::uniform(1.0, 2.5), DType::F16, 5, "wide")[..])
        );
        let steps = tensors.tensor("steps").unwrap();
        assert_eq!((steps.dtype(), steps.shape(), steps.data()), (Dtype::I64, &[][..], &[0; 8][..]));
        assert_eq!(tensors.tensor("flags").unwrap().data(), [3; 3]);
        let (_, metadata) = SafeTensors::read_metadata(&file).unwrap();
        assert_eq!(metadata.metadata().as_ref().unwrap()["format"], "pt");
    }
    assert_eq!(folder.files(), ["out.safetensors", "spec.toml"]);
}

/// More than one chunk, with tensors that begin anywhere in one.
#[test]
fn backends_write_equal_files() {
    let mut spec = "default = \"normal\"\nseed = \"18446744073709551615\"\n".to_owned();
    for (index, len) in [1u64, 3_000_001, 5, 9_999_999, 2].iter().enumerate() {
        spec += &format!("[[tensor]]\nname = \"t{index}\"\nshape = [{len}]\n");
    }
    let folder = Folder::with("spec.toml", spec);
    for dtype in ["f32", "bf16"] {
        for backend in ["cpu", "gpu"] {
            let out = format!("{backend}.safetensors");
            folder.ok(&["init", "spec.toml", "-o", &out, "--backend", backend, "--dtype", dtype]);
        }
        assert!(folder.read("cpu.safetensors") == folder.read("gpu.safetensors"), "{dtype}");
    }
}

#[test]
fn options_override_the_spec() {
    let folder = Folder::with("spec.toml", SPEC);
    folder.ok(&["init", "spec.toml", "-o", "out.safetensors", "--backend", "cpu", "--dtype", "f32", "--seed", "8"]);
    let file = folder.read("out.safetensors");
    let tensors = SafeTensors::deserialize(&file).unwrap();
    let law = Law::uniform(1.0, 2.5);
    let expected = cpu::bytes(&Fill::new(0, law, DType::F32, 5).unwrap().with_seed(8).with_stream("wide")).unwrap();
    assert_eq!(tensors.tensor("wide").unwrap().data(), expected);
    assert_eq!(tensors.tensor("a.weight").unwrap().dtype(), Dtype::F32);
}

/// Types beyond the usual three, by the source's names and by the option.
#[test]
fn other_types_are_written() {
    let tensor = |name: &str, dtype: &str| format!("[[tensor]]\nname = \"{name}\"\nshape = [5]\ndtype = \"{dtype}\"\n");
    let spec =
        ["default = \"normal\"\n", &tensor("d", "float64"), &tensor("e", "float8_e4m3fn"), &tensor("f", "F8_E5M2")];
    let folder = Folder::with("spec.toml", spec.concat());
    let types =
        [("d", Dtype::F64, DType::F64), ("e", Dtype::F8_E4M3, DType::F8E4M3), ("f", Dtype::F8_E5M2, DType::F8E5M2)];
    for backend in ["cpu", "gpu"] {
        folder.ok(&["init", "spec.toml", "-o", "out.safetensors", "--backend", backend]);
        let file = folder.read("out.safetensors");
        let tensors = SafeTensors::deserialize(&file).unwrap();
        for (name, stored, dtype) in types {
            let tensor = tensors.tensor(name).unwrap();
            let expected = Fill::new(0, Law::normal(0.0, 1.0), dtype, 5).unwrap().with_stream(name);
            assert_eq!((tensor.dtype(), tensor.data()), (stored, &cpu::bytes(&expected).unwrap()[..]));
        }
        folder.ok(&["verify", "out.safetensors", "--spec", "spec.toml"]);
    }
    folder.ok(&["init", "spec.toml", "-o", "out.safetensors", "--dtype", "f8_e4m3"]);
    folder.ok(&["verify", "out.safetensors", "--spec", "spec.toml", "--dtype", "f8_e4m3"]);
}

/// A checkpoint's header is a list of tensors too.
#[test]
fn checkpoints_are_initialized_again() {
    let folder = Folder::with("spec.toml", SPEC);
    folder.ok(&["init", "spec.toml", "-o", "old.safetensors", "--backend", "cpu"]);
    folder.ok(&["init", "old.safetensors", "-o", "new.safetensors", "--backend", "cpu", "--init", "xavier_uniform"]);
    let file = folder.read("new.safetensors");
    let tensors = SafeTensors::deserialize(&file).unwrap();
    let law = Initializer::xavier_uniform(1.0).law(&[64, 48], Layout::Torch).unwrap();
    let expected = cpu::bytes(&Fill::new(0, law, DType::BF16, 64 * 48).unwrap().with_stream("head.weight")).unwrap();
    assert!(tensors.tensor("head.weight").unwrap().data() == expected);
    assert_eq!(tensors.tensor("steps").unwrap().dtype(), Dtype::I64);
}

#[test]
fn explain_names_every_choice() {
    let folder = Folder::new();
    let text =
        String::from_utf8(folder.ok(&["init", &example("resnet50.json"), "--init", "glorot_uniform", "--explain"]))
            .unwrap();
    let row = |name: &str| {
        let line = text.lines().find(|line| line.split_whitespace().next() == Some(name)).unwrap();
        line.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(
        row("conv1.weight")[1..],
        ["64x3x7x7", "F32", "plain: *", "glorot_uniform", "in 147 out 3136", "uniform ±0.0427504", "own"]
    );
    assert_eq!(row("bn1.weight")[3..5], ["plain: *.weight", "ones"]);
    assert_eq!(row("layer1.0.downsample.1.weight")[4], "ones");
    assert_eq!(row("bn1.bias")[3..5], ["plain: *", "zeros"]);
    assert_eq!(row("bn1.running_mean")[3..5], ["plain: *", "zeros"]);
    assert_eq!(row("bn1.running_var")[3..5], ["plain: *running_var", "ones"]);
    assert_eq!(row("bn1.num_batches_tracked")[1..5], ["scalar", "I64", "counter", "zeros"]);
    assert_eq!(text.lines().count(), 321);
    assert_eq!(folder.files(), [""; 0]);

    let text = String::from_utf8(folder.ok(&["init", &example("gpt2.toml"), "--explain"])).unwrap();
    let head = text.lines().find(|line| line.starts_with("lm_head.weight")).unwrap();
    let cells: Vec<_> = head.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).collect();
    assert_eq!(cells[4..], ["normal(std=0.02)", "-", "normal mean 0 std 0.02", "transformer.wte.weight"]);
}

#[test]
fn summaries_count_tied_tensors_once() {
    let folder = Folder::with("spec.toml", SPEC);
    let stdout = folder.ok(&["init", "spec.toml", "-o", "out.safetensors", "--backend", "cpu", "--json"]);
    let summary: serde_json::Value = serde_json::from_slice(&stdout).unwrap();
    assert_eq!(summary["backend"], "cpu");
    assert_eq!(summary["tensors"], 7);
    assert_eq!(summary["parameters"], 64 * 48 + 7 + 15 + 5);
    assert_eq!(summary["elements"], 2 * 64 * 48 + 7 + 15 + 5 + 1 + 3);
    assert_eq!(summary["bytes"], 2 * (2 * 64 * 48 + 7) + 4 * 15 + 2 * 5 + 8 + 3);
    assert_eq!(summary["seed"], 7);
    assert!(summary["seconds"].as_f64().unwrap() > 0.0);
}

/// The parameter counts that the models are known by.
#[test]
fn examples_are_whole() {
    let folder = Folder::new();
    let output = folder.run(&["init", &example("resnet50.toml"), "-o", "resnet50.safetensors"]);
    let text = said(&output);
    assert!(text.contains("25557032 parameters in 320 tensors"), "{text}");
    for model in ["gpt2", "llama-3.2-1b"] {
        folder.ok(&["init", &example(&format!("{model}.toml")), "--explain"]);
    }
}

#[test]
fn existing_files_are_replaced_only_by_complete_ones() {
    let folder = Folder::with("spec.toml", SPEC).and("out.safetensors", "old").and("bad.toml", "seed = -1");
    assert!(!folder.run(&["init", "bad.toml", "-o", "out.safetensors"]).status.success());
    assert_eq!(folder.read("out.safetensors"), b"old");
    folder.ok(&["init", "spec.toml", "-o", "out.safetensors", "--backend", "cpu"]);
    assert!(SafeTensors::deserialize(&folder.read("out.safetensors")).is_ok());
}

/// Ctrl-C in the middle of a large model: exit code 130 and no file, complete or not.
#[cfg(unix)]
#[test]
fn interruption_leaves_nothing() {
    let folder = Folder::new();
    let spec = example("llama-3.2-1b.toml");
    for backend in ["cpu", "gpu"] {
        let mut command = folder.command(&["init", &spec, "-o", "out.safetensors", "--backend", backend]);
        let child = command.stderr(std::process::Stdio::piped()).spawn().unwrap();
        let begun = std::time::Instant::now();
        while folder.files().is_empty() {
            assert!(begun.elapsed().as_secs() < 60, "nothing is being written");
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        let signal = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status();
        assert!(signal.unwrap().success());
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(130));
        assert_eq!(said(&output), "interrupted; nothing was written\n");
        assert_eq!(folder.files(), [""; 0]);
    }
}
