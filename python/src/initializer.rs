//! Initializers as objects: what they are called by, and what they mean for a shape.

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyTuple};
use weightinit::init::{self, Parameter, REGISTRY, Value};
use weightinit::recipe;
use weightinit::{Layout, Stream};

use crate::arguments::{arguments, layout as layout_of, shape as shape_of, shown};
use crate::error::refused;

/// An initializer with its parameters and layout.
#[pyclass(frozen, module = "weightinit")]
#[derive(Clone)]
pub(crate) struct Initializer {
    pub(crate) initializer: weightinit::Initializer,
    pub(crate) layout: Layout,
    /// How it was called; nothing of a recipe's, which only the recipe can make.
    call: Option<(String, init::Arguments, u64)>,
    /// What is shown of it.
    shown: String,
}

impl Initializer {
    fn by_name(name: &str, layout: Layout, groups: u64, arguments: init::Arguments) -> PyResult<Self> {
        let made = init::by_name(name).and_then(|entry| entry.initializer(&arguments)).map_err(refused)?;
        let initializer = if groups == 1 { made } else { made.with_groups(groups) };
        Ok(Self { initializer, layout, call: Some((name.to_owned(), arguments, groups)), shown: String::new() })
    }

    /// What a recipe has chosen, by its formula.
    pub(crate) fn chosen(initializer: weightinit::Initializer, layout: Layout, formula: &str) -> Self {
        Self { initializer, layout, call: None, shown: formula.to_owned() }
    }
}

/// What an argument `init` with its keywords means.
pub(crate) fn resolve(
    init: &Bound<'_, PyAny>,
    layout: Option<&str>,
    groups: u64,
    parameters: Option<&Bound<'_, PyDict>>,
) -> PyResult<Initializer> {
    if let Ok(name) = init.cast::<PyString>() {
        let layout = layout.map_or(Ok(Layout::Torch), layout_of)?;
        return Initializer::by_name(&name.to_cow()?, layout, groups, arguments(parameters)?);
    }
    let Ok(initializer) = init.cast::<Initializer>() else {
        let text =
            format!("init is {}; expected an initializer's name, such as 'he_normal', or an Initializer", shown(init));
        return Err(PyTypeError::new_err(text));
    };
    if layout.is_some() || groups != 1 || parameters.is_some_and(|parameters| !parameters.is_empty()) {
        return Err(PyTypeError::new_err(
            "an Initializer has its own layout, groups and parameters; leave them out, or give the initializer by name",
        ));
    }
    Ok(initializer.get().clone())
}

#[pymethods]
impl Initializer {
    #[new]
    #[pyo3(signature = (name, /, *, layout="torch", groups=1, **parameters))]
    fn new(name: &str, layout: &str, groups: u64, parameters: Option<&Bound<'_, PyDict>>) -> PyResult<Self> {
        Self::by_name(name, layout_of(layout)?, groups, arguments(parameters)?)
    }

    /// The law of a tensor of `shape`.
    fn law(&self, shape: &Bound<'_, PyAny>) -> PyResult<Law> {
        let law = self.initializer.law(&shape_of("shape", shape)?, self.layout).map_err(refused)?;
        let moments = law.moments();
        Ok(Law {
            name: law.name().to_owned(),
            mean: moments.mean,
            std: moments.variance.sqrt(),
            kurtosis: moments.kurtosis,
            is_random: law.is_random(),
        })
    }

    /// `(fan_in, fan_out)` of a tensor of `shape`, or None where the scale does not depend on them.
    fn fans(&self, shape: &Bound<'_, PyAny>) -> PyResult<Option<(u64, u64)>> {
        let fans = self.initializer.fans(&shape_of("shape", shape)?, self.layout).map_err(refused)?;
        Ok(fans.map(|fans| (fans.fan_in, fans.fan_out)))
    }

    /// The name by which it was made, or None if a recipe made it.
    #[getter]
    fn name(&self) -> Option<&str> {
        self.call.as_ref().map(|(name, ..)| name.as_str())
    }

    /// The parameters that were given.
    #[getter]
    fn parameters<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let parameters = PyDict::new(py);
        for (name, value) in self.call.iter().flat_map(|(_, arguments, _)| arguments) {
            match value {
                Value::Number(number) => parameters.set_item(name, number)?,
                Value::Text(text) => parameters.set_item(name, text)?,
            }
        }
        Ok(parameters)
    }

    /// The layout of the shapes that it takes.
    #[getter]
    fn layout(&self) -> String {
        self.layout.to_string()
    }

    /// Groups of a grouped convolution.
    #[getter]
    fn groups(&self) -> u64 {
        self.call.as_ref().map_or(1, |(_, _, groups)| *groups)
    }

    fn __repr__(&self) -> String {
        let Some((name, arguments, groups)) = &self.call else { return format!("<Initializer {}>", self.shown) };
        let mut parts = vec![format!("'{name}'")];
        parts.extend((self.layout != Layout::Torch).then(|| format!("layout='{}'", self.layout)));
        parts.extend((*groups != 1).then(|| format!("groups={groups}")));
        parts.extend(arguments.iter().map(|(name, value)| format!("{name}={value}")));
        format!("Initializer({})", parts.join(", "))
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        let same = |other: &Self| (&self.initializer, self.layout) == (&other.initializer, other.layout);
        other.cast::<Self>().is_ok_and(|other| same(other.get()))
    }

    /// Equal ones have the same, by whichever names they were made.
    fn __hash__(&self) -> u64 {
        Stream::from(&format!("{:?} {}", std::mem::discriminant(&self.initializer), self.layout)).0
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        let Some((name, _, groups)) = &self.call else {
            let text =
                "an initializer that a recipe chose cannot be pickled; pickle the recipe's name and choose again";
            return Err(PyTypeError::new_err(text));
        };
        let make = py.import("weightinit._made")?.getattr("initializer")?;
        Ok((make, (name, self.layout(), groups, self.parameters(py)?).into_pyobject(py)?))
    }
}

/// What a large sample of a tensor shows.
#[pyclass(frozen, get_all, module = "weightinit")]
pub(crate) struct Law {
    /// What the distribution is called.
    name: String,
    /// Expected value.
    mean: f64,
    /// Standard deviation.
    std: f64,
    /// Fourth central moment over the squared variance.
    kurtosis: f64,
    /// Whether elements are random.
    is_random: bool,
}

#[pymethods]
impl Law {
    fn __repr__(&self) -> String {
        format!("<Law {} mean {} std {}>", self.name, self.mean, self.std)
    }
}

/// Parameters and their defaults, by name; None where there is no default.
fn parameters<'py>(py: Python<'py>, parameters: &[Parameter]) -> PyResult<Bound<'py, PyDict>> {
    let known = PyDict::new(py);
    for parameter in parameters {
        match parameter.default_value() {
            None => known.set_item(parameter.name, py.None())?,
            Some(Value::Number(number)) => known.set_item(parameter.name, number)?,
            Some(Value::Text(text)) => known.set_item(parameter.name, text)?,
        }
    }
    Ok(known)
}

fn entry<'py>(py: Python<'py>, known: &[Parameter], summary: &str, source: &str) -> PyResult<Bound<'py, PyDict>> {
    let entry = PyDict::new(py);
    entry.set_item("parameters", parameters(py, known)?)?;
    entry.set_item("summary", summary)?;
    entry.set_item("source", source)?;
    Ok(entry)
}

/// Every initializer by name.
#[pyfunction]
pub(crate) fn initializers(py: Python<'_>) -> PyResult<Bound<'_, PyDict>> {
    let all = PyDict::new(py);
    for known in REGISTRY {
        all.set_item(known.name, entry(py, known.parameters, known.summary, known.source)?)?;
    }
    Ok(all)
}

/// Every recipe by name.
#[pyfunction]
pub(crate) fn recipes(py: Python<'_>) -> PyResult<Bound<'_, PyDict>> {
    let all = PyDict::new(py);
    for known in recipe::recipes() {
        let entry = entry(py, known.parameters, known.summary, known.source)?;
        entry.set_item("model_types", known.model_types)?;
        all.set_item(known.name, entry)?;
    }
    Ok(all)
}

/// The stream that a name stands for.
#[pyfunction]
pub(crate) fn stream_of(name: &str) -> u64 {
    Stream::from(name).0
}
