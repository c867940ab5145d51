//! Devices that are lost in the middle of the work.

use weightinit::error::DeviceError;
use weightinit::{DType, Error, Fill, Law};

use super::*;
use crate::backend::adapters::open;
use crate::backend::chunk::chunks;
use crate::backend::{cpu::Cpu, fallback::Fallback};
use crate::model::header::Declared;
use crate::model::job::{Content, Why};
use crate::testing::adapter;

fn tensor() -> Tensor {
    let elements = 36_000_001;
    let fill = Fill::new(0, Law::normal(0.0, 1.0), DType::F32, elements).unwrap();
    let dtype = crate::model::dtype::stored(DType::F32);
    let declared = Declared { name: "w".to_owned(), shape: vec![elements], dtype };
    Tensor::new(declared, elements, Content::Request(fill.into()), Why::default())
}

/// Loses the device after some chunks: what it says, and what was written.
fn lose(backend: &mut dyn Backend, device: &wgpu::Device, after: usize) -> (Result<()>, Vec<u8>) {
    let tensors = [tensor()];
    let (mut bytes, chunks): (Vec<u8>, Vec<_>) = (Vec::new(), chunks(&tensors, 0, backend.chunk_size()).collect());
    let mut count = 0;
    let result = backend.run(&tensors, &chunks, &mut Host::default(), &mut |_, computed| {
        bytes.extend_from_slice(computed);
        count += 1;
        if count == after {
            device.destroy();
        }
        Ok(())
    });
    (result, bytes)
}

#[test]
fn a_device_may_be_lost_at_any_chunk() {
    let adapter = adapter();
    let (_, whole) = lose(&mut Cpu::default(), &open(&adapter).unwrap().0, 1);
    let open = || Gpu::new(&adapter, tensor().request().into_iter(), Parts::Any).unwrap();
    let count = chunks(&[tensor()], 0, open().chunk_size()).count();
    for after in 1..count {
        let mut gpu = open();
        let device = gpu.devices[0].device.clone();
        let (result, bytes) = lose(&mut gpu, &device, after);
        // Chunks that were on their way may still arrive, all of them if the loss comes late.
        assert!(whole.starts_with(&bytes), "after {after} chunks");
        match result {
            Ok(()) => assert!(
                bytes.len() == whole.len() && after + gpu.tuning.in_flight() * gpu.devices.len() > count,
                "after {after} chunks"
            ),
            Err(error) => {
                assert_eq!(error.downcast_ref(), Some(&Error::Device(DeviceError::Lost)));
                let text = format!("{}: the device is lost; open it again, or use another", gpu.name);
                assert_eq!(format!("{error:#}"), text);
            }
        }

        let gpu = open();
        let device = gpu.devices[0].device.clone();
        let mut fallback = Fallback::new(Box::new(gpu));
        let (result, bytes) = lose(&mut fallback, &device, after);
        result.unwrap();
        assert!(bytes == whole, "after {after} chunks");
        assert!(after > 1 || fallback.kind() == "gpu and cpu");
    }
}

/// What wgpu would panic at.
#[test]
fn uncaptured_errors_are_failures() {
    let gpu = Gpu::new(&adapter(), tensor().request().into_iter(), Parts::Any).unwrap();
    let Device { device, failure, .. } = &gpu.devices[0];
    assert!(failure.check().is_ok());
    let usage = wgpu::BufferUsages::STORAGE;
    let size = device.limits().max_buffer_size + 4;
    let _ = device.create_buffer(&wgpu::BufferDescriptor { label: None, size, usage, mapped_at_creation: false });
    assert!(matches!(failure.check(), Err(Error::Device(DeviceError::Failed(_)))));
    let mut fallback = Fallback::new(Box::new(gpu));
    let device = open(&adapter()).unwrap().0;
    let (result, bytes) = lose(&mut fallback, &device, usize::MAX);
    result.unwrap();
    assert!(bytes == lose(&mut Cpu::default(), &device, usize::MAX).1);
    assert_eq!(fallback.kind(), "gpu and cpu");
}
