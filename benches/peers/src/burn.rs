//! burn on the adapter that it chooses, from recording to completion by the wall clock.

use anyhow::Result;
use burn::Tensor;
use burn::tensor::wgpu::WgpuSetup;
use burn::tensor::{Device, Distribution};
use weightinit::gpu;

use crate::{Contender, ELEMENTS, SCALE, contender};

/// The adapter's name, and what can be timed there.
pub(crate) fn contenders() -> Result<(String, Vec<Contender>)> {
    let (device, WgpuSetup { adapter, .. }) = Device::wgpu_options().init_with_setup()?;
    let [low, high] = [-SCALE, SCALE].map(f64::from);
    let laws = [("uniform", Distribution::Uniform(low, high)), ("normal", Distribution::Normal(0.0, high))];
    let contenders = laws.map(|(name, law)| {
        let device = device.clone();
        contender("adapter", format!("burn, {name}"), move || {
            let tensor = Tensor::<1>::random([ELEMENTS], law, &device);
            device.sync().map_err(|error| anyhow::anyhow!("{error:?}"))?;
            drop(tensor);
            Ok(())
        })
    });
    Ok((gpu::describe(&adapter.get_info()), contenders.into()))
}
