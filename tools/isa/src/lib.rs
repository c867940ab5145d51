//! What a real GPU compiler makes of the kernels, without the GPU.
//!
//! WGSL goes through naga to SPIR-V, as in wgpu, and through Mesa's RADV and its compiler ACO to the machine code of an
//! AMD GPU that is not there. The driver tells how many instructions and registers that takes, and how long they are
//! issued for; in its assembly one sees whether a product was fused into a sum, which software adapters never do.

mod assembly;
mod device;
mod driver;
mod spirv;

use anyhow::{Context, Result, ensure};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use weightinit::plan::Kernel;

pub use driver::on_family;

/// GPU families of three generations: GCN 5, RDNA 2 and RDNA 3. The driver knows more.
pub const FAMILIES: [&str; 3] = ["VEGA10", "NAVI21", "GFX1100"];

/// What Mesa 23 and later call those of [`FAMILIES`] that had another name before.
pub const RENAMED: [(&str, &str); 1] = [("GFX1100", "NAVI31")];

/// WGSL with a name.
#[derive(Clone, Debug)]
pub struct Source {
    /// What reports call it.
    pub name: String,
    /// The text.
    pub wgsl: String,
}

/// What became of one entry point on one family.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Report {
    /// The GPU's family, as Mesa calls it.
    pub family: String,
    /// The source's name, and the entry point if there are several.
    pub kernel: String,
    /// Instructions.
    pub instructions: u64,
    /// Registers of vectors that an invocation takes.
    pub vgprs: u64,
    /// Registers of scalars that a wave takes.
    pub sgprs: u64,
    /// Registers of vectors that went to memory.
    pub spilled_vgprs: u64,
    /// Registers of scalars that went into a vector register's lanes.
    pub spilled_sgprs: u64,
    /// The driver's estimate of how many cycles a wave keeps the busiest unit of the processor busy.
    pub inverse_throughput: u64,
    /// Fused f32 instructions that may round otherwise than a product and a sum.
    pub fused: Vec<String>,
    /// Fused f32 instructions whose product is exact, since a factor is a power of two.
    pub exact: Vec<String>,
    /// The machine code.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub assembly: String,
}

/// Every kernel that a GPU has, with parameters in a buffer and 64 bits by halves, and as a Vulkan device runs it: with
/// parameters in the command stream and 64-bit integers.
pub fn kernels() -> impl Iterator<Item = Kernel> {
    let features = |kernel: Kernel| [false, true].map(|has| kernel.with_features(has, has));
    Kernel::all()
        .chain(Kernel::updates())
        .chain(Kernel::slices())
        .filter(|kernel| !kernel.is_batched())
        .flat_map(features)
}

/// Compiles `sources` in this process, for the family that its environment names.
///
/// # Errors
/// A driver that is missing or of another family; WGSL that is not valid.
pub fn compile(family: &str, sources: &[Source]) -> Result<Vec<Report>> {
    let device = device::Device::new()?;
    let name = device.name();
    ensure!(name.contains(family), "the driver is for {name}, not for {family}");
    let of_source = |source: &Source| {
        let shader = spirv::Shader::new(&source.wgsl).with_context(|| source.name.clone())?;
        let entry_points: Vec<_> = shader.entry_points().collect();
        let of_entry_point = |entry_point: &&str| {
            let kernel = match entry_points.len() {
                1 => source.name.clone(),
                _ => format!("{}:{entry_point}", source.name),
            };
            let executable = device.compile(&shader, entry_point).with_context(|| kernel.clone())?;
            report(family, kernel, executable)
        };
        entry_points.iter().map(of_entry_point).collect::<Result<Vec<_>>>()
    };
    Ok(sources.par_iter().map(of_source).collect::<Result<Vec<_>>>()?.concat())
}

fn report(family: &str, kernel: String, executable: device::Executable) -> Result<Report> {
    let statistic = |name: &str| {
        let found = executable.statistics.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| *value).with_context(|| format!("the driver does not say its {name}"))
    };
    let (exact, fused): (Vec<_>, Vec<_>) =
        assembly::fused(&executable.assembly).into_iter().partition(|fused| fused.exact);
    let texts = |instructions: Vec<assembly::Fused>| instructions.into_iter().map(|fused| fused.text).collect();
    Ok(Report {
        family: family.to_owned(),
        kernel,
        instructions: statistic("Instructions")?,
        vgprs: statistic("VGPRs")?,
        sgprs: statistic("SGPRs")?,
        spilled_vgprs: statistic("Spilled VGPRs")?,
        spilled_sgprs: statistic("Spilled SGPRs")?,
        inverse_throughput: statistic("Inverse Throughput")?,
        fused: texts(fused),
        exact: texts(exact),
        assembly: executable.assembly,
    })
}
