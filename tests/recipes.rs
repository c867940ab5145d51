//! Recipes: what each makes of the tensors of a small model, against the formulas of its paper.

#[path = "common/recipes.rs"]
mod common;

use std::time::{Duration, Instant};

use common::{Check, GPT, arguments, choose, model};
use weightinit::error::{LawError, RecipeError};
use weightinit::init::Arguments;
use weightinit::recipe::{Config, Model, by_name, recipes};
use weightinit::{Error, Initializer, Law};

#[test]
fn gpt2_scales_outputs_by_depth() {
    let check = Check::new("gpt2", "", GPT);
    check.normal("wte.weight", 0.02);
    check.normal("h.0.attn.c_attn.weight", 0.02);
    check.normal("h.1.mlp.c_proj.weight", 0.02 / 6f64.sqrt());
    check.constant("h.0.attn.c_attn.bias", 0.0);
    check.constant("h.0.ln_1.weight", 1.0);
    let head = choose("gpt2", &check.model, "lm_head.weight", &Arguments::new()).unwrap().unwrap();
    assert_eq!(head.tied_to.as_deref(), Some("wte.weight"));
    Check::new("gpt2", "initializer_range=0.5 n_layer=8", GPT).normal("h.1.mlp.c_proj.weight", 0.125);
    let megatron = Check::new("megatron", "std=0.01", GPT);
    megatron.normal("h.0.attn.c_proj.weight", 0.01 / 6f64.sqrt());
    megatron.normal("lm_head.weight", 0.01);
}

#[test]
fn small_and_wang_init_follow_width_and_depth() {
    let llama: &[&str] = &[
        "model.embed_tokens.weight 100x80",
        "model.layers.0.self_attn.q_proj.weight 80x80",
        "model.layers.0.self_attn.o_proj.weight 80x80",
        "model.layers.0.mlp.down_proj.weight 80x320",
        "model.layers.1.self_attn.o_proj.weight 80x80",
        "model.layers.1.mlp.down_proj.weight 80x320",
        "model.layers.1.input_layernorm.weight 80",
        "model.norm.weight 80",
    ];
    let small = (2.0 / 400f64).sqrt();
    let wang = 2.0 / (2.0 * 80f64.sqrt());
    for (recipe, inner, output) in [
        ("tinyllama", small, 1.0 / (2.0 * 80f64.sqrt())),
        ("small_init", small, small),
        ("wang_init", wang, wang),
        ("neox_20b", small, wang),
        ("transformers", 0.02, 0.02),
    ] {
        let check = Check::new(recipe, "", llama);
        check.normal("model.layers.0.self_attn.q_proj.weight", inner);
        check.normal("model.layers.0.self_attn.o_proj.weight", output);
        check.normal("model.layers.1.mlp.down_proj.weight", output);
        check.constant("model.norm.weight", 1.0);
    }
    let unknown = Check::new("small_init", "", &["a.weight 3x3"]).refused("a.weight");
    assert_eq!(unknown, Error::Recipe(RecipeError::UnknownFact { recipe: "small_init", fact: "width" }));
    Check::new("small_init", "width=10", &["a.weight 3x3"]).normal("a.weight", 0.2);
}

#[test]
fn bert_as_google_made_it_is_truncated() {
    let tensors: &[&str] = &[
        "bert.embeddings.word_embeddings.weight 50x8",
        "bert.embeddings.LayerNorm.weight 8",
        "bert.encoder.layer.0.attention.self.query.weight 8x8",
        "cls.predictions.decoder.weight 50x8",
    ];
    let bert = Check::new("google_bert", "", tensors);
    bert.truncated("bert.encoder.layer.0.attention.self.query.weight", 0.02, 0.04);
    bert.constant("bert.embeddings.LayerNorm.weight", 1.0);
    let padded = Check::new("google_bert", "padding_idx=3", tensors);
    let name = "bert.embeddings.word_embeddings.weight";
    let (plain, padded) = (bert.values(name), padded.values(name));
    assert!(padded[24..32].iter().all(|x| *x == 0.0));
    assert!(plain[..24] == padded[..24] && plain[32..] == padded[32..]);
}

#[test]
fn mup_divides_by_the_width_multiplier() {
    let check = Check::new("mup", "std=0.1 base_width=16", GPT);
    check.normal("wte.weight", 0.1);
    check.normal("wpe.weight", 0.1);
    check.normal("h.2.mlp.c_fc.weight", 0.05);
    check.normal("lm_head.weight", 0.025);
}

#[test]
fn deepnorm_and_t_fixup_scale_by_both_depths() {
    let tensors: &[&str] = &[
        "encoder.embed_tokens.weight 90x16",
        "encoder.layers.0.self_attn.q_proj.weight 16x16",
        "encoder.layers.0.self_attn.v_proj.weight 16x16",
        "encoder.layers.1.fc1.weight 64x16",
        "encoder.layers.0.self_attn.out_proj.weight 16x16",
        "encoder.layers.0.fc2.weight 16x64",
        "encoder.layers.1.self_attn.out_proj.weight 16x16",
        "encoder.layers.1.fc2.weight 16x64",
        "encoder.layers.2.self_attn.out_proj.weight 16x16",
        "encoder.layers.2.fc2.weight 16x64",
        "decoder.layers.0.self_attn.out_proj.weight 16x16",
        "decoder.layers.0.fc2.weight 16x64",
        "decoder.layers.1.self_attn.out_proj.weight 16x16",
        "decoder.layers.1.fc2.weight 16x64",
    ];
    // N = 3 encoder layers, M = 2 decoder layers.
    let (encoder, decoder) = (0.87 * (81f64 * 2.0).powf(-1.0 / 16.0), 24f64.powf(-0.25));
    let xavier = |gain: f64, fans: f64| gain * (2.0 / fans).sqrt();
    let check = Check::new("deepnorm", "", tensors);
    check.normal("encoder.layers.0.self_attn.q_proj.weight", xavier(1.0, 32.0));
    check.normal("encoder.layers.0.self_attn.v_proj.weight", xavier(encoder, 32.0));
    check.normal("encoder.layers.1.fc1.weight", xavier(encoder, 80.0));
    check.normal("decoder.layers.0.self_attn.out_proj.weight", xavier(decoder, 32.0));
    let block = |n: u32| ["self_attn.out_proj", "fc1", "fc2"].map(|name| format!("layers.{n}.{name}.weight 8x8"));
    let alone = [block(0), block(1)].concat();
    let alone = Check::new("deepnorm", "", &alone.iter().map(String::as_str).collect::<Vec<_>>());
    alone.normal("layers.1.fc1.weight", xavier(16f64.powf(-0.25), 16.0));
    let fused = Check::new("deepnorm", "", GPT).refused("h.0.attn.c_attn.weight");
    assert!(
        matches!(fused, Error::Recipe(RecipeError::Refused { recipe: "deepnorm", name, .. }) if name == "h.0.attn.c_attn.weight")
    );

    let (encoder, decoder) = (0.67 * 3f64.powf(-0.25), 18f64.powf(-0.25));
    let check = Check::new("t_fixup", "", tensors);
    check.uniform("encoder.layers.0.self_attn.q_proj.weight", 3f64.sqrt() * xavier(1.0, 32.0));
    check.uniform("encoder.layers.2.fc2.weight", 3f64.sqrt() * xavier(encoder, 80.0));
    check.uniform("decoder.layers.1.fc2.weight", 3f64.sqrt() * xavier(decoder, 80.0));
    check.normal("encoder.embed_tokens.weight", decoder / 4.0);
}

#[test]
fn residual_networks_begin_as_the_identity() {
    let tensors: &[&str] = &[
        "conv1.weight 8x3x3x3",
        "layer1.0.conv1.weight 8x8x3x3",
        "layer1.0.conv2.weight 8x8x3x3",
        "layer1.0.scale",
        "layer1.0.bias1a",
        "layer1.1.conv1.weight 4x8x1x1",
        "layer1.1.conv2.weight 4x4x3x3",
        "layer1.1.conv3.weight 8x4x1x1",
        "layer2.0.downsample.weight 16x8x1x1",
        "layer2.0.alpha",
        "fc.weight 10x8",
        "fc.bias 10",
    ];
    let he = |outputs: f64| (2.0 / outputs).sqrt();
    let check = Check::new("fixup", "", tensors);
    check.normal("conv1.weight", he(72.0));
    // Three blocks; two convolutions, then three.
    check.normal("layer1.0.conv1.weight", he(72.0) / 3f64.sqrt());
    check.constant("layer1.0.conv2.weight", 0.0);
    check.normal("layer1.1.conv2.weight", he(36.0) * 3f64.powf(-0.25));
    check.constant("layer1.1.conv3.weight", 0.0);
    check.normal("layer2.0.downsample.weight", he(16.0));
    check.constant("layer1.0.scale", 1.0);
    check.constant("layer1.0.bias1a", 0.0);
    check.constant("fc.weight", 0.0);
    check.constant("fc.bias", 0.0);
    let check = Check::new("skipinit", "", tensors);
    check.constant("layer2.0.alpha", 0.0);
    check.normal("layer1.0.conv2.weight", he(72.0));
    let check = Check::new("rezero", "", &["layers.0.resweight 1", "layers.0.linear1.weight 4x12"]);
    check.constant("layers.0.resweight", 0.0);
    check.uniform("layers.0.linear1.weight", (6.0 / 16f64).sqrt());
}

#[test]
fn state_space_models_have_their_matrices() {
    let check = Check::new(
        "mamba_ssm",
        "",
        &[
            "backbone.embedding.weight 50x16",
            "backbone.layers.0.mixer.A_log 32x5",
            "backbone.layers.0.mixer.D 32",
            "backbone.layers.0.mixer.dt_proj.bias 4000",
            "backbone.layers.0.mixer.dt_proj.weight 32x4",
            "backbone.layers.1.mixer.conv1d.weight 32x1x4",
            "backbone.layers.1.mixer.conv1d.bias 32",
            "backbone.layers.1.mixer.out_proj.weight 16x32",
            "backbone.layers.1.mixer.in_proj.weight 64x16",
            "backbone.layers.2.mixer.A_log 3000",
            "backbone.norm_f.weight 16",
        ],
    );
    let mixer = |layer: u32, name: &str| format!("backbone.layers.{layer}.mixer.{name}");
    let rows = check.values(&mixer(0, "A_log"));
    for (index, value) in rows.iter().enumerate() {
        assert!((value - ((index % 5 + 1) as f64).ln()).abs() < 1e-15);
    }
    check.constant(&mixer(0, "D"), 1.0);
    check.uniform(&mixer(0, "dt_proj.weight"), 0.5);
    check.uniform(&mixer(1, "conv1d.weight"), 0.5);
    check.uniform(&mixer(1, "conv1d.bias"), 0.5);
    check.uniform(&mixer(1, "out_proj.weight"), 1.0 / (3f64 * 32.0).sqrt());
    check.uniform(&mixer(1, "in_proj.weight"), 0.25);
    check.normal("backbone.embedding.weight", 0.02);
    // Steps, by the softplus, are log-uniform on [0.001, 0.1]; A of Mamba-2 uniform on [1, 16].
    let uniform = |values: Vec<f64>| {
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        assert!(values.iter().all(|u| (-1e-4..1.0001).contains(u)));
        assert!((mean - 0.5).abs() < 5.0 / (12.0 * n).sqrt(), "{mean}");
    };
    let steps = check.values(&mixer(0, "dt_proj.bias")).into_iter().map(|x| x.exp().ln_1p());
    uniform(steps.map(|step| (step / 0.001).ln() / 100f64.ln()).collect());
    uniform(check.values(&mixer(2, "A_log")).into_iter().map(|x| (x.exp() - 1.0) / 15.0).collect());

    let check = Check::new(
        "s4",
        "",
        &["s4.A 2x3x3", "s4.B 3x1", "s4.A_imag 4x6", "s4.log_A_real 4x6", "s4.log_dt 9", "s4.C 4x6x2", "s4.D 4"],
    );
    let (a, b, c) = (3f64.sqrt(), 5f64.sqrt(), 15f64.sqrt());
    let legs = [-1.0, 0.0, 0.0, -a, -2.0, 0.0, -b, -c, -3.0];
    for (found, expected) in check.values("s4.A").into_iter().zip(legs.iter().chain(&legs)) {
        assert!((found - expected).abs() < 1e-15);
    }
    assert_eq!(check.values("s4.B"), [1.0, a, b]);
    assert_eq!(check.values("s4.A_imag")[7], std::f64::consts::PI);
    check.constant("s4.log_A_real", 0.5f64.ln());
    assert_eq!(check.law("s4.log_dt"), Law::uniform(0.001f64.ln(), 0.1f64.ln()));
    check.normal("s4.C", 0.5f64.sqrt());
}

#[test]
fn adapters_and_coordinate_networks_follow_their_papers() {
    let lora = Check::new("lora", "", &["q.lora_A.default.weight 8x64", "q.lora_B.default.weight 64x8"]);
    lora.uniform("q.lora_A.default.weight", 0.125);
    lora.constant("q.lora_B.default.weight", 0.0);
    let kohya = Check::new("lora", "", &["unet.lora_down.weight 4x64", "unet.lora_up.weight 64x4", "unet.alpha"]);
    kohya.uniform("unet.lora_down.weight", 0.125);
    kohya.constant("unet.lora_up.weight", 0.0);
    kohya.constant("unet.alpha", 4.0);
    let torchtune =
        Check::new("lora", "", &["q_proj.lora_a.weight 4x64", "q_proj.lora_b.weight 64x4", "q_proj.magnitude 64"]);
    torchtune.uniform("q_proj.lora_a.weight", 0.125);
    torchtune.constant("q_proj.lora_b.weight", 0.0);
    assert!(matches!(torchtune.refused("q_proj.magnitude"), Error::Recipe(RecipeError::Refused { .. })));
    let diffusers = Check::new("lora", "", &["attn.lora.down.weight 4x64", "attn.lora.up.weight 64x4"]);
    diffusers.normal("attn.lora.down.weight", 0.25);
    diffusers.constant("attn.lora.up.weight", 0.0);
    let other = choose("lora", &model(&["base.weight 3x3"]), "base.weight", &Arguments::new());
    assert_eq!(other, Ok(None));
    let siren = Check::new(
        "siren",
        "omega=20",
        &["net.0.linear.weight 64x2", "net.0.linear.bias 64", "net.10.linear.weight 3x64", "net.2.linear.weight 64x64"],
    );
    siren.uniform("net.0.linear.weight", 0.5);
    siren.uniform("net.0.linear.bias", 0.5f64.sqrt());
    siren.uniform("net.2.linear.weight", (6.0 / 64f64).sqrt() / 20.0);
    siren.uniform("net.10.linear.weight", (6.0 / 64f64).sqrt() / 20.0);
    let nerf = Check::new("nerf", "", &["pts_linears.0.weight 256x63", "pts_linears.0.bias 256"]);
    nerf.uniform("pts_linears.0.weight", (6.0 / 319f64).sqrt());
    nerf.constant("pts_linears.0.bias", 0.0);
}

#[test]
fn layers_of_frameworks_do_what_they_do_by_themselves() {
    let tensors: &[&str] = &[
        "embedding.weight 30x16",
        "lstm.weight_ih_l0 48x16",
        "lstm.weight_hh_l0 48x12",
        "lstm.bias_ih_l0 48",
        "lstm.bias_hh_l0 48",
        "gru.weight_ih_l0 36x16",
        "gru.weight_hh_l0 36x12",
        "gru.bias_ih_l0 36",
        "conv.weight 8x4x3x3",
        "conv.bias 8",
        "bn.weight 8",
        "bn.bias 8",
        "bn.running_var 8",
        "fc.weight 10x25",
        "fc.bias 10",
    ];
    let torch = Check::new("torch", "padding_idx=-1", tensors);
    torch.uniform("lstm.weight_ih_l0", 1.0 / 12f64.sqrt());
    torch.uniform("lstm.bias_hh_l0", 1.0 / 12f64.sqrt());
    torch.uniform("gru.bias_ih_l0", 1.0 / 12f64.sqrt());
    torch.uniform("conv.weight", 1.0 / 6.0);
    torch.uniform("conv.bias", 1.0 / 6.0);
    torch.uniform("fc.weight", 0.2);
    torch.constant("bn.weight", 1.0);
    torch.constant("bn.bias", 0.0);
    torch.constant("bn.running_var", 1.0);
    let embedding = torch.values("embedding.weight");
    assert!(embedding[29 * 16..].iter().all(|x| *x == 0.0) && embedding[..29 * 16].iter().all(|x| *x != 0.0));

    let lstm = Check::new("lstm", "forget=0.5", tensors);
    let expected: Vec<_> = (0..48).map(|row| if (12..24).contains(&row) { 0.5 } else { 0.0 }).collect();
    assert_eq!(lstm.values("lstm.bias_ih_l0"), expected);
    lstm.constant("lstm.bias_hh_l0", 0.0);
    lstm.constant("gru.bias_ih_l0", 0.0);
    lstm.uniform("lstm.weight_hh_l0", 1.0 / 12f64.sqrt());

    let keras = Check::new("keras", "", tensors);
    assert_eq!(keras.initializer("lstm.weight_hh_l0"), Initializer::Orthogonal { gain: 1.0, delta: false });
    keras.uniform("lstm.weight_ih_l0", (6.0 / 64f64).sqrt());
    keras.uniform("embedding.weight", 0.05);
    keras.uniform("fc.weight", (6.0 / 35f64).sqrt());
    keras.constant("fc.bias", 0.0);
}

#[test]
fn recipes_are_found_and_checked_by_name() {
    assert!(matches!(by_name("gtp2"), Err(Error::UnknownName(error)) if error.kind == "recipe"));
    let error = Error::UnknownParameter {
        owner: ["recipe", "gpt2"],
        name: "sdt".to_owned(),
        expected: "initializer_range, tie_word_embeddings, n_layer".to_owned(),
    };
    assert_eq!(choose("gpt2", &model(GPT), "wte.weight", &arguments("sdt=1")).unwrap_err(), error);
    assert!(matches!(
        choose("gpt2", &model(GPT), "nothing", &Arguments::new()),
        Err(Error::Recipe(RecipeError::NoSuchTensor { .. }))
    ));
    let documents = [include_str!("../docs/recipes.md"), include_str!("../docs/models.md")];
    let mut names = std::collections::BTreeSet::new();
    for recipe in recipes() {
        let row = format!("| `{}` |", recipe.name);
        assert!(documents.iter().any(|doc| doc.contains(&row)), "{} has no row in docs", recipe.name);
        assert!(names.insert(recipe.name), "two recipes are called {}", recipe.name);
    }
}

/// Names of most kinds that recipes know, in thousands of layers.
fn large(count: usize) -> Vec<(String, &'static [u64])> {
    let kinds: &[(&str, &[u64])] = &[
        ("self_attn.q_proj.weight", &[64, 64]),
        ("self_attn.o_proj.weight", &[64, 64]),
        ("mlp.down_proj.weight", &[64, 256]),
        ("input_layernorm.weight", &[64]),
        ("input_layernorm.bias", &[64]),
        ("conv1.weight", &[8, 8, 3, 3]),
        ("conv2.weight", &[8, 8, 3, 3]),
        ("SelfAttention.q.weight", &[96, 64]),
        ("lm_head.weight", &[100, 64]),
        ("lstm.weight_hh_l0", &[48, 12]),
        ("lstm.bias_ih_l0", &[48]),
        ("mixer.dt_proj.bias", &[64]),
        ("running_var", &[8]),
    ];
    let name = |index: usize| format!("encoder.layers.{}.{}", index / kinds.len(), kinds[index % kinds.len()].0);
    (0..count).map(|index| (name(index), kinds[index % kinds.len()].1)).collect()
}

/// Recipes that refuse every tensor of a model that they do not know.
const REFUSING: [&str; 2] = ["timm", "torchvision"];

/// What a tensor takes does not grow with the model: every recipe, where facts are at the end of the names, or missing.
#[test]
fn large_models_take_time_in_proportion() {
    let mut tensors = large(20_000);
    // A single block of very many convolutions, too.
    tensors.extend((1..=5000).map(|number| (format!("block.0.conv{number}.weight"), &[8, 8, 3, 3][..])));
    let without = Model::new(tensors.iter().map(|(name, shape)| (name.as_str(), *shape)));
    tensors.push(("z.wte.weight".to_owned(), &[100, 64]));
    tensors.push(("z.relative_attention_bias.weight".to_owned(), &[32, 8]));
    let with = Model::new(tensors.iter().map(|(name, shape)| (name.as_str(), *shape)));
    // Families that share all rules count once.
    let mut seen = std::collections::BTreeSet::new();
    let start = Instant::now();
    for recipe in recipes().filter(|recipe| seen.insert(format!("{:?} {:?}", recipe.rules, recipe.parameters.len()))) {
        for model in [&with, &without] {
            let (arguments, config) = (Arguments::new(), Config::default());
            let Ok(mut applied) = recipe.apply(model, &arguments, &config) else { continue };
            let chosen = tensors.iter().filter(|(name, _)| applied.choose(name).is_ok()).count();
            assert!(chosen > 0 || REFUSING.contains(&recipe.name), "{}", recipe.name);
        }
    }
    // It takes a second or two; where a rule walks over the model at each tensor, it takes many minutes.
    assert!(start.elapsed() < Duration::from_secs(60), "{:?}", start.elapsed());
}

/// A bias that no machine could list is refused, and fills no memory.
#[test]
fn biases_beyond_all_memory_are_refused() {
    let rows = 1 << 33;
    let model = Model::new([("lstm.weight_hh_l0", &[rows, rows / 4][..]), ("lstm.bias_ih_l0", &[rows])]);
    for name in ["lstm", "keras"] {
        let chosen = choose(name, &model, "lstm.bias_ih_l0", &Arguments::new());
        assert_eq!(chosen, Err(Error::Law(LawError::ListTooLong { len: rows, most: 1 << 24 })), "{name}");
    }
}
