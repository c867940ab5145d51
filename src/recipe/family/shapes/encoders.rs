//! Encoders: BERT and RoBERTa.

use crate::recipe::tensors::{Tensors, in_each, tensors};

const LAYERS: &[&str] = &["num_hidden_layers"];

/// The matrices of a module of attention.
macro_rules! matrices {
    ($layer:expr, $module:literal) => {
        concat!(
            $layer,
            $module,
            ".self.query.weight ",
            $layer,
            $module,
            ".self.key.weight ",
            $layer,
            $module,
            ".self.value.weight ",
            $layer,
            $module,
            ".output.dense.weight"
        )
    };
}

/// Its vectors.
macro_rules! vectors {
    ($layer:expr, $module:literal) => {
        concat!(
            $layer,
            $module,
            ".self.query.bias ",
            $layer,
            $module,
            ".self.key.bias ",
            $layer,
            $module,
            ".self.value.bias ",
            $layer,
            $module,
            ".output.dense.bias ",
            $layer,
            $module,
            ".output.LayerNorm.weight ",
            $layer,
            $module,
            ".output.LayerNorm.bias"
        )
    };
}

/// When layers look at another model, too.
const CROSS: &str = "else(is_decoder, 0) and else(add_cross_attention, 0)";

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
            in_each(LAYERS, matrices!(concat!($model, ".encoder.layer.{}."), "attention"), "hidden_size, hidden_size"),
            in_each(
                LAYERS,
                concat!(
                    vectors!(concat!($model, ".encoder.layer.{}."), "attention"),
                    " ",
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
            in_each(
                LAYERS,
                matrices!(concat!($model, ".encoder.layer.{}."), "crossattention"),
                "hidden_size, hidden_size",
            )
            .when(CROSS),
            in_each(LAYERS, vectors!(concat!($model, ".encoder.layer.{}."), "crossattention"), "hidden_size")
                .when(CROSS),
        ]
    };
}

pub(in crate::recipe::family) const BERT: &[Tensors] = encoder!("bert");
pub(in crate::recipe::family) const ROBERTA: &[Tensors] = encoder!("roberta");
/// BERT's head for masked words.
pub(in crate::recipe::family) const BERT_HEAD: &[Tensors] = &[
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
pub(in crate::recipe::family) const ROBERTA_HEAD: &[Tensors] = &[
    tensors("lm_head.bias", "vocab_size"),
    tensors("lm_head.dense.weight", "hidden_size, hidden_size"),
    tensors("lm_head.dense.bias lm_head.layer_norm.weight lm_head.layer_norm.bias", "hidden_size"),
    tensors("lm_head.decoder.weight", "vocab_size, hidden_size").when("not(tie_word_embeddings)"),
    tensors("lm_head.decoder.bias", "vocab_size").when("not(tie_word_embeddings)"),
];
