//! Plans of any fill at any offset under any limits: their dispatches, run one invocation at a time, write the fill's
//! bytes as the fast path computes them, and no others.

#![no_main]

use arbitrary::Arbitrary;
use weightinit::plan::{Capabilities, Plan};
use weightinit::{DType, Fill, Law, Structure, cpu};

/// A request, mostly possible, at least in its size: everything else is taken as it comes.
#[derive(Arbitrary, Debug)]
struct Request {
    law: Shape,
    dtype: u8,
    structure: Option<Matrix>,
    length: u64,
    first: u64,
    count: u16,
    offset: u16,
    seed: u64,
    stream: u64,
    binding: u16,
    alignment: u8,
    workgroups: u8,
    int64: bool,
    immediates: bool,
    software: bool,
}

#[derive(Arbitrary, Debug)]
enum Shape {
    Constant(f64),
    Uniform(f64, f64),
    Normal(f64, f64),
    Truncated([i8; 4]),
    Listed(Vec<f64>),
    Bits,
}

#[derive(Arbitrary, Debug)]
enum Matrix {
    Diagonal(u32, u8, u8, u8),
    Blocks(u32, u8, u8),
    OtherRows(u32, u32),
    Sparse(u32, u32, u32),
    Toeplitz(u32, u32),
}

impl Request {
    fn fill(&self) -> weightinit::Result<Fill> {
        let law = match &self.law {
            Shape::Constant(value) => Law::Constant(*value),
            Shape::Uniform(low, high) => Law::uniform(*low, *high),
            Shape::Normal(mean, std) => Law::normal(*mean, *std),
            Shape::Truncated(numbers) => {
                let [mean, std, low, high] = numbers.map(|number| f64::from(number) / 8.0);
                Law::truncated_normal(mean, std, low, high)?
            }
            Shape::Listed(values) => Law::listed(values.iter().copied())?,
            Shape::Bits => Law::Bits,
        };
        let dtypes = [DType::F32, DType::F16, DType::BF16, DType::F64, DType::F8E4M3, DType::F8E5M2, DType::U32];
        let dtype = dtypes[usize::from(self.dtype) % dtypes.len()];
        let n = u64::from;
        let structure = match self.structure {
            None => Structure::Dense,
            Some(Matrix::Diagonal(columns, period, step, offset)) => {
                Structure::Diagonal { columns: n(columns), period: period.into(), step: step.into(), offset: offset.into() }
            }
            Some(Matrix::Blocks(columns, block_rows, block_columns)) => Structure::Blocks {
                columns: n(columns),
                block_rows: block_rows.into(),
                block_columns: block_columns.into(),
            },
            Some(Matrix::OtherRows(columns, row)) => Structure::OtherRows { columns: n(columns), row: n(row) },
            Some(Matrix::Sparse(columns, rows, zeros)) => {
                Structure::Sparse { columns: n(columns), rows: n(rows), zeros: n(zeros) }
            }
            Some(Matrix::Toeplitz(columns, rows)) => Structure::Toeplitz { columns: n(columns), rows: n(rows) },
        };
        // Lengths that go with a matrix, since no other is accepted.
        let length = match self.structure {
            Some(Matrix::Sparse(columns, rows, _) | Matrix::Toeplitz(columns, rows)) => n(columns) * n(rows),
            Some(Matrix::Diagonal(columns, ..) | Matrix::Blocks(columns, ..) | Matrix::OtherRows(columns, _)) => {
                (self.length % (1 << 20)).saturating_mul(n(columns))
            }
            None => self.length,
        };
        let whole = Fill::new(self.stream, law, dtype, length)?.with_seed(self.seed).with_structure(structure)?;
        let first = self.first % length;
        whole.range(first..(first + u64::from(self.count)).min(length))
    }
}

libfuzzer_sys::fuzz_target!(|request: Request| {
    let Ok(fill) = request.fill() else { return };
    let device = Capabilities {
        max_storage_buffer_binding_size: u64::from(request.binding),
        min_storage_buffer_offset_alignment: 1 << (request.alignment % 10),
        max_compute_workgroups_per_dimension: request.workgroups.into(),
        int64: request.int64,
        immediates: request.immediates,
        software: request.software,
    };
    let offset = u64::from(request.offset);
    let Ok(plan) = Plan::new(&fill, offset, &device) else { return };
    let table = fill.sampler().table.as_ref().map_or(&[][..], |table| table.words());

    let mut buffer = vec![0xa5a5_a5a5u32; (offset + fill.byte_count()).div_ceil(4) as usize + 64];
    for dispatch in plan.dispatches() {
        assert!(dispatch.binding_offset.is_multiple_of(device.min_storage_buffer_offset_alignment.into()));
        assert!(dispatch.binding_size <= device.max_storage_buffer_binding_size);
        assert!(dispatch.workgroups.iter().all(|&n| n <= device.max_compute_workgroups_per_dimension));
        let from = dispatch.binding_offset as usize / 4;
        cpu::dispatch(plan.kernel(), &dispatch, table, &mut buffer[from..from + dispatch.binding_size as usize / 4]);
    }
    let bytes: &[u8] = bytemuck::cast_slice(&buffer);
    let (start, end) = (offset as usize, (offset + fill.byte_count()) as usize);
    assert_eq!(&bytes[start..end], &cpu::bytes(&fill).expect("a fill that has a plan")[..]);
    assert!(bytes[..start].iter().chain(&bytes[end..]).all(|&byte| byte == 0xa5));
});
