//! The processor: who multiplies weights and signals.

use anyhow::{Result, ensure};
use faer::Par;

use crate::args::{BackendArguments, BackendChoice};
use crate::backend;
use crate::limits;
use crate::progress::note;
use crate::propagation::gpu::{Gpu, OnGpu};
use weightinit_common::propagation::cpu::Cpu;
use weightinit_common::propagation::network::Network;
use weightinit_common::propagation::products::Products;

/// Who computes products.
pub(crate) enum Processor {
    Cpu,
    Gpu(Box<Gpu>),
}

impl Processor {
    /// The processor that the command line asks for. `auto` is an adapter that is no software, else the CPU: passes
    /// are rounded in other ways on each.
    ///
    /// # Errors
    /// An adapter that is asked for and cannot be had.
    pub(crate) fn choose(arguments: &BackendArguments) -> Result<Self> {
        backend::check(arguments)?;
        let wanted = arguments.adapter.as_deref();
        ensure!(wanted != Some("all"), "propagate computes on one adapter; give its number or a part of its name");
        match arguments.backend {
            BackendChoice::Cpu => Ok(Self::Cpu),
            BackendChoice::Gpu => Ok(Self::Gpu(Box::new(Gpu::open(wanted)?))),
            BackendChoice::Auto if wanted.is_some() => Ok(Self::Gpu(Box::new(Gpu::open(wanted)?))),
            BackendChoice::Auto => match Gpu::open(None) {
                Ok(gpu) if !gpu.is_software() => Ok(Self::Gpu(Box::new(gpu))),
                Ok(_) => Ok(Self::Cpu),
                Err(error) => {
                    note(&format!("{error:#}; using the CPU"));
                    Ok(Self::Cpu)
                }
            },
        }
    }

    /// Which processor, in words.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Cpu => format!("CPU on {} threads", rayon::current_num_threads()),
            Self::Gpu(gpu) => gpu.name().to_owned(),
        }
    }

    /// Fills the weights of `network`, through which batches of `inputs` go.
    ///
    /// # Errors
    /// No memory for them; what the backend refuses.
    pub(crate) fn fill<'a>(&'a self, network: &Network, inputs: usize) -> Result<Box<dyn Products + 'a>> {
        let what = format!("{} layers of {} units", network.depth(), network.width());
        limits::check_room(&what, network.bytes(inputs))?;
        Ok(match self {
            Self::Cpu => Box::new(Cpu::new(network, Par::rayon(0))?),
            Self::Gpu(gpu) => Box::new(OnGpu::new(gpu, network)?),
        })
    }
}
