//! One filler and many threads: whatever they do with it at once, each finds its own bytes in its own buffer.

mod common;

use std::sync::Barrier;

use common::gpu;
use weightinit::gpu::{Filler, Recording};
use weightinit::request::{Update, View};
use weightinit::{DType, Fill, Law, cpu, wgpu};

const THREADS: u64 = 16;
/// Not a multiple of anything.
const ELEMENTS: u64 = 3001;
/// What each thread does, out of all ways and types.
const JOBS: usize = 5;
/// Where the second of two fills begins: a multiple of every element's size, and no binding's offset.
const SECOND: u64 = ELEMENTS * 8 + 8;

/// One thread's hold on what all share, and a buffer of its own.
struct User<'a> {
    filler: &'a Filler,
    queue: &'a wgpu::Queue,
    device: &'a wgpu::Device,
    buffer: wgpu::Buffer,
    number: u64,
}

const WAYS: usize = 5;

impl User<'_> {
    fn uses(&self, way: usize, dtype: DType) {
        match way {
            0 => self.fills(dtype),
            1 => self.encodes_many(dtype),
            2 => self.updates(dtype),
            3 => self.records_again(dtype),
            _ => self.creates_and_checks(dtype),
        }
    }

    /// Two fills of this thread: laws with a table of its own and with one that all share, and laws without.
    fn fills_of(&self, dtype: DType) -> [Fill; 2] {
        let bound = 0.02 + self.number as f64 / 1000.0;
        let laws = match self.number % 4 {
            0 => [Law::normal(0.0, bound), Law::truncated_normal(0.0, 0.02, -0.04, 0.04).unwrap()],
            1 => [Law::truncated_normal(0.0, 0.02, -bound, bound).unwrap(), Law::Constant(0.0)],
            2 => [Law::listed([0.5, bound, -1.0]).unwrap(), Law::uniform(-bound, bound)],
            _ => [Law::Constant(0.75), Law::normal(0.5, bound)],
        };
        // Lists are repeated as a whole.
        laws.map(|law| {
            Fill::new(0, law, dtype, 3 * ELEMENTS).unwrap().with_stream(self.number).range(1..ELEMENTS + 1).unwrap()
        })
    }

    fn submit(&self, record: impl FnOnce(&mut wgpu::CommandEncoder)) {
        let mut encoder = self.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        record(&mut encoder);
        self.queue.submit([encoder.finish()]);
    }

    /// Compares the buffer from `offset` on.
    fn finds(&self, offset: u64, expected: &[u8], what: &str) {
        let size = (expected.len() as u64).next_multiple_of(4);
        let found = self.filler.read_back(self.queue, self.buffer.slice(offset..offset + size)).unwrap();
        assert!(found[..expected.len()] == *expected, "thread {}: {what}", self.number);
    }

    fn fills(&self, dtype: DType) {
        for fill in self.fills_of(dtype) {
            self.filler.submit(self.queue, &fill, self.buffer.slice(..)).unwrap();
            self.finds(0, &cpu::bytes(&fill).unwrap(), &format!("fill {dtype}"));
        }
    }

    fn encodes_many(&self, dtype: DType) {
        let [first, second] = self.fills_of(dtype);
        let targets = [(&first, self.buffer.slice(..)), (&second, self.buffer.slice(SECOND..))];
        self.submit(|encoder| self.filler.encode_all(encoder, &targets).unwrap());
        self.finds(0, &cpu::bytes(&first).unwrap(), &format!("encode_all {dtype}, first"));
        self.finds(SECOND, &cpu::bytes(&second).unwrap(), &format!("encode_all {dtype}, second"));
    }

    fn updates(&self, dtype: DType) {
        let [first, second] = self.fills_of(dtype);
        let columns = View::new(&[ELEMENTS, 3], 1, self.number % 3..3).unwrap();
        let replace = Update::replace(second.clone()).with_view(columns).unwrap();
        // There is no arithmetic in f64.
        let then = match dtype {
            DType::F64 => Update::replace(first.clone()).with_view(columns.with_step(2).unwrap()).unwrap(),
            _ => Update::blend(-0.5, second).unwrap(),
        };
        let updates = [(&replace, self.buffer.slice(..)), (&then, self.buffer.slice(..))];
        self.submit(|encoder| {
            self.filler.encode(encoder, &first, self.buffer.slice(..)).unwrap();
            self.filler.encode_all(encoder, &updates).unwrap();
        });
        let mut expected = cpu::bytes(&first).unwrap();
        cpu::write(&replace, &mut expected).unwrap();
        cpu::write(&then, &mut expected).unwrap();
        self.finds(0, &expected, &format!("encode_updates {dtype}"));
    }

    fn records_again(&self, dtype: DType) {
        let [first, second] = self.fills_of(dtype);
        let targets = [(&first, self.buffer.slice(..)), (&second, self.buffer.slice(SECOND..))];
        let recording = self.filler.prepare(&targets).unwrap();
        for _ in 0..2 {
            self.submit(|encoder| {
                encoder.clear_buffer(&self.buffer, 0, None);
                recording.record(&mut encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default()));
            });
            self.finds(0, &cpu::bytes(&first).unwrap(), &format!("record {dtype}, first"));
            self.finds(SECOND, &cpu::bytes(&second).unwrap(), &format!("record {dtype}, second"));
        }
    }

    fn creates_and_checks(&self, dtype: DType) {
        let [_, fill] = self.fills_of(dtype);
        let buffer = self.filler.create_filled(self.queue, &fill, wgpu::BufferUsages::empty()).unwrap();
        let report = self.filler.check_against_cpu(self.queue, &fill, buffer.slice(..)).unwrap();
        assert!(report.is_equal(), "thread {}: create_filled {dtype}: {report}", self.number);
    }
}

#[test]
fn sixteen_threads_share_a_filler() {
    fn shared<T: Send + Sync>() {}
    shared::<Filler>();
    shared::<Recording>();
    shared::<Fill>();
    shared::<Update>();

    let gpu = gpu();
    let users = |filler| {
        let user = move |number| {
            let buffer = gpu.buffer(SECOND * 2, number as u8);
            User { filler, queue: &gpu.queue, device: &gpu.device, buffer, number }
        };
        (0..THREADS).map(user).collect::<Vec<_>>()
    };
    // A new one, so that first uses of pipelines and tables come from many threads at once.
    let filler = Filler::new(&gpu.device).unwrap();
    let ready = Barrier::new(THREADS as usize);
    std::thread::scope(|scope| {
        for user in users(&filler) {
            let ready = &ready;
            scope.spawn(move || {
                ready.wait();
                let jobs: Vec<_> = (0..WAYS).flat_map(|way| DType::FLOATS.map(|dtype| (way, dtype))).collect();
                // Each begins elsewhere; 7 has no factor in common with 30, so that every job is done by several.
                for &(way, dtype) in jobs.iter().cycle().skip(user.number as usize * 2).step_by(7).take(JOBS) {
                    user.uses(way, dtype);
                }
            });
        }
    });
}

/// The check has eyes: a thread that finds another's bytes says so.
#[test]
#[should_panic(expected = "thread 4: another's")]
fn bytes_of_another_thread_are_noticed() {
    let gpu = gpu();
    let user = |number| {
        let buffer = gpu.buffer(SECOND * 2, 0);
        User { filler: &gpu.filler, queue: &gpu.queue, device: &gpu.device, buffer, number }
    };
    let (four, eight) = (user(4), user(8));
    let [fill, _] = eight.fills_of(DType::F32);
    four.fills(DType::F32);
    four.filler.submit(four.queue, &four.fills_of(DType::F32)[0], four.buffer.slice(..)).unwrap();
    four.finds(0, &cpu::bytes(&fill).unwrap(), "another's");
}
