//! `weightinit plan`: what to dispatch, as JSON that any WebGPU implementation can run (docs/plan.schema.json).

mod ranks;

use std::process::ExitCode;

use anyhow::{Context, Result, bail, ensure};
use weightinit::Request;
use weightinit::plan::{Capabilities, Document};

use crate::args::{ModelArguments, PlanArguments};
use crate::commands::{fill, print_exactly};
use crate::model::job::{Content, Job, Tensor};
use crate::model::spec::Spec;

pub(crate) fn run(arguments: &PlanArguments) -> Result<ExitCode> {
    if let (Some(world_size), Some(_)) = (arguments.world_size, &arguments.spec) {
        return ranks::run(arguments, &job(arguments)?, world_size);
    }
    print_exactly(&(document(arguments)?.to_json() + "\n"))?;
    Ok(ExitCode::SUCCESS)
}

/// The plan of every tensor.
pub(crate) fn document(arguments: &PlanArguments) -> Result<Document> {
    ensure!(arguments.world_size.is_none(), "what ranks have is printed by the program; leave out --world-size");
    of_tensors(&match &arguments.spec {
        None => vec![fill::tensor(&arguments.tensor)?],
        Some(_) => job(arguments)?.tensors,
    })
}

fn job(arguments: &PlanArguments) -> Result<Job> {
    let path = arguments.spec.as_deref().context("a spec is missing")?;
    let spec = Spec::read(path, &model(arguments)?)?;
    Job::new(&spec).with_context(|| path.display().to_string())
}

/// Of the options of a single tensor, those that a model has as well.
fn model(plan: &PlanArguments) -> Result<ModelArguments> {
    let arguments = &plan.tensor;
    let single = arguments.shape.is_some()
        || !(arguments.parameters.is_empty() || plan.recipe.is_some())
        || arguments.groups.is_some()
        || arguments.stream.is_some()
        || arguments.name.is_some()
        || arguments.range.is_some();
    ensure!(
        plan.world_size.is_some() || (plan.division.shard_size.is_none() && plan.division.partition.is_none()),
        "--shard-size and --partition go with --world-size"
    );
    ensure!(
        !single,
        "--shape, --param, --groups, --stream, --name and --range describe a single tensor; leave them out, or the spec"
    );
    Ok(ModelArguments {
        dtype: arguments.dtype,
        seed: arguments.seed,
        layout: arguments.layout,
        init: arguments.init.clone(),
        recipe: plan.recipe.clone(),
        config: plan.config.clone(),
        parameters: arguments.parameters.clone(),
        roles: Vec::new(),
    })
}

/// Every tensor into a buffer of its own, for a device that has just what WebGPU promises.
fn of_tensors(tensors: &[Tensor]) -> Result<Document> {
    let mut document = Document::default();
    for tensor in tensors {
        let name = &tensor.name;
        ensure!(
            tensor.kept.is_none(),
            "tensor '{name}' is kept from a checkpoint, which a plan cannot say; leave it out by init = \"drop\""
        );
        match &tensor.content {
            Content::Request(Request::Orthogonal(_)) => bail!(
                "tensor '{name}' is orthogonal, which a plan cannot say: its elements depend on each other; use init \
                 or fill"
            ),
            Content::Request(request) => document.add(name, request, &Capabilities::default())?,
            Content::Nothing => {}
            // Integers are not computed: their bytes are repeated.
            Content::Integers(elements) => document.add_repeated(name, tensor.bytes(), elements),
        }
    }
    Ok(document)
}
