//! Models that see and write: a tower for images, a model of text, and what joins them, each by its own part of the
//! configuration.

use crate::init::{Parameter, parameter};
use crate::recipe::family::base::{DEFAULTS, EXPERTS, FAMILY, RANGE, TIED, UNTIED, tied};
use crate::recipe::family::contrastive::{CLIP, SIGLIP};
use crate::recipe::recipe::Recipe;
use crate::recipe::rule::{Rule, part, refuse, rule, tie, vectors};

/// Of the whole, which most have none of: then the text model's counts (modeling_utils.py, _init_weights).
const OWN: Parameter = parameter("initializer_range", "");
const PADDING: Parameter = parameter("text_config.pad_token_id", "");
const PADDING_0: Parameter = parameter("text_config.pad_token_id", "0");

/// The deviation of each part; the head is the whole model's.
const PARTS: &[(&str, &str)] = &[
    ("is_head", "contains(name, 'lm_head')"),
    (
        "names_text",
        "contains(name, 'language_model') or contains(name, 'text_model') or contains(name, 'text_decoder') or \
         contains(name, 'text_encoder')",
    ),
    ("is_bare", "begins(name, 'model.layers.') or begins(name, 'model.embed_tokens.') or begins(name, 'model.norm.')"),
    ("in_text", "not(is_head) and (names_text or is_bare)"),
    ("in_vision", "contains(name, 'vision_') or contains(name, 'visual.')"),
    ("own", "else(initializer_range, of_text)"),
    ("of_text", "else(text_config.initializer_range, else(text_config.init_std, 0.02))"),
    ("of_vision", "else(vision_config.initializer_range, 0.02)"),
    ("range", "if(in_vision, of_vision, if(in_text, of_text, own))"),
    ("std", "if(range == 0, 0.02, range)"),
    // Of CLIP's tower.
    ("factor", "else(vision_config.initializer_factor, 1)"),
    ("depth", "else(vision_config.num_hidden_layers, 24)"),
    ("has_patches", "1"),
    ("text", "else(text_config.model_type, '')"),
    ("has_zero_norms", "matches(text, '{gemma,gemma2,gemma3_text,vaultgemma}')"),
    // Those that draw in ways of their own.
    (
        "is_other_text",
        "matches(text, '{gpt2,gpt-sw3,gpt_bigcode,t5,mt5,umt5,xlnet,gemma3n*,gemma4*,qwen3_next*,\
         qwen3_5*,*mamba*,bamba,jamba,zamba*,falcon_h1,rwkv,recurrent_gemma,nemotron*,*_swa,apertus*,doge,diffllama,\
         afmoe,ernie4_5_moe,mimo_v2_flash,nanochat,minimax_m3*,lfm2*}')",
    ),
    ("tower", "else(vision_config.model_type, '')"),
];
const TEXT: &[Rule] = &[
    refuse(
        "*",
        "the laws of its text_config's model_type are not known as a part of others: give rules for its tensors, or \
         another recipe",
    )
    .when("is_other_text and in_text"),
    vectors("*{language_model,text_model}*norm.weight", "zeros").when("has_zero_norms"),
    tied("*lm_head.weight", "*embed_tokens.weight"),
    rule("*embed_tokens.weight", "padded(padding_idx=text_config.pad_token_id, of='normal', std=std)")
        .when("has(text_config.pad_token_id)"),
    EXPERTS,
    // Ends of rows of an image.
    rule("*image_newline", "normal(std=1 / sqrt(columns))"),
    refuse(
        "*.inv_freq",
        "the model's parts have frequencies of their own, which are not known here: leave it out, or give a rule",
    ),
];
/// Norms of x (1 + w).
const GEMMA: &[Rule] = &[vectors("*language_model*norm.weight", "zeros")];
/// Towers by their model_type; that of the class where it is not said. Others, such as Pixtral's, do what the base does.
const CLIP_TOWER: &[Rule] = &[
    part("*vision_tower.*", &[CLIP, DEFAULTS]).when("tower == '' or begins(tower, 'clip')"),
    part("*vision_tower.*", &[SIGLIP, DEFAULTS]).when("begins(tower, 'siglip')"),
];
const SIGLIP_TOWER: &[Rule] = &[
    part("*vision_tower.*", &[SIGLIP, DEFAULTS]).when("tower == '' or begins(tower, 'siglip')"),
    part("*vision_tower.*", &[CLIP, DEFAULTS]).when("begins(tower, 'clip')"),
];
const TRUNCATED: Rule =
    rule("*vision_model.embeddings.{class,position}_embedding", "truncated_normal(std=std, lower=-2, upper=2)");

/// A model whose parts do what transformers' base does.
const COMPOSED: Recipe = Recipe {
    summary: "transformers' defaults, by each part of the configuration",
    parameters: &[OWN, UNTIED, PADDING],
    definitions: &[PARTS],
    rules: &[TEXT, DEFAULTS],
    ..FAMILY
};

pub(super) const RECIPES: &[Recipe] = &[
    Recipe {
        name: "qwen2_vl",
        source: "transformers models/qwen2_vl/modeling_qwen2_vl.py",
        model_types: &["qwen2_vl", "qwen2_5_vl", "qwen3_vl", "glm4v"],
        ..COMPOSED
    },
    Recipe {
        name: "idefics3",
        source: "transformers models/idefics3/modeling_idefics3.py",
        model_types: &["idefics3", "smolvlm"],
        ..COMPOSED
    },
    Recipe {
        name: "mistral3",
        source: "transformers models/mistral3/modeling_mistral3.py",
        model_types: &["mistral3", "ovis2"],
        parameters: &[OWN, TIED, PADDING],
        ..COMPOSED
    },
    Recipe {
        name: "llava",
        summary: "transformers' defaults, by each part of the configuration; CLIP's tower",
        source: "transformers models/llava/modeling_llava.py, models/llava_next/modeling_llava_next.py",
        model_types: &["llava", "llava_next", "vipllava"],
        rules: &[CLIP_TOWER, TEXT, DEFAULTS],
        ..COMPOSED
    },
    Recipe {
        name: "llava_onevision",
        summary: "transformers' defaults, by each part of the configuration; SigLIP's tower",
        source: "transformers models/llava_onevision/modeling_llava_onevision.py",
        model_types: &["llava_onevision"],
        rules: &[SIGLIP_TOWER, TEXT, DEFAULTS],
        ..COMPOSED
    },
    Recipe {
        name: "aya_vision",
        summary: "transformers' defaults, by each part of the configuration; SigLIP's tower",
        source: "transformers models/aya_vision/modeling_aya_vision.py",
        model_types: &["aya_vision"],
        parameters: &[OWN, TIED, PADDING_0],
        rules: &[SIGLIP_TOWER, TEXT, DEFAULTS],
        ..COMPOSED
    },
    Recipe {
        name: "paligemma",
        summary: "gemma with SigLIP's tower, by each part of the configuration",
        source: "transformers models/paligemma/modeling_paligemma.py",
        model_types: &["paligemma"],
        parameters: &[OWN, TIED, PADDING_0],
        rules: &[SIGLIP_TOWER, TEXT, GEMMA, DEFAULTS],
        ..COMPOSED
    },
    Recipe {
        name: "internvl",
        summary: "transformers' defaults, by each part of the configuration; tokens of the tower 0, scales constant",
        source: "transformers models/internvl/modeling_internvl.py, _init_weights",
        model_types: &["internvl"],
        parameters: &[OWN, TIED, PADDING, parameter("vision_config.layer_scale_init_value", "0.1")],
        rules: &[
            &[
                rule("*embeddings.{cls_token,mask_token,position_embeddings}", "zeros"),
                rule("*.lambda_?", "constant(value=vision_config.layer_scale_init_value)"),
            ],
            TEXT,
            DEFAULTS,
        ],
        ..COMPOSED
    },
    Recipe {
        name: "llama4",
        summary: "transformers' defaults, by each part of the configuration; places of the tower by its width",
        source: "transformers models/llama4/modeling_llama4.py, _init_weights",
        model_types: &["llama4"],
        rules: &[
            &[
                // The text model's own configuration decides, too.
                tie("*lm_head.weight", "*embed_tokens.weight")
                    .when("tie_word_embeddings and else(text_config.tie_word_embeddings, 0)"),
                rule(
                    "*vision_model.class_embedding *vision_model.positional_embedding_vlm",
                    "normal(std=1 / sqrt(columns))",
                ),
                // The head is the text model's.
                rule("*lm_head.weight", "normal(std=of_text)"),
            ],
            TEXT,
            DEFAULTS,
        ],
        ..COMPOSED
    },
    Recipe {
        name: "blip",
        summary: "transformers' defaults, by each part of the configuration; places of the tower truncated normal",
        source: "transformers models/blip/modeling_blip.py, _init_weights",
        model_types: &["blip"],
        parameters: &[RANGE, TIED, PADDING_0],
        rules: &[
            &[
                TRUNCATED,
                tied("*cls.predictions.decoder.weight", "*word_embeddings.weight"),
                tie("*cls.predictions.decoder.bias", "*cls.predictions.bias"),
                rule("*word_embeddings.weight", "padded(padding_idx=text_config.pad_token_id, of='normal', std=std)")
                    .when("has(text_config.pad_token_id)"),
            ],
            TEXT,
            DEFAULTS,
        ],
        ..COMPOSED
    },
];
