//! Which of the processor's vectors a computation is done with: the widest that it has, found when it runs.

use super::level::{Computation, Level};

/// Computes with the widest vectors; gives the computation back if none of the processor's have a file here.
pub(in crate::cpu) fn widest<C: Computation>(computation: C) -> Result<(), C> {
    match pulp::Arch::new() {
        #[cfg(target_arch = "x86_64")]
        pulp::Arch::V4(level) => level.run(computation),
        #[cfg(target_arch = "x86_64")]
        pulp::Arch::V3(level) => level.run(computation),
        #[cfg(target_arch = "aarch64")]
        pulp::Arch::Neon(level) => level.run(computation),
        _ => return Err(computation),
    }
    Ok(())
}

/// Every level that has a file here.
#[cfg(test)]
pub(in crate::cpu) const LEVELS: [&str; 3] = ["AVX2", "AVX-512", "NEON"];

/// Computes with a level, if the processor has it.
#[cfg(test)]
pub(in crate::cpu) fn with(level: &str, computation: impl Computation) -> bool {
    match level {
        #[cfg(target_arch = "x86_64")]
        "AVX2" => pulp::x86::V3::try_new().map(|level| level.run(computation)).is_some(),
        #[cfg(target_arch = "x86_64")]
        "AVX-512" => pulp::x86::V4::try_new().map(|level| level.run(computation)).is_some(),
        #[cfg(target_arch = "aarch64")]
        "NEON" => pulp::aarch64::Neon::try_new().map(|level| level.run(computation)).is_some(),
        _ => false,
    }
}
