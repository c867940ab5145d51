//! The WGSL text of each kernel, composed from the files of `shaders/`.

use crate::arithmetic::law::coefficients;
use crate::arithmetic::update::blend::{LEAST_TERM, MOST_TERM};
use crate::law::kind::Makes;
use crate::plan::kernel::{Kernel, Selection, WORKGROUP_SIZE};
use crate::plan::short::Short;
use crate::request::structure::StructureKind;
use crate::request::update::UpdateKind;

impl Kernel {
    /// The kernel's WGSL.
    pub fn source(self) -> String {
        let options = [
            ("CENTRED", self.options.centred),
            ("BOUNDED", self.options.bounded),
            ("SHIFTED", self.options.shifted),
            ("UPDATES", self.update != UpdateKind::Fill),
        ];
        let mut source: String = options.iter().map(|(name, set)| format!("const {name} = {set};\n")).collect();
        if self.selection != Selection::Range {
            source += &format!("const NESTED = {};\n", self.nested);
        }
        if let Some(Short { run, in_block, even }) = self.short {
            source += &format!("const RUN = {run}u;\nconst IN_BLOCK = {in_block};\nconst EVEN = {even};\n");
        }
        source += &format!("const WORKGROUP_SIZE = {WORKGROUP_SIZE}u;\n{}\n", coefficients::wgsl());
        if self.int64 {
            // Not in a file: where there are none, nothing may name them.
            source += if self.batched { "alias Wide = vec4<u64>;\n" } else { "alias Wide = u64;\n" };
        }
        if self.update == UpdateKind::Blend {
            let (magnitude, largest) = (self.dtype.magnitude_bits(), self.dtype.largest_bits());
            source += &format!("const MAGNITUDE = {magnitude:#x}u;\nconst LARGEST_BITS = {largest:#x}u;\n");
            // In the digits of f64: of the largest f32 the shorter ones are larger than itself, which Tint refuses.
            let numbers =
                [("LARGEST", self.dtype.max()), ("LEAST_TERM", LEAST_TERM.into()), ("MOST_TERM", MOST_TERM.into())];
            source.extend(numbers.map(|(name, value)| format!("const {name} = {value:e}f;\n")));
        }
        for file in self.files() {
            source += file;
            source += "\n";
        }
        source
    }

    /// What its text is made of: files, and the options that are set.
    pub(crate) fn pieces(self) -> Vec<&'static str> {
        let is = |option: fn(Short) -> bool| self.short.is_some_and(option);
        let options = [
            (self.options.centred, "CENTRED"),
            (self.options.bounded, "BOUNDED"),
            (self.options.shifted, "SHIFTED"),
            (self.nested, "NESTED"),
            (is(|short| short.in_block), "IN_BLOCK"),
            (is(|short| !short.in_block), "!IN_BLOCK"),
            (is(|short| short.even), "EVEN"),
            (is(|short| !short.even), "!EVEN"),
            (is(|short| short.run > 3), "RUN > 3"),
        ];
        let set = options.into_iter().filter(|(set, _)| *set).map(|(_, name)| name);
        self.files().into_iter().chain(set).collect()
    }

    /// The files of the kernel in an order in which one reads them: words, samples, elements, destination.
    fn files(self) -> Vec<&'static str> {
        let row = self.kind.row();
        let mut files = vec![
            if self.batched { shader!("generator/four_blocks") } else { shader!("generator/one_block") },
            shader!("generator/params"),
        ];
        files.push(if self.immediates {
            shader!("generator/params_immediate")
        } else {
            shader!("generator/params_uniform")
        });
        if self.multiplies() {
            files.push(if self.int64 { shader!("generator/mul_wide_u64") } else { shader!("generator/mul_wide_u32") });
        }
        if self.draws() {
            files.extend([shader!("generator/philox"), shader!("generator/words")]);
        }
        let has_places = row.has_places || self.structure != StructureKind::Dense || self.update != UpdateKind::Fill;
        if has_places || self.selection != Selection::Range {
            files.push(shader!("matrix/place"));
        }
        if self.encodes() {
            files.push(shader!("law/portable_math"));
        }
        files.extend(if self.dtype.size() == 8 && !row.shaders_of_64.is_empty() {
            row.shaders_of_64
        } else {
            row.shaders
        });
        files.extend(row.lookup.map(|[one, four]| if self.batched { four } else { one }));
        if self.encodes() {
            files.extend(self.dtype.store_shaders());
        }
        if row.makes == Makes::Samples {
            files.push(shader!("law/sample"));
        }
        if self.structure.masks() {
            files.push(shader!("matrix/masked"));
        }
        // Batches are written as they are made.
        if !self.batched {
            files.extend([shader!("unit/quad"), self.structure.shader()]);
            files.extend(self.update_files());
        } else if self.selection == Selection::Runs {
            files.push(shader!("update/replace"));
        }
        files.extend(self.selection_files());
        files.push(self.unit_file());
        // Whose invocations have no units, but blocks.
        if self.selection != Selection::Runs {
            files.push(shader!("unit/fill"));
        }
        files
    }

    /// The files that say where a unit's elements come from.
    fn selection_files(self) -> Vec<&'static str> {
        match self.selection {
            Selection::Range if self.batched => vec![shader!("unit/contiguous_batch")],
            Selection::Range => vec![shader!("unit/contiguous")],
            Selection::Blocks if self.batched => vec![shader!("unit/slice"), shader!("unit/slice_blocks")],
            Selection::Blocks => vec![
                shader!("unit/block_of"),
                shader!("unit/slice"),
                shader!("unit/slice_blocks"),
                shader!("unit/slice_elements"),
            ],
            // Where it is written is their unit's file for elements of 16 bits.
            Selection::Runs if self.short.is_some() && self.dtype.size() == 2 => {
                vec![shader!("unit/slice"), shader!("unit/slice_short_batch")]
            }
            Selection::Runs if self.short.is_some() => {
                vec![shader!("unit/slice"), shader!("unit/slice_short_batch"), shader!("unit/short_32_batch")]
            }
            Selection::Runs if self.batched => vec![
                shader!("unit/slice"),
                shader!("unit/slice_pieces"),
                shader!("unit/slice_runs_batch"),
                if self.dtype.size() == 2 { shader!("unit/block_16_batch") } else { shader!("unit/block_32_batch") },
            ],
            Selection::Runs => vec![
                shader!("unit/block_of"),
                shader!("unit/slice"),
                shader!("unit/slice_pieces"),
                shader!("unit/slice_runs"),
            ],
        }
    }

    /// The files that decide which elements are written, and what they become.
    fn update_files(self) -> Vec<&'static str> {
        // Slices have no views.
        let which = if self.selection == Selection::Range { shader!("update/view") } else { shader!("update/range") };
        match self.update {
            UpdateKind::Fill => vec![shader!("update/range"), shader!("update/replace")],
            UpdateKind::Replace => vec![which, shader!("update/replace")],
            UpdateKind::Blend => {
                let mut files = Vec::new();
                // What a law without arithmetic has not brought along.
                if !self.encodes() {
                    files.push(shader!("law/portable_math"));
                    files.extend(self.dtype.store_shaders());
                }
                files.extend(self.dtype.load_shaders());
                files.extend([which, shader!("update/blend")]);
                files
            }
        }
    }

    /// The file that writes a unit.
    fn unit_file(self) -> &'static str {
        match (self.dtype.size(), self.whole) {
            (2, _) if self.short.is_some() => shader!("unit/short_16_batch"),
            (1, _) if self.selection == Selection::Runs => shader!("unit/block_8"),
            (2, _) if self.selection == Selection::Runs => shader!("unit/block_16"),
            (4, _) if self.selection == Selection::Runs => shader!("unit/block_32"),
            (_, _) if self.selection == Selection::Runs => shader!("unit/block_64"),
            (2, _) if self.batched => shader!("unit/unit_16_batch"),
            (_, _) if self.batched => shader!("unit/unit_32_batch"),
            (1, _) => shader!("unit/unit_8"),
            (2, false) => shader!("unit/unit_16"),
            (2, true) => shader!("unit/unit_16_whole"),
            (4, false) => shader!("unit/unit_32"),
            (4, true) => shader!("unit/unit_32_whole"),
            _ => shader!("unit/unit_64"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tint refuses what is above the largest f32 in the digits that are printed, however it would be rounded.
    #[test]
    #[cfg_attr(miri, ignore = "minutes for all texts")]
    fn printed_numbers_are_within_f32() {
        let mut numbers = 0;
        for kernel in Kernel::all().chain(Kernel::updates()).chain(Kernel::slices()) {
            let source = kernel.source();
            for literal in source.split(|c: char| !(c.is_ascii_alphanumeric() || "._-".contains(c))) {
                if let Some(Ok(number)) = literal.strip_suffix('f').map(str::parse::<f64>) {
                    assert!(number.abs() <= f64::from(f32::MAX), "{}: {literal}", kernel.name());
                    numbers += 1;
                }
            }
        }
        assert!(numbers > 1000);
    }
}
