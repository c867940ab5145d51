//! Models of images and text together.

use crate::init::parameter;
use crate::recipe::family::base::{DEFAULTS, FAMILY, RANGE, STD, tied};
use crate::recipe::family::shapes::classes;
use crate::recipe::family::shapes::decoders::{
    ATTENTION, ATTENTION_BIASES, HEAD_NORMS, MLP, MORE_NORMS, NORMS, SIZES, TRUNK,
};
use crate::recipe::family::shapes::images::{self, CLIP_SIZES};
use crate::recipe::recipe::Recipe;
use crate::recipe::rule::{Rule, matrices, part, rule, vectors};
use crate::recipe::tensors::Part;

/// LeCun's normal with the bounds of -2 and 2 that torch.nn.init.trunc_normal_ has, whatever the deviation.
pub(super) const SIGLIP: &[Rule] = &[
    // default_flax_embed_init_.
    rule("*embeddings.token_embedding.weight *embeddings.position_embedding.weight", "normal(std=1 / sqrt(columns))"),
    rule(
        "*self_attn.{q,k,v,out}_proj.weight *.mlp.fc?.weight *head.probe *head.attention.in_proj_weight",
        "xavier_uniform",
    ),
    vectors("*.mlp.fc?.bias", "normal(std=0.000001)"),
    vectors("logit_scale logit_bias", "zeros"),
    rule("classifier.weight", "normal(std=else(initializer_factor, 1) / sqrt(fan_in))"),
    matrices("*.weight", "truncated_normal(std=1 / sqrt(fan_in) / 0.87962566103423978, lower=-2, upper=2)"),
];

pub(super) const CLIP: &[Rule] = &[
    rule("logit_scale", "constant(value=logit_scale_init_value)"),
    rule(
        "text_projection.weight visual_projection.weight classifier.weight",
        "normal(std=initializer_factor / sqrt(fan_in))",
    ),
    rule("*embeddings.token_embedding.weight", "normal(std=0.02 * factor)"),
    rule("*embeddings.class_embedding", "normal(std=factor / sqrt(columns))"),
    rule("*embeddings.patch_embedding.weight", "normal(std=range * factor)"),
    rule("*embeddings.position_embedding.weight", "normal(std=if(has_patches, range, 0.02) * factor)"),
    rule("*self_attn.{q,k,v}_proj.weight", "normal(std=factor / sqrt(fan_in) / sqrt(2 * depth))"),
    rule("*self_attn.out_proj.weight", "normal(std=factor / sqrt(fan_in))"),
    rule("*.mlp.fc1.weight", "normal(std=factor / sqrt(2 * fan_in))"),
    rule("*.mlp.fc2.weight", "normal(std=factor / sqrt(fan_out) / sqrt(2 * depth))"),
];

pub(super) const RECIPES: &[Recipe] = &[
    Recipe {
        name: "clip",
        summary: "normal by width and depth, times initializer_factor",
        source: "transformers models/clip/modeling_clip.py, _init_weights",
        model_types: &["clip", "clip_text_model", "clip_vision_model"],
        parameters: &[
            RANGE,
            parameter("initializer_factor", "1"),
            parameter("logit_scale_init_value", "2.6592"),
            parameter("num_hidden_layers", "12"),
        ],
        definitions: &[
            CLIP_SIZES,
            &[
                STD,
                // Each tower by its own part of the configuration, where there are two.
                ("in_text", "begins(name, 'text_model.')"),
                ("has_patches", "begins(name, 'vision_model.') or model_type == 'clip_vision_model'"),
                ("of_text", "else(text_config.initializer_factor, initializer_factor)"),
                ("of_vision", "else(vision_config.initializer_factor, initializer_factor)"),
                ("factor", "if(in_text, of_text, of_vision)"),
                ("range", "else(vision_config.initializer_range, initializer_range)"),
                ("text_depth", "else(text_config.num_hidden_layers, num_hidden_layers)"),
                ("vision_depth", "else(vision_config.num_hidden_layers, num_hidden_layers)"),
                ("depth", "if(in_text, text_depth, vision_depth)"),
            ],
        ],
        rules: &[CLIP, DEFAULTS],
        architecture: "CLIPModel",
        tensors: images::CLIP,
        ..FAMILY
    },
    Recipe {
        name: "siglip",
        summary: "LeCun's truncated normal; attention and feed-forward networks by Xavier's uniform",
        source: "transformers models/siglip/modeling_siglip.py, _init_weights",
        model_types: &["siglip", "siglip_vision_model", "siglip_text_model", "siglip2"],
        parameters: &[RANGE],
        rules: &[SIGLIP, DEFAULTS],
        ..FAMILY
    },
    Recipe {
        name: "gemma3",
        summary: "gemma3_text with siglip's tower; the projector's norm and matrix 0",
        source: "transformers models/gemma3/modeling_gemma3.py, _init_weights",
        model_types: &["gemma3"],
        parameters: &[RANGE, parameter("tie_word_embeddings", "true"), parameter("text_config.pad_token_id", "0")],
        definitions: &[
            &[
                ("range", "else(text_config.initializer_range, initializer_range)"),
                ("std", "if(range == 0, 0.02, range)"),
                // Of text_config, where that leaves them out.
                ("vocab_size", "262208"),
                ("num_attention_heads", "8"),
                ("num_key_value_heads", "4"),
                ("head_dim", "256"),
                ("is_dense", "1"),
            ],
            SIZES,
        ],
        architecture: "Gemma3ForConditionalGeneration",
        tensors: &[images::GEMMA3],
        parts: &[
            Part {
                prefix: "language_model.",
                config: "text_config",
                tensors: &[TRUNK, NORMS, MORE_NORMS, HEAD_NORMS, ATTENTION, ATTENTION_BIASES, MLP],
            },
            Part { prefix: "vision_tower.", config: "vision_config", tensors: &[images::SIGLIP_VISION] },
        ],
        classes: classes::GEMMA3,
        rules: &[
            &[
                part("*vision_tower*", &[SIGLIP, DEFAULTS]),
                tied("*lm_head.weight", "*embed_tokens.weight"),
                rule("*multi_modal_projector.mm_input_projection_weight", "zeros"),
                // The head is this model's own, and not its text model's.
                rule("*lm_head.weight score.weight", "normal(std=if(initializer_range == 0, 0.02, initializer_range))"),
                rule("*embed_tokens.weight", "padded(padding_idx=text_config.pad_token_id, of='normal', std=std)")
                    .when("has(text_config.pad_token_id)"),
                vectors("*norm.weight", "zeros"),
            ],
            DEFAULTS,
        ],
        ..FAMILY
    },
];
