//! Mesa's AMD driver in a process of its own, since it reads the GPU's family from the environment.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

/// Where systems keep the descriptions of Vulkan drivers.
const FOLDERS: [&str; 3] = ["/usr/share/vulkan/icd.d", "/usr/local/share/vulkan/icd.d", "/etc/vulkan/icd.d"];

/// `command`, to be run with a Vulkan whose only device is a GPU of `family` that compiles and never runs.
///
/// # Errors
/// There is no such driver.
pub fn on_family(mut command: Command, family: &str) -> Result<Command> {
    let driver = radv().context("there is no RADV driver: install mesa-vulkan-drivers (scripts/test does it)")?;
    command.env("RADV_FORCE_FAMILY", family).env("VK_DRIVER_FILES", driver);
    // What was compiled before comes from Mesa's cache without its assembly.
    command.env("MESA_SHADER_CACHE_DISABLE", "true");
    Ok(command)
}

/// The one that the environment names, such as another version of Mesa, or else the system's.
fn radv() -> Option<PathBuf> {
    let named = std::env::var_os("VK_DRIVER_FILES")
        .into_iter()
        .flat_map(|paths| std::env::split_paths(&paths).collect::<Vec<_>>());
    let entries = FOLDERS.iter().filter_map(|folder| std::fs::read_dir(folder).ok()).flatten().flatten();
    let is_radv = |name: &str| name.starts_with("radeon_icd") && name.ends_with(".json");
    let mut paths = named.chain(entries.map(|entry| entry.path()));
    paths.find(|path| path.file_name().and_then(|name| name.to_str()).is_some_and(is_radv))
}
