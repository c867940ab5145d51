//! Input and surroundings that are meant to do harm, as a table: specs, headers and shapes files, small and wrong or
//! huge; places to write to; what the system refuses. Each case is a run of the program, with what it may cost and how
//! it may end: whatever comes, it does not panic, hang, or fill the memory, and it says what is wrong.
//! `scripts/check/hostile` runs the large cases too.

#![cfg(target_os = "linux")]

mod case;
#[path = "../common/mod.rs"]
mod common;
mod control;
mod header;
mod limits;
mod output;
mod run;
mod shapes;
mod spec;

/// Cases that are known to be wrong, by group and name, until somebody puts them right: they are listed, and fail no
/// test.
const KNOWN: &[(&str, &str)] = &[];
