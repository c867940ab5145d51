//! Expectations of functions of normal variables, on which the theory stands.

use std::f64::consts::{FRAC_PI_2, PI};

use crate::propagation::activation::Activation;
use crate::propagation::quadrature::{Point, gauss_legendre, graded};

/// Beyond this many σ a normal variable has less than 1e-23 of its mass.
const END: f64 = 10.0;

/// What the theory needs of an activation whose inputs are normal.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moments {
    pub(crate) mean: f64,
    /// Mean of its square.
    pub(crate) square: f64,
    /// Mean of its squared slope.
    pub(crate) slope: f64,
}

/// Rules for expectations. All activations here bend at 0 alone, where the panels are narrow, so that any variance of
/// the inputs will do.
pub(crate) struct Expectation {
    /// Points of one normal variable, with its density in the weights.
    line: Vec<Point>,
    /// Points of the distance of two from 0, with its density in the weights.
    radius: Vec<Point>,
    rule: Vec<Point>,
}

impl Expectation {
    pub(crate) fn new() -> Self {
        let rule = gauss_legendre(16);
        let with = |density: fn(f64) -> f64| move |[x, weight]: Point| [x, weight * density(x)];
        let sides = [END, -END].into_iter().flat_map(|end| graded(&rule, 0.0, end, 40));
        let line = sides.map(with(|x| (-x * x / 2.0).exp() / (2.0 * PI).sqrt())).collect();
        let radius = graded(&rule, 0.0, END, 4).into_iter().map(with(|r| r * (-r * r / 2.0).exp())).collect();
        Self { line, radius, rule: gauss_legendre(6) }
    }

    /// Moments of an activation whose input has mean 0 and this variance.
    pub(crate) fn moments(&self, activation: Activation, variance: f64) -> Moments {
        let std = variance.sqrt();
        let of = |f: &dyn Fn(f64) -> f64| self.line.iter().map(|[x, weight]| weight * f(std * x)).sum::<f64>();
        Moments {
            mean: of(&|x| activation.value(x)),
            square: of(&|x| activation.value(x).powi(2)),
            slope: of(&|x| activation.slope(x).powi(2)),
        }
    }

    /// Mean of the product of an activation of two inputs with mean 0, this variance and this cosine between them.
    ///
    /// In polar coordinates the inputs are r cos θ and r cos(θ - α), cos α being their correlation: where they change
    /// their signs, and activations bend, is known for every r.
    pub(crate) fn product(&self, activation: Activation, variance: f64, cosine: f64) -> f64 {
        let std = variance.sqrt();
        let angle = cosine.clamp(-1.0, 1.0).acos();
        let bends = [-FRAC_PI_2, angle - FRAC_PI_2, FRAC_PI_2, angle + FRAC_PI_2, 2.0 * PI - FRAC_PI_2];
        let mut sum = 0.0;
        for ends in bends.windows(2) {
            let middle = (ends[0] + ends[1]) / 2.0;
            let halves = ends.iter().flat_map(|end| graded(&self.rule, *end, middle, 8));
            for [theta, width] in halves {
                let (first, second) = (std * theta.cos(), std * (theta - angle).cos());
                let of = |[r, weight]: &Point| weight * activation.value(r * first) * activation.value(r * second);
                sum += width * self.radius.iter().map(of).sum::<f64>();
            }
        }
        sum / (2.0 * PI)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(found: f64, expected: f64, tolerance: f64) {
        assert!((found / expected - 1.0).abs() < tolerance, "{found}, not {expected}");
    }

    #[test]
    fn moments_of_relu_are_exact() {
        let expectation = Expectation::new();
        for variance in [1e-12, 1.0, 3e7] {
            let moments = expectation.moments(Activation::Relu, variance);
            near(moments.mean, (variance / (2.0 * PI)).sqrt(), 1e-12);
            near(moments.square, variance / 2.0, 1e-12);
            near(moments.slope, 0.5, 1e-12);
        }
    }

    /// SELU's fixed point has mean 0 and variance 1: by that its constants were chosen (Klambauer et al. 2017).
    #[test]
    fn selu_has_its_fixed_point() {
        let moments = Expectation::new().moments(Activation::Selu, 1.0);
        assert!(moments.mean.abs() < 1e-12);
        near(moments.square, 1.0, 1e-12);
    }

    /// A narrow transition, as of a large variance: tanh becomes the sign.
    #[test]
    fn tanh_of_large_inputs_is_the_sign() {
        let expectation = Expectation::new();
        let moments = expectation.moments(Activation::Tanh, 1e16);
        near(moments.square, 1.0, 1e-7);
        // ∫ sech⁴ = 4/3 over the density at 0.
        near(moments.slope, 4.0 / 3.0 / (2.0 * PI).sqrt() / 1e8, 1e-6);
        near(expectation.product(Activation::Tanh, 1e12, 0.5), 2.0 / PI * 0.5f64.asin(), 1e-3);
    }

    /// Cho and Saul, "Kernel methods for deep learning", 2009: the kernel of degree 1.
    #[test]
    fn products_of_relu_are_the_arc_cosine_kernel() {
        let expectation = Expectation::new();
        for cosine in [-0.9f64, 0.0, 0.5, 0.999, 1.0] {
            let angle = cosine.acos();
            let kernel = (angle.sin() + (PI - angle) * cosine) / (2.0 * PI);
            near(expectation.product(Activation::Relu, 4.0, cosine), 4.0 * kernel, 1e-10);
        }
    }

    #[test]
    fn products_of_equal_inputs_are_squares() {
        let expectation = Expectation::new();
        for activation in [Activation::Sigmoid, Activation::Gelu, Activation::Selu, Activation::Tanh] {
            let square = expectation.moments(activation, 2.0).square;
            near(expectation.product(activation, 2.0, 1.0), square, 1e-7);
        }
    }
}
