//! Laws and numbers in words.

use weightinit::Law;
use weightinit::law::Family;

/// A law as a reader would write it.
pub(crate) fn describe(law: &Law) -> String {
    let n = significant;
    match *law {
        Law::Bits => "words".to_owned(),
        Law::Constant(value) => n(value),
        Law::Uniform { low, high } if low == -high => format!("uniform ±{}", n(high)),
        Law::Uniform { low, high } => format!("uniform [{}, {})", n(low), n(high)),
        Law::Normal { mean, std, .. } => format!("normal mean {} std {}", n(mean), n(std)),
        Law::Tabulated { family, ref table, mean, std, low, high } => {
            let scale = std / table.unit();
            let parameters = if family == Family::TRUNCATED_NORMAL {
                format!("{} mean {} std {}", family.name(), n(mean), n(std))
            } else if (mean, scale) == (0.0, 1.0) {
                table.name().to_owned()
            } else {
                format!("{} times {} plus {}", table.name(), n(scale), n(mean))
            };
            let bounded = low.is_finite() || high.is_finite();
            if bounded { format!("{parameters} in [{}, {}]", n(low), n(high)) } else { parameters }
        }
        Law::Listed(ref values) if values.len() <= 4 => {
            values.iter().map(|value| n(*value)).collect::<Vec<_>>().join(", ")
        }
        Law::Listed(ref values) => {
            let (first, last) = (values.first(), values.last());
            format!("{} … {} ({} values)", n(*first.unwrap_or(&0.0)), n(*last.unwrap_or(&0.0)), values.len())
        }
        Law::Waves(_) => "sine waves".to_owned(),
        // Laws that this program does not know yet.
        ref other => other.name().to_owned(),
    }
}

/// A number to seven significant digits, which is what an f32 holds.
pub(crate) fn significant(value: f64) -> String {
    let digits = format!("{value:.6e}");
    let rounded: f64 = digits.parse().unwrap_or(value);
    rounded.to_string()
}
