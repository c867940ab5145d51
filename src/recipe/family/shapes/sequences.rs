//! Models of sequences: T5, Whisper, Mamba-2 and ModernBERT.

use crate::recipe::tensors::{Tensors, in_each, tensors};

/// Feed-forward networks with a gate have two inputs.
pub(in crate::recipe::family) const T5_SIZES: &[(&str, &str)] = &[
    ("is_gated", "else(is_gated_act, begins(else(feed_forward_proj, 'relu'), 'gated'))"),
    ("decoders", "else(num_decoder_layers, num_layers)"),
    ("inner", "num_heads * d_kv"),
    ("buckets", "else(relative_attention_num_buckets, 32)"),
];

/// Attention and its norm, as `layer.N` of a block.
macro_rules! t5_attention {
    ($stack:literal, $count:literal, $layer:literal, $name:literal) => {
        [
            in_each(
                &[$count],
                concat!(
                    $stack,
                    ".block.{}.layer.",
                    $layer,
                    ".",
                    $name,
                    ".q.weight ",
                    $stack,
                    ".block.{}.layer.",
                    $layer,
                    ".",
                    $name,
                    ".k.weight ",
                    $stack,
                    ".block.{}.layer.",
                    $layer,
                    ".",
                    $name,
                    ".v.weight"
                ),
                "inner, d_model",
            ),
            in_each(&[$count], concat!($stack, ".block.{}.layer.", $layer, ".", $name, ".o.weight"), "d_model, inner"),
            in_each(&[$count], concat!($stack, ".block.{}.layer.", $layer, ".layer_norm.weight"), "d_model"),
        ]
    };
}
/// The feed-forward network and its norm.
macro_rules! t5_network {
    ($stack:literal, $count:literal, $layer:literal) => {
        [
            in_each(
                &[$count],
                concat!($stack, ".block.{}.layer.", $layer, ".DenseReluDense.wi.weight"),
                "d_ff, d_model",
            )
            .when("not(is_gated)"),
            in_each(
                &[$count],
                concat!(
                    $stack,
                    ".block.{}.layer.",
                    $layer,
                    ".DenseReluDense.wi_0.weight ",
                    $stack,
                    ".block.{}.layer.",
                    $layer,
                    ".DenseReluDense.wi_1.weight"
                ),
                "d_ff, d_model",
            )
            .when("is_gated"),
            in_each(
                &[$count],
                concat!($stack, ".block.{}.layer.", $layer, ".DenseReluDense.wo.weight"),
                "d_model, d_ff",
            ),
            in_each(&[$count], concat!($stack, ".block.{}.layer.", $layer, ".layer_norm.weight"), "d_model"),
        ]
    };
}
pub(in crate::recipe::family) const T5: &[&[Tensors]] = &[
    &[
        tensors("shared.weight", "vocab_size, d_model"),
        tensors("encoder.final_layer_norm.weight decoder.final_layer_norm.weight", "d_model"),
        tensors(
            "encoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight \
             decoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight",
            "buckets, num_heads",
        ),
        tensors("lm_head.weight", "vocab_size, d_model").when("not(tie_word_embeddings)"),
    ],
    &t5_attention!("encoder", "num_layers", "0", "SelfAttention"),
    &t5_network!("encoder", "num_layers", "1"),
    &t5_attention!("decoder", "decoders", "0", "SelfAttention"),
    &t5_attention!("decoder", "decoders", "1", "EncDecAttention"),
    &t5_network!("decoder", "decoders", "2"),
];

/// Attention of Whisper, whose keys have no bias, and the norm before it.
macro_rules! whisper_attention {
    ($stack:literal, $count:literal, $name:literal) => {
        [
            in_each(
                &[$count],
                concat!(
                    "model.",
                    $stack,
                    ".layers.{}.",
                    $name,
                    ".q_proj.weight ",
                    "model.",
                    $stack,
                    ".layers.{}.",
                    $name,
                    ".k_proj.weight ",
                    "model.",
                    $stack,
                    ".layers.{}.",
                    $name,
                    ".v_proj.weight ",
                    "model.",
                    $stack,
                    ".layers.{}.",
                    $name,
                    ".out_proj.weight"
                ),
                "d_model, d_model",
            ),
            in_each(
                &[$count],
                concat!(
                    "model.",
                    $stack,
                    ".layers.{}.",
                    $name,
                    ".q_proj.bias ",
                    "model.",
                    $stack,
                    ".layers.{}.",
                    $name,
                    ".v_proj.bias ",
                    "model.",
                    $stack,
                    ".layers.{}.",
                    $name,
                    ".out_proj.bias ",
                    "model.",
                    $stack,
                    ".layers.{}.",
                    $name,
                    "_layer_norm.weight ",
                    "model.",
                    $stack,
                    ".layers.{}.",
                    $name,
                    "_layer_norm.bias"
                ),
                "d_model",
            ),
        ]
    };
}
macro_rules! whisper_network {
    ($stack:literal, $count:literal, $inner:literal) => {
        [
            in_each(&[$count], concat!("model.", $stack, ".layers.{}.fc1.weight"), concat!($inner, ", d_model")),
            in_each(&[$count], concat!("model.", $stack, ".layers.{}.fc1.bias"), $inner),
            in_each(&[$count], concat!("model.", $stack, ".layers.{}.fc2.weight"), concat!("d_model, ", $inner)),
            in_each(
                &[$count],
                concat!(
                    "model.",
                    $stack,
                    ".layers.{}.fc2.bias model.",
                    $stack,
                    ".layers.{}.final_layer_norm.weight model.",
                    $stack,
                    ".layers.{}.final_layer_norm.bias"
                ),
                "d_model",
            ),
        ]
    };
}
pub(in crate::recipe::family) const WHISPER: &[&[Tensors]] = &[
    &[
        tensors("model.encoder.conv1.weight", "d_model, num_mel_bins, 3"),
        tensors("model.encoder.conv2.weight", "d_model, d_model, 3"),
        tensors(
            "model.encoder.conv1.bias model.encoder.conv2.bias model.encoder.layer_norm.weight \
             model.encoder.layer_norm.bias model.decoder.layer_norm.weight model.decoder.layer_norm.bias",
            "d_model",
        ),
        tensors("model.encoder.embed_positions.weight", "max_source_positions, d_model"),
        tensors("model.decoder.embed_positions.weight", "max_target_positions, d_model"),
        tensors("model.decoder.embed_tokens.weight", "vocab_size, d_model"),
        tensors("proj_out.weight", "vocab_size, d_model").when("not(tie_word_embeddings)"),
    ],
    &whisper_attention!("encoder", "encoder_layers", "self_attn"),
    &whisper_network!("encoder", "encoder_layers", "encoder_ffn_dim"),
    &whisper_attention!("decoder", "decoder_layers", "self_attn"),
    &whisper_attention!("decoder", "decoder_layers", "encoder_attn"),
    &whisper_network!("decoder", "decoder_layers", "decoder_ffn_dim"),
];

const LAYERS: &[&str] = &["num_hidden_layers"];
pub(in crate::recipe::family) const MAMBA2_SIZES: &[(&str, &str)] =
    &[("inner", "floor(expand * hidden_size)"), ("mixed", "inner + 2 * n_groups * state_size")];
pub(in crate::recipe::family) const MAMBA2: &[Tensors] = &[
    tensors("backbone.embeddings.weight", "vocab_size, hidden_size"),
    tensors("backbone.norm_f.weight", "hidden_size"),
    tensors("lm_head.weight", "vocab_size, hidden_size").when("not(tie_word_embeddings)"),
    in_each(
        LAYERS,
        "backbone.layers.{}.mixer.A_log backbone.layers.{}.mixer.D backbone.layers.{}.mixer.dt_bias",
        "num_heads",
    ),
    in_each(LAYERS, "backbone.layers.{}.mixer.conv1d.weight", "mixed, 1, conv_kernel"),
    in_each(LAYERS, "backbone.layers.{}.mixer.conv1d.bias", "mixed").when("else(use_conv_bias, 1)"),
    in_each(LAYERS, "backbone.layers.{}.mixer.in_proj.weight", "inner + mixed + num_heads, hidden_size"),
    in_each(LAYERS, "backbone.layers.{}.mixer.in_proj.bias", "inner + mixed + num_heads").when("else(use_bias, 0)"),
    in_each(LAYERS, "backbone.layers.{}.mixer.norm.weight", "inner"),
    in_each(LAYERS, "backbone.layers.{}.mixer.out_proj.weight", "hidden_size, inner"),
    in_each(LAYERS, "backbone.layers.{}.mixer.out_proj.bias", "hidden_size").when("else(use_bias, 0)"),
    in_each(LAYERS, "backbone.layers.{}.norm.weight", "hidden_size"),
];

pub(in crate::recipe::family) const MODERNBERT: &[Tensors] = &[
    tensors("model.embeddings.tok_embeddings.weight", "vocab_size, hidden_size"),
    tensors("model.embeddings.norm.weight model.final_norm.weight head.norm.weight", "hidden_size"),
    tensors("model.embeddings.norm.bias model.final_norm.bias head.norm.bias", "hidden_size")
        .when("else(norm_bias, 0)"),
    tensors("head.dense.weight", "hidden_size, hidden_size"),
    tensors("head.dense.bias", "hidden_size").when("else(classifier_bias, 0)"),
    tensors("decoder.weight", "vocab_size, hidden_size").when("not(tie_word_embeddings)"),
    tensors("decoder.bias", "vocab_size").when("else(decoder_bias, 1)"),
    // The first layer's attention takes what the embedding's norm gives.
    in_each(LAYERS, "model.layers.{}.attn_norm.weight", "hidden_size").when("layer != 0"),
    in_each(LAYERS, "model.layers.{}.attn_norm.bias", "hidden_size").when("layer != 0 and else(norm_bias, 0)"),
    in_each(LAYERS, "model.layers.{}.mlp_norm.weight", "hidden_size"),
    in_each(LAYERS, "model.layers.{}.mlp_norm.bias", "hidden_size").when("else(norm_bias, 0)"),
    in_each(LAYERS, "model.layers.{}.attn.Wqkv.weight", "3 * hidden_size, hidden_size"),
    in_each(LAYERS, "model.layers.{}.attn.Wqkv.bias", "3 * hidden_size").when("else(attention_bias, 0)"),
    in_each(LAYERS, "model.layers.{}.attn.Wo.weight", "hidden_size, hidden_size"),
    in_each(LAYERS, "model.layers.{}.attn.Wo.bias", "hidden_size").when("else(attention_bias, 0)"),
    in_each(LAYERS, "model.layers.{}.mlp.Wi.weight", "2 * intermediate_size, hidden_size"),
    in_each(LAYERS, "model.layers.{}.mlp.Wi.bias", "2 * intermediate_size").when("else(mlp_bias, 0)"),
    in_each(LAYERS, "model.layers.{}.mlp.Wo.weight", "hidden_size, intermediate_size"),
    in_each(LAYERS, "model.layers.{}.mlp.Wo.bias", "hidden_size").when("else(mlp_bias, 0)"),
];
