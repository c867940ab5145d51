//! Two drivers below wgpu, lavapipe and SwiftShader, run kernels as JSON and give the digests of the CPU reference;
//! they differ where the device's own functions are used. `scripts/check/implementations` does the same with all
//! kernels, and with Dawn, Chromium and wgpu-native. (The self-check runs all kernels on both drivers too:
//! `cli/tests/adapters.rs`.)
#![cfg(target_os = "linux")]

mod document;
mod drivers;
mod found;
mod runner;

use std::io::Write;
use std::process::Command;

use drivers::drivers;
use serde_json::Value;

/// Runs the kernels on one driver, in a process of its own: only a process's environment can choose the driver.
fn digests_of(driver: &str) -> Value {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--ignored", "--exact", "digests_of_this_process"]).env("VK_DRIVER_FILES", driver);
    let output = command.output().unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    let json = printed.lines().find(|line| line.starts_with('{'));
    let json = json.unwrap_or_else(|| panic!("{driver}: {printed}\n{}", String::from_utf8_lossy(&output.stderr)));
    serde_json::from_str(json).unwrap()
}

#[test]
#[ignore = "the other half of drivers_agree_with_the_reference"]
fn digests_of_this_process() {
    let found = found::found(&document::document(document::is_basic).unwrap());
    assert!(!found["digests"].as_object().unwrap().is_empty());
    // Past the test harness, which would keep what is printed to itself.
    writeln!(std::io::stdout(), "\n{found}").unwrap();
}

#[test]
fn drivers_agree_with_the_reference() {
    let document = document::document(document::is_basic).unwrap();
    let [lavapipe, swiftshader] = std::thread::scope(|scope| {
        let running = drivers().map(|driver| scope.spawn(move || digests_of(&driver)));
        running.map(|child| child.join().unwrap())
    });
    for (name, found) in [("llvmpipe", &lavapipe), ("SwiftShader", &swiftshader)] {
        assert!(found["adapter"].as_str().unwrap().contains(name), "{}", found["adapter"]);
    }
    let mut counts = [0; 3];
    for buffer in document["buffers"].as_array().unwrap() {
        let tensor = buffer["tensor"].as_str().unwrap();
        let [of_lavapipe, of_swiftshader] = [&lavapipe, &swiftshader].map(|found| &found["digests"][tensor]);
        match buffer["kind"].as_str().unwrap() {
            "portable" => {
                assert_eq!([of_lavapipe, of_swiftshader], [&buffer["sha256"]; 2], "{tensor}");
                counts[0] += 1;
            }
            // What a rounding to fewer bits does not hide.
            "native" if tensor.starts_with("normal_native_f32") => {
                assert_ne!(of_lavapipe, of_swiftshader, "{tensor}: this test could not tell implementations apart");
                counts[1] += 1;
            }
            "native" => {}
            _ => {
                assert!(of_lavapipe != &buffer["sha256"] && of_swiftshader != &buffer["sha256"], "{tensor}");
                counts[2] += 1;
            }
        }
    }
    let [portable, native, mutants] = counts;
    assert!(portable >= 40 && native == 10 && mutants == document::MUTATIONS.len(), "{counts:?}");
}
