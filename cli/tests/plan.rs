//! `plan`: its JSON, run by a program that knows nothing but the JSON, makes the file that `init` writes.

mod common;
#[path = "../../tests/implementations/runner.rs"]
mod runner;

use common::{Folder, said};
use runner::Runner;
use safetensors::SafeTensors;
use serde_json::Value;

const SPEC: &str = r#"
seed = 3
layout = "torch"
default = "he_normal"

[[tensor]]
name = "a"
shape = [64, 48]

[[tensor]]
name = "b"
shape = [33, 5]
dtype = "bfloat16"

[[tensor]]
name = "c"
shape = [3, 3]
dtype = "float16"

[[tensor]]
name = "zero"
shape = [5]

[[tensor]]
name = "large"
shape = [34000000]

[[tensor]]
name = "n"
shape = [3]
dtype = "int64"

[[rule]]
match = "c"
init = "uniform"

[[rule]]
match = "zero"
init = "zeros"

[[rule]]
match = "large"
init = "normal"

[[rule]]
match = "n"
init = "constant"
value = -2
"#;

#[test]
fn plans_run_on_any_webgpu() {
    let folder = Folder::with("spec.toml", SPEC);
    let plan: Value = serde_json::from_slice(&folder.ok(&["plan", "spec.toml", "--json"])).unwrap();
    folder.ok(&["init", "spec.toml", "-o", "model.safetensors", "--backend", "cpu"]);
    let file = folder.read("model.safetensors");
    let expected = SafeTensors::deserialize(&file).unwrap();

    let found = Runner::new().run(&plan);
    assert_eq!(found.len(), expected.len());
    for (name, tensor) in expected.tensors() {
        assert!(found[&name] == tensor.data(), "{name}");
    }
    // More than one window: 136 MB by bindings of 128 MiB.
    let large = plan["dispatches"].as_array().unwrap().iter().filter(|dispatch| dispatch["tensor"] == "large");
    assert_eq!(large.count(), 2);
}

#[test]
fn single_tensors_are_planned_as_they_are_filled() {
    let folder = Folder::new();
    let arguments = ["plan", "--shape", "64x48", "--init", "he_normal", "--layout", "torch", "--seed", "7", "--json"];
    let plan: Value = serde_json::from_slice(&folder.ok(&arguments)).unwrap();
    let dispatch = &plan["dispatches"][0];
    assert_eq!(dispatch["tensor"], "tensor");
    assert_eq!(dispatch["shader"], "symmetric_quantile_f32_whole");
    assert_eq!(dispatch["workgroups"], serde_json::json!([3, 1, 1]));
    // The key, the stream and the origin: seed 7, stream 0, element 0.
    assert!(dispatch["uniform"].as_str().unwrap().starts_with("0700000000000000000000000000000000000000000000"));
    assert_eq!(plan["tables"].as_object().unwrap().len(), 1);
}

#[test]
fn models_and_single_tensors_do_not_mix() {
    let folder = Folder::with("spec.toml", SPEC);
    let output = folder.run(&["plan", "spec.toml", "--shape", "4"]);
    let expected = "error: --shape, --param, --groups, --stream, --name and --range describe a single tensor; \
                    leave them out, or the spec\n";
    assert_eq!((output.status.code(), said(&output).as_str()), (Some(1), expected));
    let output = folder.run(&["plan"]);
    let expected = "error: there is no --shape; give dimensions such as --shape 64x48\n";
    assert_eq!((output.status.code(), said(&output).as_str()), (Some(1), expected));
}
