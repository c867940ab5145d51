//! Cases on an adapter: recorded, read back, and judged by what the CPU makes of them.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Mutex;
use std::time::Instant;

use weightinit::gpu::Filler;
use weightinit::law::{Law, Math};
use weightinit::plan::{Capabilities, Plan};
use weightinit::verify::Comparer;
use weightinit::{Error, Request, wgpu};

use super::case::{Case, ROUND};
use super::choices::Choices;
use super::run::{Judged, Run};
use crate::common::Gpu;

/// Cases that are recorded together.
const RECORDING: u64 = 60;

/// How cases are recorded.
#[derive(Clone, Copy, Debug)]
enum Way {
    /// All in one call.
    Together,
    /// Fills in one call, which sorts them, and updates in another.
    Apart,
    /// Each by itself.
    Each,
    /// All in a compute pass of the caller's.
    InPass,
}

const WAYS: [Way; 5] = [Way::Together, Way::Together, Way::Apart, Way::Each, Way::InPass];

/// What a device could be like: other kernels and other windows, the same bits.
fn capabilities(choice: u64, own: &Capabilities) -> Capabilities {
    let small = Capabilities {
        max_storage_buffer_binding_size: 2048.max(own.min_storage_buffer_offset_alignment.into()),
        max_compute_workgroups_per_dimension: 3,
        ..*own
    };
    match choice {
        0 => *own,
        1 => small,
        2 => Capabilities { int64: false, immediates: false, ..small },
        3 => Capabilities { int64: false, immediates: false, ..*own },
        _ => Capabilities { software: !own.software, ..*own },
    }
}

/// An adapter, and what was seen on it.
pub(crate) struct Tester {
    pub(crate) name: String,
    gpu: Gpu,
    /// By their choice of capabilities: fillers, and the kernels that each has compiled.
    fillers: BTreeMap<u64, (Filler, BTreeSet<String>)>,
    pub(crate) cases: usize,
    pub(crate) kernels: BTreeSet<String>,
    pub(crate) seconds: f64,
}

impl Tester {
    pub(crate) fn new((name, gpu): (String, Gpu)) -> Self {
        Self { name, gpu, fillers: BTreeMap::new(), cases: 0, kernels: BTreeSet::new(), seconds: 0.0 }
    }

    /// What is wrong with the cases of a round, or of a part of one. After `end` those are left out whose kernels are
    /// not compiled.
    pub(crate) fn failures(&mut self, run: &Run, cases: &[Judged], end: Option<Instant>) -> Vec<String> {
        let (start, gpu) = (Instant::now(), &self.gpu);
        let choice = Choices::of(&[run.seed, run.cases.start / ROUND, 1]).pick(&[0, 0, 1, 2, 3, 4]);
        let own = gpu.filler.capabilities();
        let new = || Filler::with_capabilities(&gpu.device, capabilities(choice, own)).expect("compute shaders");
        let (filler, compiled) = self.fillers.entry(choice).or_insert_with(|| (new(), BTreeSet::new()));
        let report = |way: Way, others: &Range<u64>, (case, what): (&Case, String)| {
            let [alone, all] =
                [case.number..case.number + 1, others.clone()].map(|cases| run.with_cases(cases).command());
            format!(
                "{case}\n  {what}\n  on {}, recorded {way:?}, capabilities {choice}\n  again: {alone}\n  and with all \
                 that were recorded with it: {all}",
                self.name
            )
        };

        // The first case of each kernel alone, those of the most cases first; some at a time, since another adapter
        // does the same meanwhile.
        let mut of_kernels: BTreeMap<String, Vec<&Judged>> = BTreeMap::new();
        for judged in cases {
            of_kernels.entry(kernel(&judged.0, filler.capabilities())).or_default().push(judged);
        }
        let mut new: Vec<_> = of_kernels.into_iter().filter(|(name, _)| !compiled.contains(name)).collect();
        new.sort_by_key(|(_, cases)| std::cmp::Reverse(cases.len()));
        let (new, tried) = (Mutex::new(new.into_iter()), Mutex::new(Vec::new()));
        let work = || {
            while end.is_none_or(|end| Instant::now() < end) {
                let Some((name, cases)) = new.lock().unwrap().next() else { break };
                let wrong = differences(gpu, filler, Way::Each, &cases[..1]);
                tried.lock().unwrap().push((name, wrong));
            }
        };
        std::thread::scope(|scope| {
            for _ in 0..std::thread::available_parallelism().map_or(1, |cores| cores.get().div_ceil(2)) {
                scope.spawn(work);
            }
        });
        let (mut failures, mut failed) = (Vec::new(), BTreeSet::new());
        for (name, wrong) in tried.into_inner().unwrap() {
            compiled.insert(name);
            for (case, what) in wrong {
                failed.insert(case.number);
                failures.push(report(Way::Each, &(case.number..case.number + 1), (case, what)));
            }
        }

        let others = |(case, _): &&Judged| {
            compiled.contains(&kernel(case, filler.capabilities())) && !failed.contains(&case.number)
        };
        for part in run.parts(RECORDING) {
            let way = Choices::of(&[run.seed, part.start / RECORDING, 2]).pick(&WAYS);
            let cases: Vec<_> = cases.iter().filter(|(case, _)| part.contains(&case.number)).filter(others).collect();
            self.cases += cases.len();
            let wrong = differences(gpu, filler, way, &cases).into_iter();
            failures.extend(wrong.map(|difference| report(way, &part, difference)));
        }
        self.kernels.extend(compiled.iter().cloned());
        self.seconds += start.elapsed().as_secs_f64();
        failures
    }
}

/// The kernel that a case takes.
fn kernel(case: &Case, device: &Capabilities) -> String {
    let offset = case.offset as u64;
    let plan = match &case.request {
        Request::Fill(fill) => Plan::new(fill, offset, device),
        Request::Update(update) => Plan::of_update(update, offset, device),
        _ => return "orthogonal".to_owned(),
    };
    // What has no plan is refused when it is recorded.
    plan.map_or_else(|error| error.to_string(), |plan| plan.kernel().name())
}

/// Records cases for one buffer, each with its own place and bytes around it, and says what is wrong with which.
fn differences<'a>(gpu: &Gpu, filler: &Filler, way: Way, cases: &[&'a Judged]) -> Vec<(&'a Case, String)> {
    const PADDING: u8 = 0xa5;
    if cases.is_empty() {
        return Vec::new();
    }
    let (mut contents, mut starts) = (Vec::new(), Vec::new());
    for (case, _) in cases {
        // As every device's bindings begin, so that each case takes the same windows in any company.
        contents.resize(contents.len().next_multiple_of(256), PADDING);
        starts.push(contents.len());
        contents.extend(&case.before);
    }
    let buffer = gpu.buffer(contents.len() as u64, 0);
    gpu.queue.write_buffer(&buffer, 0, &contents);
    let target = |(&start, (case, _)): (&usize, &&'a Judged)| {
        let first = (start + case.offset) as u64;
        (&case.request, buffer.slice(first..first + case.request.byte_count()))
    };
    let targets: Vec<_> = starts.iter().zip(cases).map(target).collect();
    let encoder = || gpu.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
    let mut recorded = encoder();
    if let Err(error) = record(filler, &mut recorded, way, &targets) {
        // What the CPU serves the GPU must not refuse.
        let alone = cases.iter().zip(&targets).filter_map(|((case, _), (request, target))| {
            let error = filler.encode(&mut encoder(), *request, *target).err()?;
            Some((case, format!("the GPU refuses it: {error}")))
        });
        let alone: Vec<_> = alone.collect();
        return if alone.is_empty() { vec![(&cases[0].0, format!("all together: {error}"))] } else { alone };
    }
    gpu.queue.submit([recorded.finish()]);
    let found = filler.read_back(&gpu.queue, buffer.slice(..)).expect("the device goes on");
    let ends = starts.iter().skip(1).copied().chain([found.len()]);
    let regions = starts.iter().zip(ends).map(|(&start, end)| &found[start..end]);
    let judged = cases.iter().zip(regions).filter_map(|((case, expected), region)| {
        let (region, padding) = region.split_at(expected.len());
        let beyond = padding.iter().any(|byte| *byte != PADDING).then(|| "bytes beyond have changed".to_owned());
        Some((case, difference(case, expected, region).or(beyond)?))
    });
    judged.collect()
}

fn record(
    filler: &Filler,
    encoder: &mut wgpu::CommandEncoder,
    way: Way,
    targets: &[(&Request, wgpu::BufferSlice<'_>)],
) -> Result<(), Error> {
    match way {
        Way::Together => filler.encode_all(encoder, targets),
        Way::Apart => {
            let is_update = |(request, _): &(&Request, _)| matches!(request, Request::Update(_));
            let (updates, fills): (Vec<_>, Vec<_>) = targets.iter().copied().partition(is_update);
            filler.encode_all(encoder, &fills)?;
            filler.encode_all(encoder, &updates)
        }
        Way::Each => targets.iter().try_for_each(|(request, target)| filler.encode(encoder, *request, *target)),
        Way::InPass => {
            let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
            filler.encode_in_pass(&mut pass, targets)
        }
    }
}

/// What is wrong with the bytes that were found.
pub(crate) fn difference(case: &Case, expected: &[u8], found: &[u8]) -> Option<String> {
    let place = case.place();
    let mut outside = (0..expected.len()).filter(|byte| !place.contains(byte));
    if let Some(byte) = outside.find(|byte| found[*byte] != expected[*byte]) {
        let [was, is] = [expected[byte], found[byte]];
        return Some(format!("byte {byte}, outside of the destination {place:?}, was {was:#x} and is {is:#x}"));
    }
    let mut comparer = Comparer::new(&case.request);
    comparer.take(case.request.elements().start, &expected[place.clone()], &found[place]);
    comparer.comparison().equal().err().map(|error| error.to_string())
}

/// Whether every bit is promised, and not a tolerance.
pub(crate) fn is_exact(request: &Request) -> bool {
    match request {
        Request::Fill(fill) => !matches!(fill.law(), Law::Normal { math: Math::Native, .. }),
        Request::Orthogonal(_) => false,
        _ => true,
    }
}
