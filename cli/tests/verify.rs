//! `verify`: equal files pass on either backend, and every kind of difference is named.

mod common;

use common::{Folder, said};

const SPEC: &str = r#"
seed = 7
default = "normal"

[[tensor]]
name = "a"
shape = [1000]

[[tensor]]
name = "b"
shape = [3, 7]
dtype = "bfloat16"

[[tensor]]
name = "n"
shape = [2]
dtype = "int32"

[[rule]]
match = "n"
init = "zeros"
"#;

fn made() -> Folder {
    let folder = Folder::with("spec.toml", SPEC);
    folder.ok(&["init", "spec.toml", "-o", "model.safetensors", "--backend", "cpu"]);
    folder
}

/// Runs `verify` on what must differ, and returns what it says.
fn differences(folder: &Folder, more: &[&str]) -> String {
    let arguments = ["verify", "model.safetensors", "--spec", "spec.toml"];
    let output = folder.run(&arguments.iter().chain(more).copied().collect::<Vec<_>>());
    assert_eq!(output.status.code(), Some(1));
    said(&output)
}

#[test]
fn equal_files_pass() {
    let folder = made();
    for backend in ["cpu", "gpu", "auto"] {
        let stdout = folder.ok(&["verify", "model.safetensors", "--spec", "spec.toml", "--backend", backend]);
        let text = String::from_utf8(stdout).unwrap();
        assert!(text.starts_with("model.safetensors: 3 tensors, 1023 elements equal bit for bit to "), "{text}");
    }
    let json = folder.ok(&["verify", "model.safetensors", "--spec", "spec.toml", "--json"]);
    let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
    assert_eq!((&json["equal"], &json["elements"]), (&true.into(), &1023.into()));
}

#[test]
fn one_bit_is_found() {
    let folder = made();
    let mut file = folder.read("model.safetensors");
    let length = file.len();
    // The data are a (4 000 bytes), n (8), b (42); the last bf16 element of b.
    file[length - 2] ^= 1;
    file[length - 42 - 8 - 4000 + 4 * 123] ^= 0x40;
    std::fs::write(folder.path("model.safetensors"), &file).unwrap();
    let text = differences(&folder, &[]);
    let lines: Vec<_> = text.lines().collect();
    assert!(lines[0].starts_with("tensor 'a': 1 of 1000 elements differ, first at index 123: expected 0x"), "{text}");
    assert!(lines[1].starts_with("tensor 'b': 1 of 21 elements differ, first at index 20: expected 0x"), "{text}");
    assert_eq!(lines[2], "model.safetensors: 2 differences");
}

/// Another program may write the same tensors in another order.
#[test]
fn order_is_no_difference() {
    let folder = made();
    let file = folder.read("model.safetensors");
    let tensors = safetensors::SafeTensors::deserialize(&file).unwrap();
    let (mut header, mut data) = (serde_json::Map::new(), Vec::new());
    for name in ["n", "b", "a"] {
        let tensor = tensors.tensor(name).unwrap();
        let start = data.len();
        data.extend_from_slice(tensor.data());
        let dtype = format!("{:?}", tensor.dtype());
        let info = serde_json::json!({"dtype": dtype, "shape": tensor.shape(), "data_offsets": [start, data.len()]});
        header.insert(name.to_owned(), info);
    }
    let header = serde_json::to_vec(&header).unwrap();
    let swapped = [&(header.len() as u64).to_le_bytes()[..], &header, &data].concat();
    std::fs::write(folder.path("model.safetensors"), swapped).unwrap();
    folder.ok(&["verify", "model.safetensors", "--spec", "spec.toml"]);
}

#[test]
fn integers_are_compared_too() {
    let folder = made();
    let mut file = folder.read("model.safetensors");
    let length = file.len();
    file[length - 42 - 4] = 9;
    std::fs::write(folder.path("model.safetensors"), &file).unwrap();
    let text = differences(&folder, &[]);
    let expected = "tensor 'n': 1 of 2 elements differ, first at index 1: expected 0x00000000, found 0x00000009\n";
    assert!(text.starts_with(expected), "{text}");
}

#[test]
fn other_seeds_and_shapes_are_named() {
    let folder = made();
    let text = differences(&folder, &["--seed", "8"]);
    assert!(text.starts_with("tensor 'a': 1000 of 1000 elements differ, first at index 0:"), "{text}");
    let text = differences(&folder, &["--dtype", "f16"]);
    assert!(text.starts_with("tensor 'a' has dtype F32, expected F16\n"), "{text}");

    let spec = SPEC.replace("[1000]", "[999]").replace("\"b\"", "\"c\"");
    std::fs::write(folder.path("spec.toml"), spec).unwrap();
    let text = differences(&folder, &[]);
    assert!(text.contains("tensor 'a' has shape [1000], expected [999]\n"), "{text}");
    assert!(text.contains("tensor 'c' is missing\n"), "{text}");
    assert!(text.contains("tensor 'b' is not in the spec\n"), "{text}");
}

#[test]
fn devices_are_listed_and_checked() {
    let folder = Folder::new();
    let json: serde_json::Value = serde_json::from_slice(&folder.ok(&["devices", "--json"])).unwrap();
    let adapters = json["adapters"].as_array().unwrap();
    assert!(!adapters.is_empty());
    for adapter in adapters {
        assert_eq!(adapter["self_check"]["passed"], true, "{adapter}");
        assert!(adapter["limits"]["max_storage_buffer_binding_size"].as_u64().unwrap() > 0);
    }
    let text = String::from_utf8(folder.ok(&["devices"])).unwrap();
    assert!(text.starts_with("0: ") && text.contains("\nself-check of 0: passed: "), "{text}");
}
