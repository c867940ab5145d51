//! What timm's models do, each recognized by a tensor that it has.

use crate::init::parameter;
use crate::recipe::library::torch::{LAYERS, SCALES};
use crate::recipe::library::torchvision::{CONVOLUTIONS, PLACES, RESIDUAL, TRUNCATED, ZERO_BIASES};
use crate::recipe::recipe::{RECIPE, Recipe};
use crate::recipe::rule::{Rule, matrices, part, refuse, rule, vectors};

const LINEAR_BIASES: Rule = vectors("*bias", "zeros").when("weight_rank == 2");
const XAVIER: Rule = matrices("*.weight", "xavier_uniform").when("rank == 2");
/// Jax' way: the head 0, patches by LeCun's normal.
const JAX: &[Rule] = &[
    rule("head.weight head_dist.weight", "zeros"),
    rule("head.bias head_dist.bias", "constant(value=if(contains(weight_init, 'nlhb'), -ln(rows), 0))"),
    vectors("*mlp.*bias", "normal(std=0.000001)").when("weight_rank == 2"),
    rule("patch_embed.proj.weight", "lecun_normal"),
    rule("patch_embed.proj.bias", "zeros"),
    LINEAR_BIASES,
    XAVIER,
];
/// MoCo v3's: query, key and value each for itself.
const MOCO: &[Rule] = &[
    rule("*qkv.weight", "uniform(low=-sqrt(6 / (rows / 3 + columns)), high=sqrt(6 / (rows / 3 + columns)))"),
    LINEAR_BIASES,
    XAVIER,
];
const TIMM: &[Rule] = &[LINEAR_BIASES, matrices("*.weight", TRUNCATED).when("rank == 2")];
const VIT: &[Rule] = &[
    rule("pos_embed dist_token", TRUNCATED),
    rule("cls_token reg_token", "normal(std=0.000001)"),
    rule("*.ls1.gamma *.ls2.gamma", "constant(value=else(init_values, 0.00001))"),
    part("*", &[JAX]).when("begins(weight_init, 'jax')"),
    part("*", &[MOCO]).when("weight_init == 'moco'"),
    part("*", &[TIMM]).when("weight_init == 'timm' or weight_init == ''"),
];
const BEIT: &[Rule] = &[
    rule("pos_embed cls_token", TRUNCATED),
    rule("*q_bias *v_bias *relative_position_bias_table", "zeros"),
    rule("*gamma_1 *gamma_2", "constant(value=else(init_values, if(is_large, 0.00001, 0.1)))"),
    rule("*relative_position_index", "table(relative_position)"),
    rule(
        "head.weight",
        "truncated_normal(std=0.02 * head_init_scale, lower=-2 * head_init_scale, upper=2 * head_init_scale)",
    ),
    // Divided in place by the depth of the block, bounds and all.
    rule(
        "*attn.proj.weight *mlp.fc2.weight",
        "truncated_normal(std=0.02 / by_depth, lower=-2 / by_depth, upper=2 / by_depth)",
    ),
    LINEAR_BIASES,
    matrices("*.weight", TRUNCATED).when("rank == 2"),
];
const SWIN: &[Rule] = &[
    rule("*relative_position_bias_table", TRUNCATED),
    rule("*relative_position_index", "table(relative_position)"),
    LINEAR_BIASES,
    matrices("*.weight", TRUNCATED).when("rank == 2"),
];
const CONVNEXT: &[Rule] = &[
    rule("*.grn.weight *.grn.bias", "zeros"),
    rule("*.gamma", "constant(value=ls_init_value)"),
    ZERO_BIASES,
    matrices("*.weight", TRUNCATED),
];
/// fan_out divided by groups, as TensorFlow's models have it.
const EFFICIENTNET: &[Rule] = &[
    rule("*.conv_dw.weight *.dw_start.conv.weight *.dw_mid.conv.weight", "normal(std=sqrt(2 / (dim(2) * dim(3))))"),
    rule("*.weight", "normal(std=sqrt(2 / fan_out))").when("rank == 4"),
    matrices("*.weight", "uniform(low=-1 / sqrt(rows), high=1 / sqrt(rows))"),
    ZERO_BIASES,
];
const MIXER: &[Rule] = &[
    rule("head.weight head.bias", "zeros"),
    vectors("*mlp*bias", "normal(std=0.000001)").when("weight_rank == 2"),
    ZERO_BIASES,
    XAVIER,
    matrices("stem.proj.weight", "lecun_normal"),
];
const REGNET: &[Rule] = &[
    vectors("*.conv3.bn.weight", "zeros").when("zero_init_last"),
    rule("*.conv2.conv.weight", "normal(std=sqrt(2 / fan_in))"),
    rule("*.weight", "normal(std=sqrt(2 / fan_out))").when("rank == 4"),
    rule("head.fc.weight", "normal(std=0.01)"),
    ZERO_BIASES,
];

/// A model has the rules of the first of these that it is, and PyTorch's behind them.
const MODELS: &[Rule] = &[
    part("*", &[RESIDUAL, LAYERS]).when("exists('layer1.0.conv1.weight')"),
    part("*", &[BEIT, LAYERS]).when("is_beit"),
    part("*", &[VIT, LAYERS]).when("exists('blocks.0.attn.qkv.weight') and not(is_beit)"),
    part("*", &[SWIN, LAYERS]).when("exists('layers.0.blocks.0.attn.relative_position_bias_table')"),
    part("*", &[CONVNEXT, LAYERS]).when("exists('stages.0.blocks.0.conv_dw.weight')"),
    part("*", &[EFFICIENTNET, LAYERS]).when("exists('conv_stem.weight')"),
    part("*", &[&[rule("*.weight", "kaiming_normal").when("rank == 4"), vectors("classifier.bias", "zeros")], LAYERS])
        .when("exists('features.denseblock1.denselayer1.conv1.weight')"),
    part("*", &[&[CONVOLUTIONS, matrices("*.weight", "normal(std=0.01)").when("rank == 2"), ZERO_BIASES], LAYERS])
        .when("exists('features.0.weight') and exists('pre_logits.fc1.weight')"),
    part("*", &[MIXER, LAYERS]).when("exists('blocks.0.mlp_tokens.fc1.weight')"),
    part("*", &[REGNET, LAYERS]).when("exists('s1.b1.conv1.conv.weight')"),
    refuse("*", "its names are those of no model of timm that is known; give rules or another recipe"),
];

pub(super) const RECIPES: &[Recipe] = &[Recipe {
    name: "timm",
    summary: "timm's ResNet, ViT, BEiT, Swin, ConvNeXt, EfficientNet, MobileNetV3, DenseNet, VGG, MLP-Mixer and RegNet",
    source: "timm/models: each model's init_weights; _efficientnet_builder.py, _init_weight_goog",
    parameters: &[
        parameter("weight_init", "timm"),
        parameter("zero_init_last", "true"),
        // Of BEiT by its size, else 1e-5.
        parameter("init_values", ""),
        parameter("ls_init_value", "0.000001"),
        parameter("head_init_scale", "0.001"),
    ],
    definitions: &[
        SCALES,
        PLACES,
        &[
            ("zero_init_residual", "zero_init_last"),
            ("is_beit", "exists('blocks.0.gamma_1') or exists('blocks.0.attn.q_bias')"),
            ("is_large", "contains(else(architecture, ''), 'large')"),
            ("by_depth", "sqrt(2 * (layer + 1))"),
        ],
    ],
    rules: &[MODELS],
    ..RECIPE
}];
