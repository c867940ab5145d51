//! Measures how fill time grows with size, from 10^3 to 2^31 f32 elements on the first adapter and on the CPU, and
//! draws it: past a fixed cost, a straight line.
//!
//! `cargo run --release --example scaling -- measure docs/scaling.json` takes minutes, and
//! `cargo run --release --example scaling -- draw docs/scaling.json docs/scaling.svg` draws what was measured.
//! `scripts/measure/scaling` does both.

use std::time::{Duration, Instant};

use plotters::prelude::*;
use serde_json::{Value, json};
use weightinit::gpu::{self, Filler, Timer};
use weightinit::{DType, Fill, Law, cpu, wgpu};

type Failure = Box<dyn std::error::Error>;

/// Sizes beyond this many elements are filled piece by piece into the same memory, the pieces recorded together.
const PIECE: u64 = 1 << 27;

const COLORS: [RGBColor; 2] = [RGBColor(31, 119, 180), RGBColor(214, 69, 65)];

fn main() -> Result<(), Failure> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["measure", path] => measure(path),
        ["draw", from, to] => draw(from, to),
        _ => Err("give `measure FILE.json` or `draw FILE.json FILE.svg`".into()),
    }
}

/// 10^3, 10^4, … and the powers of two at the end.
fn sizes() -> impl Iterator<Item = u64> {
    (3..9).flat_map(|power| [1, 3].map(|n| n * 10u64.pow(power))).chain([1 << 29, 1 << 30, 1 << 31])
}

fn laws() -> [(&'static str, Law); 2] {
    [("uniform", Law::uniform(-0.05, 0.05)), ("normal", Law::normal(0.0, 0.02))]
}

/// The parts of `size` elements that are filled one after the other.
fn pieces(law: &Law, size: u64) -> Result<Vec<Fill>, Failure> {
    let whole = Fill::new(0, law.clone(), DType::F32, size)?.with_seed(1).with_stream("scaling");
    let starts = (0..size).step_by(PIECE as usize);
    Ok(starts.map(|start| whole.range(start..size.min(start + PIECE))).collect::<Result<_, _>>()?)
}

fn measure(path: &str) -> Result<(), Failure> {
    let adapters = pollster::block_on(gpu::adapters());
    let adapter = adapters.first().ok_or("no adapter: install a Vulkan driver")?;
    let (device, queue) = pollster::block_on(gpu::open(adapter))?;
    let filler = Filler::new(&device)?;
    let timer = Timer::new(&filler, &queue);
    let usage = wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_DST;
    let descriptor = wgpu::BufferDescriptor { label: None, size: 4 * PIECE, usage, mapped_at_creation: false };
    let buffer = device.create_buffer(&descriptor);
    let mut memory = vec![0u8; 4 * PIECE as usize];

    let on_adapter = |pieces: &[Fill]| -> Result<Duration, Failure> {
        let time = timer
            .time(|encoder| pieces.iter().try_for_each(|piece| filler.encode(encoder, piece, buffer.slice(..))))?;
        Ok(time)
    };
    let mut on_cpu = |pieces: &[Fill]| -> Result<Duration, Failure> {
        let start = Instant::now();
        pieces.iter().try_for_each(|piece| cpu::write(piece, &mut memory))?;
        Ok(start.elapsed())
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let names = [gpu::describe(&adapter.get_info()), format!("CPU reference, {threads} threads")];
    let mut points = Vec::new();
    for size in sizes() {
        for (name, law) in laws() {
            let pieces = pieces(&law, size)?;
            // Enough rounds to find a quiet moment, in turns.
            let rounds = (200_000_000 / size).clamp(3, 50);
            let mut least = [Duration::MAX; 2];
            for round in 0..=rounds {
                let times = [on_adapter(&pieces)?, on_cpu(&pieces)?];
                if round > 0 {
                    least = [0, 1].map(|index| least[index].min(times[index]));
                }
            }
            eprintln!("{size} {name}: {least:?}");
            let seconds = least.map(|time| time.as_secs_f64());
            points.push(json!({ "law": name, "elements": size, "seconds": seconds }));
        }
    }
    let clock = timer.clock().name();
    let document = json!({ "backends": names, "clocks": [clock, "wall clock"], "points": points });
    std::fs::write(path, serde_json::to_string_pretty(&document)? + "\n")?;
    Ok(())
}

fn draw(from: &str, to: &str) -> Result<(), Failure> {
    let document: Value = serde_json::from_str(&std::fs::read_to_string(from)?)?;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let points = document["points"].as_array().ok_or("no points")?;
    let root = SVGBackend::new(to, (960, 380)).into_drawing_area();
    root.fill(&WHITE)?;
    let seconds = points.iter().flat_map(|point| [0, 1].map(|index| point["seconds"][index].as_f64().unwrap_or(1.0)));
    let (least, most) = seconds.fold((f64::MAX, f64::MIN), |(least, most), time| (least.min(time), most.max(time)));
    let mut chart = ChartBuilder::on(&root)
        .margin(12)
        .x_label_area_size(40)
        .y_label_area_size(64)
        .build_cartesian_2d((1e3..3e9f64).log_scale(), (least / 2.0..most * 2.0).log_scale())?;
    chart
        .configure_mesh()
        .light_line_style(TRANSPARENT)
        .x_desc("f32 elements")
        .y_desc("seconds")
        .x_label_formatter(&|x| format!("{x:.0e}"))
        .y_label_formatter(&|y| format!("{y:.0e}"))
        .draw()?;
    for (index, color) in COLORS.into_iter().enumerate() {
        for (law, filled) in [("uniform", false), ("normal", true)] {
            let of_law = points.iter().filter(|point| point["law"] == law);
            let place = |point: &Value| {
                let [x, y] = [&point["elements"], &point["seconds"][index]].map(|value| value.as_f64().unwrap_or(1.0));
                (x, y)
            };
            let line: Vec<_> = of_law.map(place).collect();
            let style = if filled { color.filled() } else { color.stroke_width(1) };
            let label = format!("{law}: {}", text(&document["backends"][index]));
            chart
                .draw_series(LineSeries::new(line.clone(), color.stroke_width(1)))?
                .label(label)
                .legend(move |(x, y)| Circle::new((x + 8, y), 4, style));
            chart.draw_series(line.into_iter().map(|point| Circle::new(point, 3, style)))?;
        }
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperLeft)
        .background_style(WHITE.mix(0.9))
        .border_style(BLACK.mix(0.3))
        .draw()?;
    root.present()?;
    Ok(())
}
