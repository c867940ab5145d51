//! How a device is driven. All that is particular to software adapters is here: without it they are driven as cards
//! are.

use weightinit::wgpu::{AdapterInfo, DeviceType, Features};

use crate::backend::chunk::CHUNK;

pub(super) struct Tuning {
    /// How often the adapter is opened. Threads of a software adapter's queue that have done their share of a chunk
    /// wait for the last one, whose processor may have had a disk to serve; with two devices they do the other's chunk
    /// instead.
    pub(super) devices: usize,
    /// Whether the writer gets chunks where they were filled: in a software adapter's memory, which is like any other.
    /// What a driver maps of a card's can be read, but not every disk can take it from there.
    pub(super) lends: bool,
}

impl Tuning {
    /// For a job of so many bytes.
    pub(super) fn new(adapter: &AdapterInfo, features: Features, bytes: u64) -> Self {
        let software = adapter.device_type == DeviceType::Cpu;
        Self {
            devices: if software && bytes > CHUNK { 2 } else { 1 },
            lends: software && features.contains(Features::MAPPABLE_PRIMARY_BUFFERS),
        }
    }

    /// Chunks in flight on each device: one being computed and one behind it; with one device, one more on its way
    /// back.
    pub(super) fn in_flight(&self) -> usize {
        if self.devices > 1 { 2 } else { 3 }
    }

    /// All devices together have as many bytes at a time as one.
    pub(super) fn chunk_size(&self) -> u64 {
        CHUNK / self.devices as u64
    }
}
