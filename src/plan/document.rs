//! Plans as JSON, which any WebGPU implementation can run: `docs/plan.schema.json` is its schema.

use std::collections::BTreeMap;
use std::fmt::Write;

#[cfg(doc)]
use crate::error::Error;
use crate::error::Result;
use crate::plan::capabilities::Capabilities;
use crate::plan::dispatch::{Binding, BindingKind, Dispatch};
use crate::plan::kernel::ENTRY_POINT;
use crate::plan::plan::Plan;
use crate::request::{Fill, Request};

/// Tensors, each in a buffer of its own, with the shaders, the tables and the dispatches that fill them.
///
/// ```
/// use weightinit::plan::{Capabilities, Document};
/// use weightinit::{DType, Initializer, Layout};
///
/// let mut document = Document::default();
/// let weight = Initializer::he_normal().request("fc.weight", &[64, 48], Layout::Torch, DType::F32)?;
/// document.add("fc.weight", &weight, &Capabilities::default())?;
/// assert!(document.to_json().starts_with(r#"{"version":1,"buffers":[{"tensor":"fc.weight","bytes":12288}],"#));
/// # Ok::<(), weightinit::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Document {
    buffers: Vec<String>,
    dispatches: Vec<String>,
    /// WGSL by the name of its kernel.
    shaders: BTreeMap<String, String>,
    /// Words by the name of their table, in hexadecimal digits.
    tables: BTreeMap<String, String>,
}

impl Document {
    /// Adds a request into a buffer of its own, from byte 0 on.
    ///
    /// # Errors
    /// Those of [`Plan::new`]; [`Error::NotElementwise`] for orthogonal tensors, which a plan cannot say.
    pub fn add(&mut self, tensor: &str, request: &Request, device: &Capabilities) -> Result<()> {
        let (plan, fill) = Plan::of_request(request, 0, device)?;
        self.buffers.push(format!(r#"{{"tensor":{},"bytes":{}}}"#, string(tensor), request.span()));
        let shader = plan.kernel().name();
        self.shaders.entry(shader.clone()).or_insert_with(|| plan.kernel().source());
        let table = self.add_table(&fill);
        for dispatch in plan.dispatches() {
            let bindings: Vec<_> = plan.bindings(&dispatch).iter().map(|entry| binding(entry, &table)).collect();
            self.dispatches.push(self::dispatch(tensor, &shader, &dispatch, &bindings.join(",")));
        }
        Ok(())
    }

    /// Adds `bytes` bytes that are `element` over and over, which nothing is dispatched for.
    pub fn add_repeated(&mut self, tensor: &str, bytes: u64, element: &[u8]) {
        let (tensor, element) = (string(tensor), hex(element));
        self.buffers.push(format!(r#"{{"tensor":{tensor},"bytes":{bytes},"repeat":"{element}"}}"#));
    }

    /// The table of a fill's law, and its name as JSON.
    fn add_table(&mut self, fill: &Fill) -> String {
        let Some(table) = &fill.sampler().table else { return "null".to_owned() };
        let name = table.name();
        let bytes = || table.words().iter().flat_map(|word| word.to_le_bytes()).collect::<Vec<_>>();
        self.tables.entry(name.clone()).or_insert_with(|| hex(&bytes()));
        string(&name)
    }

    /// The document.
    pub fn to_json(&self) -> String {
        let object = |entries: &BTreeMap<String, String>| {
            let entries: Vec<_> =
                entries.iter().map(|(name, text)| format!("{}:{}", string(name), string(text))).collect();
            entries.join(",")
        };
        format!(
            r#"{{"version":1,"buffers":[{}],"shaders":{{{}}},"dispatches":[{}],"tables":{{{}}}}}"#,
            self.buffers.join(","),
            object(&self.shaders),
            self.dispatches.join(","),
            object(&self.tables),
        )
    }
}

fn dispatch(tensor: &str, shader: &str, dispatch: &Dispatch, bindings: &str) -> String {
    let [x, y] = dispatch.workgroups;
    format!(
        r#"{{"tensor":{},"shader":{},"entry_point":"{ENTRY_POINT}","workgroups":[{x},{y},1],"uniform":"{}","bindings":[{bindings}]}}"#,
        string(tensor),
        string(shader),
        hex(&dispatch.params.to_le_bytes()),
    )
}

fn binding(entry: &Binding, table: &str) -> String {
    let Binding { binding, kind, offset, size } = *entry;
    let table = if kind == BindingKind::ReadOnlyStorage { format!(r#","table":{table}"#) } else { String::new() };
    format!(r#"{{"binding":{binding},"kind":"{}","offset":{offset},"size":{size}{table}}}"#, kind.name())
}

/// A text as JSON has it.
fn string(text: &str) -> String {
    let mut json = String::with_capacity(text.len() + 2);
    json.push('"');
    for letter in text.chars() {
        match letter {
            '"' => json.push_str("\\\""),
            '\\' => json.push_str("\\\\"),
            '\n' => json.push_str("\\n"),
            // Writing to a string cannot fail.
            letter if letter.is_control() => drop(write!(json, "\\u{:04x}", letter as u32)),
            letter => json.push(letter),
        }
    }
    json.push('"');
    json
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_escaped() {
        assert_eq!(string("a\"b\\c\nd\u{1}é"), r#""a\"b\\c\nd\u0001é""#);
    }
}
