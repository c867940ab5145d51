//! Models of images, and of images with text.

use crate::init::parameter;
use crate::recipe::family::base::{DEFAULTS, FAMILY, RANGE, STD};
use crate::recipe::family::shapes::classes;
use crate::recipe::family::shapes::images::{CONVNEXT, RESNET, STAGE_SIZES, VIT, VIT_SIZES};
use crate::recipe::recipe::Recipe;
use crate::recipe::rule::{Rule, matrices, rule};

/// torch.nn.init.trunc_normal_ with its bounds of -2 and 2, whatever the standard deviation.
const TRUNCATED: &str = "truncated_normal(std=std, lower=-2, upper=2)";
/// Tokens and positions of ViT's kin.
const EMBEDDINGS: &[Rule] = &[
    rule("*embeddings.cls_token *embeddings.position_embeddings", TRUNCATED),
    rule("*embeddings.mask_token", "zeros"),
];

pub(super) const RECIPES: &[Recipe] = &[
    Recipe {
        name: "vit",
        summary: "transformers' defaults; the class token and positions truncated normal",
        source: "transformers models/vit/modeling_vit.py, _init_weights",
        model_types: &["vit"],
        parameters: &[RANGE],
        rules: &[EMBEDDINGS, DEFAULTS],
        definitions: &[&[STD], VIT_SIZES],
        architecture: "ViTForImageClassification",
        classes: classes::VIT,
        tensors: &[VIT],
        ..FAMILY
    },
    Recipe {
        name: "deit",
        summary: "transformers' defaults; tokens and positions 0",
        source: "transformers models/deit/modeling_deit.py, _init_weights",
        model_types: &["deit", "audio-spectrogram-transformer", "dpt", "vit_msn", "vivit"],
        parameters: &[RANGE],
        rules: &[
            &[rule("*embeddings.{cls_token,distillation_token,mask_token,position_embeddings}", "zeros")],
            DEFAULTS,
        ],
        ..FAMILY
    },
    Recipe {
        name: "beit",
        summary: "transformers' defaults; tokens, positions and relative biases 0, scales of layers constant",
        source: "transformers models/beit/modeling_beit.py, _init_weights",
        model_types: &["beit", "data2vec-vision"],
        parameters: &[RANGE, parameter("layer_scale_init_value", "0.1")],
        rules: &[
            &[
                rule("*embeddings.{cls_token,mask_token,position_embeddings} *relative_position_bias_table", "zeros"),
                rule("*.lambda_1 *.lambda_2", "constant(value=layer_scale_init_value)"),
            ],
            DEFAULTS,
        ],
        ..FAMILY
    },
    Recipe {
        name: "dinov2",
        summary: "matrices truncated normal; scales of layers constant",
        source: "transformers models/dinov2/modeling_dinov2.py, _init_weights",
        model_types: &["dinov2", "dinov2_with_registers", "dinov3_vit", "ijepa", "timesformer"],
        parameters: &[RANGE, parameter("layerscale_value", "1")],
        rules: &[
            EMBEDDINGS,
            &[
                rule("*.register_tokens", TRUNCATED).when("else(model_type, '') == 'dinov3_vit'"),
                rule("*.register_tokens *.time_embeddings", "zeros"),
                // Of DINOv3, along both axes.
                rule("*rope_embeddings.inv_freq", "each(theta ^ (-4 * i / head_size))"),
                rule("*.lambda1", "constant(value=layerscale_value)"),
                matrices("*.weight", TRUNCATED),
            ],
            DEFAULTS,
        ],
        ..FAMILY
    },
    Recipe {
        name: "swin",
        summary: "transformers' defaults; positions and relative biases 0",
        source: "transformers models/swin/modeling_swin.py, _init_weights",
        model_types: &["swin"],
        parameters: &[RANGE],
        rules: &[
            &[rule("*embeddings.{mask_token,position_embeddings} *relative_position_bias_table", "zeros")],
            DEFAULTS,
        ],
        ..FAMILY
    },
    Recipe {
        name: "segformer",
        source: "transformers models/segformer/modeling_segformer.py",
        model_types: &["segformer"],
        parameters: &[RANGE],
        rules: &[DEFAULTS],
        ..FAMILY
    },
    Recipe {
        name: "convnext",
        summary: "transformers' defaults; scales of layers constant",
        source: "transformers models/convnext/modeling_convnext.py, _init_weights",
        model_types: &["convnext", "convnextv2"],
        parameters: &[RANGE, parameter("layer_scale_init_value", "0.000001")],
        rules: &[
            &[
                rule("*.layer_scale_parameter", "constant(value=layer_scale_init_value)"),
                rule("*.grn.{weight,bias}", "zeros"),
            ],
            DEFAULTS,
        ],
        definitions: &[&[STD], STAGE_SIZES],
        architecture: "ConvNextForImageClassification",
        classes: classes::CONVNEXT,
        tensors: &[CONVNEXT],
        ..FAMILY
    },
    Recipe {
        name: "resnet",
        summary: "convolutions by Kaiming's normal of fan_out; the head as torch.nn.Linear's",
        source: "transformers models/resnet/modeling_resnet.py, _init_weights",
        model_types: &["resnet"],
        parameters: &[],
        definitions: &[
            STAGE_SIZES,
            &[("bound", "1 / sqrt(fan_in)"), ("of_bias", "1 / sqrt(weight_fan_in)"), ("std", "0.02")],
        ],
        rules: &[
            &[
                matrices("*convolution.weight", "kaiming_normal(mode='fan_out', nonlinearity='relu')"),
                rule("classifier.*.weight", "uniform(low=-bound, high=bound)"),
                rule("classifier.*.bias", "uniform(low=-of_bias, high=of_bias)"),
            ],
            DEFAULTS,
        ],
        architecture: "ResNetForImageClassification",
        classes: classes::RESNET,
        tensors: &[RESNET],
        ..FAMILY
    },
    Recipe {
        name: "vit_mae",
        summary: "transformers' defaults; tokens and positions 0",
        // initialize_weights has sines and cosines, which are not reached: the patches are initialized before.
        source: "transformers models/vit_mae/modeling_vit_mae.py, _init_weights",
        model_types: &["vit_mae"],
        parameters: &[RANGE],
        rules: &[&[rule("*position_embeddings *decoder_pos_embed *cls_token *mask_token", "zeros")], DEFAULTS],
        ..FAMILY
    },
];
