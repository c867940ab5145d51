//! A picture that a command writes: what cannot be written is told before anything is computed.

use std::io::Write;
use std::path::Path;

use anyhow::Result;

use crate::output::partial::Output;
use crate::picture::chart::Chart;
use crate::picture::{Format, render};

/// A picture whose file is begun.
pub(super) struct Picture {
    format: Format,
    output: Output,
}

/// Begins the file at `path`, which appears when it is complete.
pub(super) fn begin(path: &Path) -> Result<Picture> {
    Ok(Picture { format: Format::of(path)?, output: Output::create(path, 0)? })
}

impl Picture {
    /// Draws `chart` into it.
    pub(super) fn finish(mut self, chart: &Chart) -> Result<()> {
        let bytes = render(chart, self.format)?;
        let mut writer = self.output.writer(0)?;
        writer.write_all(&bytes)?;
        writer.flush()?;
        drop(writer);
        self.output.finish()
    }
}
