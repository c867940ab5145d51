//! The transforms over all their words, against f64: the maxima that `docs/accuracy.md` states, to the last digit.
//!
//! Here 1 word in 65 is met, and always those that the document names as the worst ones. `scripts/check/exhaustive`
//! meets all of them (`WEIGHTINIT_EXHAUSTIVE=1`). Either way a test fails if it finds another maximum than the
//! documented one.

mod angle;
mod documented;
mod pairs;
mod quantile;
mod radius;
mod rounding;
mod sample;
mod sweep;
mod uniform;
