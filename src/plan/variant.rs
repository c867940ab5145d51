//! Which form of a kernel a device takes. All of the tuning for software adapters in plans is here: a processor waits
//! for each step of a computation that is not done for several blocks, so that its kernels compute four of them side by
//! side.

use crate::plan::capabilities::Capabilities;
use crate::plan::kernel::{Kernel, Selection};
use crate::plan::short::Short;
use crate::request::structure::StructureKind;
use crate::request::update::UpdateKind;

impl Kernel {
    /// The form for `device` of units that are `shifted` or not, or of `short` runs; `parts` has all bits of where the
    /// range begins and ends, in bytes, and all bits of a slice's runs, their distances and its first element's number,
    /// and of the places of runs that do not lie together in the destination.
    pub(super) fn form(
        self,
        device: &Capabilities,
        (shifted, short): (bool, Option<Short>),
        [parts, runs, places]: [u64; 3],
    ) -> Self {
        let kernel = self.with_features(device.int64, device.immediates).shift(shifted);
        if shifted {
            return kernel;
        }
        // Units are powers of two: a multiple of one has none of the bits below it.
        let of_whole_units = |kernel: &Self| !kernel.whole || parts & (kernel.unit() * kernel.dtype.size() - 1) == 0;
        let whole = Self { whole: true, ..kernel };
        let any_runs = kernel.selection == Selection::Runs;
        let short = short.filter(|_| any_runs);
        let batched = Self { batched: true, whole: !any_runs, short, ..kernel };
        // Four blocks of a slice are one after the other, or written one by one.
        let together = any_runs || runs.is_multiple_of(16);
        let one_by_one = Self { selection: Selection::Runs, batched: true, ..kernel };
        // See shaders/unit/block_16_batch.wgsl.
        let in_words = (places * kernel.dtype.size()).is_multiple_of(4);
        let software = device.software && kernel.has_batched() && in_words;
        let candidates = [
            (batched, software && together),
            (one_by_one, software && kernel.selection == Selection::Blocks),
            (whole, kernel.has_whole()),
        ];
        let fitting = candidates.into_iter().filter(|(_, exists)| *exists).map(|(kernel, _)| kernel);
        fitting.into_iter().find(of_whole_units).unwrap_or(kernel)
    }

    /// Whether a range of units that would be shifted is cut into its blocks as a slice is: four of them at a time take
    /// a processor half the time of units that are each made from two.
    pub(super) fn cuts_shifted(self, device: &Capabilities) -> bool {
        device.software && self.has_batched()
    }

    /// The forms that it takes where other parts are asked for, or where they go elsewhere.
    #[cfg(feature = "gpu")]
    pub(crate) fn for_any_range(self, device: &Capabilities) -> impl Iterator<Item = Self> {
        let shared = Self { whole: false, batched: false, short: None, ..self };
        let shifted = shared.shift(shared.can_shift());
        let cut = Self { batched: true, ..shared.selected(Selection::Runs, self.nested) };
        let cuts = shared.cuts_shifted(device);
        [shared.shift(false), if cuts { cut } else { shifted }].into_iter()
    }

    /// Whether the type has a kernel for whole units.
    pub(super) fn has_whole(self) -> bool {
        self.is_plain() && self.selection != Selection::Runs
    }

    /// Whether there is nothing but samples, of a size that most types have.
    fn is_plain(self) -> bool {
        let alone = self.structure == StructureKind::Dense && self.update == UpdateKind::Fill;
        matches!(self.dtype.size(), 2 | 4) && alone
    }

    /// Whether it has one that computes four blocks side by side: if it draws each block's words.
    pub(super) fn has_batched(self) -> bool {
        self.is_plain() && self.draws()
    }
}
