//! A tensor: what is asked for, its law, its plan, its bytes and its files.

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};
use weightinit::init::Fans;
use weightinit::plan::{Capabilities, Document};
use weightinit::request::element_count;
use weightinit::{DType, Fill, Initializer, Law, Layout, Request, Stream, Structure, cpu};
use weightinit_common::file::{npy, safetensors};

use crate::initializer::Named;

/// Most elements that the page computes and draws: what takes a browser a moment and no device's largest binding.
pub(crate) const MOST_ELEMENTS: u64 = 1 << 24;

/// The texts of the page's form.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Form<'a> {
    pub(crate) init: &'a str,
    /// A JSON object of texts.
    pub(crate) parameters: &'a str,
    /// Such as `64x48`, or `scalar`.
    pub(crate) shape: &'a str,
    pub(crate) layout: &'a str,
    pub(crate) dtype: &'a str,
    pub(crate) seed: &'a str,
    /// Of the tensor, and so its stream; empty for stream 0.
    pub(crate) name: &'a str,
}

/// A tensor that can be computed.
#[derive(Clone, Debug)]
pub(crate) struct Tensor {
    named: Named,
    shape: Vec<u64>,
    layout: Layout,
    seed: u64,
    name: Option<String>,
    fans: Option<Fans>,
    request: Request,
}

impl Tensor {
    /// What a form asks for.
    ///
    /// # Errors
    /// All that is wrong, in a line each that begins with the field's name.
    pub(crate) fn new(form: Form<'_>) -> Result<Self> {
        let mut wrong = Vec::new();
        let mut note = |field: &str, error: anyhow::Error| wrong.push(format!("{field}: {error:#}"));
        let named = Named::new(form.init, form.parameters);
        let initializer = named.as_ref().map_err(|error| anyhow::anyhow!("{error}")).and_then(Named::initializer);
        let initializer = initializer.map_err(|error| note("init", error)).ok();
        let shape = shape(form.shape).map_err(|error| note("shape", error)).ok();
        let layout = form.layout.parse().map_err(|error: weightinit::UnknownName| note("layout", error.into())).ok();
        let dtype = dtype(form.dtype, initializer.as_ref()).map_err(|error| note("dtype", error)).ok();
        let seed = seed(form.seed).map_err(|error| note("seed", error)).ok();
        if form.name == safetensors::NOTES {
            note("name", anyhow::anyhow!("'{}' is no name for a tensor; give another", form.name));
        }
        let (Ok(named), Some(initializer), Some(shape), Some(layout), Some(dtype), Some(seed), true) =
            (named, initializer, shape, layout, dtype, seed, wrong.is_empty())
        else {
            bail!(wrong.join("\n"))
        };
        let elements = element_count(&shape, dtype).context("shape")?;
        ensure!(
            elements <= MOST_ELEMENTS,
            "shape: {elements} elements; this page computes {MOST_ELEMENTS} at most, the command line any number"
        );
        let name = (!form.name.is_empty()).then(|| form.name.to_owned());
        let stream = name.as_deref().map_or(Stream(0), Stream::from);
        let request = initializer.request(stream, &shape, layout, dtype).context("init")?.with_seed(seed);
        let fans = initializer.fans(&shape, layout).context("shape")?;
        Ok(Self { named, shape, layout, seed, name, fans, request })
    }

    /// What there is to say of it, with the command that computes the same.
    pub(crate) fn about(&self) -> Value {
        let law = match &self.request {
            Request::Fill(fill) => of_fill(fill),
            Request::Orthogonal(orthogonal) => json!({
                "name": "orthogonal",
                "mean": 0.0,
                "std": orthogonal.variance().sqrt(),
                "is_random": true,
                "has_density": false,
            }),
            _ => Value::Null,
        };
        json!({
            "elements": self.request.element_count(),
            "bytes": self.request.byte_count(),
            "dtype": self.request.dtype().name(),
            "shape": self.shape,
            "name": self.name(),
            "fans": self.fans.map(|fans| json!({"in": fans.fan_in, "out": fans.fan_out})),
            "law": law,
            "is_elementwise": !matches!(self.request, Request::Orthogonal(_)),
            "command": self.command(),
        })
    }

    /// The words of a command line that prints the digest of the same bytes.
    fn command(&self) -> String {
        let shape: Vec<_> = self.shape.iter().map(u64::to_string).collect();
        let shape = if shape.is_empty() { "scalar".to_owned() } else { shape.join("x") };
        let mut words = ["weightinit", "fill", "--shape", &shape].map(str::to_owned).to_vec();
        words.extend(self.named.options());
        words.extend(["--layout", self.layout.name()].map(str::to_owned));
        if self.request.dtype() != DType::U32 {
            words.extend(["--dtype", self.request.dtype().name()].map(str::to_owned));
        }
        words.extend(["--seed".to_owned(), self.seed.to_string()]);
        words.extend(self.name.iter().flat_map(|name| ["--name".to_owned(), name.clone()]));
        words.extend(["-o", "-"].map(str::to_owned));
        format!("{} | sha256sum", joined(&words))
    }

    /// The tensor's name in a file.
    fn name(&self) -> &str {
        self.name.as_deref().unwrap_or("tensor")
    }

    /// The plan, for a device with these limits.
    ///
    /// # Errors
    /// Orthogonal tensors, which a plan cannot say; limits that leave no room.
    pub(crate) fn plan(&self, device: &Capabilities) -> Result<String> {
        let mut document = Document::default();
        document.add(self.name(), &self.request, device)?;
        Ok(document.to_json())
    }

    /// The CPU reference's bytes.
    ///
    /// # Errors
    /// Those of [`cpu::bytes`].
    pub(crate) fn bytes(&self) -> Result<Vec<u8>> {
        Ok(cpu::bytes(&self.request)?)
    }

    /// Bytes as numbers to draw.
    pub(crate) fn values(&self, bytes: &[u8]) -> Vec<f32> {
        let dtype = self.request.dtype();
        cpu::elements(dtype, bytes).map(|bits| dtype.value(bits) as f32).collect()
    }

    /// The law's probabilities of samples at or below these numbers; none where it has no density.
    pub(crate) fn probabilities(&self, numbers: &[f64]) -> Option<Vec<f64>> {
        let Request::Fill(fill) = &self.request else { return None };
        numbers.iter().map(|x| fill.law().cdf(*x)).collect()
    }

    /// What a file of the tensor has before its bytes, the same as the command line's.
    ///
    /// # Errors
    /// Formats that are not known, or cannot hold the tensor.
    pub(crate) fn header(&self, format: &str) -> Result<Vec<u8>> {
        let dtype = self.request.dtype();
        match format {
            "npy" => npy::header(dtype, &self.shape),
            "safetensors" => {
                let shape = self.shape.iter().map(|dimension| *dimension as usize).collect();
                let data_offsets = (0, self.request.byte_count() as usize);
                let info = safetensors::Info { dtype: safetensors::stored(dtype), shape, data_offsets };
                safetensors::header(vec![(self.name().to_owned(), info)], &safetensors::notes(self.seed))
            }
            _ => bail!("unknown format '{format}'; expected one of: npy, safetensors"),
        }
    }
}

fn of_fill(fill: &Fill) -> Value {
    let law = fill.law();
    let moments = law.moments();
    let bounds = match law {
        Law::Uniform { low, high } | Law::Tabulated { low, high, .. } => [*low, *high],
        _ => [f64::NEG_INFINITY, f64::INFINITY],
    };
    json!({
        "name": law.name(),
        "mean": moments.mean,
        "std": moments.variance.sqrt(),
        "low": bounds[0],
        "high": bounds[1],
        "is_random": fill.is_random(),
        "has_density": fill.structure() == Structure::Dense && fill.is_random(),
    })
}

/// Dimensions of a tensor, as the command line writes them.
fn shape(text: &str) -> Result<Vec<u64>> {
    if text.trim() == "scalar" {
        return Ok(Vec::new());
    }
    let dimensions = text.split(['x', '×']).map(|part| part.trim().parse()).collect::<Result<_, _>>();
    dimensions.ok().with_context(|| format!("'{text}' is no shape; expected dimensions such as 64x48, or scalar"))
}

/// The type of the elements; the generator's words have their own.
fn dtype(name: &str, initializer: Option<&Initializer>) -> Result<DType> {
    if matches!(initializer, Some(Initializer::Law(Law::Bits))) {
        return Ok(DType::U32);
    }
    let known = name.parse().ok().filter(|dtype: &DType| dtype.is_float());
    known.with_context(|| {
        format!("unknown dtype '{name}'; expected one of: {}", DType::FLOATS.map(DType::name).join(", "))
    })
}

/// A seed as it is written.
///
/// # Errors
/// What is no number of 64 bits.
pub(crate) fn seed(text: &str) -> Result<u64> {
    text.trim()
        .parse()
        .ok()
        .with_context(|| format!("'{text}' is no seed; expected a whole number from 0 to {}", u64::MAX))
}

/// Words as a shell reads them.
pub(crate) fn joined(words: &[String]) -> String {
    // What has a zero in it is no word of any command.
    shlex::try_join(words.iter().map(String::as_str)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORM: Form<'_> = Form {
        init: "he_normal",
        parameters: "{}",
        shape: "64x48",
        layout: "torch",
        dtype: "f32",
        seed: "7",
        name: "fc.weight",
    };

    #[test]
    fn a_form_is_the_librarys_request() {
        let tensor = Tensor::new(FORM).unwrap();
        let request = Initializer::he_normal().request("fc.weight", &[64, 48], Layout::Torch, DType::F32).unwrap();
        let bytes = tensor.bytes().unwrap();
        assert_eq!(bytes, cpu::bytes(&request.with_seed(7)).unwrap());
        assert_eq!(tensor.values(&bytes)[1], f32::from_le_bytes(bytes[4..8].try_into().unwrap()));
        let about = tensor.about();
        assert_eq!(about["fans"], json!({"in": 48, "out": 64}));
        assert!((about["law"]["std"].as_f64().unwrap() - (2.0f64 / 48.0).sqrt()).abs() < 1e-6, "{about}");
        assert_eq!(
            about["command"],
            "weightinit fill --shape 64x48 --init he_normal --layout torch --dtype f32 --seed 7 --name fc.weight -o - \
             | sha256sum"
        );
        assert_eq!(tensor.probabilities(&[-9.0, 0.0, 9.0]).unwrap()[2], 1.0);
        assert!(tensor.plan(&Capabilities::default()).unwrap().contains("symmetric_quantile_f32_whole"));
    }

    #[test]
    fn names_are_quoted() {
        let tensor = Tensor::new(Form { name: "a'b c", ..FORM }).unwrap();
        assert!(tensor.command().contains(r#"--name "a'b c" -o"#), "{}", tensor.command());
    }

    #[test]
    fn files_begin_as_the_command_lines_do() {
        let tensor = Tensor::new(FORM).unwrap();
        assert!(tensor.header("npy").unwrap().starts_with(b"\x93NUMPY\x01\x00\x76\x00{'descr': '<f4'"));
        let header = tensor.header("safetensors").unwrap();
        assert_eq!(header.len() % 64, 0);
        let text = std::str::from_utf8(&header[8..]).unwrap();
        assert!(
            text.starts_with(r#"{"__metadata__":{"format":"pt","weightinit":"contract v1, seed 7"},"fc.weight":{"#)
        );
        assert_eq!(
            tensor.header("bin").unwrap_err().to_string(),
            "unknown format 'bin'; expected one of: npy, safetensors"
        );
        let bf16 = Tensor::new(Form { dtype: "bf16", ..FORM }).unwrap();
        assert!(bf16.header("npy").unwrap_err().to_string().starts_with("NumPy has no bf16"));
    }

    #[test]
    fn all_that_is_wrong_is_said() {
        let form = Form {
            init: "normal",
            parameters: r#"{"std": "x"}"#,
            shape: "64y",
            layout: "rows",
            dtype: "int8",
            seed: "-1",
            name: "__metadata__",
        };
        let error = Tensor::new(form).unwrap_err().to_string();
        let fields: Vec<_> = error.lines().map(|line| line.split(": ").next().unwrap()).collect();
        assert_eq!(fields, ["init", "shape", "layout", "dtype", "seed", "name"], "{error}");
        let refused = |form| format!("{:#}", Tensor::new(form).unwrap_err());
        assert_eq!(
            refused(Form { shape: "8192x4096", ..FORM }),
            "shape: 33554432 elements; this page computes 16777216 at most, the command line any number"
        );
        assert!(refused(Form { shape: "scalar", ..FORM }).starts_with("init: "));
    }
}
