//! The mean-field theory: what layers of endless width do to variances and cosines (Poole et al. 2016, Schoenholz et
//! al. 2017).

use crate::propagation::activation::Activation;
use crate::propagation::correlation::Expectation;

/// What a layer multiplies variances by, and adds to them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scales {
    /// σ_w²: inputs of a unit, times the variance of a weight.
    pub forward: f64,
    /// The same with what a unit's output goes to.
    pub backward: f64,
    /// σ_b²: mean square of a bias.
    pub bias: f64,
}

/// What the theory expects of a layer.
#[derive(Clone, Copy, Debug)]
pub struct Expected {
    /// Of the activations.
    pub activation_variance: f64,
    /// Of the gradient before the activation.
    pub gradient_variance: f64,
    /// Between the activations of two inputs.
    pub cosine: f64,
}

/// All layers, for pairs of inputs of mean square 1 with this cosine between them.
pub fn expected(layers: &[Scales], activation: Activation, cosine: f64) -> Vec<Expected> {
    let expectation = Expectation::new();
    let (mut square, mut product) = (1.0, cosine);
    let mut all = Vec::new();
    let mut slopes = Vec::new();
    for scales in layers {
        let variance = scales.forward * square + scales.bias;
        let correlation = if variance > 0.0 { (scales.forward * product + scales.bias) / variance } else { 1.0 };
        let moments = expectation.moments(activation, variance);
        square = moments.square;
        product = expectation.product(activation, variance, correlation);
        slopes.push(moments.slope);
        all.push(Expected {
            // Of a nearly constant activation, rounding may leave less than nothing.
            activation_variance: (moments.square - moments.mean * moments.mean).max(0.0),
            gradient_variance: 0.0,
            cosine: product / square,
        });
    }
    // A gradient of variance 1 arrives behind the last activation.
    let mut arriving = 1.0;
    for (number, expected) in all.iter_mut().enumerate().rev() {
        expected.gradient_variance = arriving * slopes[number];
        arriving = expected.gradient_variance * layers[number].backward;
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layers(weights: f64, bias: f64, depth: usize) -> Vec<Scales> {
        vec![Scales { forward: weights, backward: weights, bias }; depth]
    }

    /// He et al. 2015: ReLU halves what weights of variance 2/n double, in both directions.
    #[test]
    fn he_keeps_the_variance_of_relu() {
        for expected in expected(&layers(2.0, 0.0, 60), Activation::Relu, 0.5) {
            let variance = 1.0 - 1.0 / std::f64::consts::PI;
            assert!((expected.activation_variance / variance - 1.0).abs() < 1e-9, "{expected:?}");
            assert!((expected.gradient_variance / 0.5 - 1.0).abs() < 1e-9, "{expected:?}");
        }
    }

    #[test]
    fn glorot_halves_the_variance_of_relu() {
        let expected = expected(&layers(1.0, 0.0, 20), Activation::Relu, 0.0);
        for pair in expected.windows(2) {
            assert!((pair[1].activation_variance / pair[0].activation_variance - 0.5).abs() < 1e-9);
            assert!((pair[0].gradient_variance / pair[1].gradient_variance - 0.5).abs() < 1e-9);
        }
    }

    /// Poole et al. 2016, figure 1: tanh with σ_w = 4 and σ_b = 0.3 is chaotic: cosines fall to a fixed point from
    /// above, and with σ_w = 1 it is ordered: they go to 1.
    #[test]
    fn phases_of_tanh() {
        let chaotic = expected(&layers(16.0, 0.09, 60), Activation::Tanh, 0.999);
        let fixed = chaotic.last().unwrap().cosine;
        assert!(fixed < 0.2 && (chaotic[50].cosine - fixed).abs() < 1e-5, "{fixed}");
        let ordered = expected(&layers(1.0, 0.09, 60), Activation::Tanh, 0.1);
        assert!(1.0 - ordered.last().unwrap().cosine < 1e-4, "{:?}", ordered.last());
        assert!(chaotic[0].gradient_variance > 1e10 * chaotic.last().unwrap().gradient_variance);
    }

    /// The border between the phases at σ_b² = 0.05 is σ_w² = 1.76 (Schoenholz et al. 2017): gradients neither
    /// grow nor fall there.
    #[test]
    fn the_border_between_the_phases() {
        for (weights, is_chaotic) in [(1.76, None), (1.6, Some(false)), (1.9, Some(true))] {
            let layers = expected(&layers(weights, 0.05, 200), Activation::Tanh, 0.5);
            let growth = (layers[100].gradient_variance / layers[198].gradient_variance).powf(1.0 / 98.0);
            match is_chaotic {
                None => assert!((growth - 1.0).abs() < 2e-3, "{growth}"),
                Some(is_chaotic) => assert!((growth > 1.01) == is_chaotic && (growth < 0.99) != is_chaotic, "{growth}"),
            }
        }
    }

    #[test]
    fn zeros_give_nothing() {
        let expected = expected(&layers(0.0, 0.0, 3), Activation::Tanh, 0.5);
        assert!(expected.iter().all(|layer| layer.activation_variance == 0.0));
    }
}
