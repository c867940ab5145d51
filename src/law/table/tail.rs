//! Quantile functions, each of its tails from its own end.

/// The end of (0, 1) from which a probability is measured, so that both tails keep their relative precision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tail {
    /// From 0: the quantile of p.
    Lower,
    /// From 1: the quantile of 1 − p.
    Upper,
}

impl Tail {
    /// −1 or 1: what mirrors the quantile function of a symmetric law.
    pub(crate) fn sign(self) -> f64 {
        match self {
            Tail::Lower => -1.0,
            Tail::Upper => 1.0,
        }
    }

    /// The other end.
    pub(crate) fn other(self) -> Self {
        match self {
            Tail::Lower => Tail::Upper,
            Tail::Upper => Tail::Lower,
        }
    }
}

/// The quantile function of a standardized law, p in (0, 1/2] from either end.
pub(crate) trait Quantile {
    /// Whether it is smooth inside both tails, so that each segment's cubic is off the most at about the same points.
    const IS_SMOOTH: bool = false;

    /// The quantile of p.
    fn at(&self, p: f64, tail: Tail) -> f64;

    /// The quantiles of the four probabilities by which a cubic is fitted.
    fn at_nodes(&self, p: [f64; 4], tail: Tail) -> [f64; 4] {
        p.map(|p| self.at(p, tail))
    }

    /// Whether what was asked so far took so long that no table should.
    fn takes_too_long(&self) -> bool {
        false
    }

    /// The quantile of p by way of a guess, but for a thousandth of what the guess is off by and of what tables may be:
    /// for functions that take long.
    fn near(&self, p: f64, tail: Tail, _guess: f64) -> f64 {
        self.at(p, tail)
    }

    /// Which other parameters there would be a table for.
    fn remedy(&self) -> &'static str {
        "take bounds that are less far apart, or parameters that are less extreme"
    }

    /// What no sample is below, of laws that begin at 0.
    fn least(&self) -> f64 {
        0.0
    }
}

impl<F: Fn(f64, Tail) -> f64> Quantile for F {
    fn at(&self, p: f64, tail: Tail) -> f64 {
        self(p, tail)
    }
}
