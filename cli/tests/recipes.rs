//! Recipes and matrices from the command line.

mod common;

use common::{Folder, example, said};

fn refused(folder: &Folder, arguments: &str, expected: &str) {
    let output = folder.run(&arguments.split(' ').collect::<Vec<_>>());
    assert_eq!(output.status.code(), Some(1), "{arguments}");
    assert_eq!(said(&output), format!("error: {expected}\n"), "{arguments}");
}

/// The recipe and the spec that spells it out make the same file.
#[test]
fn gpt2s_recipe_is_its_example() {
    let folder = Folder::new();
    let explain = |arguments: &[&str]| {
        let table = String::from_utf8(folder.ok(arguments)).unwrap();
        // Tensor, law and stream, without the words of the rules.
        let row = |line: &str| {
            let cells: Vec<_> = line.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).collect();
            (cells[0].to_owned(), cells[cells.len() - 2].to_owned(), cells[cells.len() - 1].to_owned())
        };
        table.lines().skip(1).map(row).collect::<Vec<_>>()
    };
    let by_spec = explain(&["init", &example("gpt2.toml"), "--explain"]);
    assert_eq!(by_spec.len(), 149);
    assert_eq!(explain(&["init", &example("gpt2.json"), "--recipe", "gpt2", "--explain"]), by_spec);
}

const MODEL: &str = r#"{"tensors": [
    {"name": "wte.weight", "shape": [50, 16]},
    {"name": "h.0.attn.c_proj.weight", "shape": [16, 16]},
    {"name": "h.0.ln_1.weight", "shape": [16]},
    {"name": "extra", "shape": [4]}
]}"#;

#[test]
fn specs_can_name_a_recipe() {
    let spec = r#"
        tensors = "model.json"
        recipe = { name = "gpt2", initializer_range = 0.5 }
        default = "zeros"
        [[rule]]
        match = "wte.weight"
        init = "orthogonal"
        layout = "torch"
    "#;
    let folder = Folder::with("model.json", MODEL).and("spec.toml", spec);
    let table = String::from_utf8(folder.ok(&["init", "spec.toml", "--explain"])).unwrap();
    let law = |tensor: &str| table.lines().find(|line| line.starts_with(tensor)).unwrap().to_owned();
    assert!(law("h.0.attn").contains("gpt2: *.c_proj.weight"), "{table}");
    assert!(law("h.0.attn").contains("normal(std=std / sqrt(2 * n_layer))"), "{table}");
    assert!(law("h.0.attn").contains("std 0.3535534"), "{table}");
    assert!(law("wte").contains("orthogonal 50x16 gain 1"), "{table}");
    assert!(law("extra").contains("default"), "{table}");

    folder.ok(&["init", "spec.toml", "-o", "gpu.safetensors"]);
    folder.ok(&["init", "spec.toml", "-o", "cpu.safetensors", "--backend", "cpu"]);
    for (file, backend) in [("gpu.safetensors", "cpu"), ("cpu.safetensors", "gpu"), ("gpu.safetensors", "gpu")] {
        let said = folder.ok(&["verify", file, "--spec", "spec.toml", "--backend", backend]);
        let said = String::from_utf8(said).unwrap();
        assert!(said.contains("(1 orthogonal tensors: within their tolerance)"), "{said}");
    }
    let mut bytes = folder.read("gpu.safetensors");
    let places = bytes.len() - 64 * 13..bytes.len() - 64 * 12;
    bytes[places].fill(0x3f);
    let folder = folder.and("gpu.safetensors", bytes);
    let output = folder.run(&["verify", "gpu.safetensors", "--spec", "spec.toml"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("tensor 'wte.weight': "), "{}", said(&output));
}

#[test]
fn mistakes_with_recipes_are_named() {
    let folder = Folder::with("model.json", MODEL).and("spec.toml", "tensors = \"model.json\"\nrecipe = \"gtp2\"");
    let names: Vec<_> = weightinit::recipe::recipes().map(|recipe| recipe.name).collect();
    let all = format!("expected one of: {}", names.join(", "));
    let init = |arguments: &str| format!("init model.json -o o.safetensors --backend cpu {arguments}");
    refused(&folder, &init("--recipe gtp2"), &format!("unknown recipe 'gtp2'; {all}"));
    refused(&folder, "init spec.toml -o o.safetensors", &format!("spec.toml: recipe: unknown recipe 'gtp2'; {all}"));
    refused(
        &folder,
        &init("--recipe gpt2 --param sdt=1"),
        "model.json: recipe gpt2 has no parameter 'sdt'; it takes initializer_range, tie_word_embeddings, n_layer",
    );
    refused(
        &folder,
        &init("--recipe gpt2"),
        "model.json: 1 tensor is not decided:\n  extra F32 [4]: no rule\n\
         in a spec add a [[rule]] for it, or default = \"zeros\"",
    );
    refused(
        &folder,
        &init("--recipe gpt2 --layout keras"),
        "--layout does not go with --recipe: recipes know how their weights are stored",
    );
    let folder = folder.and("spec.toml", "tensors = \"model.json\"\ndefault = \"zeros\"");
    refused(
        &folder,
        "init spec.toml -o o.safetensors --recipe gpt2",
        "spec.toml: --recipe is for a bare .json or .safetensors; in a spec write recipe = \"gpt2\"",
    );
    let folder = folder.and("one.json", r#"{"tensors": [{"name": "a.weight", "shape": [3, 3]}]}"#);
    refused(
        &folder,
        "init one.json -o o.safetensors --recipe small_init",
        "one.json: tensor 'a.weight': recipe small_init needs width, which the tensors' names do not tell; give it as \
         a parameter",
    );
    assert_eq!(folder.files(), ["model.json", "one.json", "spec.toml"]);
    folder.ok(&["init", "one.json", "-o", "o.safetensors", "--recipe", "small_init", "--param", "width=8"]);
}

/// A model of a real family: its configuration chooses the recipe, and gives its parameters.
const LLAMA: &str = r#"{"model_type": "llama", "initializer_range": 0.5, "tie_word_embeddings": true, "pad_token_id": 3,
    "rope_scaling": null, "eos_token_id": [1, 2]}"#;
const TENSORS: &str = r#"{"tensors": [
    {"name": "model.embed_tokens.weight", "shape": [50, 16]},
    {"name": "model.layers.0.self_attn.q_proj.weight", "shape": [16, 16]},
    {"name": "model.layers.0.input_layernorm.weight", "shape": [16]},
    {"name": "lm_head.weight", "shape": [50, 16]}
]}"#;

#[test]
fn a_configuration_beside_the_model_chooses_its_recipe() {
    let folder = Folder::with("model.json", TENSORS).and("config.json", LLAMA).and("other.json", LLAMA);
    let explain = |arguments: &[&str]| {
        let all = [&["init"], arguments, &["--explain"]].concat();
        String::from_utf8(folder.ok(&all)).unwrap()
    };
    let table = explain(&["model.json", "--recipe", "auto"]);
    let row = |table: &str, tensor: &str| table.lines().find(|line| line.starts_with(tensor)).unwrap().to_owned();
    assert!(row(&table, "model.layers.0.self_attn").contains("normal mean 0 std 0.5"), "{table}");
    assert!(row(&table, "model.layers.0.input").contains("llama: *.weight"), "{table}");
    assert!(row(&table, "lm_head").contains("model.embed_tokens.weight"), "{table}");
    let folder = folder.and("spec.toml", "recipe = \"auto\"\ntensors = \"model.json\"\nconfig = \"other.json\"");
    let same = String::from_utf8(folder.ok(&["init", "spec.toml", "--explain"])).unwrap();
    assert_eq!(same, table);
    let named = ["init", "model.json", "--recipe", "llama", "--config", "config.json", "--explain"];
    assert_eq!(String::from_utf8(folder.ok(&named)).unwrap(), table);
    folder.ok(&["init", "model.json", "--recipe", "auto", "-o", "o.safetensors", "--backend", "cpu"]);
    folder.ok(&["verify", "o.safetensors", "--spec", "spec.toml", "--backend", "cpu"]);

    let folder = Folder::with("model.json", TENSORS).and("wrong.json", r#"{"model_type": "lama"}"#);
    let output = folder.run(&["init", "model.json", "--recipe", "auto", "-o", "o.safetensors"]);
    assert_eq!(
        said(&output),
        "error: recipe auto needs the model's configuration; there is no config.json; give --config FILE\n"
    );
    let output =
        folder.run(&["init", "model.json", "--recipe", "auto", "--config", "wrong.json", "-o", "o.safetensors"]);
    assert!(said(&output).starts_with("error: wrong.json: unknown model_type 'lama'; expected one of: gpt2, "));
    refused(
        &folder,
        "init model.json --recipe llama --config nothing.json -o o.safetensors",
        "cannot open nothing.json: No such file or directory (os error 2)",
    );
    refused(
        &folder,
        "init model.json --recipe torch --param padding_idx=3 --param padded=no* -o o.safetensors --backend cpu",
        "model.json: parameter 'padded' of torch reaches no tensor of this model; leave it out or correct it",
    );
    assert_eq!(folder.files(), ["model.json", "wrong.json"]);
}

/// A configuration alone makes a folder that libraries load.
#[test]
fn a_configuration_makes_a_model() {
    let config = r#"{"model_type": "llama", "architectures": ["LlamaForCausalLM"], "hidden_size": 16, "dtype": "bfloat16",
        "intermediate_size": 24, "num_attention_heads": 4, "num_key_value_heads": 2, "num_hidden_layers": 2,
        "vocab_size": 40, "initializer_range": 0.5, "tie_word_embeddings": false, "head_dim": null,
        "limits": [0.0, Infinity, -Infinity], "note": "no \"Infinity"}"#;
    let folder = Folder::with("config.json", config);
    folder.ok(&["init", "config.json", "-o", "model/", "--seed", "5", "--backend", "cpu"]);
    assert_eq!(folder.read("model/config.json"), config.as_bytes());
    let bytes = folder.read("model/model.safetensors");
    let tensors = safetensors::SafeTensors::deserialize(&bytes).unwrap();
    assert_eq!(tensors.len(), 3 + 2 * 9);
    let tensor = tensors.tensor("model.layers.1.self_attn.k_proj.weight").unwrap();
    assert_eq!((tensor.shape(), tensor.dtype()), (&[8, 16][..], safetensors::Dtype::BF16));
    folder.ok(&["verify", "model/model.safetensors", "--spec", "config.json", "--seed", "5", "--backend", "cpu"]);
    folder.ok(&["verify", "model/model.safetensors", "--statistics", "--recipe", "auto"]);
    let output = folder.run(&["init", "config.json", "-o", "model", "--dtype", "f32", "--backend", "cpu"]);
    let replaced = "model/config.json was there with other contents, and is written anew\n";
    assert!(said(&output).contains(replaced), "{}", said(&output));
    let written: serde_json::Value = serde_json::from_slice(&folder.read("model/config.json")).unwrap();
    assert_eq!(written["dtype"], "float32");
    assert_eq!(written["limits"][2]["__float__"], "-Infinity");
    assert_eq!(written["note"], "no \"Infinity");
    folder.ok(&[
        "init",
        "config.json",
        "-o",
        "one.safetensors",
        "--param",
        "initializer_range=0.1",
        "--backend",
        "cpu",
    ]);

    for (wrong, expected) in [
        (config.replace("LlamaForCausalLM", "LlamaForImages"), "those of LlamaForCausalLM"),
        (config.replace("\"vocab_size\": 40,", ""), "recipe llama needs vocab_size"),
        (config.replace("\"vocab_size\": 40", "\"vocab_size\": -1"), "is -1; expected a size"),
        (config.replace("\"model_type\": \"llama\"", "\"model_type\": \"swin\""), "do not follow from a configuration"),
    ] {
        let folder = Folder::with("config.json", wrong);
        let output = folder.run(&["init", "config.json", "-o", "model/", "--backend", "cpu"]);
        assert_eq!(output.status.code(), Some(1));
        assert!(said(&output).contains(expected), "{}", said(&output));
        assert_eq!(folder.files(), ["config.json"]);
    }
}

/// All that is undecided is listed at once, with what was probably meant; --explain shows the rest of the table.
#[test]
fn tensors_without_a_rule_are_listed_together() {
    let tensors = r#"{"tensors": [
        {"name": "transformer.wte.weight", "shape": [50, 16]},
        {"name": "transformer.h.0.mlp.c_porj.scale", "shape": [16, 16]},
        {"name": "transformer.h.0.attn.qweight", "shape": [16], "dtype": "int32"},
        {"name": "transformer.h.0.steps", "shape": [], "dtype": "int64"}
    ]}"#;
    let folder = Folder::with("model.json", tensors);
    let said = said(&folder.run(&["init", "model.json", "--recipe", "gpt2", "-o", "o.safetensors"]));
    for line in [
        "error: model.json: 3 tensors are not decided:",
        "  transformer.h.0.mlp.c_porj.scale F32 [16, 16]: no rule; the nearest is '*.scales'",
        "  transformer.h.0.attn.qweight I32 [16]: it is a part of a quantised weight: ",
        "  transformer.h.0.steps I64 []: no rule",
        "in a spec add a [[rule]] for them, or default = \"zeros\"",
    ] {
        assert!(said.contains(line), "{line}\n{said}");
    }
    let output = folder.run(&["init", "model.json", "--recipe", "gpt2", "--explain"]);
    assert_eq!(output.status.code(), Some(1));
    let table = String::from_utf8(output.stdout).unwrap();
    assert!(table.contains("transformer.wte.weight") && table.contains("no rule"), "{table}");
}

/// Positions count; an integer tensor that a rule would draw is refused.
#[test]
fn integer_tensors_hold_what_they_count() {
    let tensors = r#"{"tensors": [
        {"name": "bert.embeddings.word_embeddings.weight", "shape": [8, 4]},
        {"name": "bert.embeddings.position_ids", "shape": [1, 300], "dtype": "int64"}
    ]}"#;
    let folder = Folder::with("model.json", tensors);
    folder.ok(&["init", "model.json", "--recipe", "bert", "-o", "o.safetensors", "--backend", "cpu"]);
    let bytes = folder.read("o.safetensors");
    let at = bytes.windows(16).position(|w| w == [0u64.to_le_bytes(), 1u64.to_le_bytes()].concat()).unwrap();
    let ids: Vec<_> = bytes[at..at + 2400].chunks(8).map(|x| u64::from_le_bytes(x.try_into().unwrap())).collect();
    assert!(ids.into_iter().eq(0..300));
    folder.ok(&["verify", "o.safetensors", "--spec", "model.json", "--recipe", "bert", "--backend", "cpu"]);
    folder.ok(&["verify", "o.safetensors", "--statistics", "--spec", "model.json", "--recipe", "bert"]);
    let output = folder.run(&["init", "model.json", "--init", "he_normal", "-o", "p.safetensors", "--backend", "cpu"]);
    assert!(
        said(&output).contains("position_ids I64 [1, 300]: he_normal is for floating-point tensors"),
        "{}",
        said(&output)
    );
}

#[test]
fn recipes_are_listed_with_their_rules() {
    let folder = Folder::new();
    let list = String::from_utf8(folder.ok(&["recipes"])).unwrap();
    assert_eq!(list.lines().count(), 1 + weightinit::recipe::recipes().count());
    let rules = String::from_utf8(folder.ok(&["recipes", "gpt2"])).unwrap();
    assert!(rules.contains("normal(std=std / sqrt(2 * n_layer))") && rules.contains("*.c_proj.weight"), "{rules}");
}

#[test]
fn matrices_are_filled_and_their_mistakes_named() {
    let folder = Folder::new();
    let raw = folder.ok(&["fill", "--shape", "2x3", "--init", "eye", "-o", "-"]);
    let values: Vec<_> = raw.chunks(4).map(|x| f32::from_le_bytes(x.try_into().unwrap())).collect();
    assert_eq!(values, [1.0, 0.0, 0.0, 0.0, 1.0, 0.0]);
    let whole = folder.ok(&["fill", "--shape", "9x7", "--init", "orthogonal", "--layout", "torch", "-o", "-"]);
    let piece = ["fill", "--shape", "9x7", "--init", "orthogonal", "--layout", "torch", "--range", "5..20", "-o", "-"];
    assert_eq!(folder.ok(&piece), whole[20..80]);
    for (arguments, expected) in [
        ("--shape 3 --init eye", "identity is for two dimensions, not for shape [3]"),
        ("--shape 3x3 --init sparse --param sparsity=2", "parameter sparsity is 2.0; it must be from 0 to 1"),
        ("--shape 3x3 --init sparse", "initializer sparse needs parameter 'sparsity'; give sparsity = <number>"),
        ("--shape 3x3 --init block_diagonal --param blocks=2", "rows is 3, not a multiple of 2 blocks"),
        (
            "--shape 3x3 --init toeplitz --param of=eye",
            "toeplitz takes samples of a law, such as normal or he_normal, not another matrix",
        ),
        (
            "--shape 3x3 --init padded --param padding_idx=3",
            "there is no row 3 in a matrix of 3 rows; give one from 0 to 2",
        ),
        (
            "--shape 3x3 --init padded --param padding_idx=1.5",
            "parameter 'padding_idx' of padded is 1.5; expected a whole number",
        ),
        (
            "--shape 3x3x3 --init dirac --layout keras",
            "dirac is for layout torch (out, in/groups, ...), not for layout keras",
        ),
        (
            "--shape 8x8 --init sinusoidal --param order=odd",
            "unknown order 'odd'; expected one of: interleaved, concatenated, tensor2tensor",
        ),
        ("--shape 8x8 --init rotary --param base=0", "parameter base is 0.0; it must be finite and above 0"),
        ("--shape 8 --init orthogonal --layout torch", "orthogonal is for two or more dimensions, not for shape [8]"),
        (
            "--shape 200000x200000 --init orthogonal --layout torch",
            "a matrix of 200000 x 200000 cannot be made orthogonal; it may have at most 2147483648 elements",
        ),
        (
            "--shape 9x7 --init orthogonal --layout torch --range 5..99",
            "--range: element range 5..99 is not a non-empty part of 0..63",
        ),
    ] {
        let all = format!("fill -o o.npy --backend cpu {arguments}");
        let output = folder.run(&all.split(' ').collect::<Vec<_>>());
        assert_eq!(output.status.code(), Some(1), "{arguments}");
        assert_eq!(said(&output), format!("error: {expected}\n"), "{arguments}");
    }
    let folder = Folder::with("plan.json", r#"{"tensors": [{"name": "w", "shape": [3, 3]}]}"#);
    refused(
        &folder,
        "plan plan.json --init orthogonal",
        "tensor 'w' is orthogonal, which a plan cannot say: its elements depend on each other; use init or fill",
    );
}

/// The explanation names the law, also where it is a table.
#[test]
fn tabulated_laws_are_named() {
    let text = "default = { init = \"laplace\", loc = 1, scale = 0.5 }\n\
                [[rule]]\nmatch = \"t\"\ninit = \"truncated_normal\"\nstd = 0.02\n\
                [[rule]]\nmatch = \"b\"\ninit = \"beta\"\nalpha = 2\nbeta = 3\n\
                [[tensor]]\nname = \"l\"\nshape = [8]\n[[tensor]]\nname = \"t\"\nshape = [8]\n\
                [[tensor]]\nname = \"b\"\nshape = [8]\n";
    let folder = Folder::with("spec.toml", text);
    let output = String::from_utf8(folder.ok(&["init", "spec.toml", "--explain"])).unwrap();
    for law in
        ["Laplace times 0.5 plus 1 ", "truncated normal mean 0 std 0.02 in [-0.04, 0.04] ", "Beta(2, 3) in [0, 1] "]
    {
        assert!(output.contains(law), "{law}\n{output}");
    }
}

/// A rule gives what a method could not find, or says which tensors they are.
#[test]
fn rules_settle_roles() {
    let tensors = r#"{"h.0.attn.proj.weight": [8, 8], "h.0.attn.qkv.weight": [24, 8], "h.0.net.out.weight": [8, 32],
        "h.0.net.in.weight": [32, 8]}"#;
    let spec = |rules: &str| format!("tensors = \"t.json\"\nrecipe = \"megatron\"\n{rules}");
    let folder = |rules: &str| Folder::with("t.json", tensors).and("a.toml", spec(rules));
    let lacking = "a.toml: recipe megatron scales tensors of the role mlp_output, and the model or some of its blocks have \
        none; say what it is called, as --role mlp_output=GLOB or, in a spec, mlp_output = \"GLOB\" of the recipe or \
        role = \"mlp_output\" of a [[rule]]: it could be ";
    let both = format!("{lacking}'h.0.net.in.weight', 'h.0.net.out.weight'");
    refused(&folder(""), "init a.toml -o o.safetensors", &both);
    let output = "[[rule]]\nmatch = \"*.out.weight\"\n";
    let of_it = "role = \"mlp_output\"\n";
    let constant = "init = \"constant\"\nvalue = 3\n";
    let inner = "[[rule]]\nmatch = \"*.in.weight\"\ninit = \"normal\"\n";
    // A rule for the other matrix leaves one that could be meant.
    refused(&folder(inner), "init a.toml -o o.safetensors", &format!("{lacking}'h.0.net.out.weight'"));
    let law = |rules: &str| {
        let table = String::from_utf8(folder(rules).ok(&["init", "a.toml", "--explain"])).unwrap();
        table.lines().find(|line| line.starts_with("h.0.net.out")).unwrap().to_owned()
    };
    assert!(law(&format!("{output}{of_it}")).contains("normal(std=std / sqrt(2 * layers))"));
    assert!(law(&format!("{output}{of_it}{constant}")).contains("constant(value=3)"));
    assert!(law(&format!("{output}{constant}{inner}")).contains("constant(value=3)"));
    for (rules, expected) in [
        (format!("{output}role = \"mlp\"\n"), "a.toml: recipe megatron has no parameter 'mlp'; it takes std, layers, "),
        (output.to_owned(), "a.toml: rule '*.out.weight': init is missing; expected init = \"normal\" or another"),
        (format!("{output}{of_it}[[rule]]\nmatch = \"x\"\n{of_it}"), "a.toml: rule 'x' applies to no tensor; "),
        (format!("[[rule]]\nmatch = \"a b\"\n{of_it}"), "a.toml: rule 'a b': a glob of a rule with a role has a space"),
    ] {
        let output = folder(&rules).run(&["init", "a.toml", "-o", "o.safetensors"]);
        assert_eq!(output.status.code(), Some(1), "{rules}");
        assert!(said(&output).contains(expected), "{}", said(&output));
    }
    let alone = Folder::with("t.json", tensors).and("a.toml", format!("tensors = \"t.json\"\n{output}{of_it}"));
    refused(
        &alone,
        "init a.toml -o o.safetensors",
        "a.toml: rule '*.out.weight': a role is for a recipe, and there is none; leave role out",
    );
}
