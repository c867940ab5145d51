//! Encoders of text.

use crate::init::parameter;
use crate::recipe::family::base::{DEFAULTS, FAMILY, RANGE, STD, TIED, padded, tied};
use crate::recipe::family::shapes::classes;
use crate::recipe::family::shapes::encoders::{BERT, BERT_HEAD, ROBERTA, ROBERTA_HEAD};
use crate::recipe::family::shapes::sequences::MODERNBERT;
use crate::recipe::recipe::Recipe;
use crate::recipe::rule::{Rule, rule, tie};

const PADDING: crate::init::Parameter = parameter("pad_token_id", "0");
/// The head of masked models: its bias stands twice.
const MASKED: &[Rule] = &[
    tied("cls.predictions.decoder.weight", "*embeddings.word_embeddings.weight"),
    tie("cls.predictions.decoder.bias", "cls.predictions.bias"),
];
const WORDS: &[Rule] = &[padded("*embeddings.word_embeddings.weight")];

/// RoBERTa's head, and its positions.
const PLACES: &[Rule] = &[
    tied("lm_head.decoder.weight", "*embeddings.word_embeddings.weight"),
    tie("lm_head.decoder.bias", "lm_head.bias"),
    padded("*embeddings.position_embeddings.weight *.box_position_embeddings.weight"),
];

pub(super) const RECIPES: &[Recipe] = &[
    Recipe {
        name: "bert",
        summary: "transformers' defaults; the head is the embedding",
        source: "transformers models/bert/modeling_bert.py, _init_weights",
        model_types: &["bert"],
        parameters: &[RANGE, TIED, PADDING],
        rules: &[MASKED, WORDS, DEFAULTS],
        architecture: "BertForMaskedLM",
        classes: classes::BERT,
        tensors: &[BERT, BERT_HEAD],
        ..FAMILY
    },
    Recipe {
        name: "roberta",
        summary: "transformers' defaults, positions padded too; the head is the embedding",
        source: "transformers models/roberta/modeling_roberta.py, _init_weights",
        model_types: &["roberta", "xlm-roberta", "camembert", "xlm-roberta-xl", "data2vec-text", "longformer", "xmod"],
        parameters: &[RANGE, TIED, parameter("pad_token_id", "1")],
        rules: &[PLACES, WORDS, DEFAULTS],
        architecture: "RobertaForMaskedLM",
        classes: classes::ROBERTA,
        tensors: &[ROBERTA, ROBERTA_HEAD],
        ..FAMILY
    },
    Recipe {
        name: "lilt",
        summary: "transformers' defaults, positions padded too",
        source: "transformers models/lilt/modeling_lilt.py, models/markuplm/modeling_markuplm.py",
        model_types: &["lilt", "markuplm"],
        parameters: &[RANGE, TIED, parameter("pad_token_id", "0")],
        rules: &[PLACES, WORDS, DEFAULTS],
        ..FAMILY
    },
    Recipe {
        name: "deberta-v2",
        summary: "transformers' defaults; the head is the embedding",
        source: "transformers models/deberta_v2/modeling_deberta_v2.py, _init_weights",
        model_types: &["deberta-v2"],
        parameters: &[RANGE, TIED, PADDING],
        rules: &[MASKED, WORDS, DEFAULTS],
        ..FAMILY
    },
    Recipe {
        name: "distilbert",
        summary: "transformers' defaults, positions sinusoidal where the configuration says so; the head is the \
            embedding",
        source: "transformers models/distilbert/modeling_distilbert.py, _init_weights",
        model_types: &["distilbert"],
        parameters: &[RANGE, TIED, PADDING, parameter("sinusoidal_pos_embds", "false")],
        rules: &[
            &[
                tied("vocab_projector.weight", "*embeddings.word_embeddings.weight"),
                rule("*embeddings.position_embeddings.weight", "sinusoidal(order='interleaved')")
                    .when("sinusoidal_pos_embds"),
            ],
            WORDS,
            DEFAULTS,
        ],
        ..FAMILY
    },
    Recipe {
        name: "electra",
        summary: "transformers' defaults; the generator's head is the embedding",
        source: "transformers models/electra/modeling_electra.py, _init_weights",
        model_types: &["electra"],
        parameters: &[RANGE, TIED, PADDING],
        rules: &[&[tied("generator_lm_head.weight", "*embeddings.word_embeddings.weight")], WORDS, DEFAULTS],
        ..FAMILY
    },
    Recipe {
        name: "albert",
        summary: "transformers' defaults; the head is the embedding",
        source: "transformers models/albert/modeling_albert.py, _init_weights",
        model_types: &["albert"],
        parameters: &[RANGE, TIED, PADDING],
        rules: &[
            &[
                tied("predictions.decoder.weight", "*embeddings.word_embeddings.weight"),
                tie("predictions.decoder.bias", "predictions.bias"),
            ],
            WORDS,
            DEFAULTS,
        ],
        ..FAMILY
    },
    Recipe {
        name: "modernbert",
        summary: "normal truncated at initializer_cutoff_factor std; outputs divided by sqrt(2 L)",
        source: "transformers models/modernbert/modeling_modernbert.py, _init_weights",
        model_types: &["modernbert", "modernbert-decoder"],
        parameters: &[
            RANGE,
            TIED,
            parameter("initializer_cutoff_factor", "2"),
            parameter("num_hidden_layers", ""),
            parameter("hidden_size", ""),
        ],
        definitions: &[&[
            STD,
            ("cut", "initializer_cutoff_factor"),
            ("num_hidden_layers", "layers"),
            ("hidden_size", "width"),
            ("of_output", "std / sqrt(2 * num_hidden_layers)"),
            ("of_final", "1 / sqrt(hidden_size)"),
        ]],
        rules: &[
            &[
                tied("decoder.weight", "*tok_embeddings.weight"),
                rule(
                    "*.tok_embeddings.weight *.Wi.weight *.Wqkv.weight *.attn.{q,k,v}_proj.weight",
                    "truncated_normal(std=std, lower=-cut * std, upper=cut * std)",
                ),
                rule(
                    "*.Wo.weight {lm_,}head.dense.weight decoder.weight",
                    "truncated_normal(std=of_output, lower=-cut * of_output, upper=cut * of_output)",
                ),
                rule(
                    "classifier.weight",
                    "truncated_normal(std=of_final, lower=-cut * of_final, upper=cut * of_final)",
                ),
            ],
            DEFAULTS,
        ],
        architecture: "ModernBertForMaskedLM",
        classes: classes::MODERNBERT,
        tensors: &[MODERNBERT],
        ..FAMILY
    },
];
