//! Several adapters at once: lavapipe and SwiftShader share a model out, and the file is that of the CPU.
#![cfg(target_os = "linux")]

mod common;
#[path = "../../tests/implementations/drivers.rs"]
mod drivers;
#[path = "../../tests/common/progress.rs"]
mod progress;

use common::{Folder, said};

fn drivers() -> String {
    drivers::drivers().join(":")
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
[[rule]]
match = "steps"
init = "zeros"
"#;

#[test]
fn adapters_share_a_model_out() {
    let folder = Folder::with("spec.toml", SPEC);
    let mut command =
        folder.command(&["init", "spec.toml", "-o", "all.safetensors", "--backend", "gpu", "--adapter", "all"]);
    let output = command.env("VK_DRIVER_FILES", drivers()).output().unwrap();
    let text = said(&output);
    assert!(output.status.success(), "{text}");
    assert!(text.contains("llvmpipe") && text.contains("SwiftShader"), "{text}");
    folder.ok(&["init", "spec.toml", "-o", "cpu.safetensors", "--backend", "cpu"]);
    assert!(folder.read("all.safetensors") == folder.read("cpu.safetensors"));
}

/// Processes of one machine take its adapters in turn, to the same files.
#[test]
fn each_process_of_a_machine_has_an_adapter() {
    let folder = Folder::with("spec.toml", "default = \"normal\"\n[[tensor]]\nname = \"a\"\nshape = [100001]\n");
    let process = |local_rank: &str| {
        let options = ["init", "spec.toml", "-o", "m", "--partition", "flat", "--backend", "gpu", "--json"];
        let mut command = folder.command(&options);
        command.env("VK_DRIVER_FILES", drivers()).envs([
            ("RANK", "0"),
            ("WORLD_SIZE", "1"),
            ("LOCAL_RANK", local_rank),
        ]);
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", said(&output));
        let summary: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let file = folder.read("m/rank-00000-of-00001.safetensors");
        (summary["processor"].as_str().unwrap().to_owned(), file)
    };
    let [first, second, third] = ["0", "1", "2"].map(process);
    assert_ne!(first.0, second.0);
    assert_eq!(first.0, third.0);
    assert!(first.1 == second.1);
}

/// Every kernel on both drivers; SwiftShader has no 64-bit integers and flushes subnormal numbers.
#[test]
fn both_drivers_pass_the_self_check() {
    let folder = Folder::new();
    // Every kernel where all tests are asked for (scripts/test --all), else a cover.
    let _said = progress::progress("both_drivers_pass_the_self_check");
    let all = std::env::var_os("WEIGHTINIT_TEST_ALL").map(|_| "--all");
    let output = folder.command(&["devices", "--json"]).args(all).env("VK_DRIVER_FILES", drivers()).output().unwrap();
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let adapters = json["adapters"].as_array().unwrap();
    assert_eq!(adapters.len(), 2);
    assert!(adapters.iter().all(|adapter| adapter["self_check"]["passed"] == true), "{json:#}");
}

#[test]
fn interrupted_sharing_leaves_nothing() {
    let folder = Folder::new();
    let spec = common::example("llama-3.2-1b.toml");
    let mut command = folder.command(&["init", &spec, "-o", "out.safetensors", "--adapter", "all"]);
    let child = command.env("VK_DRIVER_FILES", drivers()).stderr(std::process::Stdio::piped()).spawn().unwrap();
    let begun = std::time::Instant::now();
    while folder.files().is_empty() {
        assert!(begun.elapsed().as_secs() < 60, "nothing is being written");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    std::thread::sleep(std::time::Duration::from_millis(300));
    let signal = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(signal.unwrap().success());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130), "{}", said(&output));
    assert_eq!(folder.files(), [""; 0]);
}
