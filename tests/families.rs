//! Families and roles: what configurations and names of tensors tell recipes.

#[path = "common/recipes.rs"]
mod common;

use common::{Check, GPT, arguments, model};
use weightinit::error::RecipeError;
use weightinit::init::{Arguments, Value};
use weightinit::recipe::{Chosen, Config, by_name, of_config};
use weightinit::{DType, Error, Initializer, Law, Layout, cpu};

/// Fields that a family's formulas read stand in for parameters, null ones for nothing at all.
#[test]
fn configurations_choose_families_and_give_their_parameters() {
    let config = |fields: &[(&str, Option<&str>)]| -> Config {
        fields.iter().map(|(name, value)| ((*name).to_owned(), value.map(Value::parse))).collect()
    };
    let llama = model(&["model.embed_tokens.weight 9x8", "lm_head.weight 9x8"]);
    let choose = |config: &Config, arguments: &Arguments, name: &str| {
        of_config(config).unwrap().apply(&llama, arguments, config).unwrap().choose(name).unwrap().unwrap()
    };
    let tied = config(&[
        ("model_type", Some("llama")),
        ("initializer_range", Some("0.5")),
        ("tie_word_embeddings", Some("true")),
        ("pad_token_id", Some("3")),
    ]);
    let head = choose(&tied, &Arguments::new(), "lm_head.weight");
    assert_eq!(head.tied_to.as_deref(), Some("model.embed_tokens.weight"));
    let values = |chosen: &Chosen| {
        cpu::values(&chosen.initializer.request("x", &[9, 8], Layout::Torch, DType::F64).unwrap()).unwrap()
    };
    assert!(values(&head)[24..32].iter().all(|x| *x == 0.0));
    let plain = config(&[("model_type", Some("llama")), ("pad_token_id", None)]);
    let embedding = choose(&plain, &arguments("initializer_range=0.25"), "model.embed_tokens.weight");
    assert_eq!(embedding.initializer, Law::normal(0.0, 0.25).into());
    assert_eq!(choose(&plain, &Arguments::new(), "lm_head.weight").tied_to, None);

    let unknown = of_config(&config(&[("model_type", Some("lama"))])).unwrap_err();
    assert!(matches!(unknown, Error::UnknownName(error) if error.kind == "model_type"));
    assert_eq!(
        of_config(&config(&[("hidden_size", Some("8"))])).unwrap_err(),
        Error::Recipe(RecipeError::UnknownFamily)
    );
    assert_eq!(of_config(&config(&[("_class_name", Some("AutoencoderKL"))])).unwrap().name, "diffusers");
    assert_eq!(of_config(&config(&[("architecture", Some("resnet50"))])).unwrap().name, "timm");
}

/// What older files hold beside the weights: masks, and what only a configuration tells.
#[test]
fn buffers_of_older_files_have_their_values() {
    let gpt2 = Check::new("gpt2", "", &["h.0.attn.bias 1x1x5x5", "h.0.attn.masked_bias", "h.0.attn.c_attn.bias 15"]);
    let lower = |width: usize| (0..25).map(move |i| f64::from(u8::from(i % 5 <= i / 5 && i / 5 < i % 5 + width)));
    assert!(gpt2.values("h.0.attn.bias").into_iter().eq(lower(5)));
    gpt2.constant("h.0.attn.masked_bias", -1e4);
    gpt2.constant("h.0.attn.c_attn.bias", 0.0);

    let fields = [("attention_layers.0", "global"), ("attention_layers.1", "local"), ("window_size", "2")];
    let config: Config = fields.map(|(path, value)| (path.to_owned(), Some(Value::parse(value)))).into_iter().collect();
    let neo = model(&["h.0.attn.attention.bias 1x1x5x5", "h.1.attn.attention.bias 1x1x5x5"]);
    let mut neo = by_name("gpt_neo").unwrap().apply(&neo, &Arguments::new(), &config).unwrap();
    for (name, width) in [("h.0.attn.attention.bias", 5), ("h.1.attn.attention.bias", 2)] {
        let chosen = neo.choose(name).unwrap().unwrap();
        let request = chosen.request(name, &[1, 1, 5, 5], 0, DType::F32).unwrap();
        assert!(cpu::values(&request).unwrap().into_iter().eq(lower(width)), "{name}");
    }
    for name in ["layers.0.mlp.up_proj.qweight", "layers.0.mlp.up_proj.weight_scale_inv", "layers.0.mlp.experts_blocks"]
    {
        let refused = Check::new("llama", "", &[&format!("{name} 4x4")]).refused(name);
        assert!(
            matches!(refused, Error::Recipe(RecipeError::Refused { reason, .. }) if reason.contains("quantised")),
            "{name}"
        );
    }
}

#[test]
fn t5_scales_each_matrix_by_its_inputs() {
    let check = Check::new(
        "t5",
        "initializer_factor=0.5 d_kv=12",
        &[
            "shared.weight 100x64",
            "encoder.block.0.layer.0.SelfAttention.q.weight 96x64",
            "encoder.block.0.layer.0.SelfAttention.k.weight 96x64",
            "encoder.block.0.layer.0.SelfAttention.o.weight 64x96",
            "encoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight 32x8",
            "encoder.block.0.layer.1.DenseReluDense.wi_0.weight 200x64",
            "encoder.block.0.layer.1.DenseReluDense.wo.weight 64x200",
            "encoder.block.0.layer.1.layer_norm.weight 64",
        ],
    );
    let layer = "encoder.block.0.layer";
    check.normal("shared.weight", 0.5);
    check.normal(&format!("{layer}.0.SelfAttention.q.weight"), 0.5 / (64f64 * 12.0).sqrt());
    check.normal(&format!("{layer}.0.SelfAttention.k.weight"), 0.5 / 8.0);
    check.normal(&format!("{layer}.0.SelfAttention.o.weight"), 0.5 / 96f64.sqrt());
    check.normal(&format!("{layer}.0.SelfAttention.relative_attention_bias.weight"), 0.5 / 8.0);
    check.normal(&format!("{layer}.1.DenseReluDense.wi_0.weight"), 0.5 / 8.0);
    check.normal(&format!("{layer}.1.DenseReluDense.wo.weight"), 0.5 / 200f64.sqrt());
    check.constant(&format!("{layer}.1.layer_norm.weight"), 0.5);
}

/// A method that scales outputs finds both of each block, or says what it lacks.
#[test]
fn outputs_that_are_not_found_are_asked_for() {
    let vit: &[&str] = &[
        "blocks.0.attn.out.weight 8x8",
        "blocks.0.attn.qkv.weight 24x8",
        "blocks.0.mlp.fc2.weight 8x32",
        "blocks.1.attn.out.weight 8x8",
        "blocks.1.mlp.fc2.weight 8x32",
    ];
    let refused = Check::new("megatron", "", vit).refused("blocks.0.attn.out.weight");
    let candidates = vec!["blocks.0.attn.out.weight".to_owned()];
    assert_eq!(
        refused,
        Error::Recipe(RecipeError::UnknownRole { recipe: "megatron", role: "attention_output", candidates })
    );
    let settled = Check::new("megatron", "attention_output=*attn.out.weight", vit);
    settled.normal("blocks.0.attn.out.weight", 0.02 / 2.0);
    settled.normal("blocks.1.mlp.fc2.weight", 0.02 / 2.0);
    settled.normal("blocks.0.attn.qkv.weight", 0.02);
    let both = Check::new("megatron", "residual=*qkv.weight", vit);
    both.normal("blocks.0.attn.qkv.weight", 0.02 / 2.0);
    both.normal("blocks.0.mlp.fc2.weight", 0.02);
    let nothing = Check::new("deepnorm", "", &["a.weight 3x3"]).refused("a.weight");
    assert!(matches!(nothing, Error::Recipe(RecipeError::UnknownRole { role: "residual", .. })));
    for (attention, mlp) in [
        ("attention.wo", "feed_forward.w2"),
        ("attention.dense", "mlp.dense_4h_to_h"),
        ("self_attention.linear_proj", "mlp.linear_fc2"),
        ("attn.proj", "mlp.fc2"),
        ("attention.output.dense", "output.dense"),
        ("self_attn", "x"),
    ] {
        let names = [attention, mlp].map(|name| format!("m.layers.0.{name}.weight 8x8"));
        let check = Check::new("megatron", "", &names.each_ref().map(String::as_str));
        if mlp == "x" {
            check.refused("m.layers.0.x.weight");
        } else {
            check.normal(&format!("m.layers.0.{mlp}.weight"), 0.02 / 2f64.sqrt());
        }
    }
}

#[test]
fn mup_asks_for_its_head_and_may_make_it_zero() {
    let names: &[&str] =
        &["wte.weight 100x64", "h.0.attn.q_proj.weight 64x64", "h.0.mlp.weight 64x64", "out.weight 100x64"];
    let error =
        Error::Recipe(RecipeError::UnknownRole { recipe: "mup", role: "head", candidates: vec!["out.weight".into()] });
    assert_eq!(Check::new("mup", "", names).refused("wte.weight"), error);
    let zero = Check::new("mup", "base_width=16 head=out.weight zero_readout=true zero_query=true", names);
    zero.constant("out.weight", 0.0);
    zero.constant("h.0.attn.q_proj.weight", 0.0);
    zero.normal("h.0.mlp.weight", 0.01);
    Check::new("mup", "base_width=16 head=out.weight table=8", names).normal("out.weight", 0.02);
    Check::new("mup", "base_width=16 head=out.weight", names).normal("out.weight", 0.005);
    let fused = Check::new("mup", "zero_query=true", GPT).refused("h.0.attn.c_attn.weight");
    assert!(matches!(fused, Error::Recipe(RecipeError::Refused { .. })));
}

/// Each method finds what it treats in its own way, by one table of names, or says what it lacks.
#[test]
fn every_method_finds_what_it_scales() {
    let names = ["q_proj", "v_proj", "o_proj"].map(|name| format!("layers.0.self_attn.{name}.weight 8x8"));
    let block = |inner: &str, output: &str| {
        let mut all = names.to_vec();
        all.extend([format!("layers.0.mlp.{inner}.weight 32x8"), format!("layers.0.mlp.{output}.weight 8x32")]);
        all
    };
    let check = |recipe, parameters: &str, names: &[String]| {
        Check::new(recipe, parameters, &names.iter().map(String::as_str).collect::<Vec<_>>())
    };
    let beta = 8f64.powf(-0.25);
    let xavier = |fans: f64| (2.0 / fans).sqrt();
    for (inner, output) in [("c_fc", "c_proj"), ("dense_h_to_4h", "dense_4h_to_h"), ("fc_in", "fc_out"), ("0", "3")] {
        let deepnorm = check("deepnorm", "", &block(inner, output));
        deepnorm.normal("layers.0.self_attn.q_proj.weight", xavier(16.0));
        deepnorm.normal("layers.0.self_attn.v_proj.weight", beta * xavier(16.0));
        deepnorm.normal(&format!("layers.0.mlp.{inner}.weight"), beta * xavier(40.0));
        deepnorm.normal(&format!("layers.0.mlp.{output}.weight"), beta * xavier(40.0));
    }
    let unknown = |role, candidate: &str| {
        let candidates = if candidate.is_empty() { Vec::new() } else { vec![candidate.to_owned()] };
        move |recipe| Error::Recipe(RecipeError::UnknownRole { recipe, role, candidates: candidates.clone() })
    };
    let inner = unknown("mlp_input", "layers.0.mlp.expand.weight");
    for recipe in ["deepnorm", "t_fixup"] {
        let names = block("expand", "fc2");
        assert_eq!(check(recipe, "", &names).refused("layers.0.mlp.fc2.weight"), inner(recipe));
        check(recipe, "mlp_input=*.expand.weight", &names).law("layers.0.mlp.expand.weight");
    }

    let siren = |parameters| check("siren", parameters, &["net.1.weight 8x8", "net.0.weight 8x2"].map(str::to_owned));
    siren("").uniform("net.0.weight", 0.5);
    siren("").uniform("net.1.weight", (6.0 / 8f64).sqrt() / 30.0);
    siren("first_layer=net.1.weight").uniform("net.1.weight", 1.0 / 8.0);
    let two = ["rgb.0.weight 8x2", "net.0.weight 8x2"].map(str::to_owned);
    let candidates = vec!["net.0.weight".to_owned(), "rgb.0.weight".to_owned()];
    let refused = Error::Recipe(RecipeError::UnknownRole { recipe: "siren", role: "first_layer", candidates });
    assert_eq!(check("siren", "", &two).refused("net.0.weight"), refused);

    let scalar = unknown("branch_scale", "blocks.0.gate");
    let gated = ["blocks.0.gate", "blocks.0.mlp.fc1.weight 8x8"].map(str::to_owned);
    for recipe in ["rezero", "skipinit"] {
        assert_eq!(check(recipe, "", &gated).refused("blocks.0.gate"), scalar(recipe));
        check(recipe, "branch_scale=*.gate", &gated).constant("blocks.0.gate", 0.0);
    }
    let mixer = ["layers.0.mixer.proj.weight 8x16".to_owned()];
    let output = unknown("mixer_output", "layers.0.mixer.proj.weight");
    assert_eq!(check("mamba_ssm", "", &mixer).refused("layers.0.mixer.proj.weight"), output("mamba_ssm"));
    let branch = ["blocks.0.branch.0.weight 8x8", "blocks.0.branch.1.weight 8x8", "fc.weight 4x8"].map(str::to_owned);
    let refused = check("fixup", "", &branch).refused("fc.weight");
    assert!(
        matches!(refused, Error::Recipe(RecipeError::UnknownRole { role: "branch_end", candidates, .. }) if candidates.len() == 2)
    );
    let fixup = check("fixup", "branch=*.0.weight branch_end=*.1.weight branch_convolutions=2", &branch);
    fixup.normal("blocks.0.branch.0.weight", (2.0 / 8f64).sqrt());
    fixup.constant("blocks.0.branch.1.weight", 0.0);
    fixup.constant("fc.weight", 0.0);
}

/// weight_norm's norms and DoRA's magnitudes follow from their weights, where the model has those.
#[test]
fn norms_are_of_the_weight_that_they_belong_to() {
    let adapter = "base_model.model.layers.0.q_proj.lora_magnitude_vector.default.weight";
    let source = |recipe, tensors: &[&str], name: &str| match Check::new(recipe, "", tensors).initializer(name) {
        Initializer::NormsOf(source) => source,
        other => panic!("{other:?}"),
    };
    for weight in ["base_model.model.layers.0.q_proj.base_layer.weight", "layers.0.q_proj.weight"] {
        let tensors = [format!("{adapter} 9"), format!("{weight} 9x7")];
        assert_eq!(source("lora", &tensors.each_ref().map(String::as_str), adapter), weight);
    }
    let names = ["conv.weight_g 8x1x1", "conv.weight_v 8x4x3"];
    assert_eq!(source("torch", &names, "conv.weight_g"), "conv.weight_v");
    let alone = Check::new("lora", "", &[&format!("{adapter} 9")]).refused(adapter);
    assert!(
        matches!(alone, Error::Recipe(RecipeError::Refused { reason, .. }) if reason.contains("norms of another tensor"))
    );
    let names = model(&names);
    let refused = by_name("torch").unwrap().requests(&names, 1, DType::F32).unwrap_err();
    assert_eq!(refused, Error::Recipe(RecipeError::NormsOfOther { name: "conv.weight_v".to_owned() }));
}

/// A parameter that made no difference is a mistake.
#[test]
fn parameters_that_reach_nothing_are_refused() {
    let names = model(&["h.0.mlp.c_fc.weight 8x32"]);
    let given = arguments("padding_idx=3");
    let mut applied = by_name("torch").unwrap().apply(&names, &given, &Config::default()).unwrap();
    let error = Error::Recipe(RecipeError::UnusedParameter { recipe: "torch", name: "padding_idx".to_owned() });
    assert_eq!(applied.requests(1, DType::F32).unwrap_err(), error);
    let undecided = by_name("lora").unwrap().requests(&names, 1, DType::F32).unwrap_err();
    assert_eq!(
        undecided,
        Error::Recipe(RecipeError::Undecided { recipe: "lora", names: vec!["h.0.mlp.c_fc.weight".to_owned()] })
    );
}

/// Models of timm that have a known one's parts and others too are initialized in ways of their own.
#[test]
fn models_of_timm_that_only_look_alike_are_refused() {
    let choose = |architecture: Option<&str>, names: &[&str], of: &str| {
        let fields = architecture.map(|name| ("architecture".to_owned(), Some(Value::parse(name))));
        let (model, config): (_, Config) = (model(names), fields.into_iter().collect());
        let chosen = by_name("timm").unwrap().apply(&model, &Arguments::new(), &config).unwrap().choose(of);
        chosen.map(|chosen| chosen.unwrap().initializer)
    };
    let vit = ["blocks.0.attn.qkv.weight 96x32", "blocks.0.ls1.gamma 32", "blocks.0.mlp.fc1.weight 64x32"];
    let scale = |value: f64| Ok(Law::Constant(value).into());
    assert_eq!(choose(Some("deit3_small_patch16_224"), &vit, "blocks.0.ls1.gamma"), scale(1e-6));
    assert_eq!(choose(Some("vit_small_patch14_dinov2"), &vit, "blocks.0.ls1.gamma"), scale(1e-5));
    let unsaid = choose(None, &vit, "blocks.0.ls1.gamma").unwrap_err().to_string();
    assert!(unsaid.contains("give init_values, or the model's architecture"), "{unsaid}");
    assert!(choose(None, &vit, "blocks.0.mlp.fc1.weight").is_ok());
    let known = ["conv_stem.weight 8x3x3x3", "blocks.0.0.conv_dw.weight 8x1x3x3", "layer1.0.conv1.weight 8x8x1x1"];
    for (names, other) in [
        (&vit[..], "blocks_token_only.0.gamma_1 32"),
        (&vit, "blocks.0.attn.rel_pos.mlp.fc1.weight 8x2"),
        (&known[..2], "blocks.0.0.ghost1.primary_conv.0.weight 8x8x1x1"),
        (&known[2..], "stage2.0.branches.0.0.conv1.weight 8x8x3x3"),
    ] {
        let of = names[0].split_once(' ').unwrap().0;
        assert!(choose(None, names, of).is_ok(), "{names:?}");
        let refused = choose(None, &[names, &[other]].concat(), of).unwrap_err().to_string();
        assert!(refused.contains("those of no model of timm that is known"), "{refused}");
    }
}
