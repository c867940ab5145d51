//! What files hold that is no weight: masks, positions and frequencies, which follow from the configuration.

use crate::recipe::rule::{Rule, refuse, rule};

/// The base of rotary frequencies and how they are scaled, by the names that configurations have had.
pub(super) const ROPE: &[(&str, &str)] = &[
    // Of a head, which most configurations only list.
    ("labels", "else(num_labels, if(count('id2label') == 0, 2, count('id2label')))"),
    ("theta", "else(rope_parameters.rope_theta, else(rope_theta, else(rotary_emb_base, 10000)))"),
    ("rope", "else(rope_parameters.rope_type, else(rope_scaling.rope_type, else(rope_scaling.type, 'default')))"),
    ("rope_factor", "else(rope_parameters.factor, rope_scaling.factor)"),
    (
        "rope_length",
        "else(rope_parameters.original_max_position_embeddings, \
      else(rope_scaling.original_max_position_embeddings, max_position_embeddings))",
    ),
    ("pi", "3.141592653589793"),
    ("head_size", "else(head_dim, hidden_size / num_attention_heads)"),
    ("rotary_share", "else(rope_parameters.partial_rotary_factor, else(partial_rotary_factor, else(rotary_pct, 1)))"),
    // An odd number of rotated dimensions has a frequency more than half of them.
    ("rotated", "else(floor(head_size * rotary_share), 2 * columns)"),
    ("frequency", "theta ^ (-2 * i / rotated)"),
    // Llama 3: low frequencies divided by the factor, high ones as they are, a ramp between.
    ("low", "else(rope_parameters.low_freq_factor, rope_scaling.low_freq_factor)"),
    ("high", "else(rope_parameters.high_freq_factor, rope_scaling.high_freq_factor)"),
    ("turns", "rope_length * frequency / (2 * pi)"),
    ("share", "min(1, max(0, (turns - low) / (high - low)))"),
    // YaRN (Peng et al. 2023, section 3.2): the same between two numbers of turns, over dimensions.
    ("fast", "else(rope_parameters.beta_fast, else(rope_scaling.beta_fast, 32))"),
    ("slow", "else(rope_parameters.beta_slow, else(rope_scaling.beta_slow, 1))"),
    ("is_whole", "else(rope_parameters.truncate, else(rope_scaling.truncate, 1))"),
    ("from", "rotated * ln(rope_length / (fast * 2 * pi)) / (2 * ln(theta))"),
    ("to", "rotated * ln(rope_length / (slow * 2 * pi)) / (2 * ln(theta))"),
    ("first", "max(0, if(is_whole, floor(from), from))"),
    ("last", "min(rotated - 1, if(is_whole, ceil(to), to))"),
    ("ramp", "min(1, max(0, (i - first) / if(first == last, 0.001, last - first)))"),
    ("scaled", "frequency / rope_factor"),
    ("by_llama3", "(1 - share) * scaled + share * frequency"),
    ("by_yarn", "ramp * scaled + (1 - ramp) * frequency"),
];

/// Masks, positions and frequencies of older files.
pub(super) const BUFFERS: &[Rule] = &[
    rule("*attn.bias *attention.bias", "tril").when("rank == 4"),
    rule("*attn.masked_bias *attention.masked_bias", "constant(value=-1000000000)"),
    rule("*position_ids", "arange"),
    rule("*token_type_ids", "zeros"),
    rule("*.inv_freq", "each(frequency)").when("rope == 'default' or rope == 'dynamic'"),
    rule("*.inv_freq", "each(scaled)").when("rope == 'linear'"),
    rule("*.inv_freq", "each(by_llama3)").when("rope == 'llama3'"),
    rule("*.inv_freq", "each(by_yarn)").when("rope == 'yarn'"),
    refuse("*.inv_freq", "its frequencies are scaled in a way that is not known here (rope_type): give a rule for it"),
];

/// Parts of quantised weights, whose laws would have to be found together.
pub(super) const QUANTISED: &[Rule] = &[refuse(
    "*.qweight *.qzeros *.scales *.g_idx *.weight_scale *.weight_scale_inv *_scale_inv *.input_scale *.weight_packed \
     *.weight_shape *.weight_zero_point *_blocks *_scales *.absmax *.quant_map *.nested_absmax *.nested_quant_map \
     *.quant_state.* *.SCB",
    "it is a part of a quantised weight: initialize the model in a floating-point type and quantise that, or give a \
     rule, as init = \"fp8_scale\" for scales of 8-bit weights",
)];
