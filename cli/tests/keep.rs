//! Checkpoints of which a part is kept, and lists that they are made from.

mod common;

use common::{Folder, said};

const BASE: &str = r#"
seed = 1
dtype = "bf16"
default = "normal"
[[tensor]]
name = "embed.weight"
shape = [32, 4]
[[tensor]]
name = "layer.weight"
shape = [4, 4]
[[tensor]]
name = "head.weight"
shape = [7, 4]
[[tensor]]
name = "ids"
shape = [5]
dtype = "int64"
[[rule]]
match = "ids"
init = "arange"
start = 3
"#;

fn base() -> Folder {
    let folder = Folder::with("base.toml", BASE);
    folder.ok(&["init", "base.toml", "-o", "base.safetensors", "--backend", "cpu"]);
    folder
}

fn tensor(folder: &Folder, file: &str, name: &str) -> Option<(Vec<usize>, Vec<u8>)> {
    let bytes = folder.read(file);
    let tensors = safetensors::SafeTensors::deserialize(&bytes).unwrap();
    let tensor = tensors.tensor(name).ok()?;
    Some((tensor.shape().to_vec(), tensor.data().to_vec()))
}

#[test]
fn a_head_is_made_anew_and_the_rest_is_kept() {
    let folder = base().and(
        "head.toml",
        r#"
        seed = 2
        tensors = "base.safetensors"
        default = "keep"
        [[tensor]]
        name = "head.weight"
        shape = [9, 4]
        [[tensor]]
        name = "lora_A.weight"
        shape = [2, 4]
        dtype = "f32"
        [[tensor]]
        name = "embed.weight"
        shape = [40, 4]
        [[rule]]
        match = "layer.*"
        init = "drop"
        [[rule]]
        match = "embed.weight"
        init = "keep"
        of = "constant"
        value = 0.5
        [[rule]]
        match = ["head.weight", "lora_A.weight"]
        init = "normal"
        "#,
    );
    for backend in ["cpu", "gpu"] {
        folder.ok(&["init", "head.toml", "-o", "new.safetensors", "--backend", backend]);
        let kept = |name: &str| tensor(&folder, "base.safetensors", name).unwrap().1;
        let new = |name: &str| tensor(&folder, "new.safetensors", name);
        assert_eq!(new("layer.weight"), None);
        assert_eq!(new("ids").unwrap().1, kept("ids"));
        assert_eq!(new("lora_A.weight").unwrap().1.len(), 32);
        let (shape, head) = new("head.weight").unwrap();
        assert_eq!(shape, [9, 4]);
        assert_ne!(head[..56], kept("head.weight")[..]);
        let (shape, embed) = new("embed.weight").unwrap();
        assert_eq!(shape, [40, 4]);
        assert_eq!(embed[..256], kept("embed.weight")[..]);
        assert!(embed[256..].chunks(2).all(|element| element == [0, 0x3f]));
        folder.ok(&["verify", "new.safetensors", "--spec", "head.toml", "--backend", "cpu"]);
        folder.ok(&["verify", "new.safetensors", "--spec", "head.toml", "--statistics"]);
        let table = String::from_utf8(folder.ok(&["init", "head.toml", "--explain"])).unwrap();
        assert!(table.contains("kept from base.safetensors"), "{table}");
    }
    let mut changed = folder.read("new.safetensors");
    let last = changed.len() - 40;
    changed[last] ^= 1;
    let folder = folder.and("new.safetensors", changed);
    let output = folder.run(&["verify", "new.safetensors", "--spec", "head.toml", "--backend", "cpu"]);
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn what_cannot_be_kept_is_refused() {
    let folder = base();
    for (spec, expected) in [
        ("default = \"keep\"", "error: a.toml: there are no tensors"),
        ("default = \"keep\"\n[[tensor]]\nname = \"a\"\nshape = [1]", "there is no checkpoint to keep it from"),
        (
            "default = \"keep\"\ntensors = \"base.safetensors\"\n[[tensor]]\nname = \"new\"\nshape = [1]",
            "tensor 'new': base.safetensors has no such tensor to keep; give it an initializer",
        ),
        (
            "default = \"keep\"\ntensors = \"base.safetensors\"\n[[tensor]]\nname = \"head.weight\"\nshape = [9, 4]",
            "tensor 'head.weight': it has grown to [9, 4]; say how new rows are initialized, as of = \"normal\"",
        ),
        (
            "default = \"keep\"\ntensors = \"base.safetensors\"\n[[tensor]]\nname = \"head.weight\"\nshape = [6, 4]",
            "its shape [6, 4] was [7, 4]: only the first dimension of what is kept can grow",
        ),
        (
            "default = \"keep\"\ntensors = \"base.safetensors\"\n[[tensor]]\nname = \"ids\"\nshape = [5]\ndtype = \
             \"int32\"",
            "it is I32 and was I64: what is kept keeps its dtype; leave dtype out",
        ),
        ("tensors = \"base.safetensors\"\ndefault = { init = \"drop\", std = 1 }", "drop has no parameter 'std'"),
    ] {
        let folder = Folder::with("a.toml", spec).and("base.safetensors", folder.read("base.safetensors"));
        let output = folder.run(&["init", "a.toml", "-o", "o.safetensors", "--backend", "cpu"]);
        assert_eq!(output.status.code(), Some(1), "{spec}");
        assert!(said(&output).contains(expected), "{spec}\n{}", said(&output));
        assert_eq!(folder.files(), ["a.toml", "base.safetensors"]);
    }
}

/// New rows have the moments of the old ones, or are their mean, as a parameter says.
#[test]
fn new_rows_follow_the_old_ones() {
    let old = "dtype = \"f32\"\n[[tensor]]\nname = \"embed.weight\"\nshape = [500, 8]\n\
        [[rule]]\nmatch = \"*\"\ninit = \"normal\"\nmean = 0.5\nstd = 0.02\n";
    let folder = Folder::with("old.toml", old);
    folder.ok(&["init", "old.toml", "-o", "old.safetensors", "--backend", "cpu"]);
    let spec = |of: &str| {
        format!(
            "seed = 9\ntensors = \"old.safetensors\"\n[[tensor]]\nname = \"embed.weight\"\nshape = [1500, \
             8]\n[[rule]]\n\
             match = \"*\"\ninit = \"keep\"\n{of}"
        )
    };
    let values = |folder: &Folder, file: &str| -> Vec<f64> {
        let (_, bytes) = tensor(folder, file, "embed.weight").unwrap();
        bytes.chunks(4).map(|x| f64::from(f32::from_le_bytes(x.try_into().unwrap()))).collect()
    };
    let kept = values(&folder, "old.safetensors");
    let moments = |values: &[f64]| {
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        (mean, (values.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / values.len() as f64).sqrt())
    };
    let (mean, std) = moments(&kept);
    let folder = folder
        .and("normal.toml", spec("of = \"normal\"\nmean = \"kept\"\nstd = \"kept\"\n"))
        .and("shifted.toml", spec("of = \"truncated_normal\"\nstd = \"kept\"\n"))
        .and("mean.toml", spec("of = \"mean_row\"\n"));
    for spec in ["normal.toml", "shifted.toml", "mean.toml"] {
        folder.ok(&["init", spec, "-o", "new.safetensors", "--backend", "cpu"]);
        let new = values(&folder, "new.safetensors");
        assert_eq!(new[..kept.len()], kept);
        folder.ok(&["verify", "new.safetensors", "--spec", spec, "--backend", "cpu"]);
        folder.ok(&["verify", "new.safetensors", "--spec", spec, "--statistics"]);
        let table = String::from_utf8(folder.ok(&["init", spec, "--explain"])).unwrap();
        let rows = &new[kept.len()..];
        let (found, spread) = moments(rows);
        match spec {
            "normal.toml" => {
                let errors = ((found - mean) / std * 8000f64.sqrt(), (spread / std - 1.0) * 16000f64.sqrt());
                assert!(errors.0.abs() < 5.0 && errors.1.abs() < 5.0, "{errors:?}");
                let digits = |value: f64| format!("{value:.6e}").parse::<f64>().unwrap();
                let said = format!("new rows normal mean {} std {}", digits(mean), digits(std));
                assert!(table.contains(&said), "{said}\n{table}");
            }
            "shifted.toml" => assert!(found.abs() < 5.0 * std / 8000f64.sqrt() && spread < std, "{found} {spread}"),
            _ => {
                let column = |at: usize| kept.iter().skip(at).step_by(8).sum::<f64>() / 500.0;
                assert!(rows.iter().enumerate().all(|(index, x)| (x - column(index % 8)).abs() < 1e-7));
            }
        }
    }
    let mut bytes = folder.read("old.safetensors");
    let at = bytes.len() - 4;
    bytes[at..].copy_from_slice(&f32::NAN.to_le_bytes());
    let folder = folder
        .and("old.safetensors", bytes)
        .and("row.toml", spec("of = \"mean_row\"\nstd = 1\n"))
        .and("word.toml", spec("of = \"normal\"\nstd = \"old\"\n"));
    for (spec, expected) in [
        ("mean.toml", "tensor 'embed.weight': element 3999 that is kept is NaN, so that new rows have no mean"),
        ("normal.toml", "tensor 'embed.weight': element 3999 that is kept is NaN, so that new rows have no mean"),
        ("row.toml", "rule '*': mean_row has no parameter 'std'"),
        ("word.toml", "rule '*': parameter 'std' of normal is 'old'; expected a number"),
    ] {
        let output = folder.run(&["init", spec, "-o", "o.safetensors", "--backend", "cpu"]);
        assert_eq!(output.status.code(), Some(1), "{spec}");
        assert!(said(&output).contains(expected), "{}", said(&output));
    }
}

/// Shapes by name, as a dictionary prints them; tensors without elements; a list whose names tell its library.
#[test]
fn lists_are_read_as_programs_write_them() {
    let folder = Folder::with("shapes.json", r#"{"fc.weight": [4, 3], "fc.bias": [4], "empty.weight": [0, 3]}"#);
    let output = folder.run(&["init", "shapes.json", "-o", "o.safetensors", "--backend", "cpu"]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert!(said(&output).contains("no recipe is named; the tensors' names are those of torch"), "{}", said(&output));
    assert_eq!(tensor(&folder, "o.safetensors", "empty.weight").unwrap(), (vec![0, 3], vec![]));
    let bound = 1.0 / 3f32.sqrt();
    for name in ["fc.weight", "fc.bias"] {
        let (_, bytes) = tensor(&folder, "o.safetensors", name).unwrap();
        let values: Vec<_> = bytes.chunks(4).map(|x| f32::from_le_bytes(x.try_into().unwrap())).collect();
        assert!(values.iter().all(|x| x.abs() < bound && *x != 0.0), "{values:?}");
    }
    folder.ok(&["verify", "o.safetensors", "--spec", "shapes.json", "--backend", "cpu"]);
    for (list, expected) in [
        (
            r#"{"model.layers.0.self_attn.q_proj.weight": [4, 4]}"#,
            "a model of transformers, which needs its config.json",
        ),
        (
            r#"{"layer1.0.conv1.weight": [4, 4, 3, 3]}"#,
            "torchvision, timm and diffusers initialize each in its own way",
        ),
        (r#"{"a.weight": [4, 4], "b.gamma": [4]}"#, "those of several libraries"),
        (r#"{"a": [4, 4]}"#, "those of no library that is known"),
    ] {
        let folder = Folder::with("shapes.json", list);
        let output = folder.run(&["init", "shapes.json", "-o", "o.safetensors"]);
        assert_eq!(output.status.code(), Some(1));
        assert!(said(&output).contains(expected), "{}", said(&output));
        assert!(said(&output).contains("name a recipe or an initializer"), "{}", said(&output));
    }
}

/// Neither a folder's one file, nor a shard, nor an index is written over while it is read, whatever it is called.
#[test]
fn no_file_of_the_source_is_written_over() {
    let folder = base();
    folder.ok(&["init", "base.toml", "-o", "shards", "--shard-size", "100", "--backend", "cpu"]);
    let shard = "shards/model-00001-of-00004.safetensors";
    std::os::unix::fs::symlink("shards", folder.path("link")).unwrap();
    let index = "shards/model.safetensors.index.json";
    let mut specs = Vec::new();
    for (name, source) in
        [("of_folder", "shards"), ("of_index", index), ("of_link", "link"), ("of_file", "base.safetensors")]
    {
        let path = format!("{name}.toml");
        std::fs::write(folder.path(&path), format!("seed = 9\ntensors = \"{source}\"\ndefault = \"keep\"\n")).unwrap();
        specs.push((path, if name == "of_file" { "base.safetensors" } else { shard }));
    }
    let before = [shard, index, "base.safetensors"].map(|path| folder.read(path));
    for (spec, output) in &specs {
        let refused = folder.run(&["init", spec, "-o", output, "--backend", "cpu"]);
        assert_eq!(refused.status.code(), Some(1), "{spec}");
        let expected =
            format!("error: cannot write {output}: it is what the tensors are read from; give another name\n");
        assert_eq!(said(&refused), expected);
    }
    assert!(before == [shard, index, "base.safetensors"].map(|path| folder.read(path)));
}
