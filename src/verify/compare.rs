//! Elements against the CPU reference.

use crate::cpu;
use crate::dtype::DType;
use crate::error::{DeviceError, Error, Result};
use crate::law::{Law, Math};
use crate::request::{Fill, Orthogonal, Request, Whole};
use crate::verify::comparison::{Comparison, Difference};

/// Bytes compared at a time, so that memory does not grow with the tensor.
const CHUNK: u64 = 4 << 20;

/// Compares `found`, the elements of a request as little-endian bytes, with the CPU reference.
///
/// A law with [`Math::Native`] is compared by its tolerance, since its bits are the device's own, and so are orthogonal
/// tensors: all elements count as different where they are further away than [`Orthogonal::TOLERANCE`] of their own
/// norm, or of what as many elements of the tensor have in the mean.
///
/// # Errors
/// [`DeviceError::BufferTooSmall`] if `found` is shorter than the request; [`DeviceError::NeedsFeature`] for orthogonal
/// tensors without feature `faer`; [`Error::UpdateAlone`] for updates, whose results depend on what was there before.
///
/// ```
/// use weightinit::{DType, Fill, Law, cpu, verify};
///
/// let fill = Fill::new("w", Law::uniform(-1.0, 1.0), DType::F16, 100)?;
/// let mut bytes = cpu::bytes(&fill)?;
/// assert!(verify::compare(&fill, &bytes)?.is_equal());
/// bytes[42] ^= 1;
/// assert_eq!(verify::compare(&fill, &bytes)?.first.unwrap().index, 21);
/// # Ok::<(), weightinit::Error>(())
/// ```
pub fn compare(request: &(impl Into<Request> + Clone), found: &[u8]) -> Result<Comparison> {
    let request = request.clone().into();
    let (needed, available) = (request.span(), found.len() as u64);
    if needed > available {
        return Err(DeviceError::BufferTooSmall { needed, available }.into());
    }
    let in_box = request.in_box();
    let (place, request) = in_box.as_ref().map_or((None, &request), |(place, together)| (Some(place), together));
    let mut comparer = Comparer::new(request);
    let (size, elements) = (request.dtype().size(), request.elements());
    // What is computed as a whole is compared as a whole.
    let count = match Of::from(request) {
        Of::Fill(_) => CHUNK / size,
        Of::Orthogonal(_) => request.element_count(),
        Of::Update => return Err(Error::UpdateAlone),
    };
    let (mut expected, mut gathered) = (Vec::new(), Vec::new());
    // Of a slice there may be nothing.
    for start in elements.clone().step_by(count.max(1) as usize) {
        let range = start..elements.end.min(start + count);
        let [first, length] = [start - elements.start, range.end - start].map(|elements| (elements * size) as usize);
        let found = if let Some(place) = place {
            place.gather(range.clone(), size, found, &mut gathered);
            &gathered[..]
        } else {
            &found[first..][..length]
        };
        expected.resize(length, 0);
        cpu::write(&request.range(range)?, &mut expected)?;
        comparer.take(start, &expected, found);
    }
    Ok(comparer.comparison())
}

/// Compares a request's elements with what they should be, piece by piece.
#[derive(Clone, Debug)]
pub struct Comparer {
    dtype: DType,
    agreement: Agreement,
    comparison: Comparison,
}

/// What a request is of, or what it is a slice of.
enum Of<'a> {
    Fill(&'a Fill),
    Orthogonal(&'a Orthogonal),
    Update,
}

impl<'a> From<&'a Request> for Of<'a> {
    fn from(request: &'a Request) -> Self {
        match request {
            Request::Fill(fill) => Self::Fill(fill),
            Request::Orthogonal(orthogonal) => Self::Orthogonal(orthogonal),
            Request::Update(_) => Self::Update,
            Request::Slice(sliced) => match sliced.of() {
                Whole::Fill(fill) => Self::Fill(fill),
                Whole::Orthogonal(orthogonal) => Self::Orthogonal(orthogonal),
                Whole::Update(_) => Self::Update,
            },
        }
    }
}

/// When elements agree.
#[derive(Clone, Copy, Debug)]
enum Agreement {
    /// If their bits are equal.
    Bits,
    /// If they are this close, rounding to the type apart.
    Within(f64),
    /// If the norm of the difference of all is at most `most` of the norm of what they should be: sums of squares so
    /// far, of which the second is no less than `mean` for each element.
    Norm { apart: f64, whole: f64, mean: f64, most: f64 },
}

impl Comparer {
    /// For the elements of `request`.
    pub fn new(request: &Request) -> Self {
        let dtype = request.dtype();
        let agreement = match Of::from(request) {
            Of::Fill(fill) => match *fill.law() {
                Law::Normal { std, math: Math::Native, .. } => Agreement::Within(Math::NATIVE_TOLERANCE * std),
                _ => Agreement::Bits,
            },
            Of::Orthogonal(orthogonal) => Agreement::Norm {
                apart: 0.0,
                whole: 0.0,
                mean: orthogonal.variance(),
                most: Orthogonal::TOLERANCE + 2.0 * dtype.precision(),
            },
            Of::Update => Agreement::Bits,
        };
        Self { dtype, agreement, comparison: Comparison::default() }
    }

    /// Takes in elements from index `first` on, as little-endian bytes.
    pub fn take(&mut self, first: u64, expected: &[u8], found: &[u8]) {
        self.comparison.elements += found.len() as u64 / self.dtype.size();
        if expected == found && !matches!(self.agreement, Agreement::Norm { .. }) {
            return;
        }
        let pairs = cpu::elements(self.dtype, expected).zip(cpu::elements(self.dtype, found));
        for (number, (expected, found)) in pairs.enumerate() {
            let index = first.saturating_add(number as u64);
            let [e, f] = [expected, found].map(|bits| self.dtype.value(bits));
            let agree = match &mut self.agreement {
                Agreement::Bits => expected == found,
                Agreement::Within(tolerance) => {
                    // Half a unit in the last place of either value comes from rounding to the type.
                    let rounding = 2.0 * (e.abs().max(f.abs()) * self.dtype.precision() + self.dtype.least());
                    (e - f).abs() <= *tolerance + rounding
                }
                Agreement::Norm { apart, whole, .. } => {
                    *apart += (e - f) * (e - f);
                    *whole += e * e;
                    expected == found
                }
            };
            if !agree {
                self.comparison.different += 1;
                self.comparison.first.get_or_insert(Difference { index, expected, found });
            }
        }
    }

    /// How far an orthogonal tensor is away by its norm, and how far it may be.
    pub fn distance(&self) -> Option<[f64; 2]> {
        match self.agreement {
            Agreement::Norm { apart, whole, mean, most } => {
                Some([(apart / whole.max(mean * self.comparison.elements as f64)).sqrt(), most])
            }
            Agreement::Bits | Agreement::Within(_) => None,
        }
    }

    /// What was found so far.
    pub fn comparison(&self) -> Comparison {
        match self.distance() {
            // Also where it is no number.
            Some([distance, most]) if distance <= most || self.comparison.elements == 0 => {
                Comparison { elements: self.comparison.elements, ..Comparison::default() }
            }
            _ => self.comparison,
        }
    }
}
