//! Keyword arguments as the library's.

use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyInt, PyString};
use weightinit::init::{Arguments, Value};
use weightinit::{DType, Layout, Stream};

use crate::error::{Error, OutputError, refused};

/// The arguments of an initializer or a recipe.
pub(crate) fn arguments(given: Option<&Bound<'_, PyDict>>) -> PyResult<Arguments> {
    let Some(given) = given else { return Ok(Arguments::new()) };
    given.iter().map(|(name, found)| Ok((name.extract()?, value(&name, &found)?))).collect()
}

fn value(name: &Bound<'_, PyAny>, found: &Bound<'_, PyAny>) -> PyResult<Value> {
    if found.is_instance_of::<PyBool>() {
        return Ok(Value::Text(found.extract::<bool>()?.to_string()));
    }
    if let Ok(text) = found.cast::<PyString>() {
        return Ok(Value::Text(text.to_cow()?.into_owned()));
    }
    let expected = "expected a number, a word, or True or False";
    let number =
        found.extract().map_err(|_| OutputError::new_err(format!("{name} is {}; {expected}", shown(found))))?;
    Ok(Value::Number(number))
}

/// An object in a message, which may be anything.
pub(crate) fn shown(object: &Bound<'_, PyAny>) -> String {
    let text = object.repr().map_or_else(|_| "what has no repr".to_owned(), |text| text.to_string());
    if text.chars().count() > 100 { text.chars().take(100).chain("…".chars()).collect() } else { text }
}

/// A whole number from 0 to 2^64 - 1; NumPy's integers are ones too.
pub(crate) fn word(name: &str, found: &Bound<'_, PyAny>) -> PyResult<u64> {
    let wrong = || {
        Error::new_err(format!("{name} is {}; expected a whole number from 0 to 18446744073709551615", shown(found)))
    };
    if let Ok(number) = found.cast_exact::<PyInt>() {
        return number.extract().map_err(|_| wrong());
    }
    if found.is_instance_of::<PyBool>() {
        return Err(wrong());
    }
    let index = found.call_method0("__index__").map_err(|_| wrong())?;
    index.extract().map_err(|_| wrong())
}

/// The stream that is given by a name or by a number.
pub(crate) fn stream(name: Option<&str>, number: Option<&Bound<'_, PyAny>>) -> PyResult<Stream> {
    match (name, number) {
        (Some(name), None) => Ok(Stream::from(name)),
        (None, Some(number)) => Ok(Stream(word("stream", number)?)),
        (Some(_), Some(_)) => Err(Error::new_err("there are both name and stream; leave one of them out")),
        (None, None) => Err(Error::new_err(
            "there is neither name nor stream, by which tensors differ; give the tensor's, such as \
             name='fc.weight' or stream=0",
        )),
    }
}

/// A shape: whole numbers, or a single one.
pub(crate) fn shape(name: &str, found: &Bound<'_, PyAny>) -> PyResult<Vec<u64>> {
    if let Ok(one) = word(name, found) {
        return Ok(vec![one]);
    }
    let numbers = || found.try_iter()?.map(|number| word(name, &number?)).collect::<PyResult<_>>();
    let wrong = |_: PyErr| {
        let expected = "expected whole numbers, one for each dimension";
        Error::new_err(format!("{name} is {}; {expected}", shown(found)))
    };
    numbers().map_err(wrong)
}

/// A type by any framework's name for it.
pub(crate) fn dtype(name: &str) -> PyResult<DType> {
    name.parse().map_err(refused)
}

/// A layout by name.
pub(crate) fn layout(name: &str) -> PyResult<Layout> {
    name.parse().map_err(refused)
}
