//! Matrices with a structure: what the frameworks' functions return, element by element.

use std::collections::HashMap;

use safetensors::SafeTensors;
use weightinit::error::LawError;
use weightinit::init::{Arguments, Value, by_name};
use weightinit::{DType, Error, Fill, Initializer, Layout, Structure, cpu};

/// The initializer `name` with arguments such as `blocks=2 of=normal`.
fn initializer(name: &str, arguments: &str) -> Initializer {
    let argument = |text: &str| {
        let (name, value) = text.split_once('=').unwrap();
        (name.to_owned(), Value::parse(value))
    };
    let arguments: Arguments = arguments.split_whitespace().map(argument).collect();
    by_name(name).unwrap().initializer(&arguments).unwrap()
}

fn fill(name: &str, arguments: &str, shape: &[u64]) -> Fill {
    let fill = initializer(name, arguments).request(0, shape, Layout::Torch, DType::F32).unwrap();
    fill.with_seed(2026).with_stream("matrix").as_fill().unwrap().clone()
}

fn refused(name: &str, arguments: &str, shape: &[u64], layout: Layout) -> Error {
    initializer(name, arguments).request(0, shape, layout, DType::F32).unwrap_err()
}

/// The elements by their indices along each axis.
fn elements(fill: &Fill, shape: &[u64]) -> Vec<(Vec<u64>, f64)> {
    let index = |mut flat: u64| {
        let mut index: Vec<_> = shape.iter().rev().map(|size| (flat % size, flat /= size).0).collect();
        index.reverse();
        index
    };
    (0..).map(index).zip(cpu::values(fill).unwrap()).collect()
}

#[test]
fn identity_is_on_the_diagonal() {
    for shape in [[5, 5], [3, 7], [7, 3], [1, 1]] {
        for (index, value) in elements(&fill("identity", "gain=2.5", &shape), &shape) {
            assert_eq!(value, if index[0] == index[1] { 2.5 } else { 0.0 }, "{index:?}");
        }
        assert_eq!(fill("eye", "", &shape), fill("identity", "gain=1", &shape));
    }
    let expected = "two dimensions";
    let error = Error::WrongShape { initializer: "identity", expected, shape: vec![2, 2, 2] };
    assert_eq!(refused("eye", "", &[2, 2, 2], Layout::Torch), error);
}

/// The loops of `torch.nn.init.dirac_`.
fn dirac(shape: &[u64], groups: u64) -> Vec<Vec<u64>> {
    let per_group = shape[0] / groups;
    let centre: Vec<_> = shape[2..].iter().map(|size| size / 2).collect();
    let ones = (0..groups).flat_map(|g| (0..per_group.min(shape[1])).map(move |d| (g * per_group + d, d)));
    ones.map(|(out, input)| [vec![out, input], centre.clone()].concat()).collect()
}

#[test]
fn dirac_kernels_preserve_channels() {
    let cases: [(&[u64], u64); 7] = [
        (&[4, 4, 3], 1),
        (&[6, 4, 3, 3], 1),
        (&[4, 6, 3, 5], 1),
        (&[6, 3, 2, 2], 2),
        (&[8, 2, 1, 4], 4),
        (&[9, 5, 3, 3, 3], 3),
        (&[4, 2, 3, 1, 2], 2),
    ];
    for (shape, groups) in cases {
        let ones = dirac(shape, groups);
        for (index, value) in elements(&fill("dirac", &format!("groups={groups}"), shape), shape) {
            assert_eq!(value, f64::from(u8::from(ones.contains(&index))), "{shape:?} {groups} {index:?}");
        }
    }
    assert!(matches!(refused("dirac", "groups=4", &[6, 3, 3], Layout::Torch), Error::InvalidGroups { .. }));
    assert!(matches!(refused("dirac", "", &[6, 3], Layout::Torch), Error::WrongShape { .. }));
    assert!(matches!(refused("dirac", "", &[6, 3, 3], Layout::Keras), Error::WrongLayout { .. }));
}

#[test]
fn blocks_are_matrices_of_their_own() {
    let shape = [12, 20];
    let blocks = fill("block_diagonal", "blocks=4 of=he_normal", &shape);
    // The bound is that of one block's fan_in, 5, and each sample is that of its own index.
    let law = initializer("he_normal", "").law(&[3, 5], Layout::Torch).unwrap();
    assert_eq!(blocks.law(), &law);
    let dense = Fill::new(0, law, DType::F32, 240).unwrap().with_seed(2026).with_stream("matrix");
    for ((index, value), sample) in elements(&blocks, &shape).into_iter().zip(cpu::values(&dense).unwrap()) {
        assert_eq!(value, if index[0] / 3 == index[1] / 5 { sample } else { 0.0 });
    }
    let error = Error::NotDivisible { name: "columns", value: 21, divisor_name: "blocks", divisor: 4 };
    assert_eq!(refused("block_diagonal", "blocks=4", &[12, 21], Layout::Torch), error);
    let nested = refused("block_diagonal", "blocks=4 of=eye", &[12, 20], Layout::Torch);
    assert_eq!(nested, Error::NestedMatrix { outer: "block_diagonal" });
}

#[test]
fn diagonals_of_toeplitz_matrices_are_constant() {
    for shape in [[40, 30], [30, 40], [1, 9], [9, 1]] {
        let toeplitz = fill("toeplitz", "of=normal std=0.5", &shape);
        let samples = Fill::new(0, toeplitz.law().clone(), DType::F32, shape[0] + shape[1] - 1).unwrap();
        let samples = cpu::values(&samples.with_seed(2026).with_stream("matrix")).unwrap();
        for (index, value) in elements(&toeplitz, &shape) {
            assert_eq!(value, samples[(index[1] + shape[0] - 1 - index[0]) as usize]);
        }
        // Pieces that begin and end anywhere.
        let whole = cpu::values(&toeplitz).unwrap();
        let count = shape[0] * shape[1];
        for start in 0..count.min(50) / 2 {
            let part = toeplitz.range(start..count - start / 2).unwrap();
            assert_eq!(cpu::values(&part).unwrap(), whole[start as usize..(count - start / 2) as usize]);
        }
    }
}

#[test]
fn padding_is_one_row_of_zeros() {
    let shape = [10, 3, 4];
    let dense = cpu::values(&fill("normal", "", &shape)).unwrap();
    for (argument, row) in [("0", 0), ("9", 9), ("-1", 9), ("-10", 0)] {
        let padded = cpu::values(&fill("padded", &format!("padding_idx={argument}"), &shape)).unwrap();
        for (index, (value, sample)) in padded.iter().zip(&dense).enumerate() {
            assert_eq!(*value, if index / 12 == row { 0.0 } else { *sample });
        }
    }
    for row in [10, -11] {
        let error = refused("padded", &format!("padding_idx={row}"), &shape, Layout::Torch);
        assert_eq!(error, Error::NoSuchRow { row, rows: 10 });
    }
}

#[test]
fn every_column_has_its_share_of_zeros() {
    for (rows, columns, sparsity) in
        [(1u64, 5u64, 0.5), (2, 9, 0.4), (10, 7, 0.1), (97, 33, 0.9), (4099, 3, 0.25), (6, 4, 0.0), (6, 4, 1.0)]
    {
        let zeros = (sparsity * rows as f64).ceil() as usize;
        let values = cpu::values(&fill("sparse", &format!("sparsity={sparsity}"), &[rows, columns])).unwrap();
        let dense = cpu::values(&fill("normal", "std=0.01", &[rows, columns])).unwrap();
        for column in 0..columns as usize {
            let column = (0..rows as usize).map(|row| row * columns as usize + column);
            assert_eq!(column.clone().filter(|index| values[*index] == 0.0).count(), zeros, "{rows} {sparsity}");
            assert!(column.clone().all(|index| values[index] == 0.0 || values[index] == dense[index]));
        }
    }
    assert_eq!(
        refused("sparse", "sparsity=1.5", &[3, 3], Layout::Torch),
        Error::Law(LawError::NotAShare { name: "sparsity", value: 1.5 })
    );
}

/// Which rows are dropped is uniform over all subsets, even of few rows, and differs between columns.
#[test]
fn every_subset_of_rows_is_as_likely() {
    const COLUMNS: u64 = 200_000;
    for (rows, zeros) in [(2u64, 1u64), (3, 1), (4, 2), (5, 2), (6, 3), (7, 3), (9, 2)] {
        let structure = Structure::Sparse { columns: COLUMNS, rows, zeros };
        let fill = Fill::new(0, weightinit::Law::Constant(1.0), DType::F32, rows * COLUMNS).unwrap();
        let values = cpu::values(&fill.with_seed(7).with_stream("subsets").with_structure(structure).unwrap()).unwrap();
        let mut counts = HashMap::new();
        for column in 0..COLUMNS as usize {
            let subset = (0..rows as usize).filter(|row| values[row * COLUMNS as usize + column] == 0.0);
            *counts.entry(subset.fold(0u32, |set, row| set | 1 << row)).or_insert(0u32) += 1;
        }
        let subsets = (0..zeros).fold(1, |n, i| n * (rows - i) / (i + 1));
        assert_eq!(counts.len() as u64, subsets, "{rows} choose {zeros}");
        let expected = COLUMNS as f64 / subsets as f64;
        let chi2: f64 = counts.values().map(|count| (f64::from(*count) - expected).powi(2) / expected).sum();
        let freedom = (subsets - 1) as f64;
        // Six standard deviations of chi squared.
        assert!((chi2 - freedom).abs() < 6.0 * (2.0 * freedom).sqrt(), "{rows} choose {zeros}: {chi2}");
    }
}

/// Against f64 sines, positions far beyond where f32 products lose their fraction.
#[test]
fn waves_are_sines() {
    let frequency = |i: u64, d: u64| 10000f64.powf(-2.0 * i as f64 / d as f64);
    let shape = [200_000, 64];
    let fill_of = |name, arguments: &str| fill(name, arguments, &shape).range(199_000 * 64..200_000 * 64).unwrap();
    type Exact = fn(f64) -> f64;
    let (sin, cos): (Exact, Exact) = (f64::sin, f64::cos);
    let check = |name, arguments: &str, exact: &dyn Fn(u64, f64) -> f64| {
        for (index, value) in (0..).zip(cpu::values(&fill_of(name, arguments)).unwrap()) {
            let (row, column) = (199_000 + index / 64, index % 64);
            let miss = (value - exact(column, row as f64)).abs();
            assert!(miss < 1.5e-7, "{name} {arguments} ({row}, {column}): off by {miss}");
        }
    };
    check("sinusoidal", "", &|c, p| (if c % 2 == 0 { sin } else { cos })(p * frequency(c / 2, 64)));
    check("sinusoidal", "order=concatenated", &|c, p| (if c < 32 { sin } else { cos })(p * frequency(c % 32, 64)));
    check("sinusoidal", "order=tensor2tensor", &|c, p| {
        (if c < 32 { sin } else { cos })(p * 10000f64.powf(-((c % 32) as f64) / 31.0))
    });
    check("rotary", "", &|c, p| (p * frequency(c % 32, 64)).cos());
    check("rotary", "part=sin order=interleaved", &|c, p| (p * frequency(c / 2, 64)).sin());
    check("rotary", "part=sin order=single base=500000", &|c, p| (p * 500_000f64.powf(-(c as f64) / 64.0)).sin());

    let first = cpu::values(&fill("sinusoidal", "", &[1, 4])).unwrap();
    assert_eq!(first, [0.0, 1.0, 0.0, 1.0]);
    let frequencies = cpu::values(&fill("rotary_frequencies", "base=500000", &[64])).unwrap();
    for (i, value) in frequencies.iter().enumerate() {
        assert_eq!(*value, f64::from(500_000f64.powf(-(i as f64) / 64.0) as f32));
    }
}

/// Every angle that differs after rounding, and the quarters exactly.
#[test]
fn sines_of_all_angles_are_accurate() {
    let mut worst: f64 = 0.0;
    for angle in (0..=u32::MAX).step_by(331) {
        let exact = (f64::from(angle) / 2f64.powi(32) * std::f64::consts::TAU).sin();
        worst = worst.max((f64::from(weightinit::arithmetic::law::wave::sine(angle)) - exact).abs());
    }
    assert!(worst < 1.4e-7, "{worst}");
    assert_eq!([0, 1 << 30, 2 << 30, 3 << 30].map(weightinit::arithmetic::law::wave::sine), [0.0, 1.0, 0.0, -1.0]);
}

/// Keras' own kernels, which it computes in f32.
#[test]
fn stft_bases_are_those_of_keras() {
    let tensors = SafeTensors::deserialize(include_bytes!("data/stft.safetensors")).unwrap();
    let mut compared = 0;
    for (name, tensor) in tensors.tensors() {
        let [side, window, scaling, periodic] = name.split(',').collect::<Vec<_>>().try_into().unwrap();
        let arguments = format!("side={side} window={window} scaling={scaling} periodic={periodic}");
        let keras = initializer("stft", &arguments).request(0, &[20, 1, 17], Layout::Keras, DType::F32).unwrap();
        let torch = initializer("stft", &arguments).request(0, &[17, 1, 20], Layout::Torch, DType::F32).unwrap();
        let (keras, torch) = (cpu::values(&keras).unwrap(), cpu::values(&torch).unwrap());
        let expected = tensor.data().chunks_exact(4).map(|x| f32::from_le_bytes(x.try_into().unwrap()));
        for (index, expected) in expected.enumerate() {
            assert!((keras[index] - f64::from(expected)).abs() < 3e-6, "{name} {index}: {} {expected}", keras[index]);
            assert_eq!(keras[index], torch[index % 17 * 20 + index / 17]);
        }
        compared += 1;
    }
    assert_eq!(compared, 19);
    assert!(matches!(refused("stft", "", &[20, 2, 17], Layout::Keras), Error::WrongShape { .. }));
    assert!(matches!(refused("stft", "", &[20, 1, 17], Layout::TorchTransposed), Error::WrongLayout { .. }));
}

#[test]
fn structures_of_other_tensors_are_refused() {
    let fill = || Fill::new(0, weightinit::Law::Constant(1.0), DType::F32, 12).unwrap();
    let refused = |structure| fill().with_structure(structure).unwrap_err();
    assert_eq!(refused(Structure::OtherRows { columns: 5, row: 0 }), Error::NotAMatrix { elements: 12, columns: 5 });
    assert_eq!(refused(Structure::OtherRows { columns: 4, row: 3 }), Error::NoSuchRow { row: 3, rows: 3 });
    assert_eq!(
        refused(Structure::Toeplitz { columns: 4, rows: 2 }),
        Error::StructureMismatch { name: "rows", value: 2, expected: 3 }
    );
    assert_eq!(
        refused(Structure::Blocks { columns: 4, block_rows: 0, block_columns: 1 }),
        Error::ZeroDimension { name: "block_rows" }
    );
    let wide = Fill::new(0, weightinit::Law::Constant(1.0), DType::F32, 1 << 40).unwrap();
    assert!(matches!(
        wide.with_structure(Structure::OtherRows { columns: 1 << 33, row: 0 }).unwrap_err(),
        Error::DimensionTooLarge { name: "columns", .. }
    ));
}
