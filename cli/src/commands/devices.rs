//! `weightinit devices`: what there is, and whether it computes the right bits.

use std::process::ExitCode;

use anyhow::Result;
use serde_json::{Value, json};
use weightinit::gpu::{adapters, describe};
use weightinit::wgpu::{Adapter, Features};

use super::{print, print_json};
use crate::args::DevicesArguments;
use crate::backend::open;

/// Features that select faster paths or better clocks.
const FEATURES: [(&str, Features); 4] = [
    ("SHADER_INT64", Features::SHADER_INT64),
    ("SHADER_F16", Features::SHADER_F16),
    ("TIMESTAMP_QUERY", Features::TIMESTAMP_QUERY),
    ("IMMEDIATES", Features::IMMEDIATES),
];

pub(crate) fn run(arguments: &DevicesArguments) -> Result<ExitCode> {
    let adapters = pollster::block_on(adapters());
    if arguments.json {
        let list: Vec<_> =
            adapters.iter().enumerate().map(|(number, adapter)| as_json(number, adapter, arguments.all)).collect();
        print_json(&json!({ "adapters": list }))?;
        return Ok(ExitCode::SUCCESS);
    }
    if adapters.is_empty() {
        print("no adapter: install a Vulkan driver (on Debian, mesa-vulkan-drivers for a software one)\n")?;
    }
    for (number, adapter) in adapters.iter().enumerate() {
        print(&as_text(number, adapter, arguments.all))?;
    }
    print(&format!(
        "cpu: the reference, on {} threads\n",
        std::thread::available_parallelism().map_or(1, usize::from)
    ))?;
    Ok(ExitCode::SUCCESS)
}

fn as_text(number: usize, adapter: &Adapter, all: bool) -> String {
    let limits = adapter.limits();
    format!(
        "{number}: {}\n   limits: binding {} bytes, buffer {} bytes, {} workgroups a dimension, offsets aligned to {}\n   \
         features: {}\n   self-check {}\n",
        describe(&adapter.get_info()),
        limits.max_storage_buffer_binding_size,
        limits.max_buffer_size,
        limits.max_compute_workgroups_per_dimension,
        limits.min_storage_buffer_offset_alignment,
        if features(adapter).is_empty() { "none".to_owned() } else { features(adapter).join(", ") },
        self_check(adapter, all).1,
    )
}

fn as_json(number: usize, adapter: &Adapter, all: bool) -> Value {
    let (info, limits) = (adapter.get_info(), adapter.limits());
    let (passed, message) = self_check(adapter, all);
    json!({
        "number": number,
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
        "self_check": { "passed": passed, "message": message },
    })
}

fn features(adapter: &Adapter) -> Vec<&'static str> {
    FEATURES.into_iter().filter(|(_, feature)| adapter.features().contains(*feature)).map(|(name, _)| name).collect()
}

/// Every kernel on this adapter, or a few, against the CPU reference.
fn self_check(adapter: &Adapter, all: bool) -> (bool, String) {
    let check = open(adapter).and_then(|(_, queue, filler)| {
        Ok(if all { filler.self_check(&queue)? } else { filler.quick_check(&queue)? })
    });
    match check {
        Ok(check) => (check.passed(), check.to_string()),
        Err(error) => (false, format!("FAILED: {error:#}")),
    }
}
