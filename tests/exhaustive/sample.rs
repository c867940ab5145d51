//! A sample of a word under a law: what a fill does to the words of its counter, for words of our choice.

use weightinit::arithmetic::law::{quantile, symmetric_quantile, uniform};
use weightinit::law::Rows;
use weightinit::plan::{Kind, Sampler, Table};
use weightinit::{DType, Fill, Law, cpu};

/// The law's f32 sample of a word, for laws in which a word makes a sample.
pub(crate) fn sample(sampler: &Sampler, word: u32) -> f32 {
    let standard = match (sampler.kind, &sampler.table) {
        (Kind::Uniform, _) => uniform::standard_block([word; 4])[0],
        (_, Some(Table::Quantile(table))) => match table.rows() {
            Rows::Cubics(rows) => quantile::quantile(rows, table.segment_bits(), word),
            Rows::Parabolas { rows, middle } => symmetric_quantile::symmetric_quantile(rows, *middle, word),
            rows => panic!("{rows:?}"),
        },
        _ => panic!("{:?} samples are not of one word", sampler.kind),
    };
    let mut x = sampler.scale * standard;
    if sampler.centre != 0.0 {
        x += sampler.centre;
    }
    sampler.bounds.map_or(x, |(low, high)| x.max(low).min(high))
}

pub(crate) fn sampler(law: Law) -> Sampler {
    Fill::new(0, law, DType::F32, 1).unwrap().sampler().clone()
}

/// The fill itself gives the same.
#[test]
fn samples_are_those_of_fills() {
    let words: Vec<_> =
        cpu::values(&Fill::new(0, Law::Bits, DType::U32, 4096).unwrap().with_seed(5)).unwrap().into_iter().collect();
    for law in [
        Law::uniform(-0.05, 0.05),
        Law::uniform(1.0, 2.0),
        Law::truncated_normal(0.0, 1.0, -2.0, 2.0).unwrap(),
        Law::truncated_normal(0.5, 0.1, 0.0, 1.0).unwrap(),
    ] {
        let wanted = cpu::values(&Fill::new(0, law.clone(), DType::F32, 4096).unwrap().with_seed(5)).unwrap();
        let sampler = sampler(law);
        let found: Vec<_> = words.iter().map(|word| f64::from(sample(&sampler, *word as u32))).collect();
        assert_eq!(found, wanted);
    }
}
