//! Pipelines and tables of a device, made on first use and kept.

use std::collections::{BTreeSet, HashMap};
use std::num::NonZeroU64;
use std::sync::{Mutex, PoisonError, RwLock};

use crate::error::Result;
use crate::gpu::buffer::buffer_with;
use crate::plan::{ENTRY_POINT, Kernel, Params, Table};

/// A kernel ready to be dispatched: a pipeline and the layout of its only bind group.
#[derive(Clone, Debug)]
pub(super) struct Pipeline {
    pub(super) compute: wgpu::ComputePipeline,
    pub(super) bindings: wgpu::BindGroupLayout,
}

/// What a bind group has: a destination of words or of whole units, and what goes with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Bindings {
    uniform: bool,
    /// Bytes of the table's elements, if there is one.
    table: Option<usize>,
    whole: bool,
}

#[derive(Debug)]
pub(super) struct Pipelines {
    device: wgpu::Device,
    cache: Option<wgpu::PipelineCache>,
    layouts: RwLock<HashMap<Bindings, wgpu::BindGroupLayout>>,
    kernels: RwLock<HashMap<Kernel, Pipeline>>,
    tables: RwLock<Vec<(Table, wgpu::Buffer)>>,
}

impl Pipelines {
    pub(super) fn new(device: &wgpu::Device, cache: Option<&wgpu::PipelineCache>) -> Self {
        Self {
            device: device.clone(),
            cache: cache.cloned(),
            layouts: RwLock::default(),
            kernels: RwLock::default(),
            tables: RwLock::default(),
        }
    }

    /// The pipeline of `kernel`, compiled if this is its first use.
    pub(super) fn pipeline(&self, kernel: Kernel) -> Pipeline {
        if let Some(pipeline) = self.kernels.read().unwrap_or_else(PoisonError::into_inner).get(&kernel) {
            return pipeline.clone();
        }
        // Compiled outside the lock: two threads may both do it once, none waits for the other.
        let pipeline = self.compile(kernel);
        let mut kernels = self.kernels.write().unwrap_or_else(PoisonError::into_inner);
        kernels.entry(kernel).or_insert(pipeline).clone()
    }

    /// Compiles those of `kernels` that have not been used yet, at the same time on several threads.
    pub(super) fn compile_all(&self, kernels: impl IntoIterator<Item = Kernel>) {
        let missing: BTreeSet<_> = {
            let known = self.kernels.read().unwrap_or_else(PoisonError::into_inner);
            kernels.into_iter().filter(|kernel| !known.contains_key(kernel)).collect()
        };
        let missing = Mutex::new(missing);
        let next = || missing.lock().unwrap_or_else(PoisonError::into_inner).pop_first();
        let work = || {
            while let Some(kernel) = next() {
                self.pipeline(kernel);
            }
        };
        // In browsers there is one thread, and pipelines are compiled later anyway.
        #[cfg(not(target_family = "wasm"))]
        {
            // The standard library's own, whatever RUST_MIN_STACK says.
            const STACK: usize = 2 << 20;
            let count = missing.lock().unwrap_or_else(PoisonError::into_inner).len();
            let threads = std::thread::available_parallelism().map_or(1, usize::from).min(count);
            std::thread::scope(|scope| {
                for _ in 1..threads {
                    // With fewer threads than there could be, where the system gives no more.
                    let _ = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work);
                }
                work();
            });
        }
        #[cfg(target_family = "wasm")]
        work();
    }

    fn compile(&self, kernel: Kernel) -> Pipeline {
        let name = kernel.name();
        let bindings = self.layout(Bindings {
            uniform: !kernel.has_immediates(),
            table: kernel.table(),
            whole: kernel.is_whole(),
        });
        let module = self.device.create_shader_module(wgpu::ShaderModuleDescriptor {
            label: Some(&name),
            source: wgpu::ShaderSource::Wgsl(kernel.source().into()),
        });
        let layout = self.device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
            label: Some("weightinit"),
            bind_group_layouts: &[Some(&bindings)],
            immediate_size: if kernel.has_immediates() { size_of::<Params>() as u32 } else { 0 },
        });
        let compute = self.device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
            label: Some(&name),
            layout: Some(&layout),
            module: &module,
            entry_point: Some(ENTRY_POINT),
            compilation_options: wgpu::PipelineCompilationOptions {
                // No workgroup memory is used.
                zero_initialize_workgroup_memory: false,
                ..wgpu::PipelineCompilationOptions::default()
            },
            cache: self.cache.as_ref(),
        });
        Pipeline { compute, bindings }
    }

    fn layout(&self, bindings: Bindings) -> wgpu::BindGroupLayout {
        let mut layouts = self.layouts.write().unwrap_or_else(PoisonError::into_inner);
        layouts.entry(bindings).or_insert_with(|| layout(&self.device, bindings)).clone()
    }

    /// The table's words in a buffer, written if this is its first use.
    pub(super) fn table(&self, table: &Table) -> Result<wgpu::Buffer> {
        let find = |tables: &[(Table, wgpu::Buffer)]| {
            tables.iter().find(|(known, _)| known.is(table) || known == table).map(|(_, buffer)| buffer.clone())
        };
        if let Some(buffer) = find(&self.tables.read().unwrap_or_else(PoisonError::into_inner)) {
            return Ok(buffer);
        }
        let words = bytemuck::cast_slice(table.words());
        let buffer = buffer_with(&self.device, &table.name(), wgpu::BufferUsages::STORAGE, words)?;
        let mut tables = self.tables.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = find(&tables) {
            return Ok(known);
        }
        tables.push((table.clone(), buffer.clone()));
        Ok(buffer)
    }
}

fn layout(device: &wgpu::Device, bindings: Bindings) -> wgpu::BindGroupLayout {
    // With the least sizes stated, wgpu has nothing to check at each dispatch.
    let entry = |binding, ty, has_dynamic_offset, least: usize| wgpu::BindGroupLayoutEntry {
        binding,
        visibility: wgpu::ShaderStages::COMPUTE,
        ty: wgpu::BindingType::Buffer { ty, has_dynamic_offset, min_binding_size: NonZeroU64::new(least as u64) },
        count: None,
    };
    let storage = |read_only| wgpu::BufferBindingType::Storage { read_only };
    let mut entries = Vec::new();
    if bindings.uniform {
        entries.push(entry(0, wgpu::BufferBindingType::Uniform, true, size_of::<Params>()));
    }
    entries.push(entry(1, storage(false), false, if bindings.whole { 16 } else { 4 }));
    if let Some(element) = bindings.table {
        entries.push(entry(2, storage(true), false, element));
    }
    device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor { label: Some("weightinit"), entries: &entries })
}
