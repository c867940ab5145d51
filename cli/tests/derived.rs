//! Tensors that follow from another tensor of the same model.

mod common;

use common::{Folder, said};
use safetensors::{Dtype, SafeTensors};

/// The elements of a tensor, and how many bytes each has.
fn values(folder: &Folder, file: &str, name: &str) -> Vec<f64> {
    let bytes = folder.read(file);
    let tensors = SafeTensors::deserialize(&bytes).unwrap();
    let tensor = tensors.tensor(name).unwrap();
    let dtype = match tensor.dtype() {
        Dtype::F32 => weightinit::DType::F32,
        Dtype::BF16 => weightinit::DType::BF16,
        Dtype::F8_E4M3 => weightinit::DType::F8E4M3,
        other => panic!("{other:?}"),
    };
    weightinit::cpu::elements(dtype, tensor.data()).map(|bits| dtype.value(bits)).collect()
}

fn fails(folder: &Folder, spec: &str, expected: &str) {
    let output = folder.run(&["init", spec, "-o", "o.safetensors", "--backend", "cpu"]);
    assert_eq!(output.status.code(), Some(1), "{spec}");
    assert!(said(&output).contains(expected), "{expected}\n{}", said(&output));
}

fn is_verified(folder: &Folder, file: &str, spec: &str) {
    for how in [&["--backend", "cpu"][..], &["--backend", "gpu"], &["--statistics"]] {
        folder.ok(&[&["verify", file, "--spec", spec], how].concat());
    }
}

/// Norms of weight_norm by the torch recipe, by rules, and of what a checkpoint has.
#[test]
fn norms_follow_from_their_weights() {
    let list = r#"{"tensors": [
        {"name": "conv.parametrizations.weight.original0", "shape": [1, 1, 5]},
        {"name": "conv.parametrizations.weight.original1", "shape": [12, 7, 5]},
        {"name": "old.weight_g", "shape": [300, 1], "dtype": "bf16"},
        {"name": "old.weight_v", "shape": [300, 900], "dtype": "bf16"}]}"#;
    let rules = "tensors = \"list.json\"\nlayout = \"torch\"\n[[rule]]\nmatch = \"*.{weight_v,original1}\"\ninit = \
        \"normal\"\n\
        [[rule]]\nmatch = \"*.weight_g\"\ninit = \"norms\"\nof = \"weight_v\"\n\
        [[rule]]\nmatch = \"*.original0\"\ninit = \"norms\"\nof = \"conv.parametrizations.weight.original1\"\n";
    let orthogonal = rules.replace("init = \"normal\"", "init = \"orthogonal\"");
    let folder = Folder::with("list.json", list)
        .and("recipe.toml", "tensors = \"list.json\"\nrecipe = \"torch\"\n")
        .and("rules.toml", rules)
        .and("orthogonal.toml", orthogonal);
    for spec in ["recipe.toml", "rules.toml", "orthogonal.toml"] {
        for backend in ["cpu", "gpu"] {
            folder.ok(&["init", spec, "-o", "o.safetensors", "--backend", backend]);
            let rows = values(&folder, "o.safetensors", "old.weight_v");
            let norms = values(&folder, "o.safetensors", "old.weight_g");
            // An orthogonal matrix on a GPU is close to the CPU's, of which the norms are.
            let close = if spec == "orthogonal.toml" && backend == "gpu" { 1e-2 } else { 0.0 };
            let is_norm = |found: f64, expected: f64| (found - expected).abs() <= close * expected;
            for (row, norm) in rows.chunks(900).zip(norms) {
                let expected = row.iter().map(|x| x * x).sum::<f64>().sqrt();
                assert!(is_norm(norm, f64::from(half(expected))), "{spec} {backend}: {norm}, expected {expected}");
            }
            let taps = values(&folder, "o.safetensors", "conv.parametrizations.weight.original1");
            let norms = values(&folder, "o.safetensors", "conv.parametrizations.weight.original0");
            for (tap, norm) in norms.into_iter().enumerate() {
                let expected = taps.iter().skip(tap).step_by(5).map(|x| x * x).sum::<f64>().sqrt();
                assert!(is_norm(norm, f64::from(expected as f32)), "{spec} {backend}: {norm}, expected {expected}");
            }
        }
        is_verified(&folder, "o.safetensors", spec);
    }
    // Statistics take the norms of what the file itself has, whoever drew it.
    folder.ok(&["init", "recipe.toml", "-o", "o.safetensors", "--backend", "cpu", "--seed", "9"]);
    folder.ok(&["verify", "o.safetensors", "--spec", "recipe.toml", "--statistics"]);
    let mut other = folder.read("o.safetensors");
    let magnitude = SafeTensors::deserialize(&other).unwrap().tensor("old.weight_g").unwrap().data().as_ptr();
    let place = magnitude as usize - other.as_ptr() as usize;
    other[place + 1] ^= 1;
    let folder = folder.and("changed.safetensors", other);
    let output = folder.run(&["verify", "changed.safetensors", "--spec", "recipe.toml", "--statistics"]);
    assert!(said(&output).contains(": 1 of 4 tensors are suspicious"), "{}", said(&output));
    let table = String::from_utf8(folder.ok(&["init", "recipe.toml", "--explain"])).unwrap();
    assert!(table.contains("norms of old.weight_v: "), "{table}");
    let changed = rules.replace("\"*.{weight_v,original1}\"\ninit = \"normal\"", "\"*.weight_v\"\ninit = \"keep\"");
    let folder = folder.and(
        "dora.toml",
        "tensors = \"o.safetensors\"\nrecipe = \"lora\"\n[[rule]]\nmatch = \"old.*\"\ninit = \
         \"keep\"\n[[rule]]\nmatch = \"conv.*\"\ninit = \"drop\"\n[[tensor]]\nname = \
         \"base_model.model.old.lora_magnitude_vector.default.weight\"\n\
         shape = [300]\ndtype = \"f32\"\n[[rule]]\nmatch = \"*magnitude*\"\ninit = \"norms\"\nof = \"old.weight_v\"\n",
    );
    folder.ok(&["init", "dora.toml", "-o", "dora.safetensors", "--backend", "cpu"]);
    let rows = values(&folder, "o.safetensors", "old.weight_v");
    let name = "base_model.model.old.lora_magnitude_vector.default.weight";
    for (row, norm) in rows.chunks(900).zip(values(&folder, "dora.safetensors", name)) {
        assert_eq!(norm, f64::from(row.iter().map(|x| x * x).sum::<f64>().sqrt() as f32));
    }
    let folder = folder.and("kept.toml", changed).and(
        "wrong.toml",
        "default = \"normal\"\n[[tensor]]\nname = \"v\"\nshape = [3, 4]\n[[tensor]]\nname = \"g\"\nshape = \
         [5]\n[[rule]]\nmatch = \"g\"\ninit = \"norms\"\nof = \"v\"\n",
    );
    fails(&folder, "kept.toml", "list.json: only a checkpoint");
    fails(&folder, "wrong.toml", "tensor 'g': shape [5] holds no norms of a tensor of shape [3, 4]");
    let spec = |rule: &str| format!("[[tensor]]\nname = \"g\"\nshape = [5]\n[[rule]]\nmatch = \"g\"\n{rule}\n");
    let folder =
        folder.and("none.toml", spec("init = \"norms\"")).and("other.toml", spec("init = \"norms\"\nof = \"x\""));
    fails(&folder, "none.toml", "rule 'g': norms needs the name of another tensor, as of = \"weight_v\"");
    fails(&folder, "other.toml", "tensor 'g': it follows from 'x' or 'x', which is not in the list or not drawn");
}

/// A number rounded to bf16.
fn half(value: f64) -> f32 {
    let bits = weightinit::DType::BF16.bits(value);
    weightinit::DType::BF16.value(bits) as f32
}

/// Weights of 8 bits with the scales of whole tensors, of rows and of blocks: their products follow the recipe's laws.
#[test]
fn scales_of_8_bit_weights_make_products_follow_their_laws() {
    let list = r#"{"tensors": [
        {"name": "model.embed_tokens.weight", "shape": [400, 300], "dtype": "bf16"},
        {"name": "model.layers.0.mlp.up_proj.weight", "shape": [300, 260], "dtype": "F8_E4M3"},
        {"name": "model.layers.0.mlp.up_proj.weight_scale_inv", "shape": [3, 3]},
        {"name": "model.layers.0.mlp.gate_proj.weight", "shape": [300, 260], "dtype": "F8_E4M3"},
        {"name": "model.layers.0.mlp.gate_proj.weight_scale", "shape": [300, 1], "dtype": "bf16"},
        {"name": "model.layers.0.mlp.down_proj.weight", "shape": [260, 300], "dtype": "F8_E5M2"},
        {"name": "model.layers.0.mlp.down_proj.scale", "shape": []}]}"#;
    let spec = "tensors = \"list.json\"\nrecipe = { name = \"llama\", initializer_range = 0.002 }\n[[rule]]\nmatch = \
        [\"*_scale_inv\", \"*_scale\", \"*.scale\"]\ninit = \"fp8_scale\"\n";
    let folder = Folder::with("list.json", list).and("a.toml", spec);
    folder.ok(&["init", "a.toml", "-o", "o.safetensors", "--backend", "cpu"]);
    is_verified(&folder, "o.safetensors", "a.toml");
    for (name, scale) in [("up", "weight_scale_inv"), ("gate", "weight_scale")] {
        let weight = values(&folder, "o.safetensors", &format!("model.layers.0.mlp.{name}_proj.weight"));
        let scales = values(&folder, "o.safetensors", &format!("model.layers.0.mlp.{name}_proj.{scale}"));
        assert!(scales.iter().all(|x| *x == scales[0]), "{scales:?}");
        let count = weight.len() as f64;
        let std = (weight.iter().map(|x| (x * scales[0]).powi(2)).sum::<f64>() / count).sqrt();
        assert!((std / 0.002 - 1.0).abs() < 0.01, "{std}");
        let largest = weight.iter().fold(0.0, |largest: f64, x| largest.max(x.abs()));
        assert!((100.0..=448.0).contains(&largest), "{largest}");
        let zeros = weight.iter().filter(|x| **x == 0.0).count();
        assert!((zeros as f64) < 1e-3 * count, "{zeros}");
    }
    let table = String::from_utf8(folder.ok(&["init", "a.toml", "--explain"])).unwrap();
    // 6.67 standard deviations of 0.002 over 448 are a little under 2^-15.
    let row = |name: &str| table.lines().find(|line| line.starts_with(name)).unwrap().to_owned();
    let weight = row("model.layers.0.mlp.up_proj.weight ");
    assert!(
        weight.contains("normal mean 0 std 65.536, times 0.00003051758 by model.layers.0.mlp.up_proj.weight_scale_inv")
    );
    assert!(
        row("model.layers.0.mlp.gate_proj.weight_scale").contains("scale of model.layers.0.mlp.gate_proj.weight: ")
    );
    let without = spec.split("[[rule]]").next().unwrap();
    let alone = |rule: &str| format!("{without}default = \"zeros\"\n[[rule]]\nmatch = \"*_scale_inv\"\n{rule}");
    let folder = folder
        .and("none.toml", without)
        .and("other.toml", alone("init = \"fp8_scale\"\nof = \"bias\""))
        .and("wide.toml", alone("init = \"fp8_scale\"\nof = \"model.embed_tokens.weight\""))
        .and("word.toml", alone("init = \"fp8_scale\"\nstd = 1"));
    fails(&folder, "none.toml", "as init = \"fp8_scale\" for scales of 8-bit weights");
    fails(
        &folder,
        "other.toml",
        "it follows from 'model.layers.0.mlp.up_proj.bias' or 'bias', which is not in the list",
    );
    fails(&folder, "wide.toml", "'model.embed_tokens.weight' is of bf16, and only weights of 8 bits have scales");
    fails(&folder, "word.toml", "rule '*_scale_inv': fp8_scale has no parameter 'std'; it takes of");
}
