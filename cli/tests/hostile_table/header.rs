//! Headers of .safetensors files: as what `init` is given, and as what `verify` looks at.

use std::fmt::Write;
use std::fs::OpenOptions;
use std::os::unix::fs::symlink;
use std::process::Command;
use std::time::Duration;

use rustix::process::Signal;

use crate::case::{DONE, EITHER, Group, REFUSED, all};
use crate::common::Folder;

const FILE: &str = "a.safetensors";
const SPEC: &str = "default=\"ones\"\n[[tensor]]\nname=\"w\"\nshape=[4]\n";

/// The commands that read a header: as a list of tensors, as what is judged, as what is verified.
const EXPLAIN: [&str; 5] = ["init", FILE, "--init", "glorot_uniform", "--explain"];
const STATISTICS: [&str; 3] = ["verify", FILE, "--statistics"];
const VERIFY: [&str; 6] = ["verify", FILE, "--spec", "s.toml", "--backend", "cpu"];

/// How the three end. The last finds another file than its spec's where all is well.
const ALL_DONE: [&[i32]; 3] = [DONE, DONE, REFUSED];
const ALL_EITHER: [&[i32]; 3] = [EITHER; 3];
const ALL_REFUSED: [&[i32]; 3] = [REFUSED; 3];

/// A file with this header and these data.
fn bytes(header: impl AsRef<[u8]>, data: impl AsRef<[u8]>) -> Vec<u8> {
    let header = header.as_ref();
    [&(header.len() as u64).to_le_bytes(), header, data.as_ref()].concat()
}

/// The header of one tensor.
fn one(name: &str, dtype: &str, shape: &str, offsets: &str) -> String {
    format!("{{\"{name}\":{{\"dtype\":\"{dtype}\",\"shape\":{shape},\"data_offsets\":{offsets}}}}}")
}

/// The header of one tensor `w` in f32.
fn floats(shape: &str, offsets: &str) -> String {
    one("w", "F32", shape, offsets)
}

/// A file of many tensors of 32 bytes.
fn many(count: usize, shape: &str) -> Vec<u8> {
    let mut header = "{".to_owned();
    for i in 0..count {
        let (comma, begin, end) = (if i == 0 { "" } else { "," }, i * 32, (i + 1) * 32);
        let tensor = format!("{{\"dtype\":\"F32\",\"shape\":{shape},\"data_offsets\":[{begin},{end}]}}");
        write!(header, "{comma}\"t{i}\":{tensor}").unwrap();
    }
    bytes(header + "}", vec![0; count * 32])
}

/// A folder with a file, and a spec that it does not follow.
fn folder(contents: impl AsRef<[u8]>) -> Folder {
    Folder::with(FILE, contents).and("s.toml", SPEC)
}

/// The three commands on one file.
fn three(group: &Group, name: &str, contents: impl AsRef<[u8]>, ways: [&[i32]; 3]) {
    three_in(group, &folder(contents), name, ways, (2.0, 300));
}

/// The same, with the seconds and megabytes that each may take.
fn three_in(group: &Group, folder: &Folder, name: &str, ways: [&[i32]; 3], (seconds, megabytes): (f64, u64)) {
    let commands = [("init --explain", &EXPLAIN[..]), ("--statistics", &STATISTICS), ("verify", &VERIFY)];
    for ((command, arguments), ways) in commands.into_iter().zip(ways) {
        let case = group.case_in(folder, format!("{name}: {command}")).arguments(arguments);
        case.seconds(seconds).megabytes(megabytes).ends(ways);
    }
}

#[test]
fn headers() {
    let group = Group::new("header");
    lists(&group, 100, (1.0, 300));
    offsets(&group);
    texts(&group);
    shapes(&group);
    types(&group);
    values(&group);
    places(&group);
    changes(&group);
    if all() {
        for (count, limits) in [(10_000, (5.0, 1_000)), (100_000, (15.0, 1_000))] {
            lists(&group, count, limits);
        }
        large(&group);
        matrices(&group);
        sparse(&group);
    }
    group.finish();
}

/// What is done with a file of many tensors.
fn lists(group: &Group, count: usize, (seconds, megabytes): (f64, u64)) {
    let folder = folder(many(count, "[8]"));
    let name = format!("{count} tensors");
    three_in(group, &folder, &name, ALL_DONE, (seconds, megabytes));
    let run = |what: &str, arguments: &str, output: &str, ways: &[i32], seconds: f64, megabytes: u64| {
        let case = group.case_in(&folder, format!("{name}: {what}")).words(arguments);
        let case = case.seconds(seconds).megabytes(megabytes);
        if output.is_empty() { case } else { case.writes(output) }.ends(ways);
    };
    for (what, arguments, output, ways) in [
        ("init", "init a.safetensors --init glorot_uniform -o o.safetensors --backend cpu", "o.safetensors", DONE),
        (
            "verify against its own list",
            "verify o.safetensors --spec a.safetensors --init glorot_uniform --backend cpu",
            "",
            DONE,
        ),
        ("statistics with --init", "verify o.safetensors --statistics --init normal", "", EITHER),
        ("plan", "plan a.safetensors --init glorot_uniform", "", DONE),
        ("statistics with gpt2 recipe", "verify o.safetensors --statistics --recipe gpt2", "", EITHER),
        (
            "resume",
            "init a.safetensors --init glorot_uniform -o p.safetensors --resume --backend cpu",
            "p.safetensors",
            DONE,
        ),
    ] {
        run(what, arguments, output, ways, seconds, megabytes);
    }
    if all() {
        let arguments = "init a.safetensors -o g.safetensors --backend gpu --init normal";
        run("init on the GPU", arguments, "g.safetensors", DONE, 60.0, 1_500);
    }
}

/// What takes more than a second in a debug build.
fn large(group: &Group) {
    let million = folder(many(1_000_000, "[8]"));
    for (what, arguments) in [("init --explain", &EXPLAIN[..]), ("--statistics", &STATISTICS)] {
        let case = group.case_in(&million, format!("1000000 tensors: {what}")).arguments(arguments);
        case.seconds(60.0).megabytes(4_000).ends(DONE);
    }
    let limits = (15.0, 2_500);
    let file = |name: &str, contents: Vec<u8>, ways| three_in(group, &folder(contents), name, ways, limits);
    let header = format!("{{}}{}", " ".repeat(99_999_998));
    file("header of 100 MB of spaces", bytes(header, ""), ALL_EITHER);
    file("header of 100 MB of [", bytes("[".repeat(100_000_000), ""), ALL_REFUSED);
    let mut notes = "{\"__metadata__\":{\"\":\"\"".to_owned();
    (0..6_000_000).for_each(|i| write!(notes, ",\"{i}\":\"\"").unwrap());
    file("header of 100 MB metadata", bytes(notes + "}}", ""), ALL_EITHER);
    let ones = vec!["1"; 1_000_000].join(",");
    file("shape of 1e6 ones", bytes(floats(&format!("[{ones}]"), "[0,4]"), [0; 4]), ALL_EITHER);
}

/// Many matrices that are all random, on the GPU and on the CPU.
fn matrices(group: &Group) {
    let folder = Folder::with("m.safetensors", many(100_000, "[2,4]"));
    for (backend, output, seconds, megabytes) in
        [("gpu", "gpu.safetensors", 60.0, 2_500), ("cpu", "cpu.safetensors", 20.0, 1_500)]
    {
        let arguments = ["init", "m.safetensors", "-o", output, "--init", "normal", "--backend", backend];
        let case = group.case_in(&folder, format!("100000 matrices: {backend}")).arguments(&arguments);
        let case = case.seconds(seconds).megabytes(megabytes).writes(output).check(move |_, folder| {
            let [gpu, own] = ["gpu.safetensors", output].map(|name| std::fs::read(folder.path(name)).ok());
            if own == gpu { Ok(()) } else { Err("its bits are not the GPU's".to_owned()) }
        });
        case.ends(DONE);
    }
    for recipe in ["llama", "bert", "vit", "gpt2", "mamba"] {
        let arguments = ["init", "m.safetensors", "--explain", "--recipe", recipe];
        let case = group.case_in(&folder, format!("100000 matrices: recipe {recipe}")).arguments(&arguments);
        case.seconds(20.0).megabytes(1_500).ends(EITHER);
    }
}

/// Files of which the system has only the size.
fn sparse(group: &Group) {
    for (name, dtype, count, size) in
        [("1 TB", "F32", 1_u64 << 38, 1_u64 << 40), ("15 TB", "F8_E4M3", 15 << 40, 15 << 40)]
    {
        let header = bytes(one("w", dtype, &format!("[{count}]"), &format!("[0,{size}]")), "");
        let folder = folder(&header);
        if extend(&folder, header.len() as u64 + size).is_err() {
            eprintln!("this file system has no files of {name}");
            continue;
        }
        let case =
            |what: &str, arguments: &str| group.case_in(&folder, format!("sparse {name}: {what}")).words(arguments);
        case("explain", "init a.safetensors --init glorot_uniform --explain").ends(DONE);
        let statistics = case("statistics, SIGINT after 3 s", "verify a.safetensors --statistics");
        statistics.seconds(5.0).megabytes(200).signal(Signal::INT, Duration::from_secs(3)).ends(&[130]);
        let verify = "verify a.safetensors --spec a.safetensors --init glorot_uniform --backend cpu";
        let verify = case("verify, SIGTERM after 3 s", verify).seconds(5.0).megabytes(600);
        verify.signal(Signal::TERM, Duration::from_secs(3)).ends(&[143]);
        let init =
            case("init finds no room", "init a.safetensors --init glorot_uniform -o o.safetensors --backend cpu");
        init.says("free").ends(REFUSED);
        case("plan", "plan a.safetensors --init glorot_uniform").seconds(60.0).megabytes(1_000).ends(EITHER);
    }
}

fn extend(folder: &Folder, size: u64) -> std::io::Result<()> {
    OpenOptions::new().write(true).open(folder.path(FILE))?.set_len(size)
}

fn offsets(group: &Group) {
    let two = |a: &str, b: &str, data: usize| {
        let header = one("a", "F32", "[4]", a).replace("}}", "},") + &floats("[4]", b)[1..];
        bytes(header, vec![0; data])
    };
    three(group, "overlapping", two("[0,16]", "[8,24]", 24), ALL_REFUSED);
    three(group, "hole", two("[0,16]", "[32,48]", 48), ALL_REFUSED);
    three(group, "equal places", two("[0,16]", "[0,16]", 16), ALL_REFUSED);
    three(group, "misordered", two("[16,32]", "[0,16]", 32), ALL_DONE);
    three(group, "begins late", bytes(floats("[4]", "[16,32]"), [0; 32]), ALL_REFUSED);
    let file = |data: usize| bytes(floats("[4]", "[0,16]"), vec![0; data]);
    three(group, "trailing garbage", file(17), ALL_REFUSED);
    three(group, "truncated data", file(15), ALL_REFUSED);
    for length in (0..9).chain([20]) {
        three(group, &format!("{length} bytes"), &file(0)[..length], ALL_REFUSED);
    }
    three(group, "offsets of three", bytes(floats("[4]", "[0,8,16]"), [0; 16]), ALL_REFUSED);
}

fn texts(group: &Group) {
    let whole = floats("[4]", "[0,16]");
    let with = |notes: &str| notes.to_owned() + &whole[1..];
    let wild = [b"{\"\xff", &whole.as_bytes()[3..]].concat();
    for (name, header, ways) in [
        ("header padded with NUL", (whole.clone() + &"\0".repeat(8)).into_bytes(), ALL_REFUSED),
        ("header with BOM", format!("\u{feff}{whole}").into_bytes(), ALL_REFUSED),
        ("header of invalid UTF-8", wild, ALL_REFUSED),
        ("header with lone surrogate", whole.replace("\"w", "\"\\ud800").into_bytes(), ALL_REFUSED),
        ("metadata of numbers", with("{\"__metadata__\":{\"a\":1},").into_bytes(), ALL_REFUSED),
        ("metadata is a tensor", whole.replace("\"w", "\"__metadata__").into_bytes(), ALL_REFUSED),
        ("two metadata", with("{\"__metadata__\":{},\"__metadata__\":{},").into_bytes(), ALL_EITHER),
        ("empty name", whole.replace("\"w", "\"").into_bytes(), ALL_EITHER),
        ("unknown field", whole.replace("}}", ",\"x\":1}}").into_bytes(), ALL_EITHER),
        ("missing shape", whole.replace("\"shape\":[4],", "").into_bytes(), ALL_REFUSED),
    ] {
        three(group, name, bytes(header, [0; 16]), ways);
    }
    three(group, "header is an array", bytes("[]", ""), ALL_REFUSED);
    three(group, "header is {}", bytes("{}", ""), ALL_EITHER);
}

fn shapes(group: &Group) {
    let most = u64::MAX;
    let digits = format!("[{}]", "1".repeat(100_000));
    for (name, shape, data, ways) in [
        ("scalar", "[]", 4, ALL_DONE),
        ("zero elements", "[0]", 0, [DONE, DONE, REFUSED]),
        ("zero times huge", &format!("[0,{most},{most}]"), 0, ALL_EITHER),
        ("huge times zero", &format!("[{most},{most},0]"), 0, ALL_EITHER),
        ("2^63 times 2", "[9223372036854775808,2]", 0, ALL_REFUSED),
        ("2^62 of F32 (wraps to 0)", "[4611686018427387904]", 0, ALL_REFUSED),
        ("exponent in shape", "[4e0]", 16, ALL_REFUSED),
        ("1e5 digits in shape", &digits, 16, ALL_REFUSED),
    ] {
        three(group, name, bytes(floats(shape, &format!("[0,{data}]")), vec![0; data]), ways);
    }
    let ones = format!("[{}]", vec!["1"; 10_000].join(","));
    three(group, "shape of 1e4 ones", bytes(floats(&ones, "[0,4]"), [0; 4]), ALL_EITHER);
}

fn types(group: &Group) {
    for (dtype, size) in [
        ("F4", 4_u8),
        ("F6_E2M3", 6),
        ("F6_E3M2", 6),
        ("F8_E8M0", 8),
        ("F8_E4M3FNUZ", 8),
        ("F8_E5M2FNUZ", 8),
        ("C64", 64),
        ("BOOL", 8),
        ("U64", 64),
        ("I64", 64),
        ("I8", 8),
        ("F8_E4M3", 8),
        ("F8_E5M2", 8),
        ("F16", 16),
        ("BF16", 16),
        ("F64", 64),
    ] {
        let data: Vec<u8> = (1..=size).collect();
        let folder = folder(bytes(one("w", dtype, "[8]", &format!("[0,{size}]")), data));
        three_in(group, &folder, &format!("dtype {dtype}"), [EITHER, DONE, REFUSED], (2.0, 300));
        let case =
            |what: &str, arguments: &str| group.case_in(&folder, format!("dtype {dtype}: {what}")).words(arguments);
        let other = "init a.safetensors --init glorot_uniform -o o.safetensors --dtype f32 --backend cpu";
        case("init --dtype f32", other).writes("o.safetensors").ends(EITHER);
        case("statistics with --init", "verify a.safetensors --statistics --init normal").ends(EITHER);
        case("verify against itself", "verify a.safetensors --spec a.safetensors --backend cpu").ends(EITHER);
    }
    for (name, dtype, shape, size) in [
        ("F4 of odd count", "F4", "[3]", 1),
        ("F4 of odd count, 2 bytes", "F4", "[3]", 2),
        ("lower-case dtype", "f32", "[4]", 16),
    ] {
        let header = one("w", dtype, shape, &format!("[0,{size}]"));
        three(group, name, bytes(header, vec![0; size]), ALL_REFUSED);
    }
}

/// Elements that sums and histograms may not take well.
fn values(group: &Group) {
    let floats = |values: [f32; 4]| values.map(f32::to_le_bytes).concat();
    let alternating = |value: f64| -> Vec<u8> {
        (0..1_000).flat_map(|i| if i % 2 == 0 { -value } else { value }.to_le_bytes()).collect()
    };
    for (name, dtype, data) in [
        ("NaN", "F32", vec![0xff; 16]),
        ("inf", "F32", floats([f32::INFINITY; 4])),
        ("subnormal", "F32", floats([1, 2, 3, 0x8000_0001].map(f32::from_bits))),
        ("max", "F32", floats([f32::MAX; 4])),
        ("max and -max", "F32", floats([f32::MAX, f32::MIN, 0.0, 0.0])),
        ("signed zeros", "F32", floats([0.0, -0.0, 0.0, -0.0])),
        ("f64 max", "F64", alternating(f64::MAX)),
        ("f64 min", "F64", alternating(5e-324)),
        ("f64 1e200", "F64", alternating(1e200)),
    ] {
        let count = if dtype == "F32" { 4 } else { 1_000 };
        let header = one("w", dtype, &format!("[{count}]"), &format!("[0,{}]", data.len()));
        let folder = folder(bytes(header, data)).and("s.toml", SPEC.replace("\"ones\"", "{init=\"normal\"}"));
        for options in [&[][..], &["--json"], &["--init", "normal"], &["--spec", "s.toml"]] {
            let name = format!("statistics of {name} {}", options.join(" "));
            let case = group.case_in(&folder, name).arguments(&[&STATISTICS[..], options].concat());
            let case = case.check(|found, _| match serde_json::from_slice::<serde_json::Value>(&found.stdout) {
                Err(error) if options == ["--json"] => Err(format!("invalid JSON: {error}")),
                _ => Ok(()),
            });
            case.ends(EITHER);
        }
    }
}

/// What else than a file can be under its name.
fn places(group: &Group) {
    let refused = |name: &str, prepare: &dyn Fn(&Folder)| {
        let folder = Folder::with("s.toml", SPEC);
        prepare(&folder);
        three_in(group, &folder, name, ALL_REFUSED, (2.0, 300));
    };
    refused("FIFO", &|folder| {
        assert!(Command::new("mkfifo").arg(folder.path(FILE)).status().unwrap().success());
    });
    refused("directory", &|folder| std::fs::create_dir(folder.path(FILE)).unwrap());
    for place in ["/dev/zero", "/proc/self/maps"] {
        refused(place, &|folder| symlink(place, folder.path(FILE)).unwrap());
    }
}

/// A file that another program cuts off while it is read.
fn changes(group: &Group) {
    let size = 1_u64 << 33;
    let header = bytes(floats(&format!("[{}]", size / 4), &format!("[0,{size}]")), "");
    let folder = folder(&header);
    extend(&folder, header.len() as u64 + size).unwrap();
    let case = group.case_in(&folder, "truncated while statistics reads it").arguments(&STATISTICS);
    let case = case.meanwhile(Duration::from_millis(300), || extend(&folder, 1_000).unwrap());
    case.says("cannot read").ends(REFUSED);
}
