//! The self-check: whether this device computes what the CPU reference does, kernel by kernel.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

use crate::cpu;
use crate::dtype::DType;
#[cfg(doc)]
use crate::error::DeviceError;
use crate::error::Result;
use crate::gpu::failure::drive;
use crate::gpu::filler::Filler;
use crate::law::Law;
use crate::plan::{Capabilities, Kernel, Plan};
use crate::request::{Fill, Request, Whole};
use crate::verify::kernels::{ELEMENTS, cover, requests};
use crate::verify::{Comparer, Comparison, compare};

/// Kernels that are compiled and run together.
const PART: usize = 16;

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
    /// reference. Submits, and blocks until all are read back.
    ///
    /// Native normals are compared by their tolerance, all else bit for bit.
    ///
    /// # Errors
    /// [`DeviceError::Lost`], [`DeviceError::OutOfMemory`], and
    /// [`DeviceError::Failed`] if the device rejects a shader.
    pub fn self_check(&self, queue: &wgpu::Queue) -> Result<SelfCheck> {
        drive(&self.context.device, self.self_check_async(queue))
    }

    /// The same with `requests` alone, such as those of [`crate::verify::kernels`], telling `progress` how many are
    /// done, and of how many: all of them take minutes where shaders compile slowly. Of large ones the first elements
    /// are checked; orthogonal matrices are left out.
    ///
    /// # Errors
    /// Those of [`Filler::self_check`].
    pub fn self_check_with(
        &self,
        queue: &wgpu::Queue,
        requests: Vec<Request>,
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<SelfCheck> {
        drive(&self.context.device, self.check(queue, requests, progress))
    }

    /// The same without blocking. On native backends somebody must poll the device meanwhile.
    ///
    /// # Errors
    /// Those of [`Filler::self_check`].
    pub async fn self_check_async(&self, queue: &wgpu::Queue) -> Result<SelfCheck> {
        self.check(queue, requests()?, &mut |_, _| {}).await
    }

    /// A self-check of seconds: of a few kernels, which between them have every file of `shaders/` and every option in
    /// their texts.
    ///
    /// # Errors
    /// Those of [`Filler::self_check`].
    pub fn quick_check(&self, queue: &wgpu::Queue) -> Result<SelfCheck> {
        drive(&self.context.device, self.quick_check_async(queue))
    }

    /// The same without blocking. On native backends somebody must poll the device meanwhile.
    ///
    /// # Errors
    /// Those of [`Filler::self_check`].
    pub async fn quick_check_async(&self, queue: &wgpu::Queue) -> Result<SelfCheck> {
        self.check(queue, cover(requests()?, self.capabilities())?, &mut |_, _| {}).await
    }

    async fn check(
        &self,
        queue: &wgpu::Queue,
        requests: Vec<Request>,
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<SelfCheck> {
        let (mut fills, mut updates) = (Vec::new(), Vec::new());
        for request in requests {
            match of(&request) {
                Some((_, false)) => fills.push(first_elements(&request)?),
                Some((_, true)) => updates.push(first_elements(&request)?),
                None => {}
            }
        }
        let (mut kernels, count) = (Vec::new(), fills.len() + updates.len());
        for part in fills.chunks(PART) {
            kernels.extend(self.check_fills(queue, part).await?);
            progress(kernels.len(), count);
        }
        for part in updates.chunks(PART) {
            kernels.extend(self.check_updates(queue, part).await?);
            progress(kernels.len(), count);
        }
        Ok(SelfCheck { kernels })
    }

    /// The same with only those kernels that `requests` use, on their first elements: quick enough to do before each
    /// job. Orthogonal tensors have no kernels of their own here.
    ///
    /// # Errors
    /// Those of [`Filler::self_check`].
    pub fn self_check_of<'a, R: Into<Request> + Clone + 'a>(
        &self,
        queue: &wgpu::Queue,
        requests: impl IntoIterator<Item = &'a R>,
    ) -> Result<SelfCheck> {
        let samples = samples(requests, self.capabilities())?;
        drive(&self.context.device, self.check(queue, samples, &mut |_, _| {}))
    }

    /// The same for a job that writes each of `requests` as a whole, at a multiple of 64 bytes: parts of them may use
    /// other kernels, which take their time to compile.
    ///
    /// # Errors
    /// Those of [`Filler::self_check`].
    pub fn self_check_whole<'a, R: Into<Request> + Clone + 'a>(
        &self,
        queue: &wgpu::Queue,
        requests: impl IntoIterator<Item = &'a R>,
    ) -> Result<SelfCheck> {
        let samples = samples_of_wholes(requests, self.capabilities())?;
        drive(&self.context.device, self.check(queue, samples, &mut |_, _| {}))
    }

    async fn check_fills(&self, queue: &wgpu::Queue, fills: &[Request]) -> Result<Vec<KernelCheck>> {
        if fills.is_empty() {
            return Ok(Vec::new());
        }
        // A multiple of 32, so that only the ranges decide which kernels are shifted.
        let stride = (ELEMENTS * 8).next_multiple_of(32);
        let usage = wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_SRC;
        let buffer = self.context.create_buffer("weightinit self-check", stride * fills.len() as u64, usage)?;
        let offsets = (0..).map(|index| index * stride);
        let targets: Vec<_> = fills.iter().zip(offsets.map(|offset| buffer.slice(offset..offset + stride))).collect();
        let plan = |(fill, target): &(&Request, wgpu::BufferSlice<'_>)| {
            Ok(Plan::of_request(fill, target.offset(), self.capabilities())?.0.kernel())
        };
        self.context.pipelines.compile_all(targets.iter().map(plan).collect::<Result<Vec<_>>>()?);
        let mut encoder = self.context.create_encoder();
        self.encode_all(&mut encoder, &targets)?;
        queue.submit([encoder.finish()]);
        let bytes = self.read_back_async(queue, buffer.slice(..)).await?;
        let checks = fills
            .iter()
            .zip(bytes.chunks(stride as usize))
            .map(|(fill, found)| Ok(KernelCheck { name: name(fill), comparison: compare(fill, found)? }));
        checks.collect()
    }

    /// Updates elements of any bits, infinities and what is no number among them.
    async fn check_updates(&self, queue: &wgpu::Queue, updates: &[Request]) -> Result<Vec<KernelCheck>> {
        let words = Fill::new("weightinit self-check of updates", Law::Bits, DType::U32, ELEMENTS * 2)?;
        let before = cpu::bytes(&words)?;
        let mut checks = Vec::new();
        for update in updates {
            let buffer = self.create_filled(queue, &words, wgpu::BufferUsages::empty())?;
            self.submit(queue, update, buffer.slice(..))?;
            let found = self.read_back_async(queue, buffer.slice(..)).await?;
            let mut expected = before.clone();
            cpu::write(update, &mut expected)?;
            let mut comparer = Comparer::new(update);
            comparer.take(update.elements().start, &expected, &found);
            checks.push(KernelCheck { name: name(update), comparison: comparer.comparison() });
        }
        Ok(checks)
    }
}

/// The first elements of those of `requests` that have different kernels, in ranges that take each form of these.
fn samples<'a, R: Into<Request> + Clone + 'a>(
    requests: impl IntoIterator<Item = &'a R>,
    device: &Capabilities,
) -> Result<Vec<Request>> {
    let mut kernels = BTreeMap::new();
    for request in requests {
        let request = together(&request.clone().into());
        if request.element_count() > 0 && of(&request).is_some() {
            let kernel = match request.as_fill() {
                Some(fill) => Kernel::of(fill),
                None => Plan::of_request(&request, 0, device)?.0.kernel(),
            };
            kernels.insert(kernel, request);
        }
    }
    let mut samples = Vec::new();
    for request in kernels.values() {
        let Range { start, end } = request.elements();
        // From the second element on as well, which shifts the units against the blocks; and whole units.
        let end = end.min(start + ELEMENTS);
        for range in [start..end, start + 1..end, start..start + (end - start) / 16 * 16] {
            if range.start < range.end {
                samples.push(request.range(range)?);
            }
        }
    }
    Ok(samples)
}

/// The same in those ranges alone that take the kernel of a request as a whole.
fn samples_of_wholes<'a, R: Into<Request> + Clone + 'a>(
    requests: impl IntoIterator<Item = &'a R>,
    device: &Capabilities,
) -> Result<Vec<Request>> {
    let kernel = |request: &Request| Ok(Plan::of_request(request, 0, device)?.0.kernel());
    let mut chosen = Vec::new();
    for request in requests {
        let request = request.clone().into();
        let samples = samples([&request], device)?;
        if samples.is_empty() {
            continue;
        }
        let whole = kernel(&request)?;
        let kernels = samples.iter().map(kernel).collect::<Result<Vec<_>>>()?;
        let is_any = !kernels.contains(&whole);
        let of_whole = samples.into_iter().zip(kernels).filter(|(_, kernel)| is_any || *kernel == whole);
        chosen.extend(of_whole.map(|(sample, _)| sample));
    }
    Ok(chosen)
}

/// The same elements one after the other, from an odd one on by the same kernel.
fn together(request: &Request) -> Request {
    request.in_box().map_or_else(|| request.clone(), |(_, together)| together)
}

/// As many elements of a request as a check takes.
fn first_elements(request: &Request) -> Result<Request> {
    let Range { start, end } = request.elements();
    if end - start <= ELEMENTS { Ok(request.clone()) } else { together(request).range(start..start + ELEMENTS) }
}

/// The fill that a request's samples come from, and whether it changes what is there; nothing for orthogonal matrices.
fn of(request: &Request) -> Option<(&Fill, bool)> {
    match request {
        Request::Fill(fill) => Some((fill, false)),
        Request::Update(update) => Some((update.fill(), true)),
        Request::Orthogonal(_) => None,
        Request::Slice(sliced) => match sliced.of() {
            Whole::Fill(fill) => Some((fill, false)),
            Whole::Update(update) => Some((update.fill(), true)),
            Whole::Orthogonal(_) => None,
        },
    }
}

/// What a check is called.
fn name(request: &Request) -> String {
    let law = of(request).map_or("", |(fill, _)| fill.law().name());
    let sliced = if matches!(request, Request::Slice(_)) { " in a slice" } else { "" };
    let updated = if of(request).is_some_and(|(_, updates)| updates) { " in place" } else { "" };
    format!("{law} {}{sliced}{updated}", request.dtype())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Whatever a request's size and first element, the one kernel that it takes as a whole is checked, and no other
    /// without need.
    #[test]
    fn wholes_are_checked_by_their_own_kernel() {
        for (software, law, dtype) in [
            (true, Law::normal(0.0, 1.0), DType::F32),
            (false, Law::normal(0.5, 1.0), DType::BF16),
            (true, Law::uniform(-1.0, 1.0), DType::F64),
            (false, Law::Constant(2.0), DType::F8E4M3),
        ] {
            let device = Capabilities { software, ..Capabilities::default() };
            let kernel = |request: &Request, offset| Plan::of_request(request, offset, &device).unwrap().0.kernel();
            let fill = Fill::new(0, law, dtype, 1 << 30).unwrap();
            for (start, count) in [(0, 1), (0, 4), (0, 7), (0, 16), (0, 4096), (0, 1 << 20), (1, 4), (2, 5001), (7, 64)]
            {
                let request = Request::from(fill.range(start..start + count).unwrap());
                let checked = samples_of_wholes([&request], &device).unwrap();
                let checked: BTreeSet<_> = checked.iter().map(|sample| kernel(sample, 0)).collect();
                let used = [0, 64, 192, 4096].map(|offset| kernel(&request, offset));
                assert_eq!(checked, BTreeSet::from(used), "{dtype} {start} {count}");
                assert_eq!(checked.len(), 1, "{dtype} {start} {count}");
            }
        }
    }
}
