//! The requests for all tensors of a model.

use std::collections::BTreeMap;

use crate::dtype::DType;
#[cfg(doc)]
use crate::error::Error;
use crate::error::{RecipeError, Result};
use crate::init::{Initializer, Layout, Norms};
use crate::recipe::applied::{Applied, Chosen};
use crate::request::Request;

/// Elements of which norms are taken at a time.
const NORMED: u64 = 1 << 20;

/// What gives the elements of requests.
type Values<'a> = &'a dyn Fn(&Request) -> Result<Vec<f64>>;

impl Applied<'_> {
    /// Every tensor of the model, in the order of the model's names: requests of `dtype` from `seed`, tied tensors with
    /// the stream of what they are tied to, and so with its bits.
    ///
    /// # Errors
    /// Those of [`Applied::choose`], [`Applied::check`] and [`Initializer::request`]; [`RecipeError::Undecided`] with
    /// all tensors that no rule matches.
    pub fn requests(&mut self, seed: u64, dtype: DType) -> Result<BTreeMap<String, Request>> {
        self.requests_by(seed, dtype, None)
    }

    /// The same, with `values` for what depends on the elements of another tensor: [`cpu::values`](crate::cpu::values).
    ///
    /// # Errors
    /// Those of [`Applied::requests`] but [`RecipeError::NormsOfOther`], those of [`Norms::new`], and those of
    /// `values`.
    ///
    /// ```
    /// use weightinit::init::Arguments;
    /// use weightinit::recipe::{Config, Model, by_name};
    /// use weightinit::{DType, cpu};
    ///
    /// let model = Model::new([("conv.weight_v", &[8, 4, 3][..]), ("conv.weight_g", &[8, 1, 1])]);
    /// let mut torch = by_name("torch")?.apply(&model, &Arguments::new(), &Config::default())?;
    /// let requests = torch.requests_with(42, DType::F32, |request| cpu::values(request))?;
    /// let row = &cpu::values(&requests["conv.weight_v"])?[..12];
    /// let norm = row.iter().map(|x| x * x).sum::<f64>().sqrt();
    /// assert_eq!(cpu::values(&requests["conv.weight_g"])?[0], f64::from(norm as f32));
    /// # Ok::<(), weightinit::Error>(())
    /// ```
    pub fn requests_with(
        &mut self,
        seed: u64,
        dtype: DType,
        values: impl Fn(&Request) -> Result<Vec<f64>>,
    ) -> Result<BTreeMap<String, Request>> {
        self.requests_by(seed, dtype, Some(&values))
    }

    fn requests_by(
        &mut self,
        seed: u64,
        dtype: DType,
        values: Option<Values<'_>>,
    ) -> Result<BTreeMap<String, Request>> {
        let (mut requests, mut undecided, mut normed) = (BTreeMap::new(), Vec::new(), Vec::new());
        let model = self.bound.model;
        for (name, shape) in model.tensors() {
            match self.choose(name)? {
                None => undecided.push(name.to_owned()),
                Some(Chosen { initializer: Initializer::NormsOf(of), .. }) if values.is_some() => {
                    normed.push((name, shape, of));
                }
                Some(chosen) => {
                    requests.insert(name.to_owned(), chosen.request(name, shape, seed, dtype)?);
                }
            }
        }
        if !undecided.is_empty() {
            return Err(RecipeError::Undecided { recipe: self.bound.recipe.name, names: undecided }.into());
        }
        self.check()?;
        for (name, shape, of) in normed {
            let (Some(source), Some(values)) = (requests.get(&of), values) else { continue };
            let mut norms = Norms::new(model.shape(&of).unwrap_or_default(), shape)?;
            // Parts of an orthogonal matrix take as long as all of it.
            let part = if source.as_fill().is_some() { NORMED } else { u64::MAX };
            let mut first = 0;
            while first < source.element_count() {
                let end = first.saturating_add(part).min(source.element_count());
                norms.take(&values(&source.range(first..end)?)?);
                first = end;
            }
            let request = norms.finish()?.request(name, shape, Layout::Torch, dtype)?.with_seed(seed);
            requests.insert(name.to_owned(), request);
        }
        Ok(requests)
    }
}
