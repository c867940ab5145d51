//! Options of outputs that several files hold and several processes write.

use clap::{Args, ValueEnum};

/// How each tensor is divided among ranks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Partition {
    /// Whole tensors, so that ranks have about as many bytes
    Tensor,
    /// Dimension 0, as torch.chunk divides it
    Rows,
    /// Dimension 1, as torch.chunk divides it; vectors as rows
    Cols,
    /// The elements in their order, whatever the dimensions
    Flat,
}

impl Partition {
    /// As options call it.
    pub(crate) fn name(self) -> String {
        self.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
    }
}

/// What is divided, and how.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct DivisionArguments {
    /// Write several files, none larger than this unless a single tensor is, such as 5GB, 512MiB or a number of bytes:
    /// model-00001-of-00003.safetensors and so on beside model.safetensors.index.json
    #[arg(long, value_name = "SIZE", value_parser = size, conflicts_with = "partition")]
    pub(crate) shard_size: Option<u64>,
    /// Write a file for each rank with its slices of the tensors: rank-00003-of-00008.safetensors
    #[arg(long, value_enum)]
    pub(crate) partition: Option<Partition>,
}

/// Which of several processes this is.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct RankArguments {
    /// Which of the processes this is, from 0 on [default: what mpirun, srun or torchrun say]
    #[arg(long, requires = "world_size", value_parser = super::number)]
    pub(crate) rank: Option<u64>,
    /// How many processes there are [default: what mpirun, srun or torchrun say]
    #[arg(long, requires = "rank", value_parser = world_size)]
    pub(crate) world_size: Option<u64>,
}

/// How many processes there may be: file names have five digits for them, and more where needed.
pub(crate) const MOST_RANKS: u64 = 1_000_000;

/// A number of processes.
pub(crate) fn world_size(text: &str) -> Result<u64, String> {
    let number = text.parse().ok().filter(|number| (1..=MOST_RANKS).contains(number));
    number.ok_or_else(|| format!("expected a whole number from 1 to {MOST_RANKS}"))
}

/// Units of sizes, as Hugging Face's libraries read them: GB are 10^9 bytes, GiB 2^30.
const UNITS: [(&str, u64); 10] = [
    ("TiB", 1 << 40),
    ("GiB", 1 << 30),
    ("MiB", 1 << 20),
    ("KiB", 1 << 10),
    ("TB", 1_000_000_000_000),
    ("GB", 1_000_000_000),
    ("MB", 1_000_000),
    ("KB", 1_000),
    ("kB", 1_000),
    ("B", 1),
];

/// A number of bytes, with or without a unit.
pub(crate) fn size(text: &str) -> Result<u64, String> {
    let unit = UNITS.iter().find_map(|(unit, bytes)| Some((text.strip_suffix(unit)?, *bytes)));
    let (number, unit) = unit.unwrap_or((text, 1));
    let bytes = match number.parse::<u64>() {
        Ok(number) => number.checked_mul(unit),
        // Such as 1.6GB.
        Err(_) => number
            .parse::<f64>()
            .ok()
            .filter(|_| number.starts_with(|first: char| first.is_ascii_digit()))
            .map(|number| number * unit as f64)
            .filter(|bytes| *bytes < 9e18)
            .map(|bytes| bytes as u64),
    };
    bytes.filter(|bytes| *bytes > 0).ok_or_else(|| "expected bytes such as 5GB, 512MiB or 1000000".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_as_people_write_them() {
        for (text, bytes) in [
            ("1", 1),
            ("1B", 1),
            ("5GB", 5_000_000_000),
            ("1.6GB", 1_600_000_000),
            ("512MiB", 512 << 20),
            ("7kB", 7000),
            ("2TiB", 2 << 40),
        ] {
            assert_eq!(size(text), Ok(bytes), "{text}");
        }
        for text in ["", "0", "0GB", "-1", "GB", "5 PB", "1e30GB", "nan", "infGB", "18446744073709551615TB", "5gb"] {
            assert_eq!(size(text), Err("expected bytes such as 5GB, 512MiB or 1000000".to_owned()), "{text}");
        }
    }
}
