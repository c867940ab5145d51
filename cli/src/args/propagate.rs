//! Options of `propagate`.

use std::path::PathBuf;

use clap::Args;
use weightinit_common::propagation::Activation;
use weightinit_common::propagation::network::Kind;

use super::{BackendArguments, LOCAL, number};

/// What makes networks of its own.
const MADE: [&str; 7] = ["init", "bias", "network", "depth", "width", "symmetry", "training"];

#[derive(Args, Debug)]
pub(crate) struct PropagateArguments {
    /// Initializers, divided by commas, with parameters in brackets: he_normal,normal(0,0.01),normal(std=1)
    /// [default: twelve that texts compare]
    #[arg(long, value_name = "LIST")]
    pub(crate) init: Option<String>,
    /// Instead, a model whose own 2-D weights follow each other, as given to `init`: a spec or a list of tensors
    #[arg(long, value_name = "FILE", conflicts_with_all = MADE, value_parser = LOCAL)]
    pub(crate) spec: Option<PathBuf>,
    /// Initializer of the biases [default: no biases]
    #[arg(long, value_name = "NAME")]
    pub(crate) bias: Option<String>,
    /// What is applied to each unit; or several, divided by commas
    #[arg(long, value_enum, value_delimiter = ',', default_value = "tanh")]
    pub(crate) activation: Vec<Activation>,
    /// What layers do with their inputs
    #[arg(long, value_enum, default_value = "mlp")]
    pub(crate) network: Kind,
    /// Layers, 1 to 200; of --symmetry and --training hidden ones [default: 50; for those 3 and 8]
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=200))]
    pub(crate) depth: Option<u32>,
    /// Units of each layer, 1 to 4096 [default: 512; for --symmetry and --training 32]
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=4096))]
    pub(crate) width: Option<u32>,
    /// Inputs that pass at once, 2 to 1024
    #[arg(long, default_value = "32", value_parser = clap::value_parser!(u32).range(2..=1024))]
    pub(crate) batch: u32,
    /// Seed of weights, inputs and gradients, 0 to 2^64 - 1 [default: 0; for a spec, the spec's]
    #[arg(long, value_parser = number, allow_hyphen_values = true)]
    pub(crate) seed: Option<u64>,
    #[command(flatten)]
    pub(crate) backend: BackendArguments,
    /// Instead of passes, train a small network and count the units that are equal to another, bit for bit
    #[arg(long, conflicts_with_all = ["network", "adapter"])]
    pub(crate) symmetry: bool,
    /// Instead of passes, train small networks and show how their loss falls
    #[arg(long, conflicts_with_all = ["network", "adapter", "symmetry"])]
    pub(crate) training: bool,
    /// With --training, instead of losses: what the activations of each layer become in one network, seed --seed
    #[arg(long, requires = "training", conflicts_with = "seeds")]
    pub(crate) layers: bool,
    /// Steps of training, 1 to 100000 [default: 100 for --symmetry, 600 for --training]
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(crate) steps: Option<u32>,
    /// Networks that are trained for each initializer, with seeds from --seed on, 1 to 100 [default: 5]
    #[arg(long, requires = "training", value_parser = clap::value_parser!(u32).range(1..=100))]
    pub(crate) seeds: Option<u32>,
    /// Learning rate of training [default: 0.05]
    #[arg(long, value_name = "RATE")]
    pub(crate) learning_rate: Option<f64>,
    /// A picture to write, .svg or .png: every layer beside the theory, how losses fall, or layers during training
    #[arg(short, long, value_name = "FILE", conflicts_with = "symmetry", value_parser = LOCAL)]
    pub(crate) output: Option<PathBuf>,
    /// Print the runs as JSON, with every layer's numbers
    #[arg(long)]
    pub(crate) json: bool,
}
