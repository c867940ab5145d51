//! Names and shapes of the tensors of other models than decoders with rotary embeddings, as transformers' files have
//! them.

use crate::recipe::tensors::{Tensors, in_each, tensors};

const LAYERS: &[&str] = &["num_hidden_layers"];

pub(super) const GPT_NEOX: &[Tensors] = &[
    tensors("gpt_neox.embed_in.weight", "vocab_size, hidden_size"),
    tensors("gpt_neox.final_layer_norm.weight gpt_neox.final_layer_norm.bias", "hidden_size"),
    tensors("embed_out.weight", "vocab_size, hidden_size").when("not(tie_word_embeddings)"),
    in_each(
        LAYERS,
        "gpt_neox.layers.{}.input_layernorm.weight gpt_neox.layers.{}.input_layernorm.bias \
         gpt_neox.layers.{}.post_attention_layernorm.weight gpt_neox.layers.{}.post_attention_layernorm.bias \
         gpt_neox.layers.{}.mlp.dense_4h_to_h.bias",
        "hidden_size",
    ),
    in_each(LAYERS, "gpt_neox.layers.{}.attention.query_key_value.weight", "3 * hidden_size, hidden_size"),
    in_each(LAYERS, "gpt_neox.layers.{}.attention.query_key_value.bias", "3 * hidden_size").when("has_biases"),
    in_each(LAYERS, "gpt_neox.layers.{}.attention.dense.weight", "hidden_size, hidden_size"),
    in_each(LAYERS, "gpt_neox.layers.{}.attention.dense.bias", "hidden_size").when("has_biases"),
    in_each(LAYERS, "gpt_neox.layers.{}.mlp.dense_h_to_4h.weight", "intermediate_size, hidden_size"),
    in_each(LAYERS, "gpt_neox.layers.{}.mlp.dense_h_to_4h.bias", "intermediate_size"),
    in_each(LAYERS, "gpt_neox.layers.{}.mlp.dense_4h_to_h.weight", "hidden_size, intermediate_size"),
];

pub(super) const OPT: &[Tensors] = &[
    tensors("model.decoder.embed_tokens.weight", "vocab_size, word_embed_proj_dim"),
    // Two rows more, for padding.
    tensors("model.decoder.embed_positions.weight", "max_position_embeddings + 2, hidden_size"),
    tensors("model.decoder.final_layer_norm.weight model.decoder.final_layer_norm.bias", "hidden_size")
        .when("do_layer_norm_before and not(else(_remove_final_layer_norm, 0))"),
    tensors("model.decoder.project_in.weight", "hidden_size, word_embed_proj_dim").when("is_projected"),
    tensors("model.decoder.project_out.weight", "word_embed_proj_dim, hidden_size").when("is_projected"),
    tensors("lm_head.weight", "vocab_size, word_embed_proj_dim").when("not(tie_word_embeddings)"),
    in_each(
        LAYERS,
        "model.decoder.layers.{}.self_attn.q_proj.weight model.decoder.layers.{}.self_attn.k_proj.weight \
         model.decoder.layers.{}.self_attn.v_proj.weight model.decoder.layers.{}.self_attn.out_proj.weight",
        "hidden_size, hidden_size",
    ),
    in_each(
        LAYERS,
        "model.decoder.layers.{}.self_attn.q_proj.bias model.decoder.layers.{}.self_attn.k_proj.bias \
         model.decoder.layers.{}.self_attn.v_proj.bias model.decoder.layers.{}.self_attn.out_proj.bias \
         model.decoder.layers.{}.fc2.bias",
        "hidden_size",
    )
    .when("else(enable_bias, 1)"),
    in_each(
        LAYERS,
        "model.decoder.layers.{}.self_attn_layer_norm.weight model.decoder.layers.{}.self_attn_layer_norm.bias \
         model.decoder.layers.{}.final_layer_norm.weight model.decoder.layers.{}.final_layer_norm.bias",
        "hidden_size",
    )
    .when("else(layer_norm_elementwise_affine, 1)"),
    in_each(LAYERS, "model.decoder.layers.{}.fc1.weight", "ffn_dim, hidden_size"),
    in_each(LAYERS, "model.decoder.layers.{}.fc1.bias", "ffn_dim").when("else(enable_bias, 1)"),
    in_each(LAYERS, "model.decoder.layers.{}.fc2.weight", "hidden_size, ffn_dim"),
];

/// The encoder of BERT and RoBERTa, which is called after each.
macro_rules! encoder {
    ($model:literal) => {
        &[
            tensors(concat!($model, ".embeddings.word_embeddings.weight"), "vocab_size, hidden_size"),
            tensors(concat!($model, ".embeddings.position_embeddings.weight"), "max_position_embeddings, hidden_size"),
            tensors(concat!($model, ".embeddings.token_type_embeddings.weight"), "type_vocab_size, hidden_size"),
            tensors(
                concat!($model, ".embeddings.LayerNorm.weight ", $model, ".embeddings.LayerNorm.bias"),
                "hidden_size",
            ),
            in_each(
                LAYERS,
                concat!(
                    $model,
                    ".encoder.layer.{}.attention.self.query.weight ",
                    $model,
                    ".encoder.layer.{}.attention.self.key.weight ",
                    $model,
                    ".encoder.layer.{}.attention.self.value.weight ",
                    $model,
                    ".encoder.layer.{}.attention.output.dense.weight"
                ),
                "hidden_size, hidden_size",
            ),
            in_each(
                LAYERS,
                concat!(
                    $model,
                    ".encoder.layer.{}.attention.self.query.bias ",
                    $model,
                    ".encoder.layer.{}.attention.self.key.bias ",
                    $model,
                    ".encoder.layer.{}.attention.self.value.bias ",
                    $model,
                    ".encoder.layer.{}.attention.output.dense.bias ",
                    $model,
                    ".encoder.layer.{}.attention.output.LayerNorm.weight ",
                    $model,
                    ".encoder.layer.{}.attention.output.LayerNorm.bias ",
                    $model,
                    ".encoder.layer.{}.output.dense.bias ",
                    $model,
                    ".encoder.layer.{}.output.LayerNorm.weight ",
                    $model,
                    ".encoder.layer.{}.output.LayerNorm.bias"
                ),
                "hidden_size",
            ),
            in_each(
                LAYERS,
                concat!($model, ".encoder.layer.{}.intermediate.dense.weight"),
                "intermediate_size, hidden_size",
            ),
            in_each(LAYERS, concat!($model, ".encoder.layer.{}.intermediate.dense.bias"), "intermediate_size"),
            in_each(LAYERS, concat!($model, ".encoder.layer.{}.output.dense.weight"), "hidden_size, intermediate_size"),
        ]
    };
}

pub(super) const BERT: &[Tensors] = encoder!("bert");
pub(super) const ROBERTA: &[Tensors] = encoder!("roberta");
/// BERT's head for masked words.
pub(super) const BERT_HEAD: &[Tensors] = &[
    tensors("cls.predictions.bias", "vocab_size"),
    tensors("cls.predictions.transform.dense.weight", "hidden_size, hidden_size"),
    tensors(
        "cls.predictions.transform.dense.bias cls.predictions.transform.LayerNorm.weight \
         cls.predictions.transform.LayerNorm.bias",
        "hidden_size",
    ),
    tensors("cls.predictions.decoder.weight", "vocab_size, hidden_size").when("not(tie_word_embeddings)"),
    tensors("cls.predictions.decoder.bias", "vocab_size").when("not(tie_word_embeddings)"),
];
pub(super) const ROBERTA_HEAD: &[Tensors] = &[
    tensors("lm_head.bias", "vocab_size"),
    tensors("lm_head.dense.weight", "hidden_size, hidden_size"),
    tensors("lm_head.dense.bias lm_head.layer_norm.weight lm_head.layer_norm.bias", "hidden_size"),
    tensors("lm_head.decoder.weight", "vocab_size, hidden_size").when("not(tie_word_embeddings)"),
    tensors("lm_head.decoder.bias", "vocab_size").when("not(tie_word_embeddings)"),
];
/// Places of patches, and the class token.
pub(super) const VIT_SIZES: &[(&str, &str)] = &[
    ("places", "floor(image_size / patch_size) ^ 2 + 1"),
    ("labels", "else(num_labels, if(count('id2label') == 0, 2, count('id2label')))"),
];
pub(super) const VIT: &[Tensors] = &[
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
