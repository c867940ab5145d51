//! Destinations: the memory of an array as bytes, and which of its elements lie where in it.

use std::ops::Range;

use numpy::ndarray::{ArrayViewMut, Axis, IxDyn};
use numpy::{
    PyArrayDescr, PyArrayDescrMethods, PyArrayDyn, PyArrayMethods, PyReadwriteArrayDyn, PyUntypedArray,
    PyUntypedArrayMethods,
};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use weightinit::DType;

use crate::arguments::{dtype, shown};
use crate::error::OutputError;

/// An array that is written in place.
pub(crate) struct Destination<'py> {
    /// Its bytes: the last dimension is as much longer as an element has bytes.
    bytes: Bound<'py, PyArrayDyn<u8>>,
    pub(crate) dtype: DType,
    pub(crate) shape: Vec<u64>,
}

/// Elements by their numbers in the array, and where they go.
pub(crate) type Piece<'a> = (Range<u64>, &'a mut [u8]);

impl<'py> Destination<'py> {
    /// The memory of `out`, whose elements are `asked` where it does not say itself what they are.
    pub(crate) fn new(out: &Bound<'py, PyAny>, asked: Option<DType>) -> PyResult<Self> {
        match out.cast::<PyUntypedArray>() {
            Ok(array) => Self::of_array(array, asked),
            Err(_) => {
                let found = out.py().import(intern!(out.py(), "weightinit._output"))?.call_method1("array", (out,))?;
                let (array, name): (Bound<'py, PyUntypedArray>, Option<String>) = found.extract()?;
                let own = name
                    .as_deref()
                    .map(|name| dtype(name).map_err(|error| OutputError::new_err(format!("out: {error}"))));
                let own = own.transpose()?;
                if let (Some(own), Some(asked)) = (own, asked.filter(|asked| own.is_some_and(|own| own != *asked))) {
                    return Err(differs(own.name(), asked));
                }
                Self::of_array(&array, own.or(asked))
            }
        }
    }

    fn of_array(array: &Bound<'py, PyUntypedArray>, asked: Option<DType>) -> PyResult<Self> {
        let py = array.py();
        let descr = array.dtype();
        if overlaps(array.shape(), array.strides(), descr.itemsize()) {
            return Err(OutputError::new_err(
                "elements of out share their memory, as those of an expanded tensor do; give an array of its own",
            ));
        }
        let dtype = element_type(&descr, asked)?;
        let mut shape: Vec<u64> = array.shape().iter().map(|d| *d as u64).collect();
        let is_raw = descr.itemsize() == 1 && dtype.size() > 1;
        if is_raw {
            match shape.last_mut() {
                Some(last) if last.is_multiple_of(dtype.size()) => *last /= dtype.size(),
                _ => {
                    let text = format!("out has {shape:?} bytes, which are no whole number of {dtype} elements");
                    return Err(OutputError::new_err(text));
                }
            }
        }
        let array =
            if shape.is_empty() { array.call_method1(intern!(py, "reshape"), (1,))? } else { array.as_any().clone() };
        let bytes = array.call_method1(intern!(py, "view"), (bytes_descr(py)?,)).map_err(|_| {
            OutputError::new_err(
                "the last axis of out is not contiguous; give an array whose last axis is, such as a view along its \
                 leading axes",
            )
        })?;
        Ok(Self { bytes: bytes.cast_into()?, dtype, shape })
    }

    /// The memory, for as long as nobody else of this package writes it.
    pub(crate) fn writer(&self) -> PyResult<PyReadwriteArrayDyn<'py, u8>> {
        self.bytes.try_readwrite().map_err(|error| OutputError::new_err(format!("out cannot be written: {error}")))
    }
}

/// Whether elements of `size` bytes may share some: each stride must lead beyond all that the shorter ones reach.
fn overlaps(shape: &[usize], strides: &[isize], size: usize) -> bool {
    let mut axes: Vec<_> = strides.iter().map(|stride| stride.unsigned_abs()).zip(shape).collect();
    axes.sort();
    let mut reach = size;
    !shape.contains(&0)
        && axes.into_iter().filter(|(_, length)| **length > 1).any(|(stride, length)| {
            let meets = stride < reach;
            reach += stride * (length - 1);
            meets
        })
}

/// The type of one byte.
fn bytes_descr(py: Python<'_>) -> PyResult<&Bound<'_, PyAny>> {
    static BYTES: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let made = BYTES.get_or_try_init(py, || PyResult::Ok(numpy::dtype::<u8>(py).into_any().unbind()))?;
    Ok(made.bind(py))
}

fn differs(own: &str, asked: DType) -> PyErr {
    OutputError::new_err(format!("out has elements of {own}, and dtype is {asked}; leave dtype out"))
}

/// What an array's elements are: its own type, or, where that is of words without a meaning, the one that is asked for.
fn element_type(descr: &Bound<'_, PyArrayDescr>, asked: Option<DType>) -> PyResult<DType> {
    // NumPy's own numbers of its types.
    let own = match descr.num() {
        11 => Some(DType::F32),
        12 => Some(DType::F64),
        23 => Some(DType::F16),
        _ => None,
    };
    if descr.is_native_byteorder() == Some(false) {
        return Err(OutputError::new_err(format!(
            "out has elements of {}, whose bytes are in another order than this machine's; give an array in its order",
            shown(descr)
        )));
    }
    if let Some(own) = own {
        return match asked {
            Some(asked) if asked != own => Err(differs(own.name(), asked)),
            _ => Ok(own),
        };
    }
    let is_unsigned = descr.kind() == b'u';
    match asked {
        Some(asked) if is_unsigned && (descr.itemsize() as u64 == asked.size() || descr.itemsize() == 1) => Ok(asked),
        _ => {
            let name: String = descr.getattr(intern!(descr.py(), "name"))?.extract()?;
            let known = name.parse().map_err(|_| {
                let names = DType::ALL.map(DType::name).join(", ");
                let raw = if is_unsigned { "; say by dtype what its bytes are to hold" } else { "" };
                OutputError::new_err(format!("out has elements of {name}; expected one of: {names}{raw}"))
            })?;
            match asked {
                Some(asked) if asked != known => Err(differs(&name, asked)),
                _ => Ok(known),
            }
        }
    }
}

/// Where each contiguous run of an array's elements goes, in order: `out` has `size` bytes for each of them.
pub(crate) fn pieces(out: ArrayViewMut<'_, u8, IxDyn>, size: u64) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    collect(out, 0, size, &mut pieces);
    pieces
}

fn collect<'a>(out: ArrayViewMut<'a, u8, IxDyn>, first: u64, size: u64, pieces: &mut Vec<Piece<'a>>) {
    if out.is_standard_layout() {
        let elements = out.len() as u64 / size;
        pieces.extend(out.into_slice().map(|out| (first..first + elements, out)));
        return;
    }
    let (mut rest, mut first) = (out, first);
    while !rest.is_empty() {
        let (head, tail) = rest.split_at(Axis(0), 1);
        let elements = head.len() as u64 / size;
        collect(head.index_axis_move(Axis(0), 0), first, size, pieces);
        (rest, first) = (tail, first + elements);
    }
}
