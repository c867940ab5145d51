//! What diffusers' models do: PyTorch's modules, and zeros where a part must do nothing at first.

use crate::init::parameter;
use crate::recipe::library::torch::{ATTENTION, LAYERS, SCALES};
use crate::recipe::recipe::{RECIPE, Recipe};
use crate::recipe::rule::{Rule, matrices, rule};

const RULES: &[Rule] = &[
    matrices("*embedding_table.weight *class_embedding.weight", "normal"),
    rule("*scale_shift_table", "normal(std=1 / sqrt(columns))"),
    // ControlNet: its outputs add nothing at first (zero_module).
    rule("controlnet_down_blocks.* controlnet_mid_block.* controlnet_cond_embedding.conv_out.*", "zeros"),
    rule("pos_embed.pos_embed", "table(position)"),
];

pub(super) const RECIPES: &[Recipe] = &[Recipe {
    name: "diffusers",
    summary: "PyTorch's modules, with zeros where a part must do nothing at first",
    source: "diffusers/models: unets, autoencoders, transformers, embeddings.py, controlnets",
    parameters: &[parameter("sample_size", "128"), parameter("patch_size", "2")],
    definitions: &[
        SCALES,
        &[
            // PatchEmbed's positions: sines of columns, their cosines, sines of rows, their cosines, over a grid that
            // is scaled to the one that the model was made for.
            ("grid", "sqrt(dim(-2))"),
            ("quarter", "columns / 4"),
            ("place", "if(i < 2 * quarter, row % grid, floor(row / grid))"),
            ("scale", "floor(sample_size / patch_size) / grid"),
            ("angle", "place * scale * 10000 ^ (-(i % quarter) / quarter)"),
            ("position", "if(floor(i / quarter) % 2 == 0, sin(angle), cos(angle))"),
        ],
    ],
    rules: &[RULES, ATTENTION, LAYERS],
    ..RECIPE
}];
