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
    refuse(
        "*.ls1.gamma *.ls2.gamma",
        "scales of layers begin at what each of timm's models says: give init_values, or the model's architecture",
    )
    .when("not(has(init_values) or is_known)"),
    rule("*.ls1.gamma *.ls2.gamma", "constant(value=else(init_values, if(is_small, 0.000001, 0.00001)))"),
    part("*", &[JAX]).when("begins(weight_init, 'jax')"),
    part("*", &[MOCO]).when("weight_init == 'moco'"),
    part("*", &[TIMM]).when("weight_init == 'timm' or weight_init == ''"),
];
/// Multiplied in place, bounds and all.
const OF_HEAD: &str = "truncated_normal(std=0.02 * of_head, lower=-2 * of_head, upper=2 * of_head)";
const BEIT: &[Rule] = &[
    rule("pos_embed cls_token", TRUNCATED),
    rule("*q_bias *v_bias *relative_position_bias_table", "zeros"),
    rule(
        "*gamma_1 *gamma_2",
        "constant(value=else(init_values, if(is_large or begins(else(architecture, ''), 'beitv2'), 0.00001, 0.1)))",
    ),
    rule("*relative_position_index", "table(relative_position)"),
    rule("head.weight", OF_HEAD),
    // Divided in place by the depth of the block, bounds and all.
    rule(
        "*attn.proj.weight *mlp.fc2.weight",
        "truncated_normal(std=0.02 / by_depth, lower=-2 / by_depth, upper=2 / by_depth)",
    ),
    LINEAR_BIASES,
    matrices("*.weight", TRUNCATED).when("rank == 2"),
];
const SWIN: &[Rule] = &[
    refuse("*", "only weight_init timm is known of Swin: leave it out, or give rules")
        .when("weight_init != 'timm' and weight_init != ''"),
    rule("*relative_position_bias_table", TRUNCATED),
    rule("*relative_position_index", "table(relative_position)"),
    LINEAR_BIASES,
    matrices("*.weight", TRUNCATED).when("rank == 2"),
];
const CONVNEXT: &[Rule] = &[
    rule("*.grn.weight *.grn.bias", "zeros"),
    rule("*.gamma", "constant(value=ls_init_value)"),
    rule("head.fc.weight", OF_HEAD),
    ZERO_BIASES,
    matrices("*.weight", TRUNCATED),
];
/// fan_out divided by groups, as TensorFlow's models have it.
const EFFICIENTNET: &[Rule] = &[
    rule(
        "*.conv_dw.weight *.conv_dw.*.weight *.dw_start.conv.weight *.dw_mid.conv.weight",
        "normal(std=sqrt(2 / (dim(2) * dim(3))))",
    ),
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
    // RegNetZ's stay 1.
    vectors("*.conv3.bn.weight", "zeros").when("zero_init_last and not(begins(else(architecture, ''), 'regnetz'))"),
    rule("*.conv2.conv.weight", "normal(std=sqrt(2 / fan_in))"),
    rule("*.weight", "normal(std=sqrt(2 / fan_out))").when("rank == 4"),
    rule("head.fc.weight", "normal(std=0.01)"),
    ZERO_BIASES,
];

/// A model has the rules of the first of these that it is, and PyTorch's behind them. It is none that has other parts,
/// since models that look alike are initialized each in its own way.
const MODELS: &[Rule] = &[
    refuse(
        "*",
        "its model_args say otherwise than the recipe's parameters do: give them as --param NAME=VALUE, or leave \
         model_args out",
    )
    .when("is_built_otherwise"),
    refuse("*", "its weight_init is not known: expected timm, jax, jax_nlhb or moco")
        .when("not(weight_init == 'timm' or weight_init == '' or weight_init == 'moco' or begins(weight_init, 'jax'))"),
    refuse("*", "this model of timm is initialized in a way of its own, which is not known: give rules")
        .when("matches(else(architecture, ''), '{*_rpn_*,vit_pe_spatial_*,*_pruned*,mobilenet_edgetpu_v2*}')"),
    part("*", &[RESIDUAL, LAYERS]).when(
        "exists('layer1.0.conv1.weight') and all('{conv1,bn1,fc}.* \
         layer*.*.{conv1,conv2,conv3,convs,bn1,bn2,bn3,bns,se,downsample}.*')",
    ),
    part("*", &[BEIT, LAYERS]).when("is_beit"),
    part("*", &[VIT, LAYERS]).when(
        "exists('blocks.0.attn.qkv.weight') and not(exists('*.rel_pos.*')) and \
         all('cls_token pos_embed reg_token dist_token \
         {patch_embed,norm,norm_pre,fc_norm,pre_logits,head,head_dist,attn_pool}.* blocks.*.{norm1,norm2}.* \
         blocks.*.attn.{qkv,proj,q_norm,k_norm,norm}.* blocks.*.mlp.{fc1,fc1_g,fc1_x,fc2,norm}.* \
         blocks.*.{ls1,ls2}.gamma')",
    ),
    part("*", &[SWIN, LAYERS]).when(
        "exists('layers.0.blocks.0.attn.relative_position_bias_table') and all('{patch_embed,norm,head}.* \
         layers.*.downsample.* layers.*.blocks.*.{norm1,norm2,mlp}.* \
         layers.*.blocks.*.attn.{qkv,proj,relative_position_bias_table,relative_position_index}* *attn_mask')",
    ),
    part("*", &[CONVNEXT, LAYERS]).when(
        "exists('stages.0.blocks.0.conv_dw.weight') and all('{stem,norm_pre,head}.* stages.*.downsample.* \
         stages.*.blocks.*.{conv_dw,norm,mlp,shortcut}.* stages.*.blocks.*.gamma')",
    ),
    part("*", &[EFFICIENTNET, LAYERS]).when(
        "exists('conv_stem.weight') and all('{conv_stem,bn1,conv_head,bn2,norm_head,classifier}.* \
         blocks.*.*.{conv,conv_pw,conv_dw,conv_pwl,conv_exp,bn1,bn2,bn3,se}.* \
         blocks.*.*.{dw_start,dw_mid,dw_end,pw_exp,pw_proj,layer_scale,norm}.*')",
    ),
    part("*", &[&[rule("*.weight", "kaiming_normal").when("rank == 4"), vectors("classifier.bias", "zeros")], LAYERS])
        .when("exists('features.denseblock1.denselayer1.conv1.weight')"),
    part("*", &[&[CONVOLUTIONS, matrices("*.weight", "normal(std=0.01)").when("rank == 2"), ZERO_BIASES], LAYERS])
        .when("exists('features.0.weight') and exists('pre_logits.fc1.weight')"),
    part("*", &[MIXER, LAYERS]).when(
        "exists('blocks.0.mlp_tokens.fc1.weight') and not(begins(else(architecture, ''), 'gmixer')) and \
         all('{stem,norm,head}.* blocks.*.{norm1,norm2}.* blocks.*.{mlp_tokens,mlp_channels}.{fc1,fc2}.*')",
    ),
    part("*", &[REGNET, LAYERS]).when(
        "exists('s1.b1.conv1.conv.weight') and \
         all('{stem,head,final_conv}.* s*.b*.{conv1,conv2,conv3,se,downsample}.*')",
    ),
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
        // Of BEiT 0.001, of ConvNeXt 1.
        parameter("head_init_scale", ""),
    ],
    definitions: &[
        SCALES,
        PLACES,
        &[
            ("zero_init_residual", "zero_init_last"),
            (
                "is_beit",
                "(exists('blocks.0.gamma_1') or exists('blocks.0.attn.q_bias')) and all('cls_token pos_embed \
                 {patch_embed,norm,fc_norm,head}.* rel_pos_bias.* blocks.*.{norm1,norm2,mlp}.* blocks.*.gamma_* \
                 blocks.*.attn.{qkv,proj,q_bias,k_bias,v_bias}* \
                 blocks.*.attn.{relative_position_bias_table,relative_position_index}') and \
                 (begins(else(architecture, ''), 'beit') or exists('*relative_position_bias_table'))",
            ),
            ("is_known", "matches(else(architecture, ''), '{deit3,vit,naflexvit}_*') and not(is_other)"),
            ("is_other", "matches(else(architecture, ''), '*{tipsv2,intern300m,pe_lang,pe_spatial}*')"),
            ("is_small", "matches(else(architecture, ''), '{deit3_*,vit_*_patch16_gap_*}')"),
            ("is_large", "contains(else(architecture, ''), 'large')"),
            ("of_head", "else(head_init_scale, if(is_beit, 0.001, 1))"),
            ("by_depth", "sqrt(2 * (layer + 1))"),
            // What create_model was given, which stands in files of save_for_hf.
            (
                "is_built_otherwise",
                "else(model_args.weight_init, weight_init) != weight_init or \
                 else(model_args.zero_init_last, zero_init_last) - zero_init_last != 0 or \
                 else(model_args.ls_init_value, ls_init_value) - ls_init_value != 0 or \
                 has(model_args.head_init_scale) and model_args.head_init_scale - else(head_init_scale, -1) != 0 or \
                 has(model_args.init_values) and model_args.init_values - else(init_values, -1) != 0",
            ),
        ],
    ],
    rules: &[MODELS],
    ..RECIPE
}];
