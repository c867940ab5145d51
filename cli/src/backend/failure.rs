//! What goes wrong on a device, from wherever wgpu notices it.

use std::sync::{Arc, OnceLock};

use weightinit::error::DeviceError;
use weightinit::{Error, wgpu};

/// The first failure of a device.
#[derive(Clone, Default)]
pub(crate) struct Failure(Arc<OnceLock<Error>>);

impl Failure {
    /// Takes note of what fails on `device` from now on, where wgpu would panic.
    pub(crate) fn watch(device: &wgpu::Device) -> Self {
        let failure = Self::default();
        let (uncaptured, lost) = (failure.clone(), failure.clone());
        device.on_uncaptured_error(Arc::new(move |error: wgpu::Error| uncaptured.note(error.into())));
        device.set_device_lost_callback(move |_, _| lost.note(Error::Device(DeviceError::Lost)));
        failure
    }

    /// Later ones follow from the first.
    fn note(&self, error: Error) {
        let _ = self.0.set(error);
    }

    /// The failure, if there was one.
    pub(crate) fn check(&self) -> weightinit::Result<()> {
        self.0.get().cloned().map_or(Ok(()), Err)
    }
}
