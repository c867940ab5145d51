//! `weightinit completions` and `weightinit man`: scripts that shells take, and pages that name every command.

mod common;

use std::io::Write;
use std::process::{Command, Stdio};

use common::{Folder, said};

fn text(arguments: &[&str]) -> String {
    String::from_utf8(Folder::new().ok(arguments)).unwrap()
}

/// The commands that `--help` lists.
fn commands() -> Vec<String> {
    let help = text(&["--help"]);
    let listed = help.split("Commands:\n").nth(1).unwrap().split("\n\n").next().unwrap();
    let names = listed.lines().filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    let names: Vec<_> = names.map(|line| line.split_whitespace().next().unwrap().to_owned()).collect();
    assert!(names.contains(&"propagate".to_owned()) && names.len() > 10, "{names:?}");
    names
}

#[test]
fn every_shell_has_a_script_with_every_command() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = text(&["completions", shell]);
        for command in commands() {
            assert!(script.contains(&command), "{shell}: {command}");
        }
        assert!(script.contains("symmetry"), "{shell}");
    }
    let output = Folder::new().run(&["completions", "csh"]);
    let refused = "error: invalid value 'csh' for '<SHELL>'";
    assert!(output.status.code() == Some(2) && said(&output).starts_with(refused), "{}", said(&output));
}

/// What the shell itself offers after `weightinit prop`.
#[test]
fn bash_completes() {
    let script = text(&["completions", "bash"]);
    let ask =
        "COMP_WORDS=(weightinit prop); COMP_CWORD=1; _weightinit weightinit prop weightinit; echo \"${COMPREPLY[@]}\"";
    let mut bash = Command::new("bash").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    writeln!(bash.stdin.take().unwrap(), "{script}\n{ask}").unwrap();
    let output = bash.wait_with_output().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "propagate\n");
}

#[test]
fn every_command_has_a_page() {
    let page = text(&["man"]);
    assert!(page.contains(".TH weightinit 1"), "{page}");
    for command in commands() {
        assert!(page.contains(&format!("weightinit\\-{}", command.replace('-', "\\-"))), "{command}: {page}");
        // Help has no page of its own.
        if command != "help" {
            let page = text(&["man", &command]);
            assert!(page.contains(&format!(".TH weightinit-{command} 1")), "{page}");
        }
    }
    let output = Folder::new().run(&["man", "probe"]);
    let refused = "error: unknown command 'probe'; expected one of: init, fill, ";
    assert!(output.status.code() == Some(1) && said(&output).starts_with(refused), "{}", said(&output));
}
