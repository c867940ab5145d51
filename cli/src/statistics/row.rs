//! What is found about a tensor, and what that means.

use std::borrow::Cow;

use safetensors::Dtype;
use safetensors::tensor::TensorInfo;
use serde_json::{Value, json};
use weightinit::{Law, Request};

use super::expected::Expected;
use super::judge::{self, Fit, Test};
use super::pool::Pool;
use super::rounded::Rounded;
use super::summary::{Numbers, Summary};
use super::torch;
use crate::model::dtype;
use crate::model::job::Tensor;
use crate::model::words::{describe, significant};

/// A tensor, or a pool of short ones, with what was found about it.
pub(crate) struct Row<'a> {
    name: Cow<'a, str>,
    dtype: Dtype,
    shape: Vec<usize>,
    numbers: Option<Numbers>,
    /// The law that it should follow, in words.
    law: Option<String>,
    tests: Vec<Test>,
    /// The law that fits best and its test, where none is given.
    fit: Option<Fit>,
    /// What is wrong, one phrase each.
    pub(crate) faults: Vec<String>,
}

/// What one pass over a tensor found.
pub(crate) struct Found {
    /// All of its elements.
    pub(crate) all: Numbers,
    /// The samples of its law.
    pub(crate) samples: Summary,
}

impl<'a> Row<'a> {
    /// A tensor of which nothing is said yet; without numbers if its type holds none.
    pub(crate) fn new(name: &'a str, info: &TensorInfo, numbers: Option<Numbers>) -> Self {
        Self::of(Cow::Borrowed(name), info.dtype, info.shape.clone(), numbers)
    }

    fn of(name: Cow<'a, str>, dtype: Dtype, shape: Vec<usize>, numbers: Option<Numbers>) -> Self {
        Self { name, dtype, shape, numbers, law: None, tests: Vec::new(), fit: None, faults: Vec::new() }
    }

    /// A pool of short tensors.
    pub(crate) fn of_pool(pool: Pool<'_>) -> Self {
        let Pool { rule, law, dtype, tensors, mut samples } = pool;
        let mut summary = Summary::new();
        summary.take(&mut samples);
        let name = format!("{tensors} short tensors of rule '{rule}'");
        let shape = vec![summary.numbers.count as usize];
        let mut row = Self::of(Cow::Owned(name), dtype, shape, Some(summary.numbers));
        row.law = Some(describe(law));
        row.follow(law, &summary);
        row
    }

    /// A tensor that is in nobody's list.
    pub(crate) fn unexpected(mut self) -> Self {
        self.faults.push("not in the spec".to_owned());
        self
    }

    /// The law that fits best.
    pub(crate) fn fitted(mut self, found: &Found) -> Self {
        if let Some(dtype) = dtype::sampled(self.dtype) {
            self.fit = judge::fits(&found.samples, dtype).into_iter().next();
        }
        self
    }

    /// Whether the tensor is what it should be.
    pub(crate) fn judged(mut self, tensor: &Tensor, found: Option<(&Found, &Expected<'_>)>) -> Self {
        let shape: Vec<_> = tensor.shape.iter().map(|&d| d as usize).collect();
        if self.shape != shape {
            self.faults.push(format!("shape {:?}, expected {shape:?}", self.shape));
        }
        self.law = Some(tensor.why.law.clone());
        let Some((found, expected)) = found.filter(|_| self.shape == shape) else { return self };
        self.faults.extend(found.all.not_finite());
        self.faults.extend(expected.fault());
        match tensor.request() {
            Some(Request::Fill(fill)) if expected.has_samples() => self.follow(fill.law(), &found.samples),
            Some(Request::Orthogonal(matrix)) => self.has_norm(matrix, &found.samples.numbers),
            _ => {}
        }
        self
    }

    /// Tests samples by their law.
    fn follow(&mut self, law: &Law, samples: &Summary) {
        let Some(dtype) = dtype::sampled(self.dtype) else {
            return self.faults.push(format!("{:?} elements follow no law", self.dtype));
        };
        match Rounded::new(law, dtype) {
            Ok(rounded) => self.tests = judge::tests(samples, &rounded),
            Err(error) => return self.faults.push(format!("{:?} cannot hold the law: {error}", self.dtype)),
        }
        if self.tests.iter().any(Test::is_suspicious)
            && let Some((way, test)) = torch::test(samples, law, dtype)
        {
            self.tests = vec![test];
            self.law = self.law.take().map(|law| format!("{law} {way}"));
        }
        self.faults.extend(self.tests.iter().filter(|test| test.is_suspicious()).map(in_words));
    }

    /// The squares of an orthogonal matrix' elements have a sum that is known.
    fn has_norm(&mut self, matrix: &weightinit::request::Orthogonal, numbers: &Numbers) {
        let sum = numbers.finite() as f64 * (numbers.moments.variance() + numbers.moments.mean().powi(2));
        let expected = matrix.tensor_len() as f64 * matrix.variance();
        let precision = dtype::sampled(self.dtype).map_or(0.0, weightinit::DType::precision);
        if (sum - expected).abs() > (NORMS_AGREE + 4.0 * precision) * expected {
            let [sum, expected] = [sum, expected].map(significant);
            self.faults.push(format!("the squares of its elements have the sum {sum}, expected {expected}"));
        }
    }

    /// The last column.
    fn verdict(&self) -> String {
        let Some(numbers) = &self.numbers else { return "not read as numbers".to_owned() };
        if let Some(law) = &self.law {
            let p = self.tests.iter().map(|test| test.p).reduce(f64::min);
            return match (self.faults.is_empty(), p) {
                (true, Some(p)) => format!("{law}: p ≥ {p:.2}"),
                (true, None) => law.clone(),
                (false, _) => format!("{law}: SUSPICIOUS, {}", self.faults.join(", ")),
            };
        }
        if !self.faults.is_empty() {
            return format!("SUSPICIOUS, {}", self.faults.join(", "));
        }
        let mut parts: Vec<_> = numbers.not_finite().collect();
        match &self.fit {
            Some(Fit { name, test, zeros }) => {
                parts.push(if test.is_suspicious() {
                    let per_degree = test.statistic / test.degrees as f64;
                    format!("fits none; nearest is {name} (χ² {per_degree:.1} per degree)")
                } else {
                    format!("fits {name} (p {:.2})", test.p)
                });
                parts.extend(zeros.as_ref().map(|zeros| format!("but for {}", in_words(zeros))));
            }
            None if numbers.finite() > 0 && numbers.min == numbers.max => {
                parts.push(format!("all {}", significant(numbers.min)));
            }
            None if numbers.finite() > 0 && dtype::sampled(self.dtype).is_some() => {
                parts.push("too few to tell".to_owned());
            }
            None => {}
        }
        parts.join(", ")
    }

    /// The cells of a table.
    pub(crate) fn cells(&self) -> [String; 11] {
        let dtype = format!("{:?}", self.dtype);
        let elements = self.shape.iter().product::<usize>().to_string();
        let numbers = self.numbers.as_ref().filter(|numbers| numbers.finite() > 0).map(|numbers| {
            let m = &numbers.moments;
            let shape = |x: f64| if x.is_finite() { format!("{x:.3}") } else { "-".to_owned() };
            let [mean, std, min, max] = [m.mean(), m.std(), numbers.min, numbers.max].map(short);
            [numbers.zeros.to_string(), mean, std, shape(m.skewness()), shape(m.excess_kurtosis()), min, max]
        });
        let [zeros, mean, std, skewness, kurtosis, min, max] = numbers.unwrap_or_else(|| ["-"; 7].map(str::to_owned));
        let name = self.name.clone().into_owned();
        [name, dtype, elements, zeros, mean, std, skewness, kurtosis, min, max, self.verdict()]
    }

    pub(crate) fn json(&self) -> Value {
        let tests = |test: &Test| {
            let mut value = json!({"name": test.name, "statistic": test.statistic, "p": test.p});
            if test.degrees > 0 {
                value["degrees"] = test.degrees.into();
            }
            value
        };
        let mut value = json!({
            "name": self.name,
            "dtype": format!("{:?}", self.dtype),
            "shape": self.shape,
        });
        if let Some(numbers) = &self.numbers {
            let m = &numbers.moments;
            // Of no elements there are none; JSON has no other numbers than finite ones.
            let number = |x: f64| if numbers.finite() > 0 { json!(x) } else { Value::Null };
            value["statistics"] = json!({
                "count": numbers.count, "finite": numbers.finite(), "nan": numbers.nan, "infinite": numbers.infinite,
                "zeros": numbers.zeros, "mean": number(m.mean()), "std": number(m.std()),
                "skewness": number(m.skewness()), "excess_kurtosis": number(m.excess_kurtosis()),
                "min": number(numbers.min), "max": number(numbers.max),
            });
        }
        if let Some(law) = &self.law {
            value["law"] = law.as_str().into();
            value["tests"] = self.tests.iter().map(tests).collect();
        }
        if let Some(fit) = &self.fit {
            value["fit"] = json!({"law": fit.name, "fits": !fit.test.is_suspicious(), "test": tests(&fit.test)});
        }
        value["faults"] = json!(self.faults);
        value
    }
}

/// Part of the sum of squares by which orthogonal matrices of other programs differ.
const NORMS_AGREE: f64 = 1e-4;

/// A suspicious test in words.
fn in_words(test: &Test) -> String {
    let Test { name, statistic, degrees, p } = test;
    match *name {
        "chi_square" => format!("χ² {statistic:.0} of {degrees} degrees (p {p:.0e})"),
        "min" | "max" => format!("{name} {} (p {p:.0e})", short(*statistic)),
        "zeros" => format!("{statistic} zeros (p {p:.0e})"),
        _ => format!("{name} {statistic:+.1} standard errors off"),
    }
}

/// A number to five significant digits.
fn short(value: f64) -> String {
    let digits = format!("{value:.4e}");
    let rounded: f64 = digits.parse().unwrap_or(value);
    if rounded == 0.0 || (1e-4..1e7).contains(&rounded.abs()) { rounded.to_string() } else { digits }
}
