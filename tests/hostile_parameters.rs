//! Every parameter of every initializer with values that nobody means: refused with an error, or finite samples; no
//! panic.

use std::sync::Arc;
use std::time::Instant;

use proptest::prelude::*;
use weightinit::error::LawError;
use weightinit::init::{Arguments, Entry, Matrix, Norms, REGISTRY, Value};
use weightinit::plan::{Capabilities, Plan};
use weightinit::request::{Slice, Structure, Update};
use weightinit::verify::{self, Comparer};
use weightinit::{DType, Error, Fill, Initializer, Law, Layout, Request, cpu};

const VALUES: [f64; 21] = [
    f64::NAN,
    f64::INFINITY,
    f64::NEG_INFINITY,
    f64::MAX,
    f64::MIN,
    f64::MIN_POSITIVE,
    5e-324,
    -0.0,
    0.0,
    -1.0,
    0.5,
    1.0,
    2.5,
    3.0,
    1e-30,
    1e-7,
    1e16,
    1e38,
    -9.223_372_036_854_775_8e18,
    1.844_674_407_370_955_2e19,
    0.999_999_999_999_999_9,
];

fn shapes() -> Vec<Vec<u64>> {
    vec![vec![], vec![1], vec![6], vec![4, 6], vec![6, 6], vec![6, 1, 4], vec![6, 2, 3, 3], vec![3, 3, 2, 6]]
}

/// A law's bounds.
fn bounds(law: &Law) -> Option<[f64; 2]> {
    match *law {
        Law::Uniform { low, high } | Law::Tabulated { low, high, .. } => Some([low, high]),
        _ => None,
    }
}

/// Whether the initializer was accepted for any shape.
fn serve(entry: &'static Entry, arguments: &Arguments, dtype: DType) -> bool {
    let Ok(initializer) = entry.initializer(arguments) else { return false };
    let mut served = false;
    for (shape, layout) in shapes().iter().flat_map(|shape| [(shape, Layout::Torch), (shape, Layout::Keras)]) {
        let Ok(request) = initializer.request(0, shape, layout, dtype) else { continue };
        served = true;
        // Others are computed elsewhere; here only the request.
        if request.as_fill().is_some() {
            let values = cpu::values(&request).unwrap();
            assert!(values.iter().all(|value| value.is_finite()), "{} {arguments:?} {shape:?}", entry.name);
            if let Some(fill) = request.as_fill().filter(|fill| fill.structure() == Structure::Dense)
                && let Some([low, high]) = bounds(fill.law())
            {
                let inside = |value: &f64| low <= *value && *value <= high;
                assert!(values.iter().all(inside), "{} {arguments:?} {shape:?} {dtype}", entry.name);
            }
        }
    }
    served
}

#[test]
fn single_parameters() {
    let (mut served, mut refused) = (0, 0);
    for entry in REGISTRY {
        for parameter in entry.parameters {
            for value in VALUES {
                // What has no default is given as well, as something harmless.
                let others = entry.parameters.iter().filter(|other| other.default.is_empty());
                let mut arguments: Arguments =
                    others.map(|other| (other.name.to_owned(), Value::Number(0.5))).collect();
                arguments.insert(parameter.name.to_owned(), Value::Number(value));
                let begun = Instant::now();
                if serve(entry, &arguments, DType::F32) {
                    served += 1
                } else {
                    refused += 1
                }
                assert!(begun.elapsed().as_secs() < 20, "{} {arguments:?} takes {:?}", entry.name, begun.elapsed());
            }
        }
    }
    assert!(served > 200 && refused > 400, "{served} served, {refused} refused");
}

/// The law of an initializer with some parameters given as numbers.
fn law(entry: &'static Entry, given: &[(&str, f64)]) -> weightinit::Result<Law> {
    let arguments = given.iter().map(|(name, value)| ((*name).to_owned(), Value::Number(*value))).collect();
    match entry.initializer(&arguments)? {
        Initializer::Law(law) => Ok(law),
        _ => Err(Error::NotElementwise),
    }
}

/// The parameters of an initializer that are its law's bounds, if it has such: each moves its own bound, and they
/// cannot be exchanged.
fn parameters_of_bounds(entry: &'static Entry) -> Option<[&'static str; 2]> {
    let at = |low: (&'static str, f64), high: (&'static str, f64)| bounds(&law(entry, &[low, high]).ok()?);
    let names = || entry.parameters.iter().map(|parameter| parameter.name);
    let mut pairs = names().flat_map(|low| names().map(move |high| [low, high])).filter(|[low, high]| low != high);
    pairs.find(|&[low, high]| {
        let Some(bounds) = at((low, 1.0), (high, 2.0)) else { return false };
        let Some(lower_moved) = at((low, 1.25), (high, 2.0)) else { return false };
        let Some(upper_moved) = at((low, 1.0), (high, 1.75)) else { return false };
        // What the law itself does not check, its lowering to a type does.
        let exchanged = law(entry, &[(low, 2.0), (high, 1.0)]).and_then(|law| Fill::new(0, law, DType::F32, 1));
        lower_moved[0] > bounds[0]
            && lower_moved[1] == bounds[1]
            && upper_moved[1] < bounds[1]
            && matches!(exchanged, Err(Error::Law(LawError::InvalidBounds { .. })))
    })
}

const LOWER: [f64; 20] = [
    0.1,
    0.375,
    -0.1,
    1.0,
    0.0,
    -0.0,
    5e-324,
    1e-40,
    1e-7,
    1.0001,
    -2.5,
    448.0,
    465.0,
    -465.0,
    57344.0,
    65519.0,
    3.402_823_466_385_288_6e38,
    3.5e38,
    1e-300,
    1e300,
];

/// Every law with bounds, as every type: refused, or each of 10^4 samples is inside; the bound itself, where both are
/// one value that the type holds.
#[test]
fn no_law_leaves_its_bounds() {
    let (mut initializers, mut served, mut refused) = (0, 0, 0);
    for entry in REGISTRY {
        let Some([low, high]) = parameters_of_bounds(entry) else { continue };
        initializers += 1;
        let others =
            entry.parameters.iter().map(|parameter| parameter.name).filter(|name| *name != low && *name != high);
        // Nothing given, or all others the same number.
        let given: Vec<Vec<_>> = std::iter::once(Vec::new())
            .chain([0.0, 0.5, 500.0].map(|value| others.clone().map(|name| (name, value)).collect()))
            .collect();
        for lower in LOWER {
            // What the bound is for the samples, by a law that has it as one of two.
            let bound =
                |value: f64| Some(bounds(&law(entry, &[(low, value), (high, value + value.abs() + 1.0)]).ok()?)?[0]);
            for upper in [lower, lower.next_up(), lower + lower.abs() * 1e-4, lower + lower.abs() * 0.01, 1e20, 1e300] {
                for others in &given {
                    let arguments: Vec<_> = others.iter().copied().chain([(low, lower), (high, upper)]).collect();
                    let Ok(law) = law(entry, &arguments) else { continue };
                    let Some([least, most]) = bounds(&law).or_else(|| Some([bound(lower)?, bound(upper)?])) else {
                        continue;
                    };
                    for dtype in DType::FLOATS {
                        let what = format!("{} {arguments:?} {dtype}", entry.name);
                        let Ok(request) = Fill::new(0, law.clone(), dtype, 10_000) else {
                            refused += 1;
                            assert!(least != most || dtype.value(dtype.bits(least)) != least, "{what} is refused");
                            continue;
                        };
                        served += 1;
                        let values = cpu::values(&request).unwrap();
                        let outside = values.iter().find(|value| !(least <= **value && **value <= most));
                        assert_eq!(outside, None, "{what}: outside of [{least:?}, {most:?}]");
                    }
                }
            }
        }
    }
    eprintln!("{initializers} initializers with bounds, {served} served, {refused} refused");
    assert!(initializers > 5 && served > 1000 && refused > 1000, "{initializers} {served} {refused}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn several_parameters(
        entry in 0..REGISTRY.len(),
        values in proptest::collection::vec(proptest::option::weighted(0.7, prop_oneof![
            proptest::sample::select(VALUES.to_vec()),
            any::<f64>(),
            -4.0..4.0,
        ]), 6),
        dtype in proptest::sample::select(DType::FLOATS.to_vec()),
    ) {
        let entry = &REGISTRY[entry];
        let given = entry.parameters.iter().zip(values).filter_map(|(parameter, value)| Some((parameter.name, value?)));
        let arguments = given.map(|(name, value)| (name.to_owned(), Value::Number(value))).collect();
        serve(entry, &arguments, dtype);
    }
}

/// Sizes and numbers at the end of what 64 bits hold: refused, or right.
#[test]
fn the_largest_numbers_do_not_overflow() {
    let fill = |dtype, len| Fill::new("w", Law::normal(0.0, 1.0), dtype, len);
    assert!(matches!(fill(DType::F8E4M3, u64::MAX), Err(Error::TooManyElements { .. })));
    assert_eq!(Request::from(fill(DType::F8E4M3, u64::MAX - 3).unwrap()).buffer_size(), u64::MAX - 3);
    // A box of more bytes than can be counted.
    let matrix = Initializer::he_normal().request("w", &[2, 4], Layout::Torch, DType::F32).unwrap();
    let slice = Slice::whole(&[2, 4]).unwrap().with_destination(&[1 << 60, 4], &[0, 0]).unwrap();
    let refused = matrix.slice(&slice).unwrap_err();
    assert_eq!(refused, Error::TooManyElements { shape: vec![1 << 60, 4], dtype: DType::F32 });
    // More than any machine has.
    let refused = [
        cpu::bytes(&fill(DType::F32, 1 << 55).unwrap()).map(drop),
        cpu::values(&fill(DType::F32, 1 << 61).unwrap()).map(drop),
    ];
    assert!(refused.iter().all(|refused| matches!(refused, Err(Error::Device(_)))), "{refused:?}");
    for (diagonal, expected) in [(i64::MAX, 1.0), (i64::MIN, 0.0), (i64::MIN + 1, 0.0)] {
        let triangle = Initializer::from(Matrix::LowerTriangle { diagonal, width: None });
        let triangle = triangle.request("w", &[2, 3], Layout::Torch, DType::F32).unwrap();
        assert_eq!(cpu::values(&triangle).unwrap(), [expected; 6], "{diagonal}");
    }
    let empty = Fill::new("w", Law::Listed(Arc::from([])), DType::F32, 8);
    assert_eq!(empty.unwrap_err(), Error::Law(LawError::EmptyList));
    assert!(Norms::new(&[1 << 32, 1 << 32], &[1 << 32, 1 << 32]).is_err());
    assert!(Norms::new(&[2, 0], &[2, 1]).is_err() && Norms::new(&[0, 2], &[1, 2]).is_err());
    let orthogonal = Initializer::orthogonal(1.0).request("w", &[4, 4], Layout::Torch, DType::F32).unwrap();
    let Request::Orthogonal(orthogonal) = orthogonal else { panic!("another request") };
    for matrix in [1, 1 << 60, u64::MAX] {
        assert!(matches!(orthogonal.normals(matrix), Err(Error::InvalidRange { len: 1, .. })), "{matrix}");
    }
    for before in [47, 63, 127, 1023] {
        let offset = (u64::MAX - before) / 4 * 4;
        assert!(Plan::new(&fill(DType::F32, 4).unwrap(), offset, &Capabilities::default()).is_err(), "{before}");
    }
    let request = Request::from(fill(DType::F32, 4).unwrap());
    let mut comparer = Comparer::new(&request);
    comparer.take(u64::MAX, &[0; 16], &[1; 16]);
    assert_eq!(comparer.comparison().different, 4);
}

/// Numbers that errors name are those that were given.
#[test]
fn errors_name_what_was_given() {
    let fill = Fill::new("w", Law::Constant(1.0), DType::F32, 8).unwrap();
    let refused = |structure| fill.clone().with_structure(structure).unwrap_err().to_string();
    let diagonal = Structure::Diagonal { columns: 4, period: u64::MAX, step: 2, offset: u64::MAX };
    assert!(refused(diagonal).contains(&u64::MAX.to_string()), "{}", refused(diagonal));
    let row = Structure::OtherRows { columns: 4, row: u64::MAX };
    assert!(refused(row).contains(&i64::MAX.to_string()), "{}", refused(row));
    let refused = Update::scale(0.5, DType::U32, 8).unwrap_err();
    assert_eq!(refused, Error::NoArithmetic { dtype: DType::U32 });
}

/// A part of an orthogonal tensor is held to what its elements are in the mean, however small they are themselves.
#[test]
fn small_parts_of_orthogonal_tensors_agree() {
    let whole = Initializer::orthogonal(1.0).request("w", &[64, 64], Layout::Torch, DType::F32).unwrap();
    for (number, value) in (0..).zip(cpu::values(&whole).unwrap()) {
        if value.abs() < 1e-3 {
            let part = whole.range(number..number + 1).unwrap();
            let near = (value as f32 + 1e-7).to_le_bytes();
            assert!(verify::compare(&part, &near).unwrap().is_equal(), "{number}");
            let apart = (value as f32 + 1e-3).to_le_bytes();
            assert!(!verify::compare(&part, &apart).unwrap().is_equal(), "{number}");
        }
    }
}
