//! `weightinit-isa`: a table of what Mesa's AMD compiler makes of the kernels.
#![allow(clippy::print_stdout, reason = "that is what it is for")]

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use clap::Parser;
use weightinit_isa::{FAMILIES, RENAMED, Report, Source, compile, kernels, on_family};

/// Compiles kernels for AMD GPUs that are not there, by Mesa's RADV, and prints what the driver says of their machine
/// code.
#[derive(Parser)]
struct Arguments {
    /// Names of kernels such as normal_f32_int64_immediates, and files of WGSL; every kernel if there are none.
    #[arg(value_name = "KERNEL|FILE.wgsl")]
    sources: Vec<String>,
    /// A family of GPUs by Mesa's name, again and again; VEGA10, NAVI21 and GFX1100 if there are none.
    #[arg(long = "family", value_name = "FAMILY")]
    families: Vec<String>,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
    /// With the machine code.
    #[arg(long)]
    assembly: bool,
    /// In this process, whose environment names the family.
    #[arg(long, hide = true)]
    here: bool,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let reports = if arguments.here { here(&arguments)? } else { everywhere(&arguments)? };
    if arguments.json || arguments.here {
        println!("{}", serde_json::to_string_pretty(&reports)?);
    } else {
        table(&reports);
    }
    Ok(())
}

fn here(arguments: &Arguments) -> Result<Vec<Report>> {
    let family = arguments.families.first().context("there is no --family")?;
    let sources = sources(&arguments.sources)?;
    let mut reports = compile(family, &sources)?;
    if !arguments.assembly {
        reports.iter_mut().for_each(|report| report.assembly.clear());
    }
    Ok(reports)
}

/// The same program once for each family, all at the same time.
fn everywhere(arguments: &Arguments) -> Result<Vec<Report>> {
    let families = match arguments.families.as_slice() {
        [] => FAMILIES.map(str::to_owned).to_vec(),
        families => families.to_vec(),
    };
    let start = |family: &String| {
        let mut command = on_family(Command::new(std::env::current_exe()?), family)?;
        command.args(["--here", "--family", family]).args(arguments.assembly.then_some("--assembly"));
        let child = command.arg("--").args(&arguments.sources).stdout(Stdio::piped()).spawn()?;
        Ok((family.clone(), child))
    };
    let children = families.iter().map(start).collect::<Result<Vec<_>>>()?;
    let mut reports = Vec::new();
    for (family, child) in children {
        let mut output = child.wait_with_output()?;
        if !output.status.success()
            && let Some((_, name)) = RENAMED.iter().find(|(old, _)| *old == family)
        {
            eprintln!("{family} is {name} for this driver, or it failed");
            output = start(&(*name).to_owned())?.1.wait_with_output()?;
        }
        ensure!(output.status.success(), "the driver failed for {family}");
        reports.extend(serde_json::from_slice::<Vec<Report>>(&output.stdout)?);
    }
    Ok(reports)
}

fn sources(names: &[String]) -> Result<Vec<Source>> {
    if names.is_empty() {
        return Ok(kernels().map(|kernel| Source { name: kernel.name(), wgsl: kernel.source() }).collect());
    }
    let source = |name: &String| {
        let wgsl = match Path::new(name).extension() {
            Some(_) => std::fs::read_to_string(name).with_context(|| name.clone())?,
            None => {
                let kernel = kernels().find(|kernel| kernel.name() == *name);
                kernel.with_context(|| format!("there is no kernel {name}; without arguments all are listed"))?.source()
            }
        };
        Ok(Source { name: name.clone(), wgsl })
    };
    names.iter().map(source).collect()
}

fn table(reports: &[Report]) {
    let width = reports.iter().map(|report| report.kernel.len()).max().unwrap_or(0).max("kernel".len());
    println!(
        "{:8} {:width$} {:>12} {:>5} {:>5} {:>6} {:>18} {:>5} {:>5}",
        "family", "kernel", "instructions", "VGPRs", "SGPRs", "spills", "inverse throughput", "fused", "exact"
    );
    for report in reports {
        let Report { family, kernel, instructions, vgprs, sgprs, inverse_throughput, .. } = report;
        let spills = report.spilled_vgprs + report.spilled_sgprs;
        let (fused, exact) = (report.fused.len(), report.exact.len());
        println!(
            "{family:8} {kernel:width$} {instructions:12} {vgprs:5} {sgprs:5} {spills:6} {inverse_throughput:18} \
             {fused:5} {exact:5}"
        );
        if !report.assembly.is_empty() {
            println!("{}", report.assembly);
        }
    }
}
