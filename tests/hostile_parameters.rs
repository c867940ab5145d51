//! Every parameter of every initializer with values that nobody means: refused with an error, or finite samples; no
//! panic.

use std::time::Instant;

use proptest::prelude::*;
use weightinit::init::{Arguments, Entry, REGISTRY, Value};
use weightinit::{DType, Layout, cpu};

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
