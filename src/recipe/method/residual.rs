//! Deep residual networks without, or with few, normalizations.

use crate::init::{Parameter, parameter};
use crate::recipe::method::rules::{EMBEDDING as EMBEDDED, EMBEDDINGS, NORMS_AND_BIASES, ROLES};
use crate::recipe::recipe::{RECIPE, Recipe};
use crate::recipe::roles::{BRANCH_END, BRANCH_SCALE, HEAD, SCALED_PARTS};
use crate::recipe::rule::{Rule, refuse, rule, vectors};

const LAYERS: Parameter = parameter("layers", "");
/// Values, outputs of attention, and feed-forward networks: what DeepNorm and T-Fixup scale.
const SCALED: &str = "@value @mlp_input @residual";
/// Their names where the table of roles lacks them.
const PARTS: &[Parameter] = &[
    LAYERS,
    ROLES[0],
    ROLES[1],
    ROLES[2],
    parameter("value", ""),
    parameter("mlp_input", ""),
    parameter("query_key_value", ""),
    EMBEDDED,
];
/// Query, key and value in one: its parts would need scales of their own.
const SPLIT: Rule =
    refuse("@query_key_value", "query, key and value have different scales; split them into tensors of their own");
const ZERO_HEAD: Rule = rule("@head", "zeros");
const EMBEDDING: Rule = rule(EMBEDDINGS, "normal(std=1 / sqrt(columns))");
/// What multiplies a residual branch.
const SCALARS: Rule = rule("@branch_scale", "zeros");
const BRANCH: Parameter = parameter("branch_scale", "");
const HE: &str = "kaiming_normal(mode='fan_out')";
const OF_BRANCH: &str = "normal(std=sqrt(2 / fan_out) * layers ^ (-1 / (2 * convolutions - 2)))";
/// The same of branches whose names do not tell how many there are.
const OF_NAMED: &str = "normal(std=sqrt(2 / fan_out) * layers ^ (-1 / (2 * branch_convolutions - 2)))";

pub(super) const RECIPES: &[Recipe] = &[
    Recipe {
        name: "deepnorm",
        summary: "Xavier normal; values, outputs and feed-forward networks times beta",
        source: "Wang et al., \"DeepNet\" 2022, figure 2",
        parameters: PARTS,
        scales: SCALED_PARTS,
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
        parameters: PARTS,
        scales: SCALED_PARTS,
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
        parameters: &[
            LAYERS,
            parameter("head", ""),
            parameter("branch", ""),
            parameter("branch_end", ""),
            parameter("branch_convolutions", ""),
        ],
        needs: &[HEAD, BRANCH_END],
        // Of a branch of m convolutions.
        definitions: &[&[("is_in_branch", "else(convolutions, 0) != 0 and convolutions != 1")]],
        rules: &[
            NORMS_AND_BIASES,
            &[
                ZERO_HEAD,
                vectors("*.bias*", "zeros"),
                vectors("*.scale", "ones"),
                rule("*downsample*.weight *shortcut*.weight", HE),
                rule("@branch_end", "zeros"),
                rule("@branch", OF_NAMED),
                rule("*conv*.weight", "zeros").when("is_in_branch and is_last_convolution"),
                rule("*conv*.weight", OF_BRANCH).when("is_in_branch"),
                rule("*.weight", HE),
            ],
        ],
        ..RECIPE
    },
    Recipe {
        name: "skipinit",
        summary: "He normal; the scalar at the end of each residual branch 0",
        source: "De and Smith, \"Batch normalization biases residual blocks towards the identity function\" 2020, \
            section 4",
        parameters: &[BRANCH],
        needs: &[BRANCH_SCALE],
        rules: &[&[SCALARS], NORMS_AND_BIASES, &[rule("*.weight", "kaiming_normal")]],
        ..RECIPE
    },
    Recipe {
        name: "rezero",
        summary: "Xavier uniform; the scalar of each residual branch 0",
        source: "Bachlechner et al., \"ReZero is all you need\" 2020, section 3",
        parameters: &[BRANCH, EMBEDDED],
        needs: &[BRANCH_SCALE],
        rules: &[&[SCALARS], NORMS_AND_BIASES, &[EMBEDDING, rule("*.weight *in_proj_weight", "xavier_uniform")]],
        ..RECIPE
    },
];
