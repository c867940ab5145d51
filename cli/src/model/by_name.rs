//! Initializers of bare lists of tensors: by dimensions and by what the name says.

/// The initializer of a tensor without a rule, and why.
pub(crate) fn choose<'a>(name: &str, dimensions: usize, integer: bool, matrices: &'a str) -> (&'a str, &'static str) {
    if integer {
        return ("zeros", "by name: integer");
    }
    if dimensions >= 2 {
        return (matrices, "by name: 2-D or more");
    }
    let (parent, last) = name.rsplit_once('.').unwrap_or(("", name));
    match last {
        "bias" | "beta" => ("zeros", "by name: bias"),
        "running_mean" => ("zeros", "by name: running mean"),
        "running_var" => ("ones", "by name: running variance"),
        // A vector called weight is a scale: in ResNet's `downsample.1.weight` no word says that it is a norm's.
        "weight" | "gamma" => ("ones", "by name: norm weight"),
        // Flax: `LayerNorm_0.scale`.
        "scale" if parent.to_lowercase().contains("norm") => ("ones", "by name: norm weight"),
        _ => ("zeros", "by name: other vector"),
    }
}

/// Whether a tensor is a batch norm's running statistic, which no gradient changes.
pub(crate) fn is_running_statistic(name: &str) -> bool {
    name.ends_with("running_mean") || name.ends_with("running_var")
}

#[cfg(test)]
mod tests {
    use super::choose;

    #[test]
    fn names_say_what_vectors_are() {
        let of = |name, dimensions| choose(name, dimensions, false, "he_normal").0;
        assert_eq!(of("fc.weight", 2), "he_normal");
        assert_eq!(of("fc.bias", 1), "zeros");
        assert_eq!(of("transformer.ln_f.weight", 1), "ones");
        assert_eq!(of("layer1.0.downsample.1.weight", 1), "ones");
        assert_eq!(of("bn1.running_mean", 1), "zeros");
        assert_eq!(of("bn1.running_var", 1), "ones");
        assert_eq!(of("norm.gamma", 1), "ones");
        assert_eq!(of("LayerNorm_0.scale", 1), "ones");
        assert_eq!(of("logit_scale", 0), "zeros");
        assert_eq!(choose("bn1.num_batches_tracked", 0, true, "he_normal"), ("zeros", "by name: integer"));
    }
}
