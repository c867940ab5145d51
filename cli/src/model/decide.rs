//! Deciding a tensor: the request that an initializer is of its shape and type.

use anyhow::{Context, Result, ensure};
use safetensors::Dtype;
use weightinit::init::Fans;
use weightinit::request::element_count;
use weightinit::{DType, Initializer, Layout, Request, Stream};

use crate::model::dtype;
use crate::model::header::Declared;
use crate::model::integer;
use crate::model::rules::Resolved;
use crate::model::spec::Spec;
use crate::model::tensor::{Content, Tensor, Why};
use crate::model::words::{describe, significant};

pub(super) fn decide(spec: &Spec, declared: &Declared, rule: String, chosen: &Resolved) -> Result<Tensor> {
    decide_unnamed(spec, declared, rule, chosen, None).with_context(|| format!("tensor '{}'", declared.name))
}

/// In type `own`, if that is given.
pub(super) fn decide_unnamed(
    spec: &Spec,
    declared: &Declared,
    rule: String,
    chosen: &Resolved,
    own: Option<Dtype>,
) -> Result<Tensor> {
    let Declared { name, shape, .. } = declared;
    let (stream, stream_name) = chosen.stream.clone().unwrap_or_else(|| (Stream::from(name), name.clone()));
    let why = |fans, law: String| Why { rule, call: chosen.call.clone(), fans, law, stream: stream_name };
    if dtype::is_integer(declared.dtype) {
        let (bytes, law) = integer::bytes(declared, chosen)?;
        // In the types of that size.
        let elements = element_count(shape, if dtype::size(declared.dtype) == 8 { DType::F64 } else { DType::F32 })?;
        return Ok(Tensor::new(declared.clone(), elements, Content::Integers(bytes), why(None, law)));
    }
    let of_rule = if spec.dtype_is_final { None } else { chosen.dtype };
    let asked = if own.is_some() { None } else { of_rule.or(spec.dtype) };
    let dtype = asked.or(dtype::sampled(declared.dtype)).with_context(|| {
        format!("its dtype {:?} cannot be written; give dtype = \"f32\" or another", declared.dtype)
    })?;
    let layout = chosen.layout.or(spec.layout);
    let elements = element_count(shape, dtype)?;
    let (fans, request) = request(&chosen.initializer, shape, layout, dtype, (spec.seed, stream))?;
    let law = match &request {
        Request::Fill(fill) => format!("{}{}", describe(fill.law()), fill.structure()),
        Request::Orthogonal(orthogonal) => {
            format!("orthogonal {}x{} gain {}", orthogonal.rows(), orthogonal.columns(), significant(orthogonal.gain()))
        }
        _ => String::new(),
    };
    let declared = Declared { dtype: dtype::stored(dtype), ..declared.clone() };
    Ok(Tensor::new(declared, elements, Content::Request(request), why(fans, law)))
}

/// What a tensor holds, and its fans. A layout is asked for only where it makes a difference: not for laws
/// without fans, nor for a matrix whose two fans count alike.
pub(crate) fn request(
    initializer: &Initializer,
    shape: &[u64],
    layout: Option<Layout>,
    dtype: DType,
    (seed, stream): (u64, Stream),
) -> Result<(Option<Fans>, Request)> {
    let of = |layout| Ok(initializer.request(stream, shape, layout, dtype)?.with_seed(seed));
    if let Some(layout) = layout {
        let request = of(layout)?;
        // A law by itself has no use for fans, but whoever reads the explanation may have.
        let fans = initializer.fans(shape, layout)?;
        return Ok((fans.or_else(|| if shape.len() > 1 { layout.fans(shape, 1).ok() } else { None }), request));
    }
    let request: weightinit::Result<_> = of(Layout::Torch);
    let same = matches!(initializer, Initializer::Law(_)) || of(Layout::Keras) == request;
    ensure!(same, "the initializer needs fans, and so a layout; give keras (..., in, out) or torch (out, in, ...)");
    Ok((None, request?))
}
