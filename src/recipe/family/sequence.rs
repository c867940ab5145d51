//! Encoders with decoders, of text and of sound.

use crate::init::parameter;
use crate::recipe::family::base::{self, DEFAULTS, FAMILY, RANGE, TIED, padded, tied};
use crate::recipe::family::shapes::classes;
use crate::recipe::family::shapes::sequences::{T5, T5_SIZES, WHISPER};
use crate::recipe::library::NORM_OF_OTHER;
use crate::recipe::recipe::Recipe;
use crate::recipe::rule::{Rule, matrices, rule, tie, vectors};

const INIT_STD: crate::init::Parameter = parameter("init_std", "0.02");
/// Embeddings of the encoder and the decoder that are one.
const SHARED: &[Rule] = &[
    tied("*lm_head.weight", "*shared.weight"),
    tied("*encoder.embed_tokens.weight *decoder.embed_tokens.weight", "*shared.weight"),
    padded("*shared.weight *embed_tokens.weight"),
    // One row of biases.
    matrices("final_logits_bias", "zeros"),
];

pub(super) const RECIPES: &[Recipe] = &[
    Recipe {
        name: "t5",
        summary: "normal by the inputs of each matrix, queries without the scale of attention",
        source: "transformers models/t5/modeling_t5.py, _init_weights; Raffel et al. 2020",
        model_types: &["t5", "mt5", "umt5"],
        parameters: &[parameter("initializer_factor", "1"), TIED, parameter("d_model", ""), parameter("d_kv", "64")],
        definitions: &[
            T5_SIZES,
            &[("factor", "initializer_factor"), ("std", "initializer_factor"), ("d_model", "width")],
        ],
        rules: &[
            &[
                tied("lm_head.weight", "*shared.weight"),
                tie("encoder.embed_tokens.weight decoder.embed_tokens.weight", "*shared.weight"),
                vectors("*layer_norm.weight", "constant(value=factor)"),
                rule("*Attention.q.weight", "normal(std=factor / sqrt(d_model * d_kv))"),
                rule("*Attention.{k,v,o}.weight *.wi*.weight *.wo.weight", "normal(std=factor / sqrt(fan_in))"),
                rule("*.relative_attention_bias.weight", "normal(std=factor / sqrt(d_model))"),
                matrices("qa_outputs.weight classification_head.*.weight", "normal(std=factor / sqrt(d_model))"),
            ],
            DEFAULTS,
        ],
        architecture: "T5ForConditionalGeneration",
        classes: classes::T5,
        tensors: T5,
        ..FAMILY
    },
    Recipe {
        name: "bart",
        summary: "transformers' defaults by init_std; the head and both embeddings are one",
        source: "transformers models/bart/modeling_bart.py, _init_weights",
        model_types: &["bart"],
        parameters: &[INIT_STD, TIED, parameter("pad_token_id", "1")],
        definitions: &[&[base::INIT_STD]],
        rules: &[SHARED, DEFAULTS],
        ..FAMILY
    },
    Recipe {
        name: "mbart",
        summary: "transformers' defaults by init_std; the head and both embeddings are one",
        source: "transformers models/mbart/modeling_mbart.py, _init_weights",
        model_types: &["mbart"],
        parameters: &[INIT_STD, TIED, parameter("pad_token_id", "1")],
        definitions: &[&[base::INIT_STD]],
        rules: &[SHARED, DEFAULTS],
        ..FAMILY
    },
    Recipe {
        name: "whisper",
        summary: "transformers' defaults by init_std; positions of the encoder sinusoidal; the head is the embedding",
        source: "transformers models/whisper/modeling_whisper.py, _init_weights, sinusoids",
        model_types: &["whisper"],
        parameters: &[INIT_STD, TIED, parameter("pad_token_id", "50256"), parameter("num_hidden_layers", "")],
        definitions: &[&[base::INIT_STD, ("num_hidden_layers", "encoder_layers")]],
        rules: &[
            &[
                tied("proj_out.weight", "*decoder.embed_tokens.weight"),
                padded("*decoder.embed_tokens.weight"),
                rule("*encoder.embed_positions.weight", "sinusoidal(order='tensor2tensor')"),
                // Of the encoder alone, which alone has convolutions, or of the decoder.
                rule("embed_positions.weight", "sinusoidal(order='tensor2tensor')").when("exists('conv1.weight')"),
                padded("embed_tokens.weight"),
                rule("layer_weights", "constant(value=1 / (num_hidden_layers + 1))"),
            ],
            // embed_positions of the decoder is an embedding without padding.
            DEFAULTS,
        ],
        architecture: "WhisperForConditionalGeneration",
        classes: classes::WHISPER,
        tensors: WHISPER,
        ..FAMILY
    },
    Recipe {
        name: "wav2vec2",
        summary: "transformers' defaults; convolutions by Kaiming, positions and projections by their own scales",
        source: "transformers models/wav2vec2/modeling_wav2vec2.py, _init_weights",
        model_types: &["wav2vec2", "unispeech", "unispeech-sat", "wavlm"],
        parameters: &[RANGE],
        definitions: &[&[
            super::base::STD,
            ("bound", "1 / sqrt(fan_in)"),
            ("of_bias", "1 / sqrt(weight_fan_in)"),
            // UniSpeech and UniSpeech-SAT do nothing of their own with them.
            ("has_projections", "not(begins(else(model_type, ''), 'unispeech'))"),
        ]],
        rules: &[
            &[
                rule("project_hid.weight project_q.weight", "uniform(low=-bound, high=bound)").when("has_projections"),
                rule("project_hid.bias project_q.bias", "uniform(low=-of_bias, high=of_bias)").when("has_projections"),
                rule("objective.weight", "normal").when("else(model_type, '') != 'unispeech'"),
                rule("layer_weights", "constant(value=1 / rows)"),
                matrices("*adapter.layers.*.conv.weight", "kaiming_normal"),
                vectors("*adapter.layers.*.conv.bias", "uniform(low=-of_bias, high=of_bias)"),
                rule("*label_embeddings_concat", "zeros"),
                rule("*quantizer.weight_proj.weight", "normal"),
                // WavLM's.
                rule("*.gru_rel_pos_const", "ones"),
                rule("*quantizer.codevectors *masked_spec_embed", "uniform"),
                // _init_weights draws into what weight_norm computes, which is lost: the convolution's own law stays.
                rule(
                    "*pos_conv_embed.conv.{weight_v,parametrizations.weight.original1}",
                    "uniform(low=-bound, high=bound)",
                ),
                NORM_OF_OTHER,
                rule("*feature_projection.projection.weight", "uniform(low=-bound, high=bound)"),
                rule("*feature_projection.projection.bias", "uniform(low=-of_bias, high=of_bias)"),
                matrices("*feature_extractor.conv_layers.*.conv.weight", "kaiming_normal"),
                vectors("*feature_extractor.conv_layers.*.conv.bias", "uniform(low=-of_bias, high=of_bias)"),
            ],
            DEFAULTS,
        ],
        ..FAMILY
    },
];
