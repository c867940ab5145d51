//! What torchvision's models do, each recognized by a tensor that it has.

use crate::init::parameter;
use crate::recipe::library::torch::{ATTENTION, LAYERS, SCALES};
use crate::recipe::recipe::{RECIPE, Recipe};
use crate::recipe::rule::{Rule, matrices, part, refuse, rule, vectors};

/// torch.nn.init.trunc_normal_ with its bounds of -2 and 2.
pub(super) const TRUNCATED: &str = "truncated_normal(std=0.02, lower=-2, upper=2)";
/// Convolutions by Kaiming's normal of fan_out, not divided by groups.
pub(super) const CONVOLUTIONS: Rule = rule("*.weight", "kaiming_normal(mode='fan_out')").when("rank == 4");
/// Biases of what a model draws itself.
pub(super) const ZERO_BIASES: Rule = vectors("*bias", "zeros");

/// Residual networks, with scales of the last norm in a branch 0 where that is asked for.
pub(super) const RESIDUAL: &[Rule] = &[
    vectors("layer*.bn3.weight", "zeros").when("zero_init_residual"),
    vectors("layer*.bn2.weight", "zeros").when("zero_init_residual and not(beside('bn3.weight'))"),
    CONVOLUTIONS,
];
/// How far each two places of a square window are apart, as one number.
pub(super) const PLACES: &[(&str, &str)] = &[
    // The index of a pair of places, in a square or in one row of all pairs.
    ("places", "if(rank == 1, sqrt(columns), columns)"),
    ("pair", "if(rank == 1, i, row * columns + i)"),
    ("side", "sqrt(places)"),
    ("one", "floor(pair / places)"),
    ("other", "pair % places"),
    ("down", "floor(one / side) - floor(other / side)"),
    ("across", "one % side - other % side"),
    ("relative_position", "(down + side - 1) * (2 * side - 1) + across + side - 1"),
];
const SWIN: &[Rule] = &[
    rule("*relative_position_index", "table(relative_position)"),
    rule("*relative_position_bias_table", TRUNCATED),
    // Swin v2: scaled cosine attention, and distances on a logarithmic scale.
    rule("*relative_coords_table", "table(if(distance < 0, -1, 1) * ln(max(distance, -distance) + 1) / ln(8))"),
    rule("*attn.logit_scale", "constant(value=ln(10))"),
    matrices("*.weight", TRUNCATED).when("rank == 2"),
    vectors("*bias", "zeros").when("weight_rank == 2"),
];
const VIT: &[Rule] = &[
    rule("class_token", "zeros"),
    rule("*pos_embedding", "normal(std=0.02)"),
    rule("conv_proj.weight heads.pre_logits.weight", "truncated_normal(std=1 / sqrt(fan_in), lower=-2, upper=2)"),
    rule("conv_proj.bias heads.*.bias heads.head.weight", "zeros"),
    rule("*.mlp.*.weight *.linear_?.weight", "xavier_uniform"),
    rule("*.mlp.*.bias *.linear_?.bias", "normal(std=0.000001)"),
];

/// A model has the rules of the first of these that it is, and PyTorch's behind them.
const MODELS: &[Rule] = &[
    part("*", &[RESIDUAL, ATTENTION, LAYERS]).when("exists('layer1.0.conv1.weight')"),
    part(
        "*",
        &[
            &[CONVOLUTIONS, matrices("*.weight", "uniform(low=-1 / sqrt(rows), high=1 / sqrt(rows))"), ZERO_BIASES],
            ATTENTION,
            LAYERS,
        ],
    )
    .when("exists('features.1.0.block.0.0.weight') and exists('classifier.1.weight')"),
    part("*", &[&[CONVOLUTIONS, matrices("*.weight", "normal(std=0.01)"), ZERO_BIASES], ATTENTION, LAYERS])
        .when("exists('features.1.conv.0.0.weight') or exists('features.1.block.0.0.weight')"),
    part(
        "*",
        &[
            &[rule("*.weight", "kaiming_normal").when("rank == 4"), vectors("classifier.bias", "zeros")],
            ATTENTION,
            LAYERS,
        ],
    )
    .when("exists('features.denseblock1.denselayer1.conv1.weight')"),
    part("*", &[&[CONVOLUTIONS, matrices("*.weight", "normal(std=0.01)"), ZERO_BIASES], ATTENTION, LAYERS])
        .when("exists('features.0.weight') and exists('classifier.0.weight') and exists('classifier.3.weight')"),
    part(
        "*",
        &[
            &[rule("*.layer_scale", "constant(value=0.000001)"), matrices("*.weight", TRUNCATED), ZERO_BIASES],
            ATTENTION,
            LAYERS,
        ],
    )
    .when("exists('features.1.0.layer_scale')"),
    part("*", &[SWIN, ATTENTION, LAYERS]).when("exists('features.1.0.attn.qkv.weight')"),
    part("*", &[VIT, ATTENTION, LAYERS]).when("exists('encoder.layers.encoder_layer_0.self_attention.in_proj_weight')"),
    part(
        "*",
        &[&[CONVOLUTIONS, matrices("fc.weight", "normal(std=0.01)"), vectors("fc.bias", "zeros")], ATTENTION, LAYERS],
    )
    .when("exists('trunk_output.block1.block1-0.f.a.0.weight')"),
    part(
        "*",
        &[
            &[rule("classifier.1.weight", "normal(std=0.01)"), matrices("*.weight", "kaiming_uniform"), ZERO_BIASES],
            ATTENTION,
            LAYERS,
        ],
    )
    .when("exists('features.3.squeeze.weight')"),
    part(
        "*",
        &[
            &[CONVOLUTIONS, matrices("*.weight", "uniform(low=-sqrt(3 / rows), high=sqrt(3 / rows))"), ZERO_BIASES],
            ATTENTION,
            LAYERS,
        ],
    )
    .when("exists('layers.8.0.layers.0.weight')"),
    // Others leave everything as PyTorch's modules make it.
    part("*", &[ATTENTION, LAYERS]).when(
        "exists('features.*') or exists('encoder.layers.encoder_layer_0.*') or exists('trunk_output.*') \
         or exists('stage2.0.branch1.0.weight')",
    ),
    refuse("*", "its names are those of no model of torchvision that is known; give rules or another recipe"),
];

pub(super) const RECIPES: &[Recipe] = &[Recipe {
    name: "torchvision",
    summary: "torchvision's classifiers: ResNet, EfficientNet, MobileNet, DenseNet, VGG, ConvNeXt, Swin, ViT and \
        others",
    source: "torchvision/models, each model's __init__",
    parameters: &[parameter("zero_init_residual", "false")],
    definitions: &[
        SCALES,
        PLACES,
        &[
            ("reach", "(dim(2) - 1) / 2"),
            ("distance", "8 * (if(i == 0, floor(row / dim(2)), row % dim(2)) - reach) / reach"),
        ],
    ],
    rules: &[MODELS],
    ..RECIPE
}];
