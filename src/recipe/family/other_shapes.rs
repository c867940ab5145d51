//! Names and shapes of the tensors of models of sound, images and sequences, as transformers' files have them.

use crate::recipe::tensors::{Tensors, in_each, tensors};

/// Feed-forward networks with a gate have two inputs.
pub(super) const T5_SIZES: &[(&str, &str)] = &[
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
pub(super) const T5: &[&[Tensors]] = &[
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
pub(super) const WHISPER: &[&[Tensors]] = &[
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
pub(super) const MAMBA2_SIZES: &[(&str, &str)] =
    &[("inner", "floor(expand * hidden_size)"), ("mixed", "inner + 2 * n_groups * state_size")];
pub(super) const MAMBA2: &[Tensors] = &[
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

pub(super) const MODERNBERT: &[Tensors] = &[
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

/// A tower of CLIP.
macro_rules! clip_tower {
    ($tower:literal, $config:literal) => {
        [
            in_each(
                &[concat!($config, ".num_hidden_layers")],
                concat!(
                    $tower,
                    ".encoder.layers.{}.self_attn.q_proj.weight ",
                    $tower,
                    ".encoder.layers.{}.self_attn.k_proj.weight ",
                    $tower,
                    ".encoder.layers.{}.self_attn.v_proj.weight ",
                    $tower,
                    ".encoder.layers.{}.self_attn.out_proj.weight"
                ),
                concat!($config, ".hidden_size, ", $config, ".hidden_size"),
            ),
            in_each(
                &[concat!($config, ".num_hidden_layers")],
                concat!(
                    $tower,
                    ".encoder.layers.{}.self_attn.q_proj.bias ",
                    $tower,
                    ".encoder.layers.{}.self_attn.k_proj.bias ",
                    $tower,
                    ".encoder.layers.{}.self_attn.v_proj.bias ",
                    $tower,
                    ".encoder.layers.{}.self_attn.out_proj.bias ",
                    $tower,
                    ".encoder.layers.{}.layer_norm1.weight ",
                    $tower,
                    ".encoder.layers.{}.layer_norm1.bias ",
                    $tower,
                    ".encoder.layers.{}.layer_norm2.weight ",
                    $tower,
                    ".encoder.layers.{}.layer_norm2.bias ",
                    $tower,
                    ".encoder.layers.{}.mlp.fc2.bias"
                ),
                concat!($config, ".hidden_size"),
            ),
            in_each(
                &[concat!($config, ".num_hidden_layers")],
                concat!($tower, ".encoder.layers.{}.mlp.fc1.weight"),
                concat!($config, ".intermediate_size, ", $config, ".hidden_size"),
            ),
            in_each(
                &[concat!($config, ".num_hidden_layers")],
                concat!($tower, ".encoder.layers.{}.mlp.fc1.bias"),
                concat!($config, ".intermediate_size"),
            ),
            in_each(
                &[concat!($config, ".num_hidden_layers")],
                concat!($tower, ".encoder.layers.{}.mlp.fc2.weight"),
                concat!($config, ".hidden_size, ", $config, ".intermediate_size"),
            ),
        ]
    };
}
pub(super) const CLIP_SIZES: &[(&str, &str)] = &[
    ("text", "text_config.hidden_size"),
    ("vision", "vision_config.hidden_size"),
    ("patch", "vision_config.patch_size"),
];
pub(super) const CLIP: &[&[Tensors]] = &[
    &[
        tensors("logit_scale", ""),
        tensors("text_model.embeddings.token_embedding.weight", "text_config.vocab_size, text"),
        tensors("text_model.embeddings.position_embedding.weight", "text_config.max_position_embeddings, text"),
        tensors("text_model.final_layer_norm.weight text_model.final_layer_norm.bias", "text"),
        tensors("text_projection.weight", "projection_dim, text"),
        tensors(
            "vision_model.embeddings.class_embedding vision_model.pre_layrnorm.weight vision_model.pre_layrnorm.bias \
             vision_model.post_layernorm.weight vision_model.post_layernorm.bias",
            "vision",
        ),
        tensors(
            "vision_model.embeddings.patch_embedding.weight",
            "vision, else(vision_config.num_channels, 3), patch, patch",
        ),
        tensors(
            "vision_model.embeddings.position_embedding.weight",
            "floor(vision_config.image_size / patch) ^ 2 + 1, vision",
        ),
        tensors("visual_projection.weight", "projection_dim, vision"),
    ],
    &clip_tower!("text_model", "text_config"),
    &clip_tower!("vision_model", "vision_config"),
];

const STAGES: &[&str] = &["count('hidden_sizes')"];
const BLOCKS: &[&str] = &["count('hidden_sizes')", "field('depths', layer)"];
/// Channels of a stage, of the one before, and of its first block's input.
pub(super) const STAGE_SIZES: &[(&str, &str)] = &[
    ("channels", "field('hidden_sizes', layer)"),
    ("before", "field('hidden_sizes', layer - 1)"),
    ("last", "field('hidden_sizes', count('hidden_sizes') - 1)"),
    ("stem", "field('hidden_sizes', 0)"),
    ("labels", "else(num_labels, if(count('id2label') == 0, 2, count('id2label')))"),
    ("inputs", "if(part == 0, if(layer == 0, embedding_size, before), channels)"),
    ("reduced", "if(is_basic, channels, channels / 4)"),
    ("is_basic", "else(layer_type, 'bottleneck') == 'basic'"),
    ("is_wider", "part == 0 and (layer != 0 or embedding_size != channels or else(downsample_in_first_stage, 0))"),
];
pub(super) const CONVNEXT: &[Tensors] = &[
    tensors("convnext.embeddings.patch_embeddings.weight", "stem, num_channels, patch_size, patch_size"),
    tensors(
        "convnext.embeddings.patch_embeddings.bias convnext.embeddings.layernorm.weight \
         convnext.embeddings.layernorm.bias",
        "stem",
    ),
    tensors("convnext.layernorm.weight convnext.layernorm.bias", "last"),
    tensors("classifier.weight", "labels, last"),
    tensors("classifier.bias", "labels"),
    in_each(
        STAGES,
        "convnext.encoder.stages.{}.downsampling_layer.0.weight convnext.encoder.stages.{}.downsampling_layer.0.bias",
        "before",
    )
    .when("layer != 0"),
    in_each(STAGES, "convnext.encoder.stages.{}.downsampling_layer.1.weight", "channels, before, 2, 2")
        .when("layer != 0"),
    in_each(STAGES, "convnext.encoder.stages.{}.downsampling_layer.1.bias", "channels").when("layer != 0"),
    in_each(BLOCKS, "convnext.encoder.stages.{}.layers.{}.dwconv.weight", "channels, 1, 7, 7"),
    in_each(
        BLOCKS,
        "convnext.encoder.stages.{}.layers.{}.dwconv.bias convnext.encoder.stages.{}.layers.{}.layernorm.weight \
         convnext.encoder.stages.{}.layers.{}.layernorm.bias convnext.encoder.stages.{}.layers.{}.pwconv2.bias",
        "channels",
    ),
    in_each(BLOCKS, "convnext.encoder.stages.{}.layers.{}.layer_scale_parameter", "channels")
        .when("0 < else(layer_scale_init_value, 1)"),
    in_each(BLOCKS, "convnext.encoder.stages.{}.layers.{}.pwconv1.weight", "4 * channels, channels"),
    in_each(BLOCKS, "convnext.encoder.stages.{}.layers.{}.pwconv1.bias", "4 * channels"),
    in_each(BLOCKS, "convnext.encoder.stages.{}.layers.{}.pwconv2.weight", "channels, 4 * channels"),
];

/// Scale, shift and statistics of a batch norm.
macro_rules! batch_norm {
    ($norm:literal) => {
        concat!($norm, ".weight ", $norm, ".bias ", $norm, ".running_mean ", $norm, ".running_var")
    };
}
pub(super) const RESNET: &[Tensors] = &[
    tensors("resnet.embedder.embedder.convolution.weight", "embedding_size, num_channels, 7, 7"),
    tensors(batch_norm!("resnet.embedder.embedder.normalization"), "embedding_size"),
    tensors("resnet.embedder.embedder.normalization.num_batches_tracked", ""),
    tensors("classifier.1.weight", "labels, last"),
    tensors("classifier.1.bias", "labels"),
    in_each(BLOCKS, "resnet.encoder.stages.{}.layers.{}.layer.0.convolution.weight", "reduced, inputs, 1, 1")
        .when("not(is_basic)"),
    in_each(BLOCKS, "resnet.encoder.stages.{}.layers.{}.layer.1.convolution.weight", "reduced, reduced, 3, 3"),
    in_each(BLOCKS, "resnet.encoder.stages.{}.layers.{}.layer.2.convolution.weight", "channels, reduced, 1, 1")
        .when("not(is_basic)"),
    in_each(BLOCKS, "resnet.encoder.stages.{}.layers.{}.layer.0.convolution.weight", "channels, inputs, 3, 3")
        .when("is_basic"),
    in_each(BLOCKS, batch_norm!("resnet.encoder.stages.{}.layers.{}.layer.0.normalization"), "reduced"),
    in_each(BLOCKS, batch_norm!("resnet.encoder.stages.{}.layers.{}.layer.1.normalization"), "reduced"),
    in_each(BLOCKS, batch_norm!("resnet.encoder.stages.{}.layers.{}.layer.2.normalization"), "channels")
        .when("not(is_basic)"),
    in_each(
        BLOCKS,
        "resnet.encoder.stages.{}.layers.{}.layer.0.normalization.num_batches_tracked \
         resnet.encoder.stages.{}.layers.{}.layer.1.normalization.num_batches_tracked",
        "",
    ),
    in_each(BLOCKS, "resnet.encoder.stages.{}.layers.{}.layer.2.normalization.num_batches_tracked", "")
        .when("not(is_basic)"),
    in_each(BLOCKS, "resnet.encoder.stages.{}.layers.{}.shortcut.convolution.weight", "channels, inputs, 1, 1")
        .when("is_wider"),
    in_each(BLOCKS, batch_norm!("resnet.encoder.stages.{}.layers.{}.shortcut.normalization"), "channels")
        .when("is_wider"),
    in_each(BLOCKS, "resnet.encoder.stages.{}.layers.{}.shortcut.normalization.num_batches_tracked", "")
        .when("is_wider"),
];
