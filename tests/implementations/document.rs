//! The document that every runner reads: `weightinit plan`'s JSON for each fill and update that uses every kernel, with
//! what the destination holds before and its SHA-256 by the CPU reference.

use std::fmt::Write;

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use weightinit::plan::{Capabilities, Document, Kernel, Kind, Plan, StructureKind};
use weightinit::verify::kernels;
use weightinit::{DType, Fill, Law, Request, Result, cpu};

/// Changes of one bit of one constant, by the shader and the text that has it: what no implementation may overlook.
pub(crate) const MUTATIONS: [(&str, &str, &str); 3] = [
    ("bits_u32", "0xD2511F53u", "0xD2511F52u"),
    // The last place of a coefficient, which some samples show in their last place.
    ("normal_f32", "const SIN_0 = Real(1.5707963e0f);", "const SIN_0 = Real(1.5707964e0f);"),
    // Every 256th element counts as no number, and stays.
    ("normal_f32_blend_centred", "const LARGEST_BITS = 0x7f7fffffu;", "const LARGEST_BITS = 0x7effffffu;"),
];

/// Kernels with every law and update, but of one type and without structures: SwiftShader compiles all kernels in a
/// minute and a half, these in a few seconds.
pub(crate) fn is_basic(kernel: Kernel) -> bool {
    kernel.structure() == StructureKind::Dense && matches!(kernel.dtype(), DType::F32 | DType::U32)
}

/// A destination for every fill whose kernel is `wanted`, for a device that has just what WebGPU promises, and once
/// more where a software adapter has another kernel.
///
/// A destination's `kind` says what its digest must be: of `portable` ones the expected digest; of `native` ones
/// whatever the device makes of its own functions; of a `mutant`, whose shader has one wrong bit, any but the expected
/// one.
pub(crate) fn document(wanted: impl Fn(Kernel) -> bool) -> Result<Value> {
    // Room for elements of 8 bytes. As numbers the words are of every kind, infinities among them.
    let words = Fill::new("weightinit self-check of updates", Law::Bits, DType::U32, kernels::ELEMENTS * 2)?;
    let mut all = All { initial: cpu::bytes(&words)?, whole: json!({"version": 1}) };
    all.whole["tables"]["initial"] = hex(&all.initial).into();
    for (index, request) in kernels::requests()?.iter().enumerate() {
        let device = |software| Capabilities { software, ..Capabilities::default() };
        let kernel = |software| -> Result<Kernel> {
            let plan = match request {
                Request::Fill(fill) => Plan::new(fill, 0, &device(software)),
                Request::Update(update) => Plan::of_update(update, 0, &device(software)),
                Request::Slice(sliced) => Plan::of_slice(sliced, 0, &device(software)),
                other => unreachable!("{other:?} is elementwise"),
            };
            Ok(plan?.kernel())
        };
        let (usual, software) = (kernel(false)?, kernel(true)?);
        if !wanted(usual) {
            continue;
        }
        let kind = if usual.kind() == Kind::NormalNative { "native" } else { "portable" };
        let mut bytes = all.initial.clone();
        cpu::write(request, &mut bytes)?;
        let digest = sha256(&bytes);
        for (kernel, software) in [(usual, false)].into_iter().chain(software.is_batched().then_some((software, true)))
        {
            let shader = kernel.name();
            let name = format!("{shader}/{index}");
            let mut document = Document::default();
            document.add(&name, request, &device(software))?;
            let document: Value = serde_json::from_str(&document.to_json()).expect("JSON");
            for (_, constant, wrong) in MUTATIONS.iter().filter(|(of, ..)| *of == shader) {
                let mutant = format!("{shader}, {wrong}");
                all.add(mutated(&document, &shader, (constant, wrong), &mutant, index), "mutant", &digest);
            }
            all.add(document, kind, &digest);
        }
    }
    Ok(all.whole)
}

/// The same document with one constant of its only shader replaced, under other names.
fn mutated(document: &Value, shader: &str, change: (&str, &str), mutant: &str, index: usize) -> Value {
    let mut document = document.clone();
    let source = document["shaders"][shader].as_str().unwrap().to_owned();
    let wrong = source.replace(change.0, change.1);
    assert_ne!(wrong, source, "{shader} has no {}", change.0);
    let mut shaders = Map::new();
    shaders.insert(mutant.to_owned(), wrong.into());
    document["shaders"] = shaders.into();
    let name = format!("{mutant}/{index}");
    document["buffers"][0]["tensor"] = name.clone().into();
    for dispatch in document["dispatches"].as_array_mut().unwrap() {
        dispatch["tensor"] = name.clone().into();
        dispatch["shader"] = mutant.into();
    }
    document
}

/// All documents in one.
struct All {
    /// What every destination holds before, so that what a kernel must leave alone counts too.
    initial: Vec<u8>,
    whole: Value,
}

impl All {
    /// Takes in the document of one tensor, with what a runner must know.
    fn add(&mut self, mut document: Value, kind: &str, digest: &str) {
        let buffer = &mut document["buffers"][0];
        (buffer["bytes"], buffer["initial"]) = (self.initial.len().into(), "initial".into());
        (buffer["kind"], buffer["sha256"]) = (kind.into(), digest.into());
        for list in ["buffers", "dispatches"] {
            let place = &mut self.whole[list];
            if place.is_null() {
                *place = json!([]);
            }
            place.as_array_mut().unwrap().append(document[list].as_array_mut().unwrap());
        }
        for map in ["shaders", "tables"] {
            for (name, text) in document[map].as_object().unwrap() {
                self.whole[map][name] = text.clone();
            }
        }
    }
}

/// SHA-256 in hexadecimal digits.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
