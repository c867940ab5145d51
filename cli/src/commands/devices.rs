//! `weightinit devices`: what there is, and whether it computes the right bits.

use std::process::ExitCode;

use anyhow::{Context, Result};
use serde_json::{Value, json};
use weightinit::verify::kernels;
use weightinit::wgpu::{Adapter, Features};

use super::{print, print_json};
use crate::args::DevicesArguments;
use crate::backend::adapters::{self, open};
use crate::backend::probe::{self, Tried, Wanted};
use crate::progress;

/// Kernels that are checked unless all are asked for: between them they have most shaders.
const FEW: usize = 4;

/// Features that select faster paths or better clocks.
const FEATURES: [(&str, Features); 4] = [
    ("SHADER_INT64", Features::SHADER_INT64),
    ("SHADER_F16", Features::SHADER_F16),
    ("TIMESTAMP_QUERY", Features::TIMESTAMP_QUERY),
    ("IMMEDIATES", Features::IMMEDIATES),
];

pub(crate) fn run(arguments: &DevicesArguments) -> Result<ExitCode> {
    let adapters = list_safely()?;
    if !arguments.json {
        if adapters.is_empty() {
            print("no adapter: install a Vulkan driver (on Debian, mesa-vulkan-drivers for a software one)\n")?;
        }
        for (tried, adapter) in &adapters {
            print(&as_text(tried, adapter.as_ref()))?;
        }
        print(&format!("cpu: the reference, on {} threads\n", rayon::current_num_threads()))?;
    }
    let mut list = Vec::new();
    for (tried, adapter) in &adapters {
        let (passed, message) = self_check(tried, adapter.as_ref(), arguments.all);
        if arguments.json {
            list.push(as_json(tried, adapter.as_ref(), passed, &message));
        } else {
            print(&format!("self-check of {}: {message}\n", tried.number))?;
        }
    }
    if arguments.json {
        print_json(&json!({ "adapters": list }))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The adapters that were tried, those that end the process which opens them without their handles.
fn list_safely() -> Result<Vec<(Tried, Option<Adapter>)>> {
    let tried = probe::tried(Wanted::All)?;
    let any_opens = tried.iter().any(|tried| tried.failure.is_none());
    let mut handles = if any_opens { adapters::list_to_show().into_iter().map(Some).collect() } else { Vec::new() };
    let with_handle = |tried: Tried| {
        let handle = handles.get_mut(tried.number).and_then(Option::take);
        (tried, handle)
    };
    Ok(tried.into_iter().map(with_handle).collect())
}

fn as_text(tried: &Tried, adapter: Option<&Adapter>) -> String {
    let name = format!("{}: {}\n", tried.number, tried.name);
    let Some(adapter) = adapter else { return name };
    let limits = adapter.limits();
    format!(
        "{name}   limits: binding {} bytes, buffer {} bytes, {} workgroups a dimension, offsets aligned to {}\n   \
         features: {}\n",
        limits.max_storage_buffer_binding_size,
        limits.max_buffer_size,
        limits.max_compute_workgroups_per_dimension,
        limits.min_storage_buffer_offset_alignment,
        if features(adapter).is_empty() { "none".to_owned() } else { features(adapter).join(", ") },
    )
}

fn as_json(tried: &Tried, adapter: Option<&Adapter>, passed: bool, message: &str) -> Value {
    let check = json!({ "passed": passed, "message": message });
    let Some(adapter) = adapter else {
        return json!({ "number": tried.number, "name": tried.name, "self_check": check });
    };
    let (info, limits) = (adapter.get_info(), adapter.limits());
    json!({
        "number": tried.number,
        "name": info.name,
        "backend": format!("{:?}", info.backend),
        "type": format!("{:?}", info.device_type),
        "driver": info.driver,
        "driver_info": info.driver_info,
        "limits": {
            "max_storage_buffer_binding_size": limits.max_storage_buffer_binding_size,
            "max_buffer_size": limits.max_buffer_size,
            "max_compute_workgroups_per_dimension": limits.max_compute_workgroups_per_dimension,
            "min_storage_buffer_offset_alignment": limits.min_storage_buffer_offset_alignment,
        },
        "features": features(adapter),
        "self_check": check,
    })
}

fn features(adapter: &Adapter) -> Vec<&'static str> {
    FEATURES.into_iter().filter(|(_, feature)| adapter.features().contains(*feature)).map(|(name, _)| name).collect()
}

/// Every kernel on this adapter, or a few, against the CPU reference.
fn self_check(tried: &Tried, adapter: Option<&Adapter>, all: bool) -> (bool, String) {
    if let Some(failure) = &tried.failure {
        return (false, format!("FAILED: {failure}"));
    }
    let adapter = adapter.context("it is gone");
    let check = adapter.and_then(open).and_then(|(_, queue, filler)| {
        let mut requests = kernels::requests()?;
        if !all {
            requests = kernels::cover(requests, filler.capabilities())?;
            requests.truncate(FEW);
        }
        let bar = progress::bar_of("kernels");
        let check = filler.self_check_with(&queue, requests, &mut |done, count| {
            bar.set_length(count as u64);
            bar.set_position(done as u64);
        });
        bar.finish_and_clear();
        Ok(check?)
    });
    match check {
        Ok(check) => (check.passed(), check.to_string()),
        Err(error) => (false, format!("FAILED: {error:#}")),
    }
}
