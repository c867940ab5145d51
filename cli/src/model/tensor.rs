//! A tensor of the output: what its bytes are, and why.

use safetensors::Dtype;
use weightinit::init::Fans;
use weightinit::{Fill, Request};

use crate::model::dtype;
use crate::model::header::Declared;
use crate::model::kept::Kept;

/// What a tensor's bytes are.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "nearly every tensor is a request")]
pub(crate) enum Content {
    /// Elements that a backend computes.
    Request(Request),
    /// Integers by their little-endian bytes, again and again where there are fewer than elements.
    Integers(Vec<u8>),
    /// Nothing of its own: all is kept.
    Nothing,
}

/// A tensor of the output.
#[derive(Clone, Debug)]
pub(crate) struct Tensor {
    pub(crate) name: String,
    pub(crate) shape: Vec<u64>,
    pub(crate) dtype: Dtype,
    pub(crate) elements: u64,
    pub(crate) content: Content,
    /// What a checkpoint has of it, in the place of its content.
    pub(crate) kept: Option<Kept>,
    /// The tensor whose norms these are.
    pub(crate) norms_of: Option<String>,
    pub(crate) why: Why,
}

/// Why a tensor's contents are what they are, for `--explain`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Why {
    pub(crate) rule: String,
    pub(crate) call: String,
    pub(crate) fans: Option<Fans>,
    pub(crate) law: String,
    pub(crate) stream: String,
}

impl Tensor {
    /// One that a checkpoint has no part in.
    pub(crate) fn new(declared: Declared, elements: u64, content: Content, why: Why) -> Self {
        let Declared { name, shape, dtype } = declared;
        Self { name, shape, dtype, elements, content, kept: None, norms_of: None, why }
    }

    /// What a backend computes of it, if it does.
    pub(crate) fn request(&self) -> Option<&Request> {
        match &self.content {
            Content::Request(request) => Some(request),
            Content::Integers(_) | Content::Nothing => None,
        }
    }

    /// The fill of its elements, if they are samples of a law.
    pub(crate) fn fill(&self) -> Option<&Fill> {
        self.request().and_then(Request::as_fill)
    }

    /// Whether each of its elements is a sample of a law, or all are of a slice of such.
    pub(crate) fn is_filled(&self) -> bool {
        match self.request() {
            Some(Request::Slice(sliced)) => sliced.fill().is_some(),
            request => request.is_some_and(|request| request.as_fill().is_some()),
        }
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.elements * dtype::size(self.dtype)
    }
}
