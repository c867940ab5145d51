//! Several adapters at once: lavapipe and SwiftShader share a model out, and the file is that of the CPU.
#![cfg(target_os = "linux")]

mod common;

use std::path::{Path, PathBuf};

use common::{Bench, said};

/// The Vulkan drivers of two software adapters.
fn drivers() -> String {
    let lavapipe = std::fs::read_dir("/usr/share/vulkan/icd.d")
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .find(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("lvp_icd")));
    let swiftshader = Some(PathBuf::from("/usr/lib/chromium/vk_swiftshader_icd.json")).filter(|path| path.exists());
    let found = |path: Option<PathBuf>, package| {
        path.unwrap_or_else(|| panic!("install {package}: scripts/test does it")).display().to_string()
    };
    let both = [found(lavapipe, "mesa-vulkan-drivers"), found(swiftshader, "chromium-common")];
    assert!(both.iter().all(|path| Path::new(path).exists()));
    both.join(":")
}

const SPEC: &str = r#"
default = "normal"
dtype = "bf16"
[[tensor]]
name = "small"
shape = [77]
[[tensor]]
name = "large"
shape = [70000001]
[[tensor]]
name = "steps"
shape = [3]
dtype = "int64"
"#;

#[test]
fn adapters_share_a_model_out() {
    let bench = Bench::with("spec.toml", SPEC);
    let mut command =
        bench.command(&["init", "spec.toml", "-o", "all.safetensors", "--backend", "gpu", "--adapter", "all"]);
    let output = command.env("VK_DRIVER_FILES", drivers()).output().unwrap();
    let text = said(&output);
    assert!(output.status.success(), "{text}");
    assert!(text.contains("llvmpipe") && text.contains("SwiftShader"), "{text}");
    bench.ok(&["init", "spec.toml", "-o", "cpu.safetensors", "--backend", "cpu"]);
    assert!(bench.read("all.safetensors") == bench.read("cpu.safetensors"));
}

/// Every kernel on both drivers; SwiftShader has no 64-bit integers and flushes subnormal numbers.
#[test]
fn both_drivers_pass_the_self_check() {
    let bench = Bench::new();
    let output = bench.command(&["devices", "--json"]).env("VK_DRIVER_FILES", drivers()).output().unwrap();
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let adapters = json["adapters"].as_array().unwrap();
    assert_eq!(adapters.len(), 2);
    assert!(adapters.iter().all(|adapter| adapter["self_check"]["passed"] == true), "{json:#}");
}

#[test]
fn interrupted_sharing_leaves_nothing() {
    let bench = Bench::new();
    let spec = common::example("llama-3.2-1b.toml");
    let mut command = bench.command(&["init", &spec, "-o", "out.safetensors", "--adapter", "all"]);
    let child = command.env("VK_DRIVER_FILES", drivers()).stderr(std::process::Stdio::piped()).spawn().unwrap();
    let begun = std::time::Instant::now();
    while bench.files().is_empty() {
        assert!(begun.elapsed().as_secs() < 60, "nothing is being written");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    std::thread::sleep(std::time::Duration::from_millis(300));
    let signal = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(signal.unwrap().success());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130), "{}", said(&output));
    assert_eq!(bench.files(), [""; 0]);
}
