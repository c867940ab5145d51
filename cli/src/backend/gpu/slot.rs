//! Places in which a device fills chunks.

use std::sync::mpsc::{Receiver, Sender, channel};

use anyhow::{Context, Result};
use weightinit::wgpu;

/// A place for one chunk: where it is filled, and where the host reads it if it cannot do so there.
pub(super) struct Slot {
    pub(super) filled: wgpu::Buffer,
    pub(super) staging: Option<wgpu::Buffer>,
    /// Where it begins in a page, as far as is known: drivers put several into one piece of memory.
    pub(super) phase: u64,
}

impl Slot {
    fn new(device: &wgpu::Device, size: u64) -> Self {
        use wgpu::BufferUsages as Usages;
        let buffer = |label, usage| {
            let descriptor = wgpu::BufferDescriptor { label: Some(label), size, usage, mapped_at_creation: false };
            device.create_buffer(&descriptor)
        };
        let filled = Usages::STORAGE | Usages::COPY_DST;
        if device.features().contains(wgpu::Features::MAPPABLE_PRIMARY_BUFFERS) {
            return Self { filled: buffer("chunk", filled | Usages::MAP_READ), staging: None, phase: 0 };
        }
        Self {
            filled: buffer("chunk", filled | Usages::COPY_SRC),
            staging: Some(buffer("staging", Usages::MAP_READ | Usages::COPY_DST)),
            phase: 0,
        }
    }

    pub(super) fn readable(&self) -> &wgpu::Buffer {
        self.staging.as_ref().unwrap_or(&self.filled)
    }
}

/// The slots of a device.
pub(super) struct Slots {
    back: Sender<Slot>,
    free: Receiver<Slot>,
}

impl Slots {
    /// `count` of `size` bytes each, made at once: a device that is lost later says so, where making one then would
    /// only fail.
    pub(super) fn new(device: &wgpu::Device, size: u64, count: usize) -> Result<Self> {
        let (back, free) = channel();
        for _ in 0..count {
            back.send(Slot::new(device, size)).ok().context("a slot")?;
        }
        Ok(Self { back, free })
    }

    /// One that is free, at the latest when the writer gives one back.
    pub(super) fn take(&self) -> Result<Slot> {
        self.free.recv().context("a slot")
    }

    /// Lends the first `len` bytes of `view`, which is of `slot`.
    pub(super) fn lend(&self, view: wgpu::BufferView, len: usize, slot: Slot) -> Lent {
        Lent { view: Some(view), len, slot: Some(slot), back: self.back.clone() }
    }
}

/// A chunk in its slot, which goes back when this is dropped.
pub(super) struct Lent {
    view: Option<wgpu::BufferView>,
    len: usize,
    slot: Option<Slot>,
    back: Sender<Slot>,
}

impl AsRef<[u8]> for Lent {
    fn as_ref(&self) -> &[u8] {
        self.view.as_deref().map_or(&[], |view| &view[..self.len])
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        self.view = None;
        if let Some(slot) = self.slot.take() {
            slot.readable().unmap();
            // Nobody takes it where the run is over.
            let _ = self.back.send(slot);
        }
    }
}
