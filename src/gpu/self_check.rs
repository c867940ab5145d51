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
use crate::fill::Fill;
use crate::law::{Law, Math, Wave};
use crate::shaders::Kernel;
use crate::structure::Structure;
use crate::update::Update;
use crate::verify::{self, Comparison};
use crate::view::View;

/// Elements of each checked fill: a few workgroups, with an unaligned tail.
const ELEMENTS: u64 = 4 * 1024 + 3;

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
        let buffer = self.create_buffer("wginit self-check", stride * fills.len() as u64, usage)?;
        let offsets = (0..).map(|index| index * stride);
        let targets: Vec<_> = fills.iter().zip(offsets.map(|offset| buffer.slice(offset..offset + stride))).collect();
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
        let words = Fill::new(Law::Bits, DType::U32, ELEMENTS * 2)?.stream("wginit self-check of updates");
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

/// An update for every kernel of updates.
pub(crate) fn updates() -> Result<Vec<Update>> {
    let mut updates = Vec::new();
    for dtype in DType::FLOATS {
        // A tensor of several rows, of which the view has some columns.
        let shape = [1 << 20, 1000];
        let view = View::new(&shape, 1, 17..900)?.step(3)?;
        for law in [Law::Constant(0.75), Law::normal(0.25, 0.7)] {
            let whole = Fill::new(law, dtype, shape[0] * shape[1])?.seed(0x0123_4567_89ab_cdef).stream(9);
            for start in [1 << 25, (1 << 25) + 1] {
                let fill = whole.range(start..start + ELEMENTS)?;
                updates.push(Update::replace(fill.clone()).view(view)?);
                if dtype != DType::F64 {
                    updates.push(Update::blend(-0.9, fill)?.view(view)?);
                }
            }
        }
    }
    Ok(updates)
}

/// A fill for every kernel: every law with and without centre, every type, aligned and shifted;
/// every structure with elements of 32 and of 64 bits.
pub(crate) fn fills() -> Result<Vec<Fill>> {
    let native = |mean| Law::Normal { mean, std: 1.5, math: Math::Native };
    let floats = [
        Law::Constant(1.5),
        Law::uniform(-0.3, 0.3),
        Law::uniform(0.1, 0.7),
        // So close to symmetric that its centre is no normal number.
        Law::uniform(-(2f64.powi(-60)), 2f64.powi(-60).next_up()),
        Law::normal(0.0, 0.7),
        Law::normal(0.25, 0.7),
        native(0.0),
        native(0.25),
        Law::truncated_normal(0.0, 0.7, -1.4, 1.4)?,
        Law::truncated_normal(0.25, 0.7, -1.15, 1.65)?,
    ];
    let pairs = floats.iter().flat_map(|law| DType::FLOATS.map(|dtype| (law.clone(), dtype)));
    let mut fills = Vec::new();
    for (law, dtype) in pairs.chain([(Law::Bits, DType::U32)]) {
        // 2^-60 is 0 in types with a short exponent.
        let tiny = matches!(law, Law::Uniform { high, .. } if high < 1e-6);
        if tiny && dtype.least() > 1e-18 {
            continue;
        }
        // From beyond 2^34, so that all four words of the counter count.
        let whole = Fill::new(law, dtype, 1 << 40)?.seed(0x0123_4567_89ab_cdef).stream("wginit self-check");
        // Aligned with an odd end, shifted, and whole units.
        let beginning = 1 << 36;
        for range in [beginning..beginning + ELEMENTS, beginning + 1..beginning + ELEMENTS, beginning..beginning + 512]
        {
            fills.push(whole.range(range)?);
        }
        // A structure takes elements as they are: what is 0 in 64 bits is all that a type adds.
        if matches!(dtype, DType::F32 | DType::F64 | DType::U32) {
            for structure in structures() {
                fills.push(whole.clone().structured(structure)?.range(beginning + 1..beginning + 512)?);
            }
        }
    }
    let waves = [Wave::of_radians(0.5, 0), Wave::of_radians(1e-4, Wave::QUARTER), Wave::of_turns(3, 7, 1 << 29)];
    for (law, dtype) in [Law::listed([0.5, -1.25, 3.0])?, Law::waves_by_column(waves)?]
        .iter()
        .flat_map(|law| DType::FLOATS.map(|dtype| (law.clone(), dtype)))
    {
        let whole = Fill::new(law, dtype, 3 << 30)?;
        let beginning = 3 << 29;
        for range in [beginning..beginning + ELEMENTS, beginning + 1..beginning + ELEMENTS, beginning..beginning + 512]
        {
            fills.push(whole.range(range)?);
        }
    }
    Ok(fills)
}

/// Every structure, for a matrix of 2^20 rows and columns.
fn structures() -> [Structure; 5] {
    let (columns, rows) = (1 << 20, 1 << 20);
    [
        Structure::Diagonal { columns, period: 3, step: 5, offset: 2 },
        Structure::Blocks { columns, block_rows: 7, block_columns: 100 },
        Structure::OtherRows { columns, row: 1 << 16 },
        Structure::Sparse { columns, rows, zeros: rows / 2 },
        Structure::Toeplitz { columns, rows },
    ]
}

/// The result of a future that native backends complete at once; where it is pending (in browsers), nothing is known.
pub(super) fn ready<T>(future: impl Future<Output = Option<T>>) -> Option<T> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(result) => result,
        Poll::Pending => None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::plan::{Capabilities, Plan};
    use crate::structure::StructureKind;

    #[test]
    fn every_kernel_is_checked() {
        let plan = |fill: &Fill| Plan::new(fill, 0, &Capabilities::default()).unwrap().kernel();
        let checked: BTreeSet<_> = fills().unwrap().iter().map(plan).collect();
        let of_structure =
            |kernel: &Kernel| kernel.structure == StructureKind::Dense || matches!(kernel.dtype.size(), 4 | 8);
        let missing = Kernel::all().filter(of_structure).filter(|kernel| !checked.contains(kernel));
        let update = |update: &Update| Plan::of_update(update, 0, &Capabilities::default()).unwrap().kernel();
        let updated: BTreeSet<_> = updates().unwrap().iter().map(update).collect();
        let missing = missing.chain(Kernel::updates().filter(|kernel| !updated.contains(kernel)));
        let missing: Vec<_> = missing.map(Kernel::name).collect();
        assert!(missing.is_empty(), "{missing:?}");
    }
}
