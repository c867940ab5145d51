//! `weightinit plan`: what to dispatch, as JSON that any WebGPU implementation can run (docs/plan.schema.json).

use std::fmt::Write;
use std::process::ExitCode;

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Map, Value, json};
use weightinit::plan::ENTRY_POINT;
use weightinit::plan::{Binding, BindingKind, Capabilities, Plan};

use super::{fill, print_json};
use crate::args::{ModelArguments, PlanArguments};
use crate::model::job::{Content, Job, Tensor};
use crate::model::spec::Spec;

pub(crate) fn run(arguments: &PlanArguments) -> Result<ExitCode> {
    let tensors = match &arguments.spec {
        None => vec![fill::tensor(&arguments.tensor)?],
        Some(path) => {
            let spec = Spec::read(path, &model(arguments)?)?;
            Job::new(&spec).with_context(|| path.display().to_string())?.tensors
        }
    };
    print_json(&document(&tensors)?)?;
    Ok(ExitCode::SUCCESS)
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
        !single,
        "--shape, --param, --groups, --stream, --name and --range describe a single tensor; leave them out, or the spec"
    );
    Ok(ModelArguments {
        dtype: arguments.dtype,
        seed: arguments.seed,
        layout: arguments.layout,
        init: arguments.init.clone(),
        recipe: plan.recipe.clone(),
        parameters: arguments.parameters.clone(),
    })
}

/// Every tensor into a buffer of its own, for a device that has just what WebGPU promises.
fn document(tensors: &[Tensor]) -> Result<Value> {
    let (mut shaders, mut tables) = (Map::new(), Map::new());
    let (mut dispatches, mut buffers) = (Vec::new(), Vec::new());
    for tensor in tensors {
        let name = &tensor.name;
        let fill = match &tensor.content {
            Content::Fill(fill) => fill,
            Content::Orthogonal(..) => bail!(
                "tensor '{name}' is orthogonal, which a plan cannot say: its elements depend on each other; use init or fill"
            ),
            // Integers are not computed: their bytes are repeated.
            Content::Integer(element) => {
                buffers.push(json!({"tensor": name, "bytes": tensor.bytes(), "repeat": hex(element)}));
                continue;
            }
        };
        buffers.push(json!({"tensor": name, "bytes": tensor.bytes()}));
        let plan = Plan::new(fill, 0, &Capabilities::default()).with_context(|| format!("tensor '{name}'"))?;
        let shader = plan.kernel().name();
        shaders.entry(shader.clone()).or_insert_with(|| plan.kernel().source().into());
        let table = fill.sampler().table.as_ref().map(|table| {
            let bytes = || table.words().iter().flat_map(|word| word.to_le_bytes()).collect::<Vec<_>>();
            tables.entry(table.name()).or_insert_with(|| hex(&bytes()).into());
            table.name()
        });
        for dispatch in plan.dispatches() {
            let bindings: Vec<_> =
                plan.bindings(&dispatch).iter().map(|entry| binding(entry, table.as_deref())).collect();
            let [x, y] = dispatch.workgroups;
            dispatches.push(json!({
                "tensor": name,
                "shader": shader,
                "entry_point": ENTRY_POINT,
                "workgroups": [x, y, 1],
                "uniform": hex(&dispatch.params.to_le_bytes()),
                "bindings": bindings,
            }));
        }
    }
    Ok(json!({"version": 1, "buffers": buffers, "shaders": shaders, "dispatches": dispatches, "tables": tables}))
}

fn binding(entry: &Binding, table: Option<&str>) -> Value {
    let Binding { binding, kind, offset, size } = *entry;
    let mut value = json!({"binding": binding, "kind": kind.name(), "offset": offset, "size": size});
    if kind == BindingKind::ReadOnlyStorage {
        value["table"] = table.into();
    }
    value
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
