//! Writes the generator's raw words to stdout, little endian, until the pipe closes: food for batteries of tests.
//!
//! `cargo run --release --example words -- --order streams | dieharder -g 200 -a`
//!
//! * `--order sequential`: the words of one tensor in the order of its elements (the default).
//! * `--order streams`: word i of streams 0, 1, … 1023, then word i + 1 of each.
//! * `--order seeds`: the first 4 words of seed 0, of seed 1, …, as if each filled a tensor of 4 elements.
//! * `--reverse-bits`: each word with its lowest bit first, since many tests look at the upper bits only.
//! * `--seed N`: the seed (the first one, with `--order seeds`); 0 unless given.
//! * `--rounds N`: instead of the library's generator a copy with N rounds; one of 2 rounds must fail.

mod order;

use std::error::Error;
use std::io::{self, ErrorKind};

use order::{Order, Words};

fn main() -> Result<(), Box<dyn Error>> {
    match words(std::env::args().skip(1))?.write(io::stdout().lock()) {
        // The battery has seen enough.
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

fn words(mut arguments: impl Iterator<Item = String>) -> Result<Words, Box<dyn Error>> {
    let mut words = Words { order: Order::Sequential, reverse_bits: false, seed: 0, rounds: None };
    while let Some(name) = arguments.next() {
        let mut value = || arguments.next().ok_or_else(|| format!("{name} needs a value"));
        match name.as_str() {
            "--order" => words.order = value()?.parse()?,
            "--reverse-bits" => words.reverse_bits = true,
            "--seed" => words.seed = value()?.parse()?,
            "--rounds" => words.rounds = Some(value()?.parse()?),
            _ => return Err(format!("no option {name}").into()),
        }
    }
    Ok(words)
}
