//! Activations and their slopes.

/// What is applied to each unit of a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activation {
    /// x.
    Linear,
    /// 1 / (1 + e^-x).
    Sigmoid,
    /// The hyperbolic tangent.
    Tanh,
    /// x / (1 + |x|).
    Softsign,
    /// max(0, x).
    Relu,
    /// max(0.01 x, x).
    LeakyRelu,
    /// x Φ(x), Φ being the normal law's distribution function.
    Gelu,
    /// x times its sigmoid.
    Silu,
    /// Klambauer et al.'s self-normalizing unit.
    Selu,
}

/// Slope of `leaky_relu` below 0, as PyTorch and JAX have it.
const LEAK: f64 = 0.01;
/// Constants of `selu` (Klambauer et al., "Self-normalizing neural networks", 2017).
const SELU_ALPHA: f64 = 1.673_263_242_354_377_2;
const SELU_SCALE: f64 = 1.050_700_987_355_480_5;

impl Activation {
    /// Every activation, in the order in which lists have them.
    pub const ALL: [Self; 9] = [
        Self::Linear,
        Self::Sigmoid,
        Self::Tanh,
        Self::Softsign,
        Self::Relu,
        Self::LeakyRelu,
        Self::Gelu,
        Self::Silu,
        Self::Selu,
    ];

    /// The frameworks' name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Linear => "linear",
            Self::Sigmoid => "sigmoid",
            Self::Tanh => "tanh",
            Self::Softsign => "softsign",
            Self::Relu => "relu",
            Self::LeakyRelu => "leaky_relu",
            Self::Gelu => "gelu",
            Self::Silu => "silu",
            Self::Selu => "selu",
        }
    }

    /// Whether it is bounded on both sides, so that its units saturate.
    pub fn is_bounded(self) -> bool {
        matches!(self, Self::Sigmoid | Self::Tanh | Self::Softsign)
    }

    /// Its value at `x`.
    pub fn value(self, x: f64) -> f64 {
        match self {
            Self::Linear => x,
            Self::Sigmoid => sigmoid(x),
            Self::Tanh => x.tanh(),
            Self::Softsign => x / (1.0 + x.abs()),
            Self::Relu => x.max(0.0),
            Self::LeakyRelu => x.max(LEAK * x),
            Self::Gelu => x * normal_cdf(x),
            Self::Silu => x * sigmoid(x),
            Self::Selu if x > 0.0 => SELU_SCALE * x,
            Self::Selu => SELU_SCALE * SELU_ALPHA * x.exp_m1(),
        }
    }

    /// The derivative; where there is a kink at 0, that from below.
    pub fn slope(self, x: f64) -> f64 {
        let step = |below: f64| if x > 0.0 { 1.0 } else { below };
        match self {
            Self::Linear => 1.0,
            Self::Sigmoid => sigmoid(x) * sigmoid(-x),
            Self::Tanh => {
                let tanh = x.tanh();
                (1.0 - tanh) * (1.0 + tanh)
            }
            Self::Softsign => (1.0 + x.abs()).powi(-2),
            Self::Relu => step(0.0),
            Self::LeakyRelu => step(LEAK),
            Self::Gelu => normal_cdf(x) + x * normal_density(x),
            Self::Silu => sigmoid(x) * (1.0 + x * sigmoid(-x)),
            Self::Selu if x > 0.0 => SELU_SCALE,
            Self::Selu => SELU_SCALE * SELU_ALPHA * x.exp(),
        }
    }

    /// The slope below which a unit counts as flat: 1 % of the steepest of its kind.
    pub fn flat(self) -> f64 {
        if self == Self::Sigmoid { 0.01 / 4.0 } else { 0.01 }
    }

    /// Whether a unit does not answer to its inputs at `x`.
    pub fn is_flat(self, x: f64) -> bool {
        self.slope(x).abs() < self.flat()
    }
}

#[cfg(feature = "clap")]
impl clap::ValueEnum for Activation {
    fn value_variants<'a>() -> &'a [Self] {
        &Self::ALL
    }

    fn to_possible_value(&self) -> Option<clap::builder::PossibleValue> {
        Some(self.name().into())
    }
}

fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

fn normal_density(x: f64) -> f64 {
    (-x * x / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt()
}

fn normal_cdf(x: f64) -> f64 {
    statrs::function::erf::erfc(-x / std::f64::consts::SQRT_2) / 2.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slopes_are_derivatives() {
        for activation in Activation::ALL {
            for x in [-30.0, -3.0, -0.7, 0.4, 2.5, 40.0] {
                let step = 1e-5;
                let difference = (activation.value(x + step) - activation.value(x - step)) / (2.0 * step);
                let slope = activation.slope(x);
                assert!((slope - difference).abs() < 1e-8, "{activation:?} at {x}: {slope}, {difference}");
            }
        }
    }

    #[test]
    fn values_are_the_frameworks() {
        // torch.nn.functional, in f64.
        let expected = [
            (Activation::Sigmoid, 0.731_058_578_630_004_9, 0.268_941_421_369_995_1),
            (Activation::Tanh, 0.761_594_155_955_764_9, -0.761_594_155_955_764_9),
            (Activation::Softsign, 0.5, -0.5),
            (Activation::LeakyRelu, 1.0, -0.01),
            (Activation::Gelu, 0.841_344_746_068_542_9, -0.158_655_253_931_457_05),
            (Activation::Silu, 0.731_058_578_630_004_9, -0.268_941_421_369_995_1),
            (Activation::Selu, 1.050_700_987_355_480_5, -1.111_330_737_812_562_6),
        ];
        for (activation, at_1, at_minus_1) in expected {
            assert!((activation.value(1.0) - at_1).abs() < 1e-10, "{activation:?}");
            assert!((activation.value(-1.0) - at_minus_1).abs() < 1e-10, "{activation:?}");
        }
    }

    #[test]
    fn names_are_the_frameworks() {
        let names = Activation::ALL.map(Activation::name);
        assert_eq!(names.join(" "), "linear sigmoid tanh softsign relu leaky_relu gelu silu selu");
    }
}
