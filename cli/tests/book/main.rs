//! The shell lines of the book and of README.md run as a newcomer would run them, in a copy of the clone's folders, and
//! Rust and Python blocks are in the lists of those who run them. `scripts/book` starts what takes minutes.
#![cfg(unix)]

mod fences;

use std::io::Write;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use fences::{Fence, fences, pages, read, root};

/// What the clone has that a line may name.
const CLONE: [&str; 3] = ["Cargo.toml", "docs", "examples"];

/// `cargo run` of the program, by the one that is built already.
const CARGO: &str = r#"#!/bin/sh
[ "$1 $2 $3 $4 $5" = "run --release -p weightinit-cli --" ] || { echo "cargo $*: not run in a test" >&2; exit 1; }
shift 5
exec weightinit "$@"
"#;

/// The model of a reader who has a `config.json`; small, and of a family with shapes of its own.
const CONFIG: &str = r#"{"model_type": "llama", "architectures": ["LlamaForCausalLM"], "vocab_size": 320, "hidden_size": 64,
"intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 16,
"initializer_range": 0.02, "tie_word_embeddings": false, "attention_bias": false, "mlp_bias": false,
"torch_dtype": "bfloat16"}"#;

/// A part of it as a list of names and shapes.
const SHAPES: &str = r#"{"model.embed_tokens.weight": [320, 64], "model.layers.0.self_attn.q_proj.weight": [64, 64],
"model.norm.weight": [64], "lm_head.weight": [320, 64]}"#;

/// A folder as the reader of a page has it: a clone, the program, a model.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let bin = folder.path().join(".bin");
    std::fs::create_dir(&bin).unwrap();
    symlink(env!("CARGO_BIN_EXE_weightinit"), bin.join("weightinit")).unwrap();
    std::fs::write(bin.join("cargo"), CARGO).unwrap();
    std::fs::set_permissions(bin.join("cargo"), std::fs::Permissions::from_mode(0o755)).unwrap();
    for name in CLONE {
        symlink(root().join(name), folder.path().join(name)).unwrap();
    }
    std::fs::write(folder.path().join("config.json"), CONFIG).unwrap();
    std::fs::write(folder.path().join("shapes.json"), SHAPES).unwrap();
    let make = "weightinit init config.json -o made/ --backend cpu && mv made/model.safetensors . && rm -r made";
    assert!(bash(folder.path(), make), "the reader's model cannot be made");
    folder
}

/// Runs `script` in `folder`, up to the first line that fails, of which it tells what was printed.
fn bash(folder: &Path, script: &str) -> bool {
    let path = format!("{}:{}", folder.join(".bin").display(), std::env::var("PATH").unwrap());
    let mut command = Command::new("bash");
    command.args(["-euo", "pipefail", "-c", script]).current_dir(folder).env("PATH", path);
    command.env("XDG_RUNTIME_DIR", folder);
    let output = command.output().unwrap();
    if !output.status.success() {
        say(&format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr)));
    }
    output.status.success()
}

/// Says it past the test harness, which keeps what passing tests print to itself.
fn say(text: &str) {
    std::io::stderr().write_all(format!("{text}\n").as_bytes()).unwrap();
}

fn is_shell(fence: &Fence) -> bool {
    fence.language().0 == "sh" || !fence.commands().is_empty()
}

#[test]
#[ignore = "takes minutes: scripts/book runs it"]
fn shell_lines_run() {
    let (mut lines, mut left_out, mut failed) = (0, Vec::new(), Vec::new());
    for page in pages() {
        let fences: Vec<_> = fences(&page).into_iter().filter(is_shell).collect();
        if fences.is_empty() {
            continue;
        }
        let folder = folder();
        for fence in fences {
            if let Some(reason) = fence.reason() {
                left_out.push(format!("{}: {} lines: {reason}", fence.place(), fence.commands().len()));
                continue;
            }
            let begin = Instant::now();
            say(&format!("{}:\n{}", fence.place(), fence.text.trim_end()));
            if !bash(folder.path(), &fence.text) {
                failed.push(fence.place());
            }
            say(&format!("{:.1} s", begin.elapsed().as_secs_f64()));
            lines += fence.commands().len();
        }
    }
    say(&format!("\nnot run here:\n{}", left_out.join("\n")));
    say(&format!("{lines} shell lines run, {} blocks failed", failed.len()));
    assert!(failed.is_empty(), "these blocks fail: {failed:?}");
    assert!(lines > 20, "only {lines} shell lines were found");
}

/// So that no block is left out by a slip of its info string.
#[test]
fn every_block_has_who_runs_it() {
    let (library, python) = (read("src/lib.rs"), read("python/tests/test_docs.py"));
    let mut count = 0;
    for fence in pages().iter().flat_map(|page| fences(page)) {
        let place = fence.place();
        let (language, rest) = fence.language();
        match language {
            "sh" => assert!(rest.is_empty() || fence.reason().is_some(), "{place}: {:?} is not known", fence.info),
            "rust" => {
                let included = format!("include_str!(\"../{}\")", fence.page);
                assert!(library.contains(&included), "{place}: src/lib.rs lacks {included}");
                assert!(!rest.contains("ignore"), "{place}: say no_run, so that it is compiled");
            }
            "python" => {
                assert!(python.contains(&format!("\"{}\"", fence.page)), "{place}: python/tests/test_docs.py lacks it");
            }
            "text" => {
                let needs_none = fence.commands().is_empty();
                assert!(needs_none || fence.reason().is_some(), "{place}: commands in text need a reason");
            }
            "toml" | "yaml" | "json" => {}
            _ => panic!("{place}: {:?} is not known", fence.info),
        }
        if let Some(reason) = fence.reason() {
            assert!(reason.len() > 10, "{place}: say why it is left out");
        }
        count += 1;
    }
    assert!(count > 30, "only {count} blocks were found");
}

/// mdBook leaves out what its summary does not name.
#[test]
fn every_document_is_in_the_book() {
    let entries = std::fs::read_dir(root().join("docs")).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut found: Vec<_> = names.filter(|name| name.ends_with(".md") && name != "SUMMARY.md").collect();
    found.sort();
    let mut listed: Vec<_> = pages().iter().filter_map(|page| Some(page.strip_prefix("docs/")?.to_owned())).collect();
    listed.sort();
    assert_eq!(listed, found);
}

/// What a block that fails looks like.
#[test]
fn a_line_that_fails_is_found() {
    let folder = folder();
    assert!(bash(
        folder.path(),
        "weightinit initializers >/dev/null\ncargo run --release -p weightinit-cli -- --version"
    ));
    assert!(!bash(folder.path(), "weightinit initializers --no-such\ntrue"));
    assert!(!bash(folder.path(), "cargo build\ntrue"));
}
