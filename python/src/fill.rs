//! `fill`: a request into an array, without the interpreter's lock, on all cores, to be interrupted at any time.

use std::ops::Range;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use pyo3::prelude::*;
use pyo3::types::PyDict;
use rayon::prelude::*;
use weightinit::plan::{Capabilities, Document};
use weightinit::request::{Slice, Whole};
use weightinit::{DType, Request, cpu};

use crate::arguments::{dtype as dtype_of, shape as shape_of, stream as stream_of, word};
use crate::destination::{Destination, Piece, pieces};
use crate::error::{Error, refused};
use crate::initializer::{Initializer, resolve};
use crate::pool::pool;

/// Bytes that one task fills.
const TASK: usize = 1 << 18;
/// Bytes of the first batch, after which it is looked whether somebody wants to interrupt.
const BATCH: usize = 1 << 21;
/// How long a batch should take, at least and at most; others are made larger or smaller.
const MOMENT: [Duration; 2] = [Duration::from_millis(2), Duration::from_millis(10)];

/// Fills `out` in place.
#[pyfunction]
#[pyo3(signature = (
    out, init, *, seed, name=None, stream=None, layout=None, shape=None, offsets=None, dtype=None, groups=1,
    **parameters
))]
#[expect(clippy::too_many_arguments, reason = "keywords of Python")]
pub(crate) fn fill(
    out: &Bound<'_, PyAny>,
    init: &Bound<'_, PyAny>,
    seed: &Bound<'_, PyAny>,
    name: Option<&str>,
    stream: Option<&Bound<'_, PyAny>>,
    layout: Option<&str>,
    shape: Option<&Bound<'_, PyAny>>,
    offsets: Option<&Bound<'_, PyAny>>,
    dtype: Option<&str>,
    groups: u64,
    parameters: Option<&Bound<'_, PyDict>>,
) -> PyResult<()> {
    let initializer = resolve(init, layout, groups, parameters)?;
    let (seed, stream) = (word("seed", seed)?, stream_of(name, stream)?);
    let destination = Destination::new(out, dtype.map(dtype_of).transpose()?)?;
    let request = match (shape, offsets) {
        (None, None) => initializer.request(&destination.shape, destination.dtype, seed, stream)?,
        (Some(shape), Some(offsets)) => {
            let (shape, offsets) = (shape_of("shape", shape)?, shape_of("offsets", offsets)?);
            let slice = Slice::new(&shape, &offsets, &destination.shape).map_err(refused)?;
            initializer.request(&shape, destination.dtype, seed, stream)?.slice(&slice).map_err(refused)?
        }
        _ => return Err(Error::new_err("shape and offsets go together: which part of which tensor out is; give both")),
    };
    // A shard may be without elements; a tensor without elements was refused.
    if request.element_count() == 0 { Ok(()) } else { write(out.py(), &request, &destination) }
}

fn write(py: Python<'_>, request: &Request, destination: &Destination<'_>) -> PyResult<()> {
    let mut writer = destination.writer()?;
    let size = request.dtype().size();
    let pieces = pieces(writer.as_array_mut(), size);
    if is_orthogonal(request) {
        let bytes = computed(py, request)?;
        for (elements, out) in pieces {
            let [start, end] = [elements.start, elements.end].map(|element| (element * size) as usize);
            out.copy_from_slice(&bytes[start..end]);
        }
        return Ok(());
    }
    if let [(elements, out)] = &pieces[..]
        && out.len() <= TASK
    {
        let request = request.range(elements.clone()).map_err(refused)?;
        let Some((_, out)) = pieces.into_iter().next() else { return Ok(()) };
        return py.detach(|| cpu::write_serial(&request, out)).map_err(refused);
    }
    let pool = pool()?;
    let mut tasks = tasks(pieces, size);
    let (mut rest, mut size) = (&mut tasks[..], BATCH);
    while !rest.is_empty() {
        let (mut bytes, start) = (0, Instant::now());
        let enough = rest.iter().position(|(_, out)| {
            bytes += out.len();
            bytes >= size
        });
        let (batch, after) = rest.split_at_mut(enough.map_or(rest.len(), |last| last + 1));
        let task = |(elements, out): &mut Piece<'_>| cpu::write_serial(&request.range(elements.clone())?, out);
        py.detach(|| pool.install(|| batch.par_iter_mut().try_for_each(task))).map_err(refused)?;
        py.check_signals()?;
        let [least, most] = MOMENT;
        match start.elapsed() {
            fast if fast < least => size *= 2,
            slow if slow > most => size = TASK.max(size / 2),
            _ => {}
        }
        rest = after;
    }
    Ok(())
}

/// Whether elements depend on each other, so that all are computed at once.
fn is_orthogonal(request: &Request) -> bool {
    match request {
        Request::Orthogonal(_) => true,
        Request::Slice(slice) => matches!(slice.of(), Whole::Orthogonal(_)),
        _ => false,
    }
}

/// Pieces of a task's size at most.
fn tasks(pieces: Vec<Piece<'_>>, size: u64) -> Vec<Piece<'_>> {
    let elements = TASK as u64 / size;
    let divide = |(range, out): (Range<u64>, _)| {
        let out: &mut [u8] = out;
        let starts = (range.start..range.end).step_by(elements as usize);
        starts.zip(out.chunks_mut(TASK)).map(move |(start, out)| (start..(start + elements).min(range.end), out))
    };
    pieces.into_iter().flat_map(divide).collect()
}

/// All elements of a request that depend on each other, on a thread that is left alone where somebody interrupts.
fn computed(py: Python<'_>, request: &Request) -> PyResult<Vec<u8>> {
    let (pool, request) = (pool()?, request.clone());
    let (send, receive) = channel();
    // Nobody listens any more where it was interrupted.
    pool.spawn(move || drop(send.send(cpu::bytes(&request))));
    // Each side of the channel is one thread's.
    let receive = Mutex::new(receive);
    loop {
        let next = py.detach(|| {
            let receive = receive.lock().unwrap_or_else(PoisonError::into_inner);
            receive.recv_timeout(MOMENT[1])
        });
        match next {
            Ok(bytes) => return bytes.map_err(refused),
            Err(RecvTimeoutError::Timeout) => py.check_signals()?,
            Err(error) => return Err(refused(error)),
        }
    }
}

/// The plan of a tensor, as JSON.
#[pyfunction]
#[pyo3(signature = (
    shape, init, *, seed, name=None, stream=None, dtype="float32", layout=None, groups=1, offsets=None, size=None,
    **parameters
))]
#[expect(clippy::too_many_arguments, reason = "keywords of Python")]
pub(crate) fn plan(
    shape: &Bound<'_, PyAny>,
    init: &Bound<'_, PyAny>,
    seed: &Bound<'_, PyAny>,
    name: Option<&str>,
    stream: Option<&Bound<'_, PyAny>>,
    dtype: &str,
    layout: Option<&str>,
    groups: u64,
    offsets: Option<&Bound<'_, PyAny>>,
    size: Option<&Bound<'_, PyAny>>,
    parameters: Option<&Bound<'_, PyDict>>,
) -> PyResult<String> {
    let initializer = resolve(init, layout, groups, parameters)?;
    let stream = stream_of(name, stream)?;
    let shape = shape_of("shape", shape)?;
    let mut request = initializer.request(&shape, dtype_of(dtype)?, word("seed", seed)?, stream)?;
    match (offsets, size) {
        (None, None) => {}
        (Some(offsets), Some(size)) => {
            let slice =
                Slice::new(&shape, &shape_of("offsets", offsets)?, &shape_of("size", size)?).map_err(refused)?;
            request = request.slice(&slice).map_err(refused)?;
        }
        _ => return Err(Error::new_err("offsets and size go together: which part of the tensor is filled; give both")),
    }
    let mut document = Document::default();
    document.add(name.unwrap_or("tensor"), &request, &Capabilities::default()).map_err(refused)?;
    Ok(document.to_json())
}

/// Refuses a tensor that `fill` would refuse, without one.
#[pyfunction]
pub(crate) fn check(shape: &Bound<'_, PyAny>, init: &Bound<'_, PyAny>, dtype: &str) -> PyResult<()> {
    let initializer = resolve(init, None, 1, None)?;
    initializer.request(&shape_of("shape", shape)?, dtype_of(dtype)?, 0, weightinit::Stream(0)).map(drop)
}

/// The name by which this package knows a type that a framework calls so.
#[pyfunction]
pub(crate) fn dtype_name(name: &str) -> PyResult<&'static str> {
    dtype_of(name).map(DType::name)
}

impl Initializer {
    /// The request for a tensor.
    fn request(&self, shape: &[u64], dtype: DType, seed: u64, stream: weightinit::Stream) -> PyResult<Request> {
        let request = self.initializer.request(stream, shape, self.layout, dtype).map_err(refused)?;
        Ok(request.with_seed(seed))
    }
}
