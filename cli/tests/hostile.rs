//! Input that is meant to do harm, or looks as if it were: files, names, sizes and places. Each is refused with a
//! message, or served; none makes the program panic, hang, or fill the memory.

#![cfg(unix)]

mod common;

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::Output;

use common::{Folder, said};
use safetensors::SafeTensors;

const SPEC: &str = "default = \"ones\"\n[[tensor]]\nname = \"w\"\nshape = [4, 6]\n";

fn found(output: &Output) -> (i32, String) {
    (output.status.code().expect("an exit code, not a signal"), said(output))
}

fn refused(output: &Output, expected: &str) {
    assert_eq!(found(output), (1, format!("error: {expected}\n")));
}

/// What clap refuses: its first line, and exit code 2.
fn misused(output: &Output, expected: &str) {
    let (code, text) = found(output);
    assert_eq!((code, text.lines().next().unwrap()), (2, format!("error: {expected}").as_str()));
}

/// Runs `init` on a file of these contents.
fn init(name: &str, contents: impl AsRef<[u8]>) -> Output {
    let folder = Folder::with(name, contents);
    let output = folder.run(&["init", name, "-o", "out.safetensors", "--backend", "cpu"]);
    assert_eq!(folder.files(), [name]);
    output
}

#[test]
fn headers() {
    let wrong = |text: &str| format!("a.safetensors is not a complete .safetensors file: {text}");
    let header = |header: &str, expected: &str| {
        let bytes = [&(header.len() as u64).to_le_bytes()[..], header.as_bytes(), &[0; 16]].concat();
        refused(&init("a.safetensors", bytes), &wrong(expected));
    };
    let tensor =
        |shape: &str, offsets: &str| format!(r#"{{"a":{{"dtype":"F32","shape":{shape},"data_offsets":{offsets}}}}}"#);
    let most = "18446744073709551615";
    header(&tensor("[4]", "[16,0]"), "invalid offset for tensor `a`");
    header(&tensor("[4]", &format!("[0,{most}]")), "invalid shape, data type, or offset for tensor");
    header(
        &tensor("[4]", "[0,18446744073709551616]"),
        "invalid type: floating point `1.8446744073709552e+19`, expected usize at line 1 column 70",
    );
    header(&tensor("[4]", "[0,-1]"), "invalid value: integer `-1`, expected usize at line 1 column 52");
    header(
        &tensor(&format!("[{most},{most}]"), "[0,16]"),
        "overflow computing buffer size from shape and/or element type",
    );
    header(&tensor(&format!("[{most}]"), "[0,16]"), "overflow computing buffer size from shape and/or element type");
    header(&tensor("[3]", "[0,16]"), "invalid shape, data type, or offset for tensor");
    header(&tensor("[4.5]", "[0,16]"), "invalid type: floating point `4.5`, expected usize at line 1 column 32");
    header(
        &tensor("[4]", "[0,16]").replace("F32", "F33"),
        "unknown variant `F33`, expected one of `BOOL`, `F4`, `F6_E2M3`, `F6_E3M2`, `U8`, `I8`, `F8_E5M2`, `F8_E4M3`, \
         `F8_E8M0`, `F8_E4M3FNUZ`, `F8_E5M2FNUZ`, `I16`, `U16`, `F16`, `BF16`, `I32`, `U32`, `F32`, `C64`, `F64`, \
         `I64`, `U64` at line 1 column 19",
    );
    header(&"[".repeat(100_000), "invalid type: sequence, expected tensors by their names at line 1 column 0");
    header(&format!("{{\"a\":{}", "[".repeat(100_000)), "expected value at line 1 column 7");
    header("", "EOF while parsing a value at line 1 column 0");
    header("null", "invalid type: null, expected tensors by their names at line 1 column 4");
    let two = r#"{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#;
    header(two, "its header has two tensors called 'a'");
    let overlapping = r#"{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]},"b":{"dtype":"F32","shape":[2],"data_offsets":[8,16]}}"#;
    header(overlapping, "invalid offset for tensor `b`");
    for (length, rest) in [(u64::MAX, "x"), (1 << 63, "x")] {
        let text = format!("its header should have {length} bytes, 1 are left");
        refused(&init("a.safetensors", [&length.to_le_bytes()[..], rest.as_bytes()].concat()), &wrong(&text));
    }
    // A header that is there, though as a hole in the file.
    let folder = Folder::with("a.safetensors", (200_000_000u64).to_le_bytes());
    std::fs::OpenOptions::new().write(true).open(folder.path("a.safetensors")).unwrap().set_len(1 << 30).unwrap();
    refused(
        &folder.run(&["init", "a.safetensors", "-o", "out.safetensors"]),
        &wrong("its header should have 200000000 bytes, the format has 100000000 at most"),
    );
}

#[test]
fn texts() {
    let deep = "[".repeat(100_000);
    let json = |text: &str, expected: &str| {
        let schema = "a.json: expected {\"tensors\": [{\"name\", \"shape\", \"dtype\"}]}, or {\"name\": [shape]}";
        refused(&init("a.json", text), &format!("{schema}: {expected}"));
    };
    json(&deep, "invalid type: sequence, expected a string at line 1 column 3");
    json(&format!("{{\"tensors\": {deep}"), "invalid type: sequence, expected a string at line 1 column 14");
    json(&format!("{{\"model\": {deep}"), "EOF while parsing a list at line 1 column 100010");
    json(
        "{\"tensors\": [{\"name\": \"a\", \"name\": \"b\", \"shape\": [1]}]}",
        "duplicate field `name` at line 1 column 33",
    );
    json(
        "{\"tensors\": [{\"name\": \"a\", \"shape\": [18446744073709551616]}]}",
        "invalid type: floating point `1.8446744073709552e+19`, expected u64 at line 1 column 57",
    );
    refused(&init("a.json", b"{\"tensors\": \xff"), "cannot read a.json: it is not UTF-8");
    refused(&init("a.toml", b"seed = \xff"), "cannot read a.toml: it is not UTF-8");

    let last = |text: String| {
        let (code, text) = found(&init("a.toml", text));
        assert_eq!(code, 1);
        text.lines().last().unwrap().to_owned()
    };
    let too_deep = "cannot recurse further; max recursion depth met";
    assert_eq!(last(format!("default = {deep}")), too_deep);
    assert_eq!(last(format!("default = {}", "{a=".repeat(100_000))), too_deep);

    let glob = |glob: &str| {
        let text = last(format!("{SPEC}[[rule]]\ninit = \"ones\"\nmatch = \"{glob}\"\n"));
        text.replace(&format!("{}…", &glob[..200]), "GLOB").replace(glob, "GLOB").replace(&glob[..64], "GLOB")
    };
    let unclosed = "error: a.toml: a rule's match: 'GLOB' is no valid glob: a brace is not closed";
    assert_eq!(glob(&"{".repeat(4_096)), unclosed);
    let unused = "error: a.toml: rule 'GLOB' applies to no tensor; correct its match, move it before wider rules, \
                  or set optional = true";
    for served in
        ["{".repeat(2_048) + &"}".repeat(2_048), "*a".repeat(2_048), "{a,b}".repeat(800), "[!a]".repeat(1_024)]
    {
        assert_eq!(glob(&served), unused);
    }
    for long in ["{".repeat(200_000) + &"}".repeat(200_000), "*a".repeat(200_000)] {
        assert_eq!(
            glob(&long),
            "error: a.toml: a rule's match: 'GLOB' is no valid glob: it has 400000 bytes; shorten it to 4096 at most"
        );
    }

    // What has no end, and what is too long.
    let folder = Folder::new();
    for (place, name) in [("/dev/zero", "a.toml"), ("/dev/zero", "a.json"), ("/dev/null", "b.toml")] {
        symlink(place, folder.path(name)).unwrap();
        let output = folder.run(&["init", name, "-o", "out.safetensors"]);
        let expected = "it is no ordinary file; give one, or a spec as - on stdin";
        refused(&output, &format!("cannot open {name}: {expected}"));
    }
    std::fs::File::create(folder.path("long.toml")).unwrap().set_len((64 << 20) + 1).unwrap();
    refused(
        &folder.run(&["init", "long.toml", "-o", "out.safetensors"]),
        "cannot read long.toml: it is larger than 64 MiB",
    );
    std::fs::write(folder.path("nul.toml"), "seed = 1\0").unwrap();
    refused(
        &folder.run(&["init", "nul.toml", "-o", "out.safetensors"]),
        "cannot read nul.toml: byte 8 is 0, so that it is no text",
    );
    refused(
        &folder.run(&["init", "/.toml", "-o", "out.safetensors"]),
        "/.toml: expected a spec (.toml), a shapes file (.json), or a .safetensors, its index or folder",
    );
    std::fs::create_dir(folder.path("c.toml")).unwrap();
    refused(
        &folder.run(&["init", "c.toml", "-o", "out.safetensors"]),
        "c.toml has no .safetensors; give a folder with weights",
    );
}

#[test]
fn sizes() {
    let shape =
        |shape: &str, more: &str| init("a.toml", format!("{more}\n[[tensor]]\nname = \"w\"\nshape = {shape}\n"));
    let ones = "default = \"ones\"";
    refused(
        &shape("[9223372036854775807]", ones),
        "a.toml: tensor 'w': shape [9223372036854775807] has more elements than 64 bits can count in bytes of f32",
    );
    refused(
        &shape("[2305843009213693952]", &format!("{ones}\ndtype = \"f16\"")),
        "the tensors make no valid .safetensors: overflow computing buffer size from shape and/or element type",
    );
    let int = |shape: &str| {
        init(
            "a.toml",
            format!(
                "[[tensor]]\nname = \"w\"\nshape = {shape}\ndtype = \"int64\"\n[[rule]]\nmatch = \"w\"\ninit = \
                 \"zeros\"\n"
            ),
        )
    };
    refused(
        &int("[2305843009213693952]"),
        "a.toml: tensor 'w': shape [2305843009213693952] has more elements than 64 bits can count in bytes of f64",
    );
    let two = format!(
        "{ones}\n[[tensor]]\nname = \"a\"\nshape = [2305843009213693951]\n[[tensor]]\nname = \"b\"\nshape = \
         [2305843009213693951]\n"
    );
    refused(
        &init("a.toml", two),
        "a.toml: the tensors together have more bytes than a file can hold; give smaller shapes",
    );
    // Tables that a shape alone would make.
    for (name, initializer, shape) in [
        ("sinusoidal", "\"sinusoidal\"", "[1, 1099511627776]"),
        ("rotary", "\"rotary\"", "[1, 1099511627776]"),
        ("rotary_frequencies", "\"rotary_frequencies\"", "[1099511627776]"),
        ("state_space", "{ init = \"state_space\", kind = \"linear\" }", "[1099511627776]"),
        ("stft", "\"stft\"", "[2, 1, 1099511627776]"),
    ] {
        let text = format!("layout = \"torch\"\ndefault = {initializer}\n[[tensor]]\nname = \"w\"\nshape = {shape}\n");
        refused(
            &init("a.toml", text),
            &format!(
                "a.toml: tensor 'w': {name} takes a table of 1099511627776 entries for this shape; \
                 it may have at most 16777216"
            ),
        );
    }
    let folder = Folder::new();
    let fill = |shape: &str, options: &str| {
        let arguments = format!("fill --shape {shape} --init ones {options}");
        folder.run(&arguments.split(' ').collect::<Vec<_>>())
    };
    let hint = "expected dimensions joined by x, such as 64x48, or `scalar`";
    misused(
        &fill("18446744073709551616", "-o -"),
        &format!("invalid value '18446744073709551616' for '--shape <SHAPE>': {hint}"),
    );
    refused(
        &fill("9223372036854775808x2", "-o -"),
        "--shape: shape [9223372036854775808, 2] has more elements than 64 bits can count in bytes of f32",
    );
    refused(
        &fill("4", "-o - --range 0..18446744073709551615"),
        "--range: element range 0..18446744073709551615 is not a non-empty part of 0..4",
    );
    refused(&fill("4", "-o - --range 3..3"), "--range: element range 3..3 is not a non-empty part of 0..4");
    let dimensions = vec!["1"; 40_000].join("x");
    refused(
        &fill(&dimensions, "-o a.npy"),
        "NumPy has at most 64 dimensions, not 40000; write .safetensors or raw bytes (-)",
    );
    assert!(fill(&dimensions, "-o a.safetensors").status.success());
    let groups = |groups: &str| {
        let arguments = format!("fill --shape 4x6 --init he_normal --layout torch -o - --groups {groups}");
        folder.run(&arguments.split(' ').collect::<Vec<_>>())
    };
    refused(&groups("0"), "0 groups do not divide the 4 channels of shape [4, 6]; give a divisor of 4");
    refused(
        &groups("18446744073709551615"),
        "18446744073709551615 groups do not divide the 4 channels of shape [4, 6]; give a divisor of 4",
    );
}

#[test]
fn numbers() {
    let folder = Folder::new();
    let fill = |init: &str, parameter: &str| {
        folder.run(&["fill", "--shape", "4x6", "--layout", "torch", "-o", "-", "--init", init, "--param", parameter])
    };
    let scale = "it must be finite and not negative";
    for (value, shown) in
        [("nan", "NaN"), ("-nan", "NaN"), ("inf", "inf"), ("-inf", "-inf"), ("infinity", "inf"), ("1e999", "inf")]
    {
        for (init, parameter, named, expected) in [
            ("normal", "std", "std", scale),
            ("normal", "mean", "mean", "it must be a finite number"),
            ("uniform", "low", "low", "it must be a finite number"),
            ("uniform", "high", "high", "it must be a finite number"),
            ("constant", "value", "value", "it must be a finite number"),
            ("orthogonal", "gain", "value", "it must be a finite number"),
            ("laplace", "scale", "scale", "it must be finite and above 0"),
            ("variance_scaling", "scale", "scale", scale),
            ("sparse", "sparsity", "sparsity", "it must be from 0 to 1"),
            ("sinusoidal", "base", "base", "it must be finite and above 0"),
        ] {
            let output = fill(init, &format!("{parameter}={value}"));
            refused(&output, &format!("parameter {named} is {shown}; {expected}"));
        }
        for (init, parameter) in [("padded", "padding_idx"), ("block_diagonal", "blocks")] {
            let output = fill(init, &format!("{parameter}={value}"));
            refused(&output, &format!("parameter '{parameter}' of {init} is {shown}; expected a whole number"));
        }
    }
    for seed in ["nan", "inf", "1e3", "-0", "0x10", "99999999999999999999", ""] {
        let output = folder.run(&["fill", "--shape", "4", "--init", "ones", "-o", "-", "--seed", seed]);
        let expected = "expected a whole number from 0 to 18446744073709551615";
        misused(&output, &format!("invalid value '{seed}' for '--seed <SEED>': {expected}"));
    }
}

#[test]
fn places() {
    let folder = Folder::with("spec.toml", SPEC);
    let init = |output: &str| folder.run(&["init", "spec.toml", "-o", output, "--backend", "cpu"]);
    let whole = |name: &str| assert_eq!(SafeTensors::deserialize(&folder.read(name)).unwrap().len(), 1);

    // A link stays, and leads to the new file.
    std::fs::create_dir(folder.path("folder")).unwrap();
    std::fs::write(folder.path("folder/target.safetensors"), "old").unwrap();
    symlink("folder/target.safetensors", folder.path("link.safetensors")).unwrap();
    assert!(init("link.safetensors").status.success());
    assert!(std::fs::symlink_metadata(folder.path("link.safetensors")).unwrap().is_symlink());
    whole("folder/target.safetensors");
    assert_eq!(std::fs::read_dir(folder.path("folder")).unwrap().count(), 1);

    symlink("nothing", folder.path("dangling.safetensors")).unwrap();
    refused(
        &init("dangling.safetensors"),
        "cannot write dangling.safetensors: it is a link to a file that is not there: No such file or directory (os \
         error 2)",
    );
    symlink("loop.safetensors", folder.path("loop.safetensors")).unwrap();
    refused(
        &init("loop.safetensors"),
        "cannot write loop.safetensors: it is a link to a file that is not there: Too many levels of symbolic links \
         (os error 40)",
    );
    symlink("folder", folder.path("to_folder.safetensors")).unwrap();
    refused(&init("to_folder.safetensors"), "cannot write to_folder.safetensors: it is a directory; give a file name");
    symlink("/dev/null", folder.path("null.safetensors")).unwrap();
    refused(&init("null.safetensors"), "cannot write null.safetensors: it is no ordinary file; give another name");
    assert!(std::process::Command::new("mkfifo").arg(folder.path("fifo.safetensors")).status().unwrap().success());
    refused(&init("fifo.safetensors"), "cannot write fifo.safetensors: it is no ordinary file; give another name");
    refused(
        &init("new.safetensors/"),
        "cannot write new.safetensors/: expected a name that ends in .safetensors, without a slash",
    );
    refused(
        &init("spec.toml/new.safetensors"),
        "cannot write spec.toml/new.safetensors: there is no directory spec.toml; create it",
    );
    refused(&init("/dev/null"), "cannot write /dev/null: expected a name that ends in .safetensors");
    misused(&init(""), "a value is required for '--output <FILE>' but none was supplied");

    // What would be written over something else.
    symlink("folder/target.safetensors", folder.path(".trap.safetensors.weightinit-part")).unwrap();
    refused(
        &init("trap.safetensors"),
        "cannot write trap.safetensors: .trap.safetensors.weightinit-part is no ordinary file; remove it",
    );
    whole("folder/target.safetensors");
}

#[test]
fn inputs_are_not_replaced() {
    let folder = Folder::with("spec.toml", SPEC);
    folder.ok(&["init", "spec.toml", "-o", "a.safetensors", "--backend", "cpu"]);
    let before = folder.read("a.safetensors");
    symlink("a.safetensors", folder.path("soft.safetensors")).unwrap();
    std::fs::hard_link(folder.path("a.safetensors"), folder.path("hard.safetensors")).unwrap();
    std::fs::write(folder.path("from.toml"), "default = \"zeros\"\ntensors = \"soft.safetensors\"\n").unwrap();
    let bare = ["--init", "ones"];
    for (input, init) in [("a.safetensors", &bare[..]), ("soft.safetensors", &bare), ("from.toml", &[])] {
        for output in ["a.safetensors", "soft.safetensors", "hard.safetensors", "./a.safetensors"] {
            refused(
                &folder.run(&[&["init", input, "-o", output, "--backend", "cpu"][..], init].concat()),
                &format!("cannot write {output}: it is what the tensors are read from; give another name"),
            );
        }
    }
    assert!(folder.read("a.safetensors") == before);
    folder.ok(&["init", "from.toml", "-o", "b.safetensors", "--backend", "cpu"]);
}

/// Root may write everywhere; another user may not.
#[test]
fn read_only_folders() {
    use std::os::unix::process::CommandExt;
    let folder = Folder::with("spec.toml", SPEC);
    std::fs::set_permissions(folder.folder.path(), std::fs::Permissions::from_mode(0o555)).unwrap();
    let mut command = folder.command(&["init", "spec.toml", "-o", "out.safetensors", "--backend", "cpu"]);
    let root = std::fs::write(folder.path("probe"), "").is_ok();
    if root {
        std::fs::remove_file(folder.path("probe")).unwrap();
        command.uid(65534);
    }
    refused(&command.output().unwrap(), "cannot write out.safetensors: Permission denied (os error 13)");
    std::fs::set_permissions(folder.folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    assert_eq!(folder.files(), ["spec.toml"]);
}

#[test]
fn names() {
    let folder = Folder::with("spec.toml", SPEC);
    // Not UTF-8: fine for files, not for tensors.
    let wild = OsStr::from_bytes(b"\xff\xfe.safetensors");
    let mut command = folder.command(&["init", "spec.toml", "--backend", "cpu", "-o"]);
    let output = command.arg(wild).output().unwrap();
    assert!(output.status.success() && folder.folder.path().join(wild).exists(), "{}", said(&output));
    let mut command = folder.command(&["init", "--explain"]);
    std::fs::copy(folder.path("spec.toml"), folder.folder.path().join(OsStr::from_bytes(b"\xff.toml"))).unwrap();
    assert!(command.arg(OsStr::from_bytes(b"\xff.toml")).output().unwrap().status.success());
    let mut command = folder.command(&["fill", "--shape", "4", "--init", "ones", "-o", "-", "--name"]);
    misused(
        &command.arg(OsStr::from_bytes(b"\xff")).output().unwrap(),
        "invalid UTF-8 was detected in one or more arguments",
    );
    let output = folder.run(&["init", "spec.toml", "-o", &format!("{}.safetensors", "n".repeat(240))]);
    refused(
        &output,
        &format!(
            "cannot write {0}.safetensors: .{0}.safetensors.weightinit-part: File name too long (os error 36)",
            "n".repeat(240)
        ),
    );

    // Of tensors: long ones, and such as JSON and terminals have to be careful with.
    let long = "n".repeat(1 << 20);
    let names =
        [long.as_str(), "\u{1b}[31m", "a\"b\\c", "../../etc/passwd", "\u{202e}evil", " ", "ｗｅｉｇｈｔ", "\u{0}"];
    let list: Vec<_> = names.iter().map(|name| serde_json::json!({"name": name, "shape": [3]})).collect();
    std::fs::write(folder.path("a.json"), serde_json::json!({"tensors": list}).to_string()).unwrap();
    folder.ok(&["init", "a.json", "--init", "normal", "-o", "a.safetensors", "--backend", "cpu"]);
    let file = folder.read("a.safetensors");
    let tensors = SafeTensors::deserialize(&file).unwrap();
    assert_eq!(tensors.len(), names.len());
    assert!(names.iter().all(|name| tensors.tensor(name).is_ok()));
    folder.ok(&["verify", "a.safetensors", "--spec", "a.json", "--init", "normal", "--backend", "cpu"]);
    // What would control a terminal is written out.
    let table = String::from_utf8(folder.ok(&["init", "a.json", "--init", "normal", "--explain"])).unwrap();
    assert!(table.contains("\\u{1b}[31m") && !table.contains('\u{1b}'));
}
