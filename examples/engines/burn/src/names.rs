//! A module's parameters by their names: burn walks through the module, and each parameter becomes what a rule says of
//! its path and shape. What burn would have drawn is never drawn, since burn draws on first use.

use burn::Tensor;
use burn::module::{Module, ModuleMapper, Param};
use weightinit::Request;

use crate::{Failure, Gpu};

/// `module` with every float parameter as `rule` says for its name, such as `layers.0.weight`, and its shape.
///
/// # Errors
/// Those of the rule and of the fill, with the first parameter's name.
pub fn initialize<M, R>(gpu: &Gpu, module: M, rule: R) -> Result<M, Failure>
where
    M: Module,
    R: Fn(&str, &[u64]) -> weightinit::Result<Request>,
{
    let mut names = Names { gpu, rule, path: Vec::new(), failed: None };
    let module = module.map(&mut names);
    names.failed.map_or(Ok(module), Err)
}

struct Names<'a, R> {
    gpu: &'a Gpu,
    rule: R,
    path: Vec<String>,
    failed: Option<Failure>,
}

impl<R: Fn(&str, &[u64]) -> weightinit::Result<Request>> Names<'_, R> {
    fn tensor<const D: usize>(&self, name: &str, param: &Param<Tensor<D>>) -> Result<Tensor<D>, Failure> {
        let shape = param.lazy_shape().dims::<D>();
        let request = (self.rule)(name, &shape.map(|size| size as u64))?;
        self.gpu.tensor(&request, shape)
    }
}

impl<R: Fn(&str, &[u64]) -> weightinit::Result<Request>> ModuleMapper for Names<'_, R> {
    fn enter_module(&mut self, name: &str, _: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _: &str, _: &str) {
        self.path.pop();
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let name = self.path.join(".");
        match self.tensor(&name, &param) {
            Ok(tensor) => {
                let id = param.id;
                param.transform_for_load(tensor, id)
            }
            Err(error) => {
                self.failed.get_or_insert(format!("{name}: {error}").into());
                param
            }
        }
    }
}
