//! The self-check: whether this device computes what the CPU reference does, kernel by kernel.

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::ops::Range;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use super::failure;
use super::filler::Filler;
use crate::cpu;
use crate::dtype::DType;
use crate::error::Result;
use crate::law::Law;
use crate::plan::kernel::Kernel;
use crate::request::fill::Fill;
use crate::request::update::Update;
use crate::verify::kernels::{ELEMENTS, fills, updates};
use crate::verify::{self, Comparison};

/// One kernel's result.
#[derive(Clone, Debug, PartialEq)]
pub struct KernelCheck {
    /// Name of the law and the type.
    pub name: String,
    /// What was found.
    pub comparison: Comparison,
}

/// Result of [`Filler::self_check`].
#[derive(Clone, Debug, PartialEq)]
pub struct SelfCheck {
    /// Every kernel that was checked.
    pub kernels: Vec<KernelCheck>,
}

impl SelfCheck {
    /// Whether every kernel agrees with the CPU reference.
    pub fn passed(&self) -> bool {
        self.failures().next().is_none()
    }

    /// Those that do not agree.
    pub fn failures(&self) -> impl Iterator<Item = &KernelCheck> {
        self.kernels.iter().filter(|kernel| !kernel.comparison.is_equal())
    }
}

impl fmt::Display for SelfCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.failures().next() {
            None => write!(f, "passed: {} fills equal to the CPU reference", self.kernels.len()),
            Some(KernelCheck { name, comparison }) => {
                write!(
                    f,
                    "FAILED: {} of {} fills, first {name}: {comparison}",
                    self.failures().count(),
                    self.kernels.len()
                )
            }
        }
    }
}

impl Filler {
    /// Fills small buffers with every law, type and structure, updates others in place, and compares all with the CPU
    /// reference. Submits and waits.
    ///
    /// Native normals are compared by their tolerance, all else bit for bit.
    ///
    /// # Errors
    /// [`Error::DeviceLost`](crate::Error::DeviceLost), [`Error::OutOfMemory`](crate::Error::OutOfMemory), and [`Error::Device`](crate::Error::Device) if the device rejects a shader.
    pub fn self_check(&self, queue: &wgpu::Queue) -> Result<SelfCheck> {
        let SelfCheck { mut kernels } = self.run_checks(queue, &fills()?)?;
        kernels.extend(self.check_updates(queue, &updates()?)?);
        Ok(SelfCheck { kernels })
    }

    /// The same with only those kernels that `fills` use, on their first elements: quick enough to do before each job.
    ///
    /// # Errors
    /// [`Error::DeviceLost`](crate::Error::DeviceLost), [`Error::OutOfMemory`](crate::Error::OutOfMemory), and [`Error::Device`](crate::Error::Device) if the device rejects a shader.
    pub fn self_check_of<'a>(
        &self,
        queue: &wgpu::Queue,
        fills: impl IntoIterator<Item = &'a Fill>,
    ) -> Result<SelfCheck> {
        let kernels: BTreeMap<_, _> = fills.into_iter().map(|fill| (Kernel::of(fill), fill)).collect();
        let mut samples = Vec::new();
        for fill in kernels.values() {
            let Range { start, end } = fill.elements();
            // From the second element on as well, which shifts the units against the blocks; and whole units.
            let end = end.min(start + ELEMENTS);
            for range in [start..end, start + 1..end, start..start + (end - start) / 16 * 16] {
                if range.start < range.end {
                    samples.push(fill.range(range)?);
                }
            }
        }
        self.run_checks(queue, &samples)
    }

    fn run_checks(&self, queue: &wgpu::Queue, fills: &[Fill]) -> Result<SelfCheck> {
        Ok(SelfCheck { kernels: failure::scoped(&self.device, || self.check_kernels(queue, fills))? })
    }

    fn check_kernels(&self, queue: &wgpu::Queue, fills: &[Fill]) -> Result<Vec<KernelCheck>> {
        if fills.is_empty() {
            return Ok(Vec::new());
        }
        // A multiple of 32, so that only the ranges decide which kernels are shifted.
        let stride = (ELEMENTS * 8).next_multiple_of(32);
        let usage = wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_SRC;
        let buffer = self.create_buffer("weightinit self-check", stride * fills.len() as u64, usage)?;
        let offsets = (0..).map(|index| index * stride);
        let targets: Vec<_> = fills.iter().zip(offsets.map(|offset| buffer.slice(offset..offset + stride))).collect();
        let plans = targets.iter().map(|(fill, target)| self.plan(fill, *target));
        self.pipelines.compile_all(plans.map(|plan| Ok(plan?.kernel())).collect::<Result<Vec<_>>>()?);
        let mut encoder = self.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        self.encode_all(&mut encoder, &targets)?;
        queue.submit([encoder.finish()]);
        let bytes = self.read_back(queue, buffer.slice(..))?;
        let checks = fills.iter().zip(bytes.chunks(stride as usize)).map(|(fill, found)| {
            let name = format!("{} {}", fill.law().name(), fill.dtype());
            Ok(KernelCheck { name, comparison: verify::compare(fill, found)? })
        });
        checks.collect()
    }

    /// Updates elements of any bits, infinities and what is no number among them.
    fn check_updates(&self, queue: &wgpu::Queue, updates: &[Update]) -> Result<Vec<KernelCheck>> {
        let words = Fill::new(Law::Bits, DType::U32, ELEMENTS * 2)?.stream("weightinit self-check of updates");
        let before = cpu::bytes(&words)?;
        let check = |update: &Update| {
            let (dtype, elements) = (update.fill().dtype(), update.fill().elements());
            let buffer = self.create_filled(queue, &words, wgpu::BufferUsages::empty())?;
            self.update(queue, update, buffer.slice(..))?;
            let found = self.read_back(queue, buffer.slice(..))?;
            let mut expected = before.clone();
            cpu::update(update, &mut expected)?;
            let name = format!("{} {dtype} in place", update.fill().law().name());
            let equal = |expected, found| expected == found;
            let comparison = verify::differences(dtype, elements.start, &expected, &found, equal);
            Ok(KernelCheck { name, comparison })
        };
        updates.iter().map(check).collect()
    }
}

/// The result of a future that native backends complete at once; where it is pending (in browsers), nothing is known.
pub(super) fn ready<T>(future: impl Future<Output = Option<T>>) -> Option<T> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(result) => result,
        Poll::Pending => None,
    }
}
