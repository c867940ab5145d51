//! What the system gives: memory, files, threads, stacks, sizes of files, drivers. Where it gives too little, the
//! program says which limit it is, or does with less.

use crate::case::{DONE, Group, REFUSED, all};
use crate::common::Folder;

const SMALL: &str = "default = \"ones\"\n[[tensor]]\nname = \"w\"\nshape = [4, 6]\n";
const BIG: &str = "seed = 7\ndefault = \"uniform\"\n\
    [[tensor]]\nname = \"a\"\nshape = [30000001]\n[[tensor]]\nname = \"b\"\nshape = [9999999]\n";
const OUT: &str = "o.safetensors";
const INIT: &str = "exec \"$weightinit\" init s.toml -o o.safetensors";

#[test]
fn limits() {
    let group = &mut Group::new("limits");
    memory(group);
    handles(group);
    threads(group);
    stacks(group);
    sizes(group);
    drivers(group);
    places(group);
    std::mem::replace(group, Group::new("limits")).finish();
}

fn memory(group: &mut Group) {
    let megabytes: &[u64] =
        if all() { &[30, 50, 80, 120, 200, 300, 400, 500, 800, 1000, 1600] } else { &[60, 300, 900] };
    for megabytes in megabytes {
        for (backend, spec) in [("cpu", BIG), ("auto", BIG), ("auto", SMALL)] {
            let case = group.case(format!("ulimit -v of {megabytes} MB, {backend}, {} bytes", spec.len()));
            let case = case.file("s.toml", spec).writes(OUT).seconds(4.0).megabytes(400);
            case.script(&format!("ulimit -v {}; {INIT} --backend {backend}", megabytes << 10)).ends(&[0, 1]);
        }
    }
    for arguments in ["bench --size 1000000000000000", "bench --size 1000000000000000 --backend cpu"] {
        let arguments: Vec<_> = arguments.split(' ').collect();
        group.case(arguments.join(" ")).arguments(&arguments).ends(REFUSED);
    }
    group.case("bench --rounds 4294967295").arguments(&["bench", "--rounds", "4294967295"]).ends(&[2]);
}

fn handles(group: &mut Group) {
    for count in [4, 5, 6, 8, 10, 16, 24, 32] {
        for backend in ["cpu --resume", "auto"] {
            let case = group.case(format!("ulimit -n {count}, {backend}")).file("s.toml", SMALL).writes(OUT);
            case.script(&format!("ulimit -n {count}; {INIT} --backend {backend}")).ends(&[0, 1]);
        }
    }
}

/// Of another user: root has no limit.
fn threads(group: &mut Group) {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let program = std::fs::read(env!("CARGO_BIN_EXE_weightinit")).unwrap();
    let folder = Folder::with("s.toml", SMALL).and("program", program);
    let open = "chmod 755 program; chown 65532 .; chmod 755 .";
    let opened = std::process::Command::new("bash").args(["-ec", open]).current_dir(folder.folder.path()).status();
    assert!(opened.unwrap().success());
    for (count, ways) in [(1, REFUSED), (2, &[0, 1]), (3, &[0, 1]), (4, &[0, 1]), (5, DONE), (6, DONE), (8, DONE)] {
        for backend in ["cpu", "auto"] {
            let script = format!(
                "exec setpriv --reuid 65532 --regid 65532 --clear-groups bash -c \
                 'ulimit -u {count}; exec ./program init s.toml -o {OUT} --backend {backend}'"
            );
            // Others of this user's processes count too, so that fewer threads may be left.
            let ways = if all() { &[0, 1] } else { ways };
            group.case_in(&folder, format!("ulimit -u {count}, {backend}")).script(&script).writes(OUT).ends(ways);
        }
    }
}

fn stacks(group: &mut Group) {
    for value in ["1", "x", "18446744073709551615"] {
        for backend in ["cpu", "gpu"] {
            let case = group.case(format!("RUST_MIN_STACK={value}, {backend}")).file("s.toml", SMALL).writes(OUT);
            let case = case.script(&format!("{INIT} --backend {backend}")).command(|command| {
                command.env("RUST_MIN_STACK", value);
            });
            case.ends(DONE);
        }
    }
    let case = group.case("ulimit -s 64").file("s.toml", SMALL).writes(OUT);
    case.script(&format!("ulimit -s 64; {INIT} --backend cpu")).ends(DONE);
}

fn sizes(group: &mut Group) {
    for blocks in [1, 1000] {
        for options in ["", "--resume"] {
            let case = group.case(format!("ulimit -f {blocks} {options}")).file("s.toml", BIG).says("ulimit -f");
            case.script(&format!(
                "ulimit -f {blocks}; {INIT} --backend cpu {options} 2>&1 | cat >&2; exit ${{PIPESTATUS[0]}}"
            ))
            .ends(REFUSED);
        }
    }
}

/// A driver that ends the process which opens it: lavapipe, called older than what it is taken for.
fn drivers(group: &mut Group) {
    let lavapipe = std::fs::read_dir("/usr/share/vulkan/icd.d").unwrap().map(|entry| entry.unwrap().path());
    let lavapipe = lavapipe.into_iter().find(|path| path.to_string_lossy().contains("lvp_icd")).unwrap();
    let text = std::fs::read_to_string(lavapipe).unwrap();
    let mut manifest: serde_json::Value = serde_json::from_str(&text).unwrap();
    manifest["ICD"]["api_version"] = "1.0.0".into();
    for (backend, ways) in [("auto", DONE), ("gpu", REFUSED)] {
        let case = group.case(format!("a driver of Vulkan 1.0, {backend}")).file("s.toml", SMALL).writes(OUT);
        let case = case.file("old.json", manifest.to_string()).says("left out");
        case.script(&format!("export VK_DRIVER_FILES=old.json; {INIT} --backend {backend}")).ends(ways);
    }
    let case = group.case("a driver of Vulkan 1.0, devices").file("old.json", manifest.to_string());
    case.script("export VK_DRIVER_FILES=old.json; exec \"$weightinit\" devices").ends(DONE);
    for (name, value) in [("VK_DRIVER_FILES", "/nonexistent"), ("WGPU_BACKEND", "none of them"), ("WGPU_BACKEND", "")] {
        let case = group.case(format!("{name}={value}")).file("s.toml", SMALL).writes(OUT);
        let case = case.script(INIT).command(|command| {
            command.env(name, value);
        });
        case.ends(DONE);
    }
}

/// Disks without room, by a file system of their own.
fn places(group: &mut Group) {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    for (name, options, spec, arguments, says) in [
        ("8 MB", "size=8m", BIG, "", "are free in m"),
        ("8 MB, --resume", "size=8m", BIG, "--resume", "are free in m"),
        ("read-only", "size=8m,ro", SMALL, "", "Read-only"),
        ("one inode left, --resume", "size=8m,nr_inodes=2", SMALL, "--resume", "No space left"),
    ] {
        // In a name space of its own, which goes with the process. Where that is refused, there is nothing to try.
        let script = format!(
            "mkdir m; exec unshare -m bash -c 'mount -t tmpfs -o {options} none m || \
             {{ echo \"error: no mount\" >&2; exit 1; }}; \
             \"$weightinit\" init s.toml -o m/o.safetensors --backend cpu {arguments}; rc=$?; ls -A m >&2; \
             [ -z \"$(ls -A m)\" ] || exit 9; exit $rc'"
        );
        let case = group.case(format!("a disk: {name}")).file("s.toml", spec).leaves("m").script(&script);
        let found = case.ends(REFUSED);
        let is_told = found.stderr.contains(says) || found.stderr.contains("no mount");
        assert!(is_told, "{name}: {}", found.stderr);
    }
}
