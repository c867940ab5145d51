//! Deep residual networks without, or with few, normalizations.

use crate::init::parameter;
use crate::recipe::method::rules::{EMBEDDINGS, NORMS_AND_BIASES, ROLES};
use crate::recipe::recipe::{RECIPE, Recipe};
use crate::recipe::rule::{Rule, refuse, rule, vectors};

const LAYERS: crate::init::Parameter = parameter("layers", "");
/// Values, outputs of attention, and feed-forward networks: what DeepNorm and T-Fixup scale.
const SCALED: &str = "*v_proj.weight *.v.weight *.value.weight *fc1.weight *linear1.weight *.wi*.weight *gate_proj.weight \
    *up_proj.weight *intermediate.dense.weight @residual";
/// Query, key and value in one: its parts would need scales of their own.
const SPLIT: Rule = refuse(
    "*in_proj_weight *qkv*.weight *c_attn.weight *query_key_value.weight",
    "query, key and value have different scales; split them into tensors of their own",
);
const ZERO_HEAD: Rule = rule("fc.* *classifier.weight *classifier.bias head.weight head.bias", "zeros");
const EMBEDDING: Rule = rule(EMBEDDINGS, "normal(std=1 / sqrt(columns))");
/// What multiplies a residual branch.
const SCALARS: Rule = rule("*resweight* *.alpha *alpha_* *skip_gain* *skipinit* *rezero* *res_scale*", "zeros");
const HE: &str = "kaiming_normal(mode='fan_out')";

pub(super) const RECIPES: &[Recipe] = &[
    Recipe {
        name: "deepnorm",
        summary: "Xavier normal; values, outputs and feed-forward networks times beta",
        source: "Wang et al., \"DeepNet\" 2022, figure 2",
        parameters: &[LAYERS, ROLES[0], ROLES[1], ROLES[2]],
        scales_outputs: true,
        // Of an encoder or a decoder of N layers (8 N)^(-1/4); of both, of N and M, 0.87 (N^4 M)^(-1/16) and
        // (12 M)^(-1/4).
        definitions: &[&[
            ("in_decoder", "not(contains(name, 'encoder'))"),
            ("is_alone", "encoder_layers == 0 or decoder_layers == 0"),
            ("beta_of_encoder", "0.87 * (encoder_layers ^ 4 * decoder_layers) ^ (-1 / 16)"),
            ("beta_of_decoder", "(12 * decoder_layers) ^ (-1 / 4)"),
            ("beta", "if(is_alone, (8 * layers) ^ (-1 / 4), if(in_decoder, beta_of_decoder, beta_of_encoder))"),
        ]],
        rules: &[
            NORMS_AND_BIASES,
            &[SPLIT, rule(SCALED, "xavier_normal(gain=beta)"), EMBEDDING, rule("*.weight", "xavier_normal")],
        ],
        ..RECIPE
    },
    Recipe {
        name: "t_fixup",
        summary: "Xavier uniform; values, outputs, feed-forward networks and embeddings scaled by depth",
        source: "Huang et al., \"Improving transformer optimization through better initialization\" 2020, section 4.2",
        parameters: &[LAYERS, ROLES[0], ROLES[1], ROLES[2]],
        scales_outputs: true,
        definitions: &[&[
            ("in_encoder", "contains(name, 'encoder')"),
            ("of_encoder", "0.67 * if(encoder_layers == 0, layers, encoder_layers) ^ (-1 / 4)"),
            ("of_decoder", "(9 * if(decoder_layers == 0, layers, decoder_layers)) ^ (-1 / 4)"),
        ]],
        rules: &[
            NORMS_AND_BIASES,
            &[
                SPLIT,
                rule(SCALED, "xavier_uniform(gain=if(in_encoder, of_encoder, of_decoder))"),
                rule(EMBEDDINGS, "normal(std=of_decoder / sqrt(columns))"),
                rule("*.weight", "xavier_uniform"),
            ],
        ],
        ..RECIPE
    },
    Recipe {
        name: "fixup",
        summary: "He normal by fan_out, scaled by depth inside of residual branches, which end with zeros",
        source: "Zhang, Dauphin and Ma, \"Fixup initialization\" 2019, section 3; github.com/hongyi-zhang/Fixup",
        parameters: &[LAYERS],
        // Of a branch of m convolutions.
        definitions: &[&[("is_in_branch", "else(convolutions, 0) != 0 and convolutions != 1")]],
        rules: &[
            NORMS_AND_BIASES,
            &[
                ZERO_HEAD,
                vectors("*.bias*", "zeros"),
                vectors("*.scale", "ones"),
                rule("*downsample*.weight *shortcut*.weight", HE),
                rule("*conv*.weight", "zeros").when("is_in_branch and is_last_convolution"),
                rule("*conv*.weight", "normal(std=sqrt(2 / fan_out) * layers ^ (-1 / (2 * convolutions - 2)))")
                    .when("is_in_branch"),
                rule("*.weight", HE),
            ],
        ],
        ..RECIPE
    },
    Recipe {
        name: "skipinit",
        summary: "He normal; the scalar at the end of each residual branch 0",
        source: "De and Smith, \"Batch normalization biases residual blocks towards the identity function\" 2020, section 4",
        rules: &[&[SCALARS], NORMS_AND_BIASES, &[rule("*.weight", "kaiming_normal")]],
        ..RECIPE
    },
    Recipe {
        name: "rezero",
        summary: "Xavier uniform; the scalar of each residual branch 0",
        source: "Bachlechner et al., \"ReZero is all you need\" 2020, section 3",
        rules: &[&[SCALARS], NORMS_AND_BIASES, &[EMBEDDING, rule("*.weight *in_proj_weight", "xavier_uniform")]],
        ..RECIPE
    },
];
