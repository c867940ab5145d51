//! The verdict: what a run shows, in words, by the rules that `docs/propagation.md` states.

use crate::propagation::activation::Activation;
use crate::propagation::passes::Measured;

/// A variance that has changed by this factor since the first layer, or since the last for gradients, is gone.
const GONE: f64 = 1e4;
/// Share of flat units from which a layer counts as saturated.
const MOST_FLAT: f64 = 0.5;
/// Part of the mean square that depends on the inputs, below which they count as lost.
const LEAST_SPREAD: f64 = 1e-6;
/// Factor within which a variance counts as kept.
const KEPT: f64 = 2.0;

/// What layers do to their inputs' variance and gradients, in one line.
pub(crate) fn verdict(layers: &[Measured], activation: Activation) -> String {
    let depth = layers.len();
    let Some(first) = layers.first().map(|layer| layer.activation_variance) else { return String::new() };
    if layers.iter().all(|layer| layer.units_are_equal) {
        return "all units of a layer are equal".to_owned();
    }
    let by = |is: &dyn Fn(&Measured) -> bool| layers.iter().position(is).map(|layer| layer + 1);
    let explodes = |variance: f64, first: f64| !variance.is_finite() || variance > GONE * first;
    if let Some(layer) = by(&|layer| explodes(layer.activation_variance, first)) {
        return format!("explodes by layer {layer}");
    }
    if let Some(layer) = by(&|layer| layer.activation_variance * GONE < first || layer.activation_variance == 0.0) {
        return format!("vanishes by layer {layer}");
    }
    if let Some(layer) = by(&|layer| activation.is_bounded() && layer.flat.saturated > MOST_FLAT) {
        return format!("saturates by layer {layer}: most units are flat");
    }
    if let Some(layer) = by(&|layer| layer.spread < LEAST_SPREAD) {
        return format!("saturates by layer {layer}: all inputs give the same outputs");
    }
    let last = layers[depth - 1].gradient_variance;
    let back = |is: &dyn Fn(f64) -> bool| layers.iter().rposition(|layer| is(layer.gradient_variance));
    if let Some(layer) = back(&|gradient| explodes(gradient, last)) {
        return format!("its gradients explode on the way back to layer {}", layer + 1);
    }
    if let Some(layer) = back(&|gradient| gradient * GONE < last || gradient == 0.0) {
        return format!("its gradients vanish on the way back to layer {}", layer + 1);
    }
    let changes = layers.iter().map(|layer| layer.activation_variance / first);
    if changes.clone().all(|change| (1.0 / KEPT..=KEPT).contains(&change)) {
        return format!("keeps its variance within {KEPT} × over {depth} layers");
    }
    let most = changes.max_by(|a, b| a.ln().abs().total_cmp(&b.ln().abs())).unwrap_or(1.0);
    if most > 1.0 {
        format!("its variance grows {most:.1} × over {depth} layers")
    } else {
        format!("its variance falls {:.1} × over {depth} layers", 1.0 / most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::propagation::signals::Flat;

    fn layers(variances: &[f64]) -> Vec<Measured> {
        let layer = |activation_variance: &f64| Measured {
            activation_variance: *activation_variance,
            gradient_variance: 1.0,
            flat: Flat { dead: 0.0, saturated: 0.0 },
            cosine: 0.5,
            spread: 1.0,
            units_are_equal: false,
        };
        variances.iter().map(layer).collect()
    }

    fn of(variances: &[f64]) -> String {
        verdict(&layers(variances), Activation::Tanh)
    }

    /// Each rule at both sides of its limit.
    #[test]
    fn rules() {
        assert_eq!(of(&[3.0, 6.0, 1.5]), "keeps its variance within 2 × over 3 layers");
        assert_eq!(of(&[3.0, 6.01, 1.5]), "its variance grows 2.0 × over 3 layers");
        assert_eq!(of(&[3.0, 6.01, 1.0]), "its variance falls 3.0 × over 3 layers");
        assert_eq!(of(&[1.0, 1e4]), "its variance grows 10000.0 × over 2 layers");
        assert_eq!(of(&[1.0, 10001.0, 1.0]), "explodes by layer 2");
        assert_eq!(of(&[1.0, 1.0, f64::NAN]), "explodes by layer 3");
        assert_eq!(of(&[f64::INFINITY]), "explodes by layer 1");
        assert_eq!(of(&[1.0, 0.9e-4]), "vanishes by layer 2");
        assert_eq!(of(&[1.0, 1.1e-4]), "its variance falls 9090.9 × over 2 layers");
        assert_eq!(of(&[0.0, 0.0]), "vanishes by layer 1");
    }

    #[test]
    fn rules_of_units() {
        let with = |change: &dyn Fn(&mut Measured)| {
            let mut layers = layers(&[1.0, 1.0]);
            change(&mut layers[1]);
            layers
        };
        let kept = "keeps its variance within 2 × over 2 layers";
        let flat = |share| with(&|layer: &mut Measured| layer.flat.saturated = share);
        assert_eq!(verdict(&flat(0.51), Activation::Tanh), "saturates by layer 2: most units are flat");
        assert_eq!(verdict(&flat(0.5), Activation::Tanh), kept);
        assert_eq!(verdict(&flat(0.51), Activation::Relu), kept);
        let spread = |spread| with(&|layer: &mut Measured| layer.spread = spread);
        assert_eq!(
            verdict(&spread(0.9e-6), Activation::Relu),
            "saturates by layer 2: all inputs give the same outputs"
        );
        assert_eq!(verdict(&spread(1.1e-6), Activation::Relu), kept);
        let gradient = |gradient| with(&|layer: &mut Measured| layer.gradient_variance = gradient);
        let explodes = "its gradients explode on the way back to layer 1";
        assert_eq!(verdict(&gradient(0.9e-4), Activation::Relu), explodes);
        assert_eq!(verdict(&gradient(1.1e4), Activation::Relu), "its gradients vanish on the way back to layer 1");
        assert_eq!(verdict(&gradient(0.9e4), Activation::Relu), kept);
        assert_eq!(verdict(&with(&|layer: &mut Measured| layer.units_are_equal = true), Activation::Relu), kept);
        let mut equal = layers(&[0.0, 0.0]);
        equal.iter_mut().for_each(|layer| layer.units_are_equal = true);
        assert_eq!(verdict(&equal, Activation::Relu), "all units of a layer are equal");
    }
}
