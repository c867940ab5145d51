//! What layers of PyTorch and Keras do by themselves.

use crate::error::{Error, Result};
use crate::init::Matrix;
use crate::init::{Initializer, parameter};
use crate::law::Law;
use crate::recipe::recipe::{Case, Choice, Recipe, Rule, law, normal, of, rule, uniform};
use crate::recipe::rules::{EMBEDDINGS, NORMS_AND_BIASES};

/// Recurrent layers: gates of `hidden` rows each.
const RECURRENT: &[&str] = &["*weight_ih*", "*weight_hh*", "*bias_ih*", "*bias_hh*"];
const INPUT: &[&str] = &["*weight_ih*"];
const HIDDEN: &[&str] = &["*weight_hh*"];
const BIASES: &[&str] = &["*bias_ih*", "*bias_hh*"];

const DEFAULT_RECURRENT: Rule =
    rule(RECURRENT, "uniform, 1 / sqrt(hidden)", |case| uniform(1.0 / f64::sqrt(hidden(case))));
const DEFAULT_EMBEDDING: Rule = rule(EMBEDDINGS, "normal, 1, padding row 0", |case| {
    if case.given.optional("padding_idx")?.is_none() {
        return normal(1.0);
    }
    let row = case.given.whole("padding_idx")?;
    of(Matrix::Padded { row, of: Box::new(Law::normal(0.0, 1.0).into()) }.into())
});
const NORMS: Rule = rule(&["*.weight", "weight"], "uniform, 1 / sqrt(fan_in); 1 of a norm", |case| {
    if case.shape.len() < 2 { law(Law::Constant(1.0)) } else { uniform(1.0 / f64::sqrt(case.fan_in()?)) }
});
const DEFAULT_BIAS: Rule = rule(&["*.bias", "bias"], "uniform, 1 / sqrt(fan_in of the weight); 0 of a norm", |case| {
    let weight = format!("{}weight", case.name.strip_suffix("bias").unwrap_or_default());
    if case.model.shape(&weight).is_some_and(|shape| shape.len() < 2) {
        return law(Law::Constant(0.0));
    }
    uniform(1.0 / f64::sqrt(case.fan_in_of_weight()?))
});
const FORGET_BIAS: Rule = rule(BIASES, "0, but forget in the forget gate of bias_ih", |case| {
    if case.name.contains("bias_hh") { law(Law::Constant(0.0)) } else { forget_bias(case, case.number("forget")?) }
});

pub(super) const RECIPES: &[Recipe] = &[
    Recipe {
        name: "torch",
        summary: "what PyTorch's layers do: uniform of 1 / sqrt(fan_in), embeddings normal, recurrent by hidden",
        source: "torch/nn/modules: linear.py, conv.py, sparse.py, rnn.py, reset_parameters",
        parameters: &[parameter("padding_idx", "")],
        rules: &[&[DEFAULT_RECURRENT, DEFAULT_EMBEDDING, DEFAULT_BIAS, NORMS], NORMS_AND_BIASES],
    },
    Recipe {
        name: "lstm",
        summary: "PyTorch's, with biases 0 but for the forget gate's",
        source: "torch/nn/modules/rnn.py; Jozefowicz, Zaremba and Sutskever 2015, section 2.2",
        parameters: &[parameter("forget", "1"), parameter("padding_idx", "")],
        rules: &[&[FORGET_BIAS, DEFAULT_RECURRENT, DEFAULT_EMBEDDING, DEFAULT_BIAS, NORMS], NORMS_AND_BIASES],
    },
    Recipe {
        name: "keras",
        summary: "what Keras' layers do: Glorot uniform, embeddings uniform, recurrent orthogonal, forget bias 1",
        source: "keras/src/layers: core/dense.py, core/embedding.py, rnn/lstm.py; weights as PyTorch stores them",
        parameters: &[parameter("forget", "1")],
        rules: &[
            &[
                FORGET_BIAS,
                rule(HIDDEN, "orthogonal", |_| of(Initializer::orthogonal(1.0))),
                rule(INPUT, "Glorot uniform", |_| of(Initializer::glorot_uniform())),
                rule(EMBEDDINGS, "uniform, 0.05", |_| uniform(0.05)),
            ],
            NORMS_AND_BIASES,
            &[rule(&["*.weight", "weight"], "Glorot uniform; 1 of a norm", |case| {
                if case.shape.len() < 2 { law(Law::Constant(1.0)) } else { of(Initializer::glorot_uniform()) }
            })],
        ],
    },
];

/// The hidden size: an LSTM has four gates, a GRU three, a plain layer one; weight_hh has as many columns.
fn hidden(case: &Case<'_>) -> f64 {
    let rows = case.shape.first().copied().unwrap_or(1);
    let recurrent =
        case.name.replace("weight_ih", "weight_hh").replace("bias_ih", "weight_hh").replace("bias_hh", "weight_hh");
    let of_weight = case.model.shape(&recurrent).filter(|shape| shape.len() == 2).map(|shape| shape[1]);
    of_weight.unwrap_or(rows / 4).max(1) as f64
}

/// Elements of a bias whose values are listed: a hidden state of four million.
const MOST_ROWS: u64 = 1 << 24;

/// Gates are input, forget, cell and output, in this order.
fn forget_bias(case: &Case<'_>, forget: f64) -> Result<Choice> {
    let rows = case.shape.first().copied().unwrap_or(1);
    let size = hidden(case) as u64;
    if rows != 4 * size {
        return law(Law::Constant(0.0));
    }
    if rows > MOST_ROWS {
        return Err(Error::ListTooLong { len: rows, most: MOST_ROWS });
    }
    law(Law::listed((0..rows).map(|row| if row / size == 1 { forget } else { 0.0 }))?)
}
