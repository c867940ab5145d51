//! Propagation, one product after another.

use anyhow::{Context, Result, anyhow, bail, ensure};
use faer::Par;
use weightinit::plan::{Capabilities, Document};
use weightinit::{DType, Request, cpu};
use weightinit_common::propagation::Activation;
use weightinit_common::propagation::call::Call;
use weightinit_common::propagation::cpu::Cpu;
use weightinit_common::propagation::matmul::Dispatch;
use weightinit_common::propagation::network::{Kind, Network, Size};
use weightinit_common::propagation::passes::{Passes, Wanted};
use weightinit_common::propagation::products::Products;
use weightinit_common::propagation::run::{Run, expected_of};
use weightinit_common::propagation::theory::Expected;

use crate::initializer::Named;
use crate::tensor::{joined, seed};

/// Most layers, units and inputs: those of the command line, but for memory that a browser tab has.
const MOST: [(&str, u32); 3] = [("depth", 200), ("width", 1024), ("batch", 256)];
/// Most weights of all layers together, 4 bytes each on the GPU and 8 without one.
const MOST_WEIGHTS: u64 = 1 << 26;

/// The texts of the page's form.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Form<'a> {
    pub(crate) init: &'a str,
    /// A JSON object of texts.
    pub(crate) parameters: &'a str,
    pub(crate) activation: &'a str,
    pub(crate) depth: u32,
    pub(crate) width: u32,
    /// Inputs.
    pub(crate) batch: u32,
    pub(crate) seed: &'a str,
}

/// Passes that wait for a product.
pub(crate) struct Propagation {
    call: String,
    network: Network,
    activation: Activation,
    batch: u32,
    passes: Passes,
    expected: Option<Vec<Expected>>,
    /// The product that is asked for.
    asked: Option<Dispatch>,
    /// Without a GPU: the weights in memory.
    here: Option<Cpu>,
}

impl Propagation {
    /// Before the first layer.
    ///
    /// # Errors
    /// All that is wrong, in a line each that begins with the field's name.
    pub(crate) fn new(form: Form<'_>) -> Result<Self> {
        let mut wrong = Vec::new();
        let mut note = |field: &str, error: anyhow::Error| wrong.push(format!("{field}: {error:#}"));
        let named = Named::new(form.init, form.parameters).and_then(|named| Ok((named.call(), named.initializer()?)));
        let named = named.map_err(|error| note("init", error)).ok();
        let activation = activation(form.activation).map_err(|error| note("activation", error)).ok();
        let seed = seed(form.seed).map_err(|error| note("seed", error)).ok();
        for ((field, most), value) in MOST.into_iter().zip([form.depth, form.width, form.batch]) {
            let least = if field == "batch" { 2 } else { 1 };
            if !(least..=most).contains(&value) {
                note(field, anyhow!("{value} is not from {least} to {most}, as this page has it"));
            }
        }
        let weights = u64::from(form.depth) * u64::from(form.width).pow(2);
        if weights > MOST_WEIGHTS && wrong.is_empty() {
            wrong.push(format!(
                "width: {weights} weights; this page computes {MOST_WEIGHTS} at most, the command line any number"
            ));
        }
        let (Some((text, initializer)), Some(activation), Some(seed), true) =
            (named, activation, seed, wrong.is_empty())
        else {
            bail!(wrong.join("\n"))
        };
        let size = Size { kind: Kind::Mlp, depth: form.depth as usize, width: form.width as usize };
        let call = Call { text: text.clone(), initializer };
        let network =
            Network::new(size, &call, None, seed).map_err(|error| anyhow!("init: {:#}", error.root_cause()))?;
        Ok(Self {
            call: text,
            passes: Passes::new(&network, activation, form.batch as usize)?,
            expected: expected_of(&network, activation),
            batch: form.batch,
            network,
            activation,
            asked: None,
            here: None,
        })
    }

    /// The words of a command line that computes the same.
    pub(crate) fn command(&self) -> String {
        let Network { seed, .. } = self.network;
        let words = ["weightinit", "propagate", "--init", &self.call, "--activation", self.activation.name()];
        let mut words = words.map(str::to_owned).to_vec();
        let numbers = [
            ("--depth", self.network.depth() as u64),
            ("--width", self.network.width() as u64),
            ("--batch", u64::from(self.batch)),
            ("--seed", seed),
        ];
        words.extend(numbers.into_iter().flat_map(|(option, number)| [option.to_owned(), number.to_string()]));
        words.push("--json".to_owned());
        joined(&words)
    }

    /// Whether a plan can say how the weights are filled.
    pub(crate) fn is_elementwise(&self) -> bool {
        !self.network.layers.iter().any(|layer| matches!(layer.weights, Request::Orthogonal(_)))
    }

    /// The plan that fills the weights, each layer's under its number.
    ///
    /// # Errors
    /// Orthogonal weights; limits that leave no room.
    pub(crate) fn plan(&self, device: &Capabilities) -> Result<String> {
        let mut document = Document::default();
        for (number, layer) in self.network.layers.iter().enumerate() {
            document.add(&number.to_string(), &layer.weights, device)?;
        }
        Ok(document.to_json())
    }

    /// A layer's weights in f32 by the CPU reference.
    ///
    /// # Errors
    /// A layer that there is not; those of [`cpu::bytes`].
    pub(crate) fn weights(&self, layer: usize) -> Result<Vec<u8>> {
        let layer = self.network.layers.get(layer).context("there is no such layer")?;
        ensure!(layer.weights.dtype() == DType::F32, "the weights are not in f32");
        Ok(cpu::bytes(&layer.weights)?)
    }

    /// The product that is next, and its layer; none after the last.
    pub(crate) fn wanted(&mut self) -> Option<(usize, &Dispatch)> {
        let Wanted { layer, direction, signals } = self.passes.wanted()?;
        let dispatch = Dispatch::new(self.network.layers.get(layer)?, direction, &signals);
        Some((layer, self.asked.insert(dispatch)))
    }

    /// What the kernel has written for the product that was asked for.
    ///
    /// # Errors
    /// None that was asked for, or bytes of another size.
    pub(crate) fn give(&mut self, output: &[u8]) -> Result<()> {
        let dispatch = self.asked.take().context("no product was asked for")?;
        let size = dispatch.output_size;
        ensure!(output.len() as u64 == size, "{} bytes of a product; expected {size}", output.len());
        self.passes.give(dispatch.product(output))
    }

    /// Computes the product that is next on the CPU. Whether there was one.
    ///
    /// # Errors
    /// No memory for the weights.
    pub(crate) fn step_here(&mut self) -> Result<bool> {
        let Some(Wanted { layer, direction, signals }) = self.passes.wanted() else { return Ok(false) };
        let weights = match self.here.take() {
            Some(weights) => weights,
            None => Cpu::new(&self.network, Par::Seq)?,
        };
        self.passes.give(self.here.insert(weights).product(layer, direction, &signals)?)?;
        Ok(true)
    }

    /// As `weightinit propagate --json` has a run, as far as it has come.
    pub(crate) fn report(&self) -> String {
        Run::of(&self.call, &self.passes, self.expected.clone()).json().to_string()
    }
}

fn activation(name: &str) -> Result<Activation> {
    let known = Activation::ALL.into_iter().find(|activation| activation.name() == name);
    let names = || Activation::ALL.map(Activation::name).join(", ");
    known.with_context(|| format!("unknown activation '{name}'; expected one of: {}", names()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORM: Form<'_> =
        Form { init: "he_normal", parameters: "{}", activation: "relu", depth: 5, width: 64, batch: 4, seed: "3" };

    /// All products, the last of them backwards through the second layer.
    #[test]
    fn products_are_computed_one_by_one() {
        let mut propagation = Propagation::new(FORM).unwrap();
        let mut steps = 0;
        while propagation.step_here().unwrap() {
            steps += 1;
        }
        assert_eq!(steps, 5 + 4);
        let run: serde_json::Value = serde_json::from_str(&propagation.report()).unwrap();
        assert_eq!(run["gradient_variance"].as_array().unwrap().len(), 5);
        assert_eq!(run["verdict"], "keeps its variance within 2 × over 5 layers");
        assert!(propagation.wanted().is_none());
        assert_eq!(
            propagation.command(),
            "weightinit propagate --init he_normal --activation relu --depth 5 --width 64 --batch 4 --seed 3 --json"
        );
    }

    #[test]
    fn products_are_asked_for_and_given() {
        let mut propagation = Propagation::new(FORM).unwrap();
        assert_eq!(propagation.give(&[]).unwrap_err().to_string(), "no product was asked for");
        let (layer, dispatch) = propagation.wanted().unwrap();
        assert_eq!((layer, dispatch.output_size, dispatch.workgroups), (0, 4 * 64 * 4, [4, 1]));
        assert_eq!(propagation.give(&[0; 4]).unwrap_err().to_string(), "4 bytes of a product; expected 1024");
        assert!(propagation.wanted().is_some());
        propagation.give(&[0; 1024]).unwrap();
        assert_eq!(propagation.wanted().unwrap().0, 1);
        assert_eq!(propagation.weights(0).unwrap().len(), 4 * 64 * 64);
        assert!(propagation.weights(9).is_err());
    }

    #[test]
    fn orthogonal_weights_have_no_plan() {
        let propagation = Propagation::new(Form { init: "orthogonal", ..FORM }).unwrap();
        assert!(!propagation.is_elementwise() && propagation.plan(&Capabilities::default()).is_err());
        assert_eq!(propagation.weights(4).unwrap().len(), 4 * 64 * 64);
        assert!(Propagation::new(FORM).unwrap().is_elementwise());
    }

    #[test]
    fn all_that_is_wrong_is_said() {
        let form =
            Form { init: "he", parameters: "{}", activation: "step", depth: 0, width: 5000, batch: 1, seed: "x" };
        let refused = |form| Propagation::new(form).err().unwrap().to_string();
        let error = refused(form);
        let fields: Vec<_> = error.lines().map(|line| line.split(": ").next().unwrap()).collect();
        assert_eq!(fields, ["init", "activation", "seed", "depth", "width", "batch"], "{error}");
        assert!(refused(Form { depth: 200, width: 1024, ..FORM }).starts_with("width: 209715200 weights; "));
        assert!(refused(Form { init: "bits", ..FORM }).starts_with("init: "));
    }
}
