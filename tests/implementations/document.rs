//! The document that every runner reads: `weightinit plan`'s JSON for each fill and update that uses every kernel, with what the
//! destination holds before and its SHA-256 by the CPU reference.

use std::fmt::Write;

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use weightinit::plan::{Binding, BindingKind, Capabilities, Plan};
use weightinit::plan::{ENTRY_POINT, Kernel};
use weightinit::verify::kernels;
use weightinit::{DType, Fill, Kind, Law, Result, StructureKind, Update, cpu};

/// Changes of one bit of one constant, by the shader and the text that has it: what no implementation may overlook.
pub(crate) const MUTATIONS: [(&str, &str, &str); 3] = [
    ("bits_u32", "0xD2511F53u", "0xD2511F52u"),
    // The last place of a coefficient, which some samples show in their last place.
    ("normal_f32", "const SIN_0 = Real(1.5707963e0f);", "const SIN_0 = Real(1.5707964e0f);"),
    // Every 256th element counts as no number, and stays.
    ("normal_f32_blend_centred", "const LARGEST_BITS = 0x7f7fffffu;", "const LARGEST_BITS = 0x7effffffu;"),
];

/// Kernels with every law and update, but of one type and without structures: SwiftShader compiles all kernels in a minute
/// and a half, these in a few seconds.
pub(crate) fn is_basic(kernel: Kernel) -> bool {
    kernel.structure == StructureKind::Dense && matches!(kernel.dtype, DType::F32 | DType::U32)
}

/// A destination for every fill whose kernel is `wanted`, for a device that has just what WebGPU promises, and once more where a
/// software adapter has another kernel.
///
/// A destination's `kind` says what its digest must be: of `portable` ones the expected digest; of `native` ones whatever
/// the device makes of its own functions; of a `mutant`, whose shader has one wrong bit, any but the expected one.
pub(crate) fn document(wanted: impl Fn(Kernel) -> bool) -> Result<Value> {
    let mut document = Document::new()?;
    let fills = kernels::fills()?.into_iter().map(Update::replace);
    for (index, update) in fills.chain(kernels::updates()?).enumerate() {
        let plan = |software| Plan::of_update(&update, 0, &Capabilities { software, ..Capabilities::default() });
        let (usual, software) = (plan(false)?, plan(true)?);
        if !wanted(usual.kernel()) {
            continue;
        }
        let kind = if usual.kernel().kind == Kind::NormalNative { "native" } else { "portable" };
        let digest = document.expected(&update)?;
        let batched = software.kernel().batched.then_some(software);
        for plan in [usual].into_iter().chain(batched) {
            let (shader, source) = (plan.kernel().name(), plan.kernel().source());
            document.add(&format!("{shader}/{index}"), kind, &update, &plan, &shader, &source, &digest);
            for (_, constant, wrong) in MUTATIONS.iter().filter(|(of, ..)| *of == shader) {
                let name = format!("{shader}, {wrong}");
                let mutant = source.replace(constant, wrong);
                assert_ne!(mutant, source, "{shader} has no {constant}");
                document.add(&format!("{name}/{index}"), "mutant", &update, &plan, &name, &mutant, &digest);
            }
        }
    }
    Ok(document.into_value())
}

/// SHA-256 in hexadecimal digits.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

struct Document {
    /// What every destination holds before, so that what a kernel must leave alone counts too.
    initial: Vec<u8>,
    buffers: Vec<Value>,
    dispatches: Vec<Value>,
    shaders: Map<String, Value>,
    tables: Map<String, Value>,
}

impl Document {
    fn new() -> Result<Self> {
        // Room for elements of 8 bytes. As numbers the words are of every kind, infinities among them.
        let words = Fill::new(Law::Bits, DType::U32, kernels::ELEMENTS * 2)?.stream("weightinit self-check of updates");
        let initial = cpu::bytes(&words)?;
        let mut tables = Map::new();
        tables.insert("initial".into(), hex(&initial).into());
        Ok(Self { initial, buffers: Vec::new(), dispatches: Vec::new(), shaders: Map::new(), tables })
    }

    /// The digest of a destination after `update`, by the CPU reference.
    fn expected(&self, update: &Update) -> Result<String> {
        let mut bytes = self.initial.clone();
        cpu::update(update, &mut bytes)?;
        Ok(sha256(&bytes))
    }

    #[expect(clippy::too_many_arguments, reason = "the fields of one entry")]
    fn add(&mut self, name: &str, kind: &str, update: &Update, plan: &Plan, shader: &str, source: &str, digest: &str) {
        self.buffers.push(json!({
            "tensor": name,
            "bytes": self.initial.len(),
            "initial": "initial",
            "kind": kind,
            "sha256": digest,
        }));
        self.shaders.entry(shader).or_insert_with(|| source.into());
        let table = update.fill().sampler().table.as_ref().map(|table| {
            let bytes = || table.words().iter().flat_map(|word| word.to_le_bytes()).collect::<Vec<_>>();
            self.tables.entry(table.name()).or_insert_with(|| hex(&bytes()).into());
            table.name()
        });
        for dispatch in plan.dispatches() {
            let bindings: Vec<_> =
                plan.bindings(&dispatch).iter().map(|entry| binding(entry, table.as_deref())).collect();
            let [x, y] = dispatch.workgroups;
            self.dispatches.push(json!({
                "tensor": name,
                "shader": shader,
                "entry_point": ENTRY_POINT,
                "workgroups": [x, y, 1],
                "uniform": hex(&dispatch.params.to_le_bytes()),
                "bindings": bindings,
            }));
        }
    }

    fn into_value(self) -> Value {
        json!({
            "version": 1,
            "buffers": self.buffers,
            "shaders": self.shaders,
            "dispatches": self.dispatches,
            "tables": self.tables,
        })
    }
}

fn binding(entry: &Binding, table: Option<&str>) -> Value {
    let Binding { binding, kind, offset, size } = *entry;
    let mut value = json!({"binding": binding, "kind": kind.name(), "offset": offset, "size": size});
    if kind == BindingKind::ReadOnlyStorage {
        value["table"] = table.into();
    }
    value
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
