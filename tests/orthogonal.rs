//! Orthogonal matrices: orthonormal on every backend, the Q of the same normal samples, and uniform over all of them.

mod common;

use common::gpu;
use weightinit::error::{DeviceError, LawError};
use weightinit::{DType, Error, Initializer, Layout, Orthogonal, Request, cpu, wgpu};

fn orthogonal(gain: f64, shape: &[u64], layout: Layout, dtype: DType) -> weightinit::Result<Orthogonal> {
    of(Initializer::orthogonal(gain).request(0, shape, layout, dtype)?)
}

fn delta(gain: f64, shape: &[u64], layout: Layout, dtype: DType) -> weightinit::Result<Orthogonal> {
    of(Initializer::delta_orthogonal(gain).request(0, shape, layout, dtype)?)
}

fn of(request: Request) -> weightinit::Result<Orthogonal> {
    match request {
        Request::Orthogonal(orthogonal) => Ok(orthogonal),
        other => panic!("{other:?}"),
    }
}

fn values(dtype: DType, bytes: &[u8]) -> Vec<f64> {
    cpu::elements(dtype, bytes).map(|bits| dtype.value(bits)).collect()
}

fn by_cpu(request: &Orthogonal) -> Vec<f64> {
    let mut bytes = vec![0xa5; request.byte_count() as usize];
    cpu::write(request, &mut bytes).unwrap();
    values(request.dtype(), &bytes)
}

/// From a byte offset of 40 on, with what is before and after left alone.
fn by_gpu(request: &Orthogonal) -> Vec<f64> {
    let gpu = gpu();
    let (start, size) = (40, request.byte_count());
    let buffer = gpu.buffer((start + size).next_multiple_of(4) + 64, 0xa5);
    let mut encoder = gpu.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
    gpu.filler.encode(&mut encoder, request, buffer.slice(start..)).unwrap();
    gpu.queue.submit([encoder.finish()]);
    let bytes = gpu.filler.read_back(&gpu.queue, buffer.slice(..)).unwrap();
    let (before, rest) = bytes.split_at(start as usize);
    let (own, after) = rest.split_at(size as usize);
    assert!(before.iter().chain(after).all(|byte| *byte == 0xa5), "{request:?}");
    values(request.dtype(), own)
}

/// ‖a − b‖ / ‖b‖.
fn distance(a: &[f64], b: &[f64]) -> f64 {
    let square = |x: &mut dyn Iterator<Item = f64>| x.map(|x| x * x).sum::<f64>();
    (square(&mut a.iter().zip(b).map(|(a, b)| a - b)) / square(&mut b.iter().copied())).sqrt()
}

/// The vectors of a row-major matrix that are orthogonal to each other.
fn vectors(matrix: &[f64], rows: usize, columns: usize) -> Vec<Vec<f64>> {
    if rows < columns {
        matrix.chunks(columns).map(<[f64]>::to_vec).collect()
    } else {
        (0..columns).map(|column| (0..rows).map(|row| matrix[row * columns + column]).collect()).collect()
    }
}

/// Largest |QᵀQ − I|.
fn loss(vectors: &[Vec<f64>], gain: f64) -> f64 {
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>() / (gain * gain);
    let pairs = (0..vectors.len()).flat_map(|i| (0..=i).map(move |j| (i, j)));
    pairs.map(|(i, j)| (dot(&vectors[i], &vectors[j]) - f64::from(u8::from(i == j))).abs()).fold(0.0, f64::max)
}

/// QᵀG is upper triangular with a positive diagonal, which only the Q of G makes it.
fn check_is_factor(request: &Orthogonal, matrix: u64, vectors: &[Vec<f64>]) {
    let normals = cpu::values(&request.normals(matrix).unwrap()).unwrap();
    let stride = request.stride() as usize;
    for (j, normal) in normals.chunks(stride).enumerate() {
        let norm = normal.iter().map(|x| x * x).sum::<f64>().sqrt();
        for (i, vector) in vectors.iter().enumerate().skip(j) {
            let r: f64 = vector.iter().zip(normal).map(|(q, g)| q * g).sum::<f64>() / norm;
            if i == j {
                assert!(r > 0.0, "{request:?}: R[{i}, {j}] = {r}");
            } else {
                assert!(r.abs() < 1e-5, "{request:?}: R[{i}, {j}] = {r}");
            }
        }
    }
}

fn check(request: &Orthogonal) {
    let reference = by_cpu(request);
    let (rows, columns) = (request.rows() as usize, request.columns() as usize);
    for (found, most) in [(&reference, 1e-7), (&by_gpu(request), 1e-5)] {
        assert!(distance(found, &reference) < Orthogonal::TOLERANCE, "{request:?}");
        for (number, matrix) in (0..).zip(found.chunks(rows * columns)) {
            let vectors = vectors(matrix, rows, columns);
            let loss = loss(&vectors, request.gain());
            assert!(loss < most * (request.length() as f64).sqrt(), "{request:?}: {loss:e}");
            check_is_factor(request, number, &vectors);
        }
    }
}

#[test]
fn matrices_of_any_shape_are_orthogonal() {
    let torch: [&[u64]; 12] = [
        &[1, 1],
        &[1, 7],
        &[7, 1],
        &[3, 3],
        &[64, 64],
        &[65, 65],
        &[129, 66],
        &[37, 100],
        &[300, 150],
        &[2, 1000],
        &[32, 16, 3, 3],
        &[8, 64, 1],
    ];
    for shape in torch {
        check(&orthogonal(1.0, shape, Layout::Torch, DType::F32).unwrap().with_seed(5).with_stream("weight"));
    }
    let keras = orthogonal(2.5, &[3, 3, 16, 32], Layout::Keras, DType::F32).unwrap();
    assert_eq!((keras.rows(), keras.columns()), (144, 32));
    check(&keras);
    let experts = orthogonal(0.5, &[5, 33, 20], "in=1,out=2,batch=0".parse().unwrap(), DType::F32).unwrap();
    assert_eq!((experts.matrices(), experts.rows(), experts.columns()), (5, 33, 20));
    check(&experts);
}

#[test]
fn large_matrices_stay_orthogonal() {
    check(&orthogonal(1.0, &[700, 700], Layout::Torch, DType::F32).unwrap().with_seed(2026));
}

/// 4096 × 4096: minutes on a software adapter. `cargo test --release --all-features --test orthogonal -- --ignored
/// --nocapture` prints the figures.
#[test]
#[ignore = "minutes on a software adapter"]
fn a_matrix_of_4096_is_orthogonal() {
    let size = 4096;
    let request = orthogonal(1.0, &[size, size], Layout::Torch, DType::F32).unwrap().with_seed(1);
    let start = std::time::Instant::now();
    let found = by_gpu(&request);
    eprintln!("GPU: {:.1} s", start.elapsed().as_secs_f64());
    let start = std::time::Instant::now();
    let reference = by_cpu(&request);
    eprintln!("CPU: {:.1} s", start.elapsed().as_secs_f64());
    let of_reference = distance(&found, &reference);
    // All products of a panel of vectors with all others would be 4096³: every 16th vector stands for the rest.
    let vectors: Vec<_> = vectors(&found, size as usize, size as usize).into_iter().step_by(16).collect();
    let loss = loss(&vectors, 1.0);
    eprintln!("distance {of_reference:e}, |QᵀQ − I| {loss:e}");
    assert!(of_reference < Orthogonal::TOLERANCE);
    assert!(loss < 1e-5 * (size as f64).sqrt());
}

#[test]
fn every_type_is_the_rounded_matrix() {
    let of = |dtype| orthogonal(1.0, &[50, 30], Layout::Torch, dtype).unwrap().with_seed(3);
    let exact = by_cpu(&of(DType::F64));
    let on_gpu = by_gpu(&of(DType::F32));
    for dtype in DType::FLOATS {
        let round = |values: &[f64]| values.iter().map(|x| dtype.value(dtype.bits(*x))).collect::<Vec<_>>();
        assert_eq!(by_cpu(&of(dtype)), round(&exact), "{dtype}");
        assert_eq!(by_gpu(&of(dtype)), round(&on_gpu), "{dtype}");
    }
    let words = orthogonal(1.0, &[2, 2], Layout::Torch, DType::U32).unwrap_err();
    assert!(matches!(words, Error::DTypeMismatch { .. }));
}

#[test]
fn delta_kernels_are_orthogonal_in_the_centre() {
    for (shape, layout) in [
        (vec![3, 5, 6, 10], Layout::Keras),
        (vec![4, 3, 3], Layout::Keras),
        (vec![10, 6, 3, 5], Layout::Torch),
        (vec![9, 9, 2], Layout::Torch),
        (vec![8, 5, 3, 3, 3], Layout::Torch),
    ] {
        let request = delta(1.5, &shape, layout, DType::F32).unwrap().with_seed(9);
        let taps = |sizes: &[u64]| sizes.iter().product::<u64>() as usize;
        let centre = |sizes: &[u64]| sizes.iter().fold(0, |centre, size| centre * size + (size - 1) / 2) as usize;
        for values in [by_cpu(&request), by_gpu(&request)] {
            let (matrix, rest): (Vec<f64>, Vec<f64>) = if layout == Layout::Torch {
                let (taps, centre) = (taps(&shape[2..]), centre(&shape[2..]));
                let of_tap = |wanted: bool| {
                    let places = values.iter().enumerate().filter(move |(i, _)| (i % taps == centre) == wanted);
                    places.map(|(_, value)| *value).collect()
                };
                (of_tap(true), of_tap(false))
            } else {
                let receptive = &shape[..shape.len() - 2];
                let size = values.len() / taps(receptive);
                let start = centre(receptive) * size;
                let rest = values[..start].iter().chain(&values[start + size..]);
                (values[start..start + size].to_vec(), rest.copied().collect())
            };
            assert!(rest.iter().all(|value| *value == 0.0), "{shape:?}");
            let vectors = vectors(&matrix, request.rows() as usize, request.columns() as usize);
            assert!(loss(&vectors, 1.5) < 1e-5, "{shape:?}");
        }
        assert!(distance(&by_gpu(&request), &by_cpu(&request)) < Orthogonal::TOLERANCE);
    }
    let refused = |shape: &[u64], layout| delta(1.0, shape, layout, DType::F32).unwrap_err();
    let expected = "at most as many inputs as outputs";
    let error = Error::WrongShape { initializer: "delta_orthogonal", expected, shape: vec![3, 6, 5] };
    assert_eq!(refused(&[3, 6, 5], Layout::Keras), error);
    assert!(matches!(refused(&[6, 5], Layout::Keras), Error::WrongShape { .. }));
    assert!(matches!(refused(&[6, 5, 3], Layout::KerasTransposed), Error::WrongLayout { .. }));
}

/// An element of a Haar matrix of 4 × 4 is a coordinate of a uniform point of the sphere in four dimensions, the
/// distribution of which is (θ − sin θ cos θ)/π at −cos θ. All sixteen elements, 5000 matrices, by Kolmogorov and
/// Smirnov.
#[test]
fn matrices_are_uniform_over_the_orthogonal_group() {
    const MATRICES: usize = 5000;
    let stack = "in=1,out=2,batch=0".parse().unwrap();
    let request = orthogonal(1.0, &[MATRICES as u64, 4, 4], stack, DType::F32).unwrap().with_seed(1);
    let values = by_cpu(&request);
    for place in 0..16 {
        let mut elements: Vec<_> = values.chunks(16).map(|matrix| matrix[place]).collect();
        elements.sort_by(f64::total_cmp);
        let cdf = |x: f64| {
            let angle = (-x).clamp(-1.0, 1.0).acos();
            (angle - angle.sin() * angle.cos()) / std::f64::consts::PI
        };
        let n = MATRICES as f64;
        let gaps = elements.iter().enumerate().map(|(i, x)| {
            let p = cdf(*x);
            (p - i as f64 / n).abs().max(((i + 1) as f64 / n - p).abs())
        });
        let statistic = gaps.fold(0.0, f64::max) * n.sqrt();
        // p = 1e-4 for each of sixteen.
        assert!(statistic < 2.23, "element {place}: {statistic}");
    }
    // Both determinants, ±1, as often.
    let positive = values.chunks(16).filter(|matrix| determinant(matrix) > 0.0).count() as f64;
    assert!((positive - 2500.0).abs() < 4.0 * (MATRICES as f64 / 4.0).sqrt(), "{positive}");
}

/// By cofactors of the first row.
fn determinant(matrix: &[f64]) -> f64 {
    let size = matrix.len().isqrt();
    if size == 1 {
        return matrix[0];
    }
    let minor = |skip: usize| {
        let rows = matrix.chunks(size).skip(1);
        let kept = rows.flat_map(|row| row.iter().enumerate().filter(move |(column, _)| *column != skip));
        kept.map(|(_, value)| *value).collect::<Vec<_>>()
    };
    let term = |column: usize| {
        let sign = if column.is_multiple_of(2) { 1.0 } else { -1.0 };
        sign * matrix[column] * determinant(&minor(column))
    };
    (0..size).map(term).sum()
}

#[test]
fn what_cannot_be_orthogonal_is_refused() {
    let refused = |shape: &[u64], gain| orthogonal(gain, shape, Layout::Torch, DType::F32).unwrap_err();
    assert!(matches!(refused(&[5], 1.0), Error::WrongShape { .. }));
    assert!(matches!(refused(&[5, 0], 1.0), Error::EmptyShape { .. }));
    assert!(matches!(refused(&[5, 5], -1.0), Error::Law(LawError::InvalidScale { .. })));
    assert!(matches!(refused(&[5, 5], f64::NAN), Error::Law(LawError::NotFinite { .. })));
    assert!(matches!(refused(&[1 << 17, 1 << 17], 1.0), Error::MatrixTooLarge { .. }));
    assert!(matches!(refused(&[1 << 62, 1], 1.0), Error::TooManyElements { .. } | Error::MatrixTooLarge { .. }));

    let gpu = gpu();
    let request = orthogonal(1.0, &[100, 100], Layout::Torch, DType::F32).unwrap();
    let buffer = gpu.buffer(1000, 0);
    let mut encoder = gpu.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
    let refused = gpu.filler.encode(&mut encoder, &request, buffer.slice(..)).unwrap_err();
    assert_eq!(refused, Error::Device(DeviceError::BufferTooSmall { needed: 40_000, available: 1000 }));
}
