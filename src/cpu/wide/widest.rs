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
