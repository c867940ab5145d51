//! Every initializer of the registry has what is owed: a row of what SciPy says, by which its samples and elements are
//! judged, and a digest that is pinned. (`tests/initializers_doc.rs` asks for its row in the documents.)

use std::collections::BTreeMap;

use serde_json::Value as Json;
use weightinit::init::{Arguments, Entry, REGISTRY, Value};
use weightinit::{DType, Layout, Orthogonal, Request, cpu};

/// Standard errors that a count may be away: one in two million true ones is, and the seed is fixed.
const MOST: f64 = 5.0;

/// Rows by the initializer's name, from scripts/make/golden_initializers.
fn golden() -> BTreeMap<String, Json> {
    let rows: Vec<Json> = serde_json::from_str(include_str!("data/initializers.json")).unwrap();
    rows.into_iter().map(|row| (row["name"].as_str().unwrap().to_owned(), row)).collect()
}

fn row<'a>(golden: &'a BTreeMap<String, Json>, entry: &Entry) -> &'a Json {
    golden.get(entry.name).unwrap_or_else(|| {
        panic!("{} has no golden row: give it one in scripts/make/golden_initializers, and run that", entry.name)
    })
}

/// The request of a row, named by its initializer.
fn request(entry: &'static Entry, row: &Json) -> Request {
    let argument = |(name, value): (&String, &Json)| {
        let value = value.as_f64().map_or_else(|| Value::Text(value.as_str().unwrap().into()), Value::Number);
        (name.clone(), value)
    };
    let arguments: Arguments = row["arguments"].as_object().unwrap().iter().map(argument).collect();
    let shape: Vec<_> = row["shape"].as_array().unwrap().iter().map(|size| size.as_u64().unwrap()).collect();
    let dtype = if entry.name == "bits" { DType::U32 } else { DType::F32 };
    let initializer = entry.initializer(&arguments).unwrap();
    initializer.request(entry.name, &shape, Layout::Torch, dtype).unwrap().with_seed(2027)
}

#[test]
fn every_initializer_is_what_scipy_says() {
    let golden = golden();
    for entry in REGISTRY {
        let row = row(&golden, entry);
        let request = request(entry, row);
        let values = cpu::values(&request).unwrap();
        match (&row["quantiles"], &row["elements"], &request) {
            (Json::Array(quantiles), _, _) => follows(row, &values, quantiles),
            (_, Json::Array(elements), _) => equals(entry.name, &values, elements),
            (_, _, Request::Orthogonal(orthogonal)) => {
                is_orthogonal(orthogonal, &values, row["orthogonal"].as_f64().unwrap());
            }
            _ => panic!("{}: its golden row says nothing", entry.name),
        }
    }
    let known: Vec<_> = REGISTRY.iter().map(|entry| entry.name).collect();
    assert!(golden.keys().all(|name| known.contains(&name.as_str())), "a golden row without an initializer");
}

/// The share of zeros is exact; of the others, each quantile has its share below it.
fn follows(row: &Json, values: &[f64], quantiles: &[Json]) {
    let (name, zeros) = (row["name"].as_str().unwrap(), row["zeros"].as_f64().unwrap());
    let mut others: Vec<_> = values.iter().copied().filter(|value| zeros == 0.0 || *value != 0.0).collect();
    let missing = values.len() - others.len();
    assert!((missing as f64 / values.len() as f64 - zeros).abs() < 1e-9, "{name}: {missing} zeros");
    others.sort_by(f64::total_cmp);
    // Along a diagonal a sample comes again.
    let copies = row["copies"].as_f64().unwrap();
    let n = others.len() as f64 / copies;
    assert!(n > 30_000.0, "{name}: {n} independent values are too few");
    for pair in quantiles {
        let (p, quantile) = (pair[0].as_f64().unwrap(), pair[1].as_f64().unwrap());
        let below = others.partition_point(|value| *value <= quantile) as f64 / copies;
        let z = (below - n * p) / (n * p * (1.0 - p)).sqrt();
        assert!(z.abs() < MOST, "{name}: {below} of {n} are below {quantile}, the quantile of {p}: {z:.1} errors off");
    }
}

fn equals(name: &str, values: &[f64], elements: &[Json]) {
    assert_eq!(values.len(), elements.len(), "{name}");
    for (index, (found, wanted)) in values.iter().zip(elements).enumerate() {
        let wanted = wanted.as_f64().unwrap();
        assert!((found - wanted).abs() <= 2e-6 * wanted.abs().max(0.1), "{name} at {index}: {found}, not {wanted}");
    }
}

/// The matrix's rows or columns, those that are fewer, are orthogonal and of length `gain`.
fn is_orthogonal(orthogonal: &Orthogonal, values: &[f64], gain: f64) {
    let [rows, columns] = [orthogonal.rows(), orthogonal.columns()].map(|size| size as usize);
    let (taps, centre) = (values.len() / (rows * columns), values.len() / (rows * columns) / 2);
    let at = |row: usize, column: usize| values[(row * columns + column) * taps + centre];
    let vectors = rows.min(columns);
    let component = |vector, i| if rows < columns { at(vector, i) } else { at(i, vector) };
    for (a, b) in (0..vectors).flat_map(|a| (0..=a).map(move |b| (a, b))) {
        let product: f64 = (0..rows.max(columns)).map(|i| component(a, i) * component(b, i)).sum();
        let wanted = if a == b { gain * gain } else { 0.0 };
        assert!((product - wanted).abs() < 1e-5, "vectors {a} and {b}: {product}, not {wanted}");
    }
    let others = values.iter().enumerate().filter(|(index, _)| index % taps != centre);
    assert!(others.into_iter().all(|(_, value)| *value == 0.0));
}

/// XXH64 of the elements of each row, version 1 of the contract. What is missing here is printed as it should stand.
#[test]
fn every_initializer_is_pinned() {
    let pinned: BTreeMap<String, String> = serde_json::from_str(include_str!("data/digests.json")).unwrap();
    let golden = golden();
    let mut wrong = Vec::new();
    for entry in REGISTRY {
        let request = request(entry, row(&golden, entry));
        // Neither another device's functions nor another library's QR are part of the contract.
        if matches!(request, Request::Orthogonal(_)) || entry.name == "normal_native" {
            continue;
        }
        let digest = format!("{:016x}", twox_hash::XxHash64::oneshot(0, &cpu::bytes(&request).unwrap()));
        if pinned.get(entry.name) != Some(&digest) {
            wrong.push(format!("\"{}\": \"{digest}\",", entry.name));
        }
    }
    assert!(wrong.is_empty(), "not as in tests/data/digests.json:\n{}", wrong.join("\n"));
}
