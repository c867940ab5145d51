//! Draws `docs/laws.svg`: histograms of four initializers for one weight, counted from the samples themselves.
//!
//! `cargo run --release --example laws`

use plotters::prelude::*;
use weightinit::init::{Mode, Nonlinearity};
use weightinit::{DType, Initializer, Layout, cpu};

const BINS: usize = 120;
const EDGE: f64 = 0.2;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let initializers = [
        ("glorot_uniform", Initializer::glorot_uniform()),
        ("he_normal", Initializer::he_normal()),
        ("kaiming_normal", Initializer::kaiming_normal(Mode::FanIn, Nonlinearity::Relu)),
        ("xavier_normal", Initializer::xavier_normal(1.0)),
    ];
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/laws.svg");
    let root = SVGBackend::new(path, (960, 260)).into_drawing_area();
    root.fill(&WHITE)?;
    for (area, (name, initializer)) in root.split_evenly((1, 4)).iter().zip(initializers) {
        let fill =
            initializer.request(0, &[1024, 512], Layout::Torch, DType::F32)?.with_seed(42).with_stream("fc.weight");
        let values = cpu::values(&fill)?;
        let mut counts = [0u32; BINS];
        for x in values.iter().filter(|x| x.abs() < EDGE) {
            counts[((x / EDGE + 1.0) / 2.0 * BINS as f64) as usize] += 1;
        }
        let highest = counts.iter().max().copied().unwrap_or(1);
        let mut chart = ChartBuilder::on(area)
            .caption(name, ("sans-serif", 16))
            .margin(8)
            .x_label_area_size(24)
            .build_cartesian_2d(-EDGE..EDGE, 0..highest * 11 / 10)?;
        chart.configure_mesh().disable_mesh().disable_y_axis().x_labels(5).draw()?;
        let bin = |index: usize| (index as f64 / BINS as f64 * 2.0 - 1.0) * EDGE;
        let bars = (0..BINS).map(|i| Rectangle::new([(bin(i), 0), (bin(i + 1), counts[i])], BLUE.mix(0.6).filled()));
        chart.draw_series(bars)?;
    }
    root.present()?;
    Ok(())
}
