//! Models in several files, by one process or by ranks: the same bytes whoever writes them, and read as one file.

mod common;

use std::collections::BTreeMap;

use common::{Folder, said};
use safetensors::SafeTensors;
use serde_json::Value;

/// Twelve matrices of 8000 bytes, one of 40000, vectors, a scalar counter and an orthogonal one.
fn spec() -> String {
    let mut spec = "seed = 7\ndefault = \"normal\"\n[[rule]]\nmatch = \"*.o\"\ninit = \"orthogonal\"\nlayout = \
         \"torch\"\n[[rule]]\nmatch = \"ids\"\ninit = \"arange\"\n"
        .to_owned();
    let mut tensor = |name: &str, shape: &str, dtype: &str| {
        spec += &format!("[[tensor]]\nname = \"{name}\"\nshape = {shape}\ndtype = \"{dtype}\"\n");
    };
    for layer in 0..12 {
        tensor(&format!("l.{layer}.w"), "[40, 50]", "float32");
        tensor(&format!("l.{layer}.b"), "[7]", "float32");
    }
    tensor("big", "[100, 100]", "float32");
    tensor("half", "[33, 65]", "bfloat16");
    tensor("l.o", "[30, 20]", "float32");
    tensor("l.num_batches_tracked", "[]", "int64");
    tensor("ids", "[1, 9]", "int64");
    tensor("kernel", "[5, 6, 3, 3]", "float32");
    spec
}

fn folder() -> Folder {
    Folder::with("spec.toml", spec())
}

fn command<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&["init", "spec.toml", "--backend", "cpu"], more].concat()
}

/// All files below a folder, with their contents.
fn files(folder: &Folder, name: &str) -> BTreeMap<String, Vec<u8>> {
    let entries = std::fs::read_dir(folder.path(name)).unwrap().map(Result::unwrap);
    entries.map(|entry| (entry.file_name().into_string().unwrap(), std::fs::read(entry.path()).unwrap())).collect()
}

/// Tensors by their names, of all .safetensors.
fn tensors(files: &BTreeMap<String, Vec<u8>>) -> BTreeMap<String, (Vec<usize>, Vec<u8>)> {
    let mut found = BTreeMap::new();
    for file in files.iter().filter(|(name, _)| name.ends_with(".safetensors")).map(|(_, file)| file) {
        for (name, tensor) in SafeTensors::deserialize(file).unwrap().tensors() {
            let known = found.insert(name, (tensor.shape().to_vec(), tensor.data().to_vec()));
            assert!(known.is_none());
        }
    }
    found
}

fn whole() -> BTreeMap<String, (Vec<usize>, Vec<u8>)> {
    let folder = folder();
    // As ranks do it, an orthogonal matrix is the CPU's.
    folder.ok(&command(&["-o", "one.safetensors"]));
    tensors(&BTreeMap::from([("one.safetensors".to_owned(), folder.read("one.safetensors"))]))
}

#[test]
fn shards_hold_the_model_and_are_indexed() {
    let folder = folder();
    folder.ok(&command(&["-o", "m/", "--shard-size", "20KB"]));
    let found = files(&folder, "m");
    let names: Vec<_> = found.keys().map(String::as_str).collect();
    let shards: Vec<_> = names.iter().filter(|name| name.ends_with(".safetensors")).collect();
    let count = shards.len();
    assert!(count > 5);
    for (number, name) in shards.iter().enumerate() {
        assert_eq!(**name, format!("model-{:05}-of-{count:05}.safetensors", number + 1));
        let tensors = SafeTensors::deserialize(&found[**name]).unwrap();
        assert!(found[**name].len() <= 20_000 || tensors.len() == 1, "{name}: {} bytes", found[**name].len());
    }
    assert_eq!(names.len(), count + 1);
    let all = tensors(&found);
    assert!(all == whole());
    let index: Value = serde_json::from_slice(&found["model.safetensors.index.json"]).unwrap();
    let map = index["weight_map"].as_object().unwrap();
    assert!(map.keys().eq(all.keys()));
    for (name, file) in map {
        let tensors = SafeTensors::deserialize(&found[file.as_str().unwrap()]).unwrap();
        assert!(tensors.tensor(name).is_ok());
    }
    assert_eq!(index["metadata"]["total_size"], all.values().map(|(_, bytes)| bytes.len()).sum::<usize>());

    // The other way to say it; another name; and one that is large enough.
    folder.ok(&command(&["-o", "n/model.safetensors", "--shard-size", "20000"]));
    assert!(files(&folder, "n") == found);
    folder.ok(&command(&["-o", "a.safetensors", "--shard-size", "20KB"]));
    assert!(folder.path("a.safetensors.index.json").is_file());
    folder.ok(&command(&["-o", "large", "--shard-size", "5GB"]));
    assert_eq!(files(&folder, "large").into_keys().collect::<Vec<_>>(), ["model.safetensors"]);
    // A folder may be called so, too.
    folder.ok(&command(&["-o", "o.safetensors/", "--shard-size", "20KB"]));
    assert!(files(&folder, "o.safetensors") == found);
}

#[test]
fn the_size_in_an_index_is_compared() {
    let folder = folder();
    folder.ok(&command(&["-o", "m/", "--shard-size", "20KB"]));
    let index = "m/model.safetensors.index.json";
    let verify = ["verify", "m", "--spec", "spec.toml", "--backend", "cpu"];
    folder.ok(&verify);
    let mut wrong: Value = serde_json::from_slice(&folder.read(index)).unwrap();
    let size = wrong["metadata"]["total_size"].as_u64().unwrap();
    wrong["metadata"]["total_size"] = (size + 4).into();
    std::fs::write(folder.path(index), wrong.to_string()).unwrap();
    let output = folder.run(&verify);
    assert_eq!(output.status.code(), Some(1));
    let expected = format!("its index says total_size {}, the tensors have {size} bytes together\n", size + 4);
    assert!(said(&output).contains(&expected), "{}", said(&output));
    // Others write it otherwise, or not at all.
    for metadata in [serde_json::json!({"total_size": size as f64}), serde_json::json!({}), Value::Null] {
        wrong["metadata"] = metadata;
        std::fs::write(folder.path(index), wrong.to_string()).unwrap();
        folder.ok(&verify);
    }
}

#[test]
fn files_do_not_depend_on_the_number_of_ranks() {
    let folder = folder();
    folder.ok(&command(&["-o", "alone", "--shard-size", "20KB"]));
    let alone = files(&folder, "alone");
    for ranks in [2, 3, 4, 7, 40] {
        let (name, ranks) = (format!("by{ranks}"), ranks.to_string());
        let mut processes = Vec::new();
        for rank in 0..ranks.parse().unwrap() {
            let rank: u64 = rank;
            let rank = rank.to_string();
            let options = ["-o", &name, "--shard-size", "20KB", "--rank", &rank, "--world-size", &ranks];
            processes.push(folder.command(&command(&options)).stderr(std::process::Stdio::piped()).spawn().unwrap());
        }
        for (rank, process) in processes.into_iter().enumerate() {
            let output = process.wait_with_output().unwrap();
            assert!(output.status.success(), "rank {rank} of {ranks}: {}", said(&output));
            let found = format!("rank {rank} of {ranks} processes, by --rank and --world-size\n");
            assert_eq!(said(&output).contains(&found), rank == 0);
        }
        assert!(files(&folder, &name) == alone, "{ranks}");
    }
}

#[test]
fn launchers_say_who_a_process_is() {
    let folder = folder();
    folder.ok(&command(&["-o", "alone", "--shard-size", "20KB"]));
    for (name, variables) in [
        ("mpi", ["OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"]),
        ("torchrun", ["RANK", "WORLD_SIZE"]),
        ("slurm", ["SLURM_PROCID", "SLURM_NTASKS"]),
    ] {
        for rank in ["0", "1"] {
            let mut command = folder.command(&command(&["-o", name, "--shard-size", "20KB"]));
            command.env(variables[0], rank).env(variables[1], "2");
            if name == "slurm" {
                command.env("SLURM_STEP_ID", "0");
            }
            assert!(command.status().unwrap().success());
        }
        assert!(files(&folder, name) == files(&folder, "alone"), "{name}");
    }
}

/// Tensors put together from the slices of all ranks' files, which must not overlap.
fn together(files: &BTreeMap<String, Vec<u8>>, partition: &str) -> BTreeMap<String, (Vec<usize>, Vec<u8>)> {
    let mut found: BTreeMap<String, (Vec<usize>, Vec<Option<u8>>)> = BTreeMap::new();
    for file in files.values() {
        let (_, metadata) = SafeTensors::read_metadata(file).unwrap();
        let notes = metadata.metadata().as_ref().unwrap();
        assert_eq!(notes["weightinit_partition"], partition);
        let places: Value = serde_json::from_str(&notes["DCP_SHARDING_INFO"]).unwrap();
        for (name, tensor) in SafeTensors::deserialize(file).unwrap().tensors() {
            let list = |field: &str| serde_json::from_value::<Vec<usize>>(places[&name][field].clone()).unwrap();
            let (global, offsets, sizes) = (list("global_shape"), list("saved_offsets"), tensor.shape());
            let width = tensor.dtype().bitsize() / 8;
            let elements: usize = global.iter().product();
            let (_, bytes) = found.entry(name).or_insert_with(|| (global.clone(), vec![None; elements * width]));
            let shape = if partition == "flat" && !global.is_empty() { vec![elements] } else { global };
            for (position, element) in tensor.data().chunks(width).enumerate() {
                let (mut rest, mut place, mut stride) = (position, 0, 1);
                for axis in (0..shape.len()).rev() {
                    place += (offsets[axis] + rest % sizes[axis]) * stride;
                    (rest, stride) = (rest / sizes[axis], stride * shape[axis]);
                }
                for (byte, value) in bytes[place * width..][..width].iter_mut().zip(element) {
                    assert_eq!(byte.replace(*value), None);
                }
            }
        }
    }
    found
        .into_iter()
        .map(|(name, (shape, bytes))| (name, (shape, bytes.into_iter().map(Option::unwrap).collect())))
        .collect()
}

#[test]
fn slices_of_all_ranks_are_the_model() {
    let (folder, whole) = (folder(), whole());
    for partition in ["tensor", "rows", "cols", "flat"] {
        for ranks in [1usize, 2, 3, 4, 7] {
            let name = format!("{partition}{ranks}");
            for rank in 0..ranks {
                let (rank, ranks) = (rank.to_string(), ranks.to_string());
                folder.ok(&command(&["-o", &name, "--partition", partition, "--rank", &rank, "--world-size", &ranks]));
            }
            let found = files(&folder, &name);
            let expected = (0..ranks).map(|rank| format!("rank-{rank:05}-of-{ranks:05}.safetensors"));
            assert!(found.keys().cloned().eq(expected), "{:?}", found.keys());
            assert!(together(&found, partition) == whole, "{partition} of {ranks}");
        }
    }
}

#[test]
fn slices_are_the_same_on_any_backend_and_of_what_is_kept() {
    let folder = folder();
    folder.ok(&command(&["-o", "one.safetensors"]));
    // A tensor that grows by rows, whose old ones are kept, and others as they are.
    let keep = "tensors = \"one.safetensors\"\ndefault = \"keep\"\n[[tensor]]\nname = \"big\"\nshape = [130, 100]\n\
                [[rule]]\nmatch = \"big\"\ninit = \"keep\"\nof = \"normal\"\n";
    std::fs::write(folder.path("keep.toml"), keep).unwrap();
    folder.ok(&["init", "keep.toml", "-o", "kept.safetensors", "--backend", "cpu"]);
    let kept = tensors(&BTreeMap::from([("kept.safetensors".to_owned(), folder.read("kept.safetensors"))]));
    for partition in ["rows", "cols", "flat"] {
        for rank in ["0", "1", "2"] {
            let of = ["--partition", partition, "--rank", rank, "--world-size", "3"];
            folder.ok(&[&["init", "keep.toml", "--backend", "cpu", "-o", partition][..], &of].concat());
            folder.ok(&command(&[&["-o", "cpu"][..], &of].concat()));
            folder.ok(&[&["init", "spec.toml", "--backend", "gpu", "-o", "gpu"][..], &of].concat());
        }
        assert!(together(&files(&folder, partition), partition) == kept, "{partition}");
        assert!(files(&folder, "gpu") == files(&folder, "cpu"), "{partition}");
        let verify = ["verify", "cpu/rank-00001-of-00003.safetensors", "--spec", "spec.toml", "--partition", partition];
        folder.ok(&[&verify[..], &["--backend", "gpu", "--rank", "1", "--world-size", "3"]].concat());
        let other = folder.run(&[&verify[..], &["--backend", "cpu", "--rank", "0", "--world-size", "3"]].concat());
        assert_eq!(other.status.code(), Some(1));
        for name in ["cpu", "gpu"] {
            std::fs::remove_dir_all(folder.path(name)).unwrap();
        }
    }
}

#[test]
fn folders_and_indices_are_read_as_files() {
    let folder = folder();
    folder.ok(&command(&["-o", "m", "--shard-size", "20KB"]));
    folder.ok(&command(&["-o", "one.safetensors"]));
    let index = "m/model.safetensors.index.json";
    for checkpoint in ["m", "m/", index] {
        let verified = folder.ok(&["verify", checkpoint, "--spec", "spec.toml", "--backend", "cpu"]);
        let text = String::from_utf8(verified).unwrap();
        assert!(text.starts_with(&format!("{checkpoint}: 30 tensors, ")), "{text}");
        let statistics = |file| folder.ok(&["verify", file, "--statistics", "--spec", "spec.toml"]);
        assert!(statistics(checkpoint) == statistics("one.safetensors"));
        folder.ok(&["plot", checkpoint, "-o", "a.svg"]);
        folder.ok(&["plot", checkpoint, "--tensor", "l.3.w", "-o", "b.svg"]);
        // As a source, by itself and in a spec: names and shapes, and what is kept.
        folder.ok(&["init", checkpoint, "--init", "ones", "-o", "ones.safetensors", "--backend", "cpu"]);
        std::fs::write(folder.path("keep.toml"), format!("tensors = \"{checkpoint}\"\ndefault = \"keep\"\n")).unwrap();
        folder.ok(&["init", "keep.toml", "-o", "kept.safetensors", "--backend", "cpu"]);
        let read = |name: &str| tensors(&BTreeMap::from([(name.to_owned(), folder.read(name))]));
        assert!(read("kept.safetensors") == read("one.safetensors"));
        let ones = read("ones.safetensors");
        assert!(ones["big"].1 == 1.0f32.to_le_bytes().repeat(10_000));
    }
    // Headers alone say names and shapes.
    for (name, file) in files(&folder, "m") {
        if name.ends_with(".safetensors") {
            let header = 8 + u64::from_le_bytes(file[..8].try_into().unwrap()) as usize;
            std::fs::write(folder.path("m").join(&name), &file[..header]).unwrap();
        }
    }
    folder.ok(&["init", "m", "--init", "ones", "-o", "again.safetensors", "--backend", "cpu"]);
    assert!(folder.read("again.safetensors") == folder.read("ones.safetensors"));
    let output = folder.run(&["verify", "m", "--statistics"]);
    let message = said(&output);
    assert!(message.starts_with("error: m/model-00001-of-"), "{message}");
    assert!(message.contains("is not a complete .safetensors file: its header promises "), "{message}");
}

const LLAMA: &str = r#"{"model_type": "llama", "hidden_size": 64, "intermediate_size": 176, "num_hidden_layers": 2,
    "num_attention_heads": 4, "num_key_value_heads": 2, "vocab_size": 100, "torch_dtype": "bfloat16",
    "initializer_range": 0.02, "rms_norm_eps": 1e-5, "tie_word_embeddings": false}"#;

/// An index says names, and the configuration beside it shapes.
#[test]
fn an_index_without_files_is_read_by_its_configuration() {
    let folder = Folder::with("config.json", LLAMA);
    folder.ok(&["init", "config.json", "-o", "m", "--shard-size", "50KB", "--backend", "cpu"]);
    folder.ok(&["init", "config.json", "-o", "one", "--backend", "cpu"]);
    let found = files(&folder, "m");
    let shards: Vec<_> = found.keys().filter(|name| name.ends_with(".safetensors")).collect();
    shards.iter().for_each(|name| std::fs::remove_file(folder.path("m").join(name)).unwrap());
    for source in ["m", "m/model.safetensors.index.json"] {
        let output = folder.run(&["init", source, "-o", "again.safetensors", "--backend", "cpu"]);
        let text = said(&output);
        let expected = "no file of m/model.safetensors.index.json is there; shapes are those of m/config.json\n";
        assert!(text.starts_with(expected), "{text}");
        let again = BTreeMap::from([("again.safetensors".to_owned(), folder.read("again.safetensors"))]);
        assert!(tensors(&again) == tensors(&files(&folder, "one")));
    }
    // Some of its files are no file of its own configuration's.
    std::fs::write(folder.path("m").join(shards[0]), &found[shards[0]]).unwrap();
    let text = said(&folder.run(&["init", "m", "-o", "again.safetensors", "--backend", "cpu"]));
    assert!(text.contains(" files are missing: model-00002-of-"), "{text}");
    std::fs::remove_file(folder.path("m").join(shards[0])).unwrap();
    let index = r#"{"weight_map": {"model.norm.weight": "a.safetensors", "other.weight": "a.safetensors"}}"#;
    std::fs::write(folder.path("m/model.safetensors.index.json"), index).unwrap();
    let text = said(&folder.run(&["init", "m", "-o", "again.safetensors", "--backend", "cpu"]));
    let expected = "error: m/model.safetensors.index.json lists tensor 'other.weight', of which m/config.json gives no shape; \
                    put the files' headers beside it\n";
    assert_eq!(text, expected);
}
