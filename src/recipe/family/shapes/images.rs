//! Models of images: ViT, CLIP, ConvNeXt and ResNet.

use crate::recipe::tensors::{Tensors, in_each, tensors};

const LAYERS: &[&str] = &["num_hidden_layers"];

/// Places of patches, and the class token.
pub(in crate::recipe::family) const VIT_SIZES: &[(&str, &str)] = &[
    ("height", "else(image_size, field('image_size', 0))"),
    ("breadth", "else(image_size, field('image_size', 1))"),
    ("places", "floor(height / patch_size) * floor(breadth / patch_size) + 1"),
];
pub(in crate::recipe::family) const VIT: &[Tensors] = &[
    tensors("vit.embeddings.cls_token", "1, 1, hidden_size"),
    tensors("vit.embeddings.position_embeddings", "1, places, hidden_size"),
    tensors("vit.embeddings.patch_embeddings.projection.weight", "hidden_size, num_channels, patch_size, patch_size"),
    tensors("vit.embeddings.patch_embeddings.projection.bias vit.layernorm.weight vit.layernorm.bias", "hidden_size"),
    tensors("classifier.weight", "labels, hidden_size"),
    tensors("classifier.bias", "labels"),
    in_each(
        LAYERS,
        "vit.encoder.layer.{}.attention.attention.query.weight vit.encoder.layer.{}.attention.attention.key.weight \
         vit.encoder.layer.{}.attention.attention.value.weight vit.encoder.layer.{}.attention.output.dense.weight",
        "hidden_size, hidden_size",
    ),
    in_each(
        LAYERS,
        "vit.encoder.layer.{}.attention.attention.query.bias vit.encoder.layer.{}.attention.attention.key.bias \
         vit.encoder.layer.{}.attention.attention.value.bias",
        "hidden_size",
    )
    .when("else(qkv_bias, 1)"),
    in_each(
        LAYERS,
        "vit.encoder.layer.{}.attention.output.dense.bias vit.encoder.layer.{}.layernorm_before.weight \
         vit.encoder.layer.{}.layernorm_before.bias vit.encoder.layer.{}.layernorm_after.weight \
         vit.encoder.layer.{}.layernorm_after.bias vit.encoder.layer.{}.output.dense.bias",
        "hidden_size",
    ),
    in_each(LAYERS, "vit.encoder.layer.{}.intermediate.dense.weight", "intermediate_size, hidden_size"),
    in_each(LAYERS, "vit.encoder.layer.{}.intermediate.dense.bias", "intermediate_size"),
    in_each(LAYERS, "vit.encoder.layer.{}.output.dense.weight", "hidden_size, intermediate_size"),
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
pub(in crate::recipe::family) const CLIP_SIZES: &[(&str, &str)] = &[
    ("text", "text_config.hidden_size"),
    ("vision", "vision_config.hidden_size"),
    ("patch", "vision_config.patch_size"),
];
pub(in crate::recipe::family) const CLIP: &[&[Tensors]] = &[
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
pub(in crate::recipe::family) const STAGE_SIZES: &[(&str, &str)] = &[
    ("channels", "field('hidden_sizes', layer)"),
    ("before", "field('hidden_sizes', layer - 1)"),
    ("last", "field('hidden_sizes', count('hidden_sizes') - 1)"),
    ("stem", "field('hidden_sizes', 0)"),
    ("inputs", "if(part == 0, if(layer == 0, embedding_size, before), channels)"),
    ("reduced", "if(is_basic, channels, channels / 4)"),
    ("is_basic", "else(layer_type, 'bottleneck') == 'basic'"),
    ("is_wider", "part == 0 and (layer != 0 or embedding_size != channels or else(downsample_in_first_stage, 0))"),
];
pub(in crate::recipe::family) const CONVNEXT: &[Tensors] = &[
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
pub(in crate::recipe::family) const RESNET: &[Tensors] = &[
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

/// SigLIP's tower for images, as it is in other models.
pub(in crate::recipe::family) const SIGLIP_VISION: &[Tensors] = &[
    tensors("embeddings.patch_embedding.weight", "hidden_size, else(num_channels, 3), patch_size, patch_size"),
    tensors("embeddings.position_embedding.weight", "floor(image_size / patch_size) ^ 2, hidden_size"),
    tensors("embeddings.patch_embedding.bias post_layernorm.weight post_layernorm.bias", "hidden_size"),
    in_each(
        LAYERS,
        "encoder.layers.{}.self_attn.q_proj.weight encoder.layers.{}.self_attn.k_proj.weight \
         encoder.layers.{}.self_attn.v_proj.weight encoder.layers.{}.self_attn.out_proj.weight",
        "hidden_size, hidden_size",
    ),
    in_each(
        LAYERS,
        "encoder.layers.{}.self_attn.q_proj.bias encoder.layers.{}.self_attn.k_proj.bias \
         encoder.layers.{}.self_attn.v_proj.bias encoder.layers.{}.self_attn.out_proj.bias \
         encoder.layers.{}.layer_norm1.weight encoder.layers.{}.layer_norm1.bias \
         encoder.layers.{}.layer_norm2.weight encoder.layers.{}.layer_norm2.bias encoder.layers.{}.mlp.fc2.bias",
        "hidden_size",
    ),
    in_each(LAYERS, "encoder.layers.{}.mlp.fc1.weight", "intermediate_size, hidden_size"),
    in_each(LAYERS, "encoder.layers.{}.mlp.fc1.bias", "intermediate_size"),
    in_each(LAYERS, "encoder.layers.{}.mlp.fc2.weight", "hidden_size, intermediate_size"),
    tensors("head.probe", "1, 1, hidden_size").when(POOLED),
    tensors("head.attention.in_proj_weight", "3 * hidden_size, hidden_size").when(POOLED),
    tensors("head.attention.in_proj_bias", "3 * hidden_size").when(POOLED),
    tensors("head.attention.out_proj.weight", "hidden_size, hidden_size").when(POOLED),
    tensors("head.attention.out_proj.bias head.layernorm.weight head.layernorm.bias head.mlp.fc2.bias", "hidden_size")
        .when(POOLED),
    tensors("head.mlp.fc1.weight", "intermediate_size, hidden_size").when(POOLED),
    tensors("head.mlp.fc1.bias", "intermediate_size").when(POOLED),
    tensors("head.mlp.fc2.weight", "hidden_size, intermediate_size").when(POOLED),
];
/// Whether its outputs are pooled by attention.
const POOLED: &str = "else(vision_use_head, 1)";

/// What joins Gemma 3 to its tower, and its head.
pub(in crate::recipe::family) const GEMMA3: &[Tensors] = &[
    tensors("multi_modal_projector.mm_input_projection_weight", "vision_config.hidden_size, text_config.hidden_size"),
    tensors("multi_modal_projector.mm_soft_emb_norm.weight", "vision_config.hidden_size"),
    tensors("language_model.lm_head.weight", "else(text_config.vocab_size, vocab_size), text_config.hidden_size")
        .when("not(tie_word_embeddings)"),
];
