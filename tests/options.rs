//! Options of configurations by which the real libraries draw other laws: each was seen in a model that the library
//! made (transformers 5.24, timm 1.0.31).

#[path = "common/recipes.rs"]
mod common;

use common::model;
use weightinit::init::{Arguments, Value};
use weightinit::recipe::{Config, of_config};
use weightinit::{Law, Layout};

fn config(fields: &str) -> Config {
    let pairs = fields.split_whitespace().map(|pair| pair.split_once('=').unwrap());
    pairs.map(|(name, value)| (name.to_owned(), Some(Value::parse(value)))).collect()
}

/// What becomes of the first of these tensors, in a word.
fn found(fields: &str, tensors: &[&str]) -> String {
    let (config, model) = (config(fields), model(tensors));
    let name = tensors[0].split(' ').next().unwrap();
    let applied = of_config(&config).unwrap().apply(&model, &Arguments::new(), &config);
    match applied.and_then(|mut applied| applied.choose(name)) {
        Err(_) => "refused".to_owned(),
        Ok(None) => "undecided".to_owned(),
        Ok(Some(chosen)) => match chosen.tied_to {
            Some(other) => format!("as {other}"),
            None => match chosen.initializer.parts(model.shape(name).unwrap(), Layout::Torch).unwrap().0 {
                Law::Normal { mean: 0.0, std, .. } => format!("normal {std}"),
                Law::Constant(value) => format!("constant {value}"),
                Law::Uniform { high, .. } => format!("uniform {high}"),
                Law::Waves(_) => "waves".to_owned(),
                other => format!("{other:?}"),
            },
        },
    }
}

#[test]
fn parts_follow_their_own_configurations() {
    let llava = "model_type=llava text_config.model_type";
    let projector = "multi_modal_projector.linear_1.weight 8x8";
    let norm = "language_model.model.layers.0.input_layernorm.weight 8";
    for (fields, tensor, expected) in [
        // The whole has no deviation of its own, or one.
        ("=llama text_config.initializer_range=0.5", projector, "normal 0.5"),
        ("=llama text_config.initializer_range=0.5 initializer_range=0.25", projector, "normal 0.25"),
        ("=llama", norm, "constant 1"),
        ("=gemma2", norm, "constant 0"),
        ("=t5", norm, "refused"),
        ("=gpt2", "language_model.transformer.h.0.mlp.c_proj.weight 8x8", "refused"),
        ("=gpt2", projector, "normal 0.02"),
    ] {
        assert_eq!(found(&format!("{llava}{fields}"), &[tensor]), expected, "{fields}");
    }
    let patch = "vision_tower.patch_conv.weight 8x3x2x2";
    let tower = "model_type=llava_onevision vision_config.initializer_range=0.5 vision_config.model_type=pixtral";
    assert_eq!(found(tower, &[patch]), "normal 0.5");
    let query = "text_encoder.encoder.layer.0.attention.self.query.weight 8x8";
    assert_eq!(found("model_type=blip text_config.initializer_range=0.5", &[query]), "normal 0.5");
    let head = &["language_model.lm_head.weight 9x8", "language_model.model.embed_tokens.weight 9x8"];
    let both = "model_type=llama4 tie_word_embeddings=true text_config.tie_word_embeddings=";
    assert_eq!(found(&format!("{both}false"), head), "normal 0.02");
    assert_eq!(found(&format!("{both}true"), head), "as language_model.model.embed_tokens.weight");
}

#[test]
fn embeddings_are_one_where_they_are_tied() {
    let tensors = &["model.encoder.embed_tokens.weight 9x8", "model.shared.weight 9x8"];
    for family in ["bart", "mbart", "m2m_100", "marian"] {
        let of = |tied: &str| {
            found(&format!("model_type={family} pad_token_id=1 init_std=0.5 tie_word_embeddings={tied}"), tensors)
        };
        assert_eq!((of("true"), of("false")), ("as model.shared.weight".to_owned(), "normal 0.5".to_owned()));
    }
}

#[test]
fn classes_and_options_of_sound_have_their_laws() {
    let convolution =
        &["x.feature_extractor.conv_layers.0.conv.bias 8", "x.feature_extractor.conv_layers.0.conv.weight 8x1x16"];
    for (fields, tensors, expected) in [
        ("wav2vec2", &["project_hid.weight 8x16"][..], "uniform 0.25"),
        ("unispeech", &["project_hid.weight 8x16"], "normal 0.02"),
        ("unispeech-sat", &["project_q.weight 8x16"], "normal 0.02"),
        ("unispeech-sat", &["label_embeddings_concat 8x16"], "constant 0"),
        ("wavlm", &["objective.weight 8x16"], "normal 1"),
        ("unispeech", &["objective.weight 8x16"], "normal 0.02"),
        ("wavlm", &["wavlm.adapter.layers.0.conv.weight 8x4x4"], "normal 0.3535533905932738"),
        ("wav2vec2", convolution, "uniform 0.25"),
        ("hubert", convolution, "constant 0"),
        ("hubert", &["hubert.encoder.pos_conv_embed.conv.weight 8x4x8"], "normal 0.25"),
        ("sew", &["layer_weights 3", "sew.encoder.layers.1.final_layer_norm.bias 8"], "constant 0.3333333333333333"),
        ("whisper", &["embed_positions.weight 9x8", "conv1.weight 8x4x3"], "waves"),
        ("whisper", &["embed_positions.weight 9x8", "embed_tokens.weight 9x8"], "normal 0.02"),
        ("apertus", &["model.layers.0.mlp.act_fn.alpha_p 1"], "constant 0.20338237"),
    ] {
        assert_eq!(found(&format!("model_type={fields}"), tensors), expected, "{fields} {tensors:?}");
    }
}

#[test]
fn models_of_timm_are_told_by_their_architectures() {
    let regnet = &["s1.b1.conv3.bn.weight 8", "s1.b1.conv1.conv.weight 8x8x1x1", "s1.b1.conv3.conv.weight 8x8x1x1"];
    assert_eq!(found("architecture=regnety_002", regnet), "constant 0");
    assert_eq!(found("architecture=regnetz_005", regnet), "constant 1");
    let mix = &["blocks.0.0.conv_dw.1.weight 8x1x5x5", "conv_stem.weight 8x3x3x3"];
    assert_eq!(found("architecture=mixnet_s", mix), format!("normal {}", f64::sqrt(2.0 / 25.0)));
    assert_eq!(found("architecture=efficientnet_b1_pruned", mix), "refused");
    let vit = &["blocks.0.norm1.weight 8", "blocks.0.attn.qkv.weight 24x8", "cls_token 1x1x8"];
    assert_eq!(found("architecture=vit_tiny_patch16_224", vit), "constant 1");
    assert_eq!(found("architecture=vit_base_patch16_rpn_224", vit), "refused");
    let head = &["head.weight 9x8", "blocks.0.attn.qkv.weight 24x8", "cls_token 1x1x8"];
    assert_eq!(found("architecture=vit_tiny_patch16_224 weight_init=jax", head), "constant 0");
    let last = &["head.fc.weight 9x8", "stages.0.blocks.0.conv_dw.weight 8x1x7x7"];
    assert_eq!(found("architecture=convnext_atto", last), found("architecture=convnext_atto head_init_scale=1", last));
    assert!(found("architecture=convnext_atto head_init_scale=0.5", last).contains("std: 0.01,"));
    assert_eq!(found("architecture=vit_tiny_patch16_224 weight_init=skip", vit), "refused");
    // Only create_model was told: the recipe's parameters have to be told, too.
    assert_eq!(found("architecture=vit_tiny_patch16_224 model_args.weight_init=jax", head), "refused");
    assert_eq!(
        found(
            "architecture=vit_tiny_patch16_224 weight_init=jax model_args.weight_init=jax model_args.img_size=96",
            head
        ),
        "constant 0"
    );
}

#[test]
fn configurations_have_all_tensors_of_their_options() {
    let names = |fields: &str| {
        let config = config(fields);
        let model = of_config(&config).unwrap().model(&config).unwrap();
        move |name: &str| model.shape(name).map(<[u64]>::to_vec)
    };
    let gpt2 = "model_type=gpt2 n_embd=8 n_layer=1 n_positions=4 vocab_size=9 n_head=2 add_cross_attention=";
    assert_eq!(names(&format!("{gpt2}true"))("transformer.h.0.crossattention.c_attn.weight"), Some(vec![8, 16]));
    assert_eq!(names(&format!("{gpt2}false"))("transformer.h.0.crossattention.c_attn.weight"), None);
    let bert = "model_type=bert hidden_size=8 num_hidden_layers=1 vocab_size=9 max_position_embeddings=4 \
                type_vocab_size=2 intermediate_size=16 is_decoder=true add_cross_attention=true";
    let query = "bert.encoder.layer.0.crossattention.self.query.weight";
    assert_eq!((names(bert)(query), names(&bert.replace("is_decoder=true", ""))(query)), (Some(vec![8, 8]), None));
    let vit = "model_type=vit architectures.0=ViTModel hidden_size=8 num_hidden_layers=1 image_size=4 patch_size=2 \
               num_channels=3 intermediate_size=16 num_attention_heads=2 pooler_output_size=5";
    assert_eq!(names(vit)("pooler.dense.weight"), Some(vec![5, 8]));
    let sizes = vit.replace("image_size=4", "image_size.0=4 image_size.1=6");
    assert_eq!(names(&sizes)("embeddings.position_embeddings"), Some(vec![1, 7, 8]));
    let qwen = "model_type=qwen3_moe hidden_size=8 num_hidden_layers=2 vocab_size=9 num_attention_heads=2 \
                num_experts=3 moe_intermediate_size=4 intermediate_size=16 mlp_only_layers.0=1";
    assert_eq!(names(qwen)("model.layers.1.mlp.up_proj.weight"), Some(vec![16, 8]));
    assert_eq!(names(qwen)("model.layers.0.mlp.up_proj.weight"), None);
    assert_eq!(names(qwen)("model.layers.1.mlp.gate.weight"), None);
    let none = qwen.replace("num_experts=3", "num_experts=0");
    assert_eq!(names(&none)("model.layers.0.mlp.up_proj.weight"), Some(vec![16, 8]));
    let many = format!("{qwen} mlp_only_layers.1=7 mlp_only_layers.2=8 mlp_only_layers.3=9 mlp_only_layers.4=0");
    assert!(of_config(&config(&many)).unwrap().model(&config(&many)).is_err());
    let opt = "model_type=opt hidden_size=8 num_hidden_layers=1 vocab_size=9 max_position_embeddings=4 ffn_dim=16 \
               word_embed_proj_dim=8 do_layer_norm_before=true num_attention_heads=2 layer_norm_elementwise_affine=";
    assert_eq!(names(&format!("{opt}true"))("model.decoder.final_layer_norm.bias"), Some(vec![8]));
    assert_eq!(names(&format!("{opt}false"))("model.decoder.final_layer_norm.bias"), None);
}
