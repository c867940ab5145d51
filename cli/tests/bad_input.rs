//! Wrong specs, arguments and files: each with the exact message, the exit code, and nothing left behind.

mod common;

use common::{Folder, said};
use weightinit::DType;
use weightinit::init::REGISTRY;

/// A spec with one 2-D tensor `w` and one vector `b`, and more lines before and after.
fn spec(before: &str, after: &str) -> String {
    let tensors = "[[tensor]]\nname = \"w\"\nshape = [4, 6]\n[[tensor]]\nname = \"b\"\nshape = [4]\n";
    format!("{before}\n{tensors}{after}")
}

/// Runs `init spec.toml -o out.safetensors` on the CPU.
fn init(contents: &str) -> (i32, String) {
    let folder = Folder::with("spec.toml", contents);
    let output = folder.run(&["init", "spec.toml", "-o", "out.safetensors", "--backend", "cpu"]);
    assert_eq!(folder.files(), ["spec.toml"], "{contents}");
    (output.status.code().unwrap(), said(&output))
}

/// Runs `init` on a file of this name and contents.
fn init_of(name: &str, contents: impl AsRef<[u8]>) -> (i32, String) {
    let folder = Folder::with(name, contents);
    let output = folder.run(&["init", name, "-o", "out.safetensors", "--backend", "cpu"]);
    assert_eq!(folder.files(), [name]);
    (output.status.code().unwrap(), said(&output))
}

/// Runs the program in an empty folder.
fn run(arguments: &str) -> (i32, String) {
    let folder = Folder::new();
    let output = folder.run(&arguments.split(' ').collect::<Vec<_>>());
    assert_eq!(folder.files(), [""; 0], "{arguments}");
    (output.status.code().unwrap(), said(&output))
}

fn refused(found: (i32, String), expected: &str) {
    assert_eq!(found, (1, format!("error: {expected}\n")));
}

/// What clap refuses: its first line, and exit code 2.
fn misused(found: (i32, String), expected: &str) {
    assert_eq!(found.0, 2);
    assert_eq!(found.1.lines().next().unwrap(), format!("error: {expected}"));
}

/// Names as refusals list them.
fn listed(names: impl IntoIterator<Item = &'static str>) -> String {
    names.into_iter().collect::<Vec<_>>().join(", ")
}

fn float_types() -> String {
    listed(DType::FLOATS.map(DType::name))
}

#[test]
fn keys_and_values_of_specs() {
    refused(
        init(&spec("seed = -1\ndefault = \"zeros\"", "")),
        "spec.toml: seed is -1; expected a whole number from 0 to 18446744073709551615",
    );
    refused(
        init(&spec("seed = \"18446744073709551616\"\ndefault = \"zeros\"", "")),
        "spec.toml: seed is '18446744073709551616'; expected a whole number from 0 to 18446744073709551615",
    );
    refused(
        init(&spec("seed = 1.5", "")),
        "spec.toml: TOML parse error at line 1, column 8\n  |\n1 | seed = 1.5\n  |        ^^^\n\
         seed is no whole number; expected one from 0 to 18446744073709551615, in quotes from 2^63 on",
    );
    refused(
        init(&spec("sed = 1", "")),
        "spec.toml: TOML parse error at line 1, column 1\n  |\n1 | sed = 1\n  | ^^^\n\
         unknown field `sed`, expected one of `seed`, `dtype`, `layout`, `tensors`, `recipe`, `config`, `default`, \
         `rule`, `tensor`",
    );
    refused(
        init("default = \"zeros"),
        "spec.toml: TOML parse error at line 1, column 17\n  |\n1 | default = \"zeros\n  |                 ^\n\
         invalid basic string, expected `\"`",
    );
    refused(
        init(&spec("default = 3", "")),
        "spec.toml: TOML parse error at line 1, column 11\n  |\n1 | default = 3\n  |           ^\n\
         expected an initializer's name, or a table such as { init = \"normal\", std = 0.02 }",
    );
    refused(
        init(&spec("layout = \"tf\"", "")),
        "spec.toml: unknown layout 'tf'; expected one of: keras, torch, torch_transposed, keras_transposed, \
         keras_depthwise, or axes such as in=-2,out=-1,batch=0",
    );
    refused(
        init(&spec("dtype = \"f8\"", "")),
        &format!("spec.toml: unknown dtype 'f8'; expected one of: {}", float_types()),
    );
}

#[test]
fn initializers_of_specs() {
    let default = |value: &str| init(&spec(&format!("default = {value}"), ""));
    refused(
        default("\"he_norm\""),
        &format!(
            "spec.toml: default: unknown initializer 'he_norm'; expected one of: {}",
            listed(REGISTRY.iter().map(|entry| entry.name))
        ),
    );
    refused(
        default("\"he_normal\""),
        "spec.toml: tensor 'w': the initializer needs fans, and so a layout; \
         give keras (..., in, out) or torch (out, in, ...)",
    );
    refused(
        init(&spec("layout = \"torch\"\ndefault = \"kaiming_normal\"", "")),
        "spec.toml: tensor 'b': shape [4] has no fan_in and fan_out in layout torch: PyTorch needs two or more \
         dimensions (out, in/groups, ...); give a shape with more dimensions or an initializer that needs no fans",
    );
    refused(
        default("{ init = \"normal\", std = -1 }"),
        "spec.toml: tensor 'w': parameter std is -1.0; it must be finite and not negative",
    );
    refused(
        default("{ init = \"normal\", std = nan }"),
        "spec.toml: tensor 'w': parameter std is NaN; it must be finite and not negative",
    );
    refused(
        default("{ init = \"normal\", mean = inf }"),
        "spec.toml: tensor 'w': parameter mean is inf; it must be a finite number",
    );
    refused(
        default("{ init = \"uniform\", low = 2, high = 1 }"),
        "spec.toml: tensor 'w': lower bound 2.0 is above upper bound 1.0; exchange them",
    );
    refused(
        default("{ init = \"normal\", sigma = 1 }"),
        "spec.toml: default: initializer normal has no parameter 'sigma'; it takes mean, std",
    );
    refused(
        default("{ init = \"normal\", std = \"big\" }"),
        "spec.toml: default: parameter 'std' of normal is 'big'; expected a number",
    );
    refused(
        default("{ init = \"normal\", std = [1] }"),
        "spec.toml: default: parameter 'std' is of type array; expected a number or a word",
    );
    refused(
        default("{ init = \"constant\" }"),
        "spec.toml: default: initializer constant needs parameter 'value'; give value = <number>",
    );
    refused(
        init(&spec("layout = \"torch\"\ndefault = { init = \"kaiming_uniform\", groups = 3 }", "")),
        "spec.toml: tensor 'w': 3 groups do not divide the 4 channels of shape [4, 6]; give a divisor of 4",
    );
    refused(
        init(&spec("dtype = \"f16\"\ndefault = { init = \"normal\", std = 1e5 }", "")),
        "spec.toml: tensor 'w': samples reach 667000.0, beyond the largest f16 value 65504.0; \
         lower the scale or take a wider dtype",
    );
    refused(default("\"bits\""), "spec.toml: tensor 'w': bits gives dtype u32, not f32; ask for dtype u32");
}

#[test]
fn rules_of_specs() {
    let rule = |rule: &str| init(&spec("default = \"zeros\"", &format!("[[rule]]\n{rule}\n")));
    refused(
        init(&spec("", "")),
        "spec.toml: 2 tensors are not decided:\n  w F32 [4, 6]: no rule\n  b F32 [4]: no rule\nin a spec add a \
         [[rule]] for them, or default = \"zeros\"",
    );
    let unused = "applies to no tensor; correct its match, move it before wider rules, or set optional = true";
    refused(rule("match = \"x*\"\ninit = \"ones\""), &format!("spec.toml: rule 'x*' {unused}"));
    refused(
        rule("match = \"*\"\ninit = \"ones\"\n[[rule]]\nmatch = \"w\"\ninit = \"ones\""),
        &format!("spec.toml: rule 'w' {unused}"),
    );
    refused(
        rule("match = \"a[\"\ninit = \"ones\""),
        "spec.toml: a rule's match: 'a[' is no valid glob: a bracket is not closed",
    );
    refused(
        rule("match = []\ninit = \"ones\""),
        "spec.toml: a rule has an empty match; give a glob such as \"*.weight\"",
    );
    refused(
        rule("match = \"w\""),
        "spec.toml: rule 'w': init is missing; expected init = \"normal\" or another initializer, keep or drop",
    );
    refused(
        rule("match = \"w\"\ninit = \"uniform\"\ndtype = \"f80\""),
        &format!("spec.toml: rule 'w': unknown dtype 'f80'; expected one of: {}", float_types()),
    );
}

#[test]
fn tensors_of_specs() {
    let tensor = |lines: &str| init(&format!("default = \"zeros\"\n[[tensor]]\n{lines}\n"));
    refused(
        init(&spec("default = \"zeros\"", "[[tensor]]\nname = \"w\"\nshape = [1]\n")),
        "spec.toml: tensor 'w' is listed twice; remove one",
    );
    refused(
        tensor("name = \"w\"\nshape = [4294967296, 4294967296]"),
        "spec.toml: tensor 'w': shape [4294967296, 4294967296] has more elements than 64 bits can count in bytes of \
         f32",
    );
    refused(
        tensor("name = \"w\"\nshape = [3, -1]"),
        "spec.toml: TOML parse error at line 4, column 13\n  |\n4 | shape = [3, -1]\n  |             ^^\n\
         invalid value: integer `-1`, expected u64",
    );
    refused(tensor("name = \"\"\nshape = [3]"), "spec.toml: a tensor has an empty name; name it");
    refused(
        tensor("name = \"__metadata__\"\nshape = [3]"),
        "spec.toml: a tensor is called __metadata__, which safetensors reserves; rename it",
    );
    refused(
        tensor("name = \"w\"\nshape = [3]\ndtype = \"float33\""),
        &format!(
            "spec.toml: tensor 'w': unknown dtype 'float33'; expected one of: {}, int64, int32, int16, int8, uint64, \
             uint32, uint16, uint8, bool",
            float_types()
        ),
    );
    refused(
        tensor("name = \"w\"\nshape = [3]\ndtype = \"F8_E8M0\""),
        "spec.toml: tensor 'w': its dtype F8_E8M0 cannot be written; give dtype = \"f32\" or another",
    );
    refused(
        init(&spec("default = \"drop\"", "")),
        "spec.toml: every tensor is dropped; keep or initialize one at least",
    );
    refused(
        init("default = \"zeros\""),
        "spec.toml: there are no tensors; give tensors = \"shapes.json\" or [[tensor]] tables",
    );
    refused(
        init(&spec("default = \"zeros\"\ntensors = \"shapes.json\"", "")),
        "spec.toml: cannot open shapes.json: No such file or directory (os error 2)",
    );
    refused(
        init("default = \"zeros\"\ntensors = \"none.json\""),
        "spec.toml: cannot open none.json: No such file or directory (os error 2)",
    );
    refused(
        init("default = \"zeros\"\ntensors = \"none.txt\""),
        "spec.toml: none.txt: expected a shapes file (.json), or a .safetensors, its index or folder",
    );
}

#[test]
fn integer_tensors() {
    let integer = |dtype: &str, rule: &str| {
        let tensor = format!("[[tensor]]\nname = \"n\"\nshape = [4]\ndtype = \"{dtype}\"");
        init(&format!("{tensor}\n[[rule]]\nmatch = \"n\"\n{rule}\n"))
    };
    refused(
        integer("int64", "init = \"normal\"\nstd = 2"),
        "spec.toml: 1 tensor is not decided:\n  n I64 [4]: normal(std=2) is for floating-point tensors; \
         give this integer tensor zeros, ones, a whole constant or arange\n\
         in a spec add a [[rule]] for it, or default = \"zeros\"",
    );
    refused(
        integer("uint8", "init = \"constant\"\nvalue = 256"),
        "spec.toml: tensor 'n': 256 does not fit in U8; give a value that does",
    );
}

#[test]
fn shapes_files() {
    let schema = "a.json: expected {\"tensors\": [{\"name\", \"shape\", \"dtype\"}]}, or {\"name\": [shape]}";
    let json = |contents: &str| init_of("a.json", contents);
    refused(json("x"), &format!("{schema}: expected value at line 1 column 1"));
    refused(
        json("{\"tensors\": 4}"),
        &format!("{schema}: invalid type: integer `4`, expected a sequence at line 1 column 13"),
    );
    refused(json("{\"tensors\": []}"), "a.json: there are no tensors; list at least one");
    refused(
        json("{\"a\": [2, 3], \"b\": [-1, 3]}"),
        &format!("{schema}: tensor 'b': invalid value: integer `-1`, expected u64 at line 1 column 22"),
    );
    refused(
        json("{\"tensors\": [{\"name\": \"a\"}]}"),
        &format!("{schema}: missing field `shape` at line 1 column 26"),
    );
}

#[test]
fn checkpoints() {
    let incomplete = "a.safetensors is not a complete .safetensors file";
    let checkpoint = |contents: &[u8]| init_of("a.safetensors", contents);
    let with_header = |header: &str, data: &[u8]| {
        checkpoint(&[&(header.len() as u64).to_le_bytes()[..], header.as_bytes(), data].concat())
    };
    refused(checkpoint(b"abc"), &format!("{incomplete}: it has 3 bytes, its header's length alone takes 8"));
    refused(
        checkpoint(b"\0\0\0\0\0\0\0\x80{}"),
        &format!("{incomplete}: its header should have 9223372036854775808 bytes, 2 are left"),
    );
    refused(with_header("xx", b""), &format!("{incomplete}: expected value at line 1 column 1"));
    let header = r#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#;
    refused(with_header(header, b"abc"), &format!("{incomplete}: its header promises 8 bytes of data, it has 3"));
    let overlapping = header.replace("[0,8]", "[4,12]");
    refused(with_header(&overlapping, &[0; 12]), &format!("{incomplete}: invalid offset for tensor `a`"));
}

#[test]
fn files_of_init() {
    refused(run("init none.toml -o o.safetensors"), "cannot open none.toml: No such file or directory (os error 2)");
    refused(
        run("init spec.txt -o o.safetensors"),
        "spec.txt: expected a spec (.toml), a shapes file (.json), or a .safetensors, its index or folder",
    );
    let valid = spec("default = \"zeros\"", "");
    let init = |arguments: &str| {
        let folder = Folder::with("spec.toml", &valid);
        std::fs::create_dir(folder.path("folder.safetensors")).unwrap();
        let arguments = format!("init spec.toml --backend cpu {arguments}");
        let output = folder.run(&arguments.split(' ').collect::<Vec<_>>());
        assert_eq!(folder.files(), ["folder.safetensors", "spec.toml"]);
        (output.status.code().unwrap(), said(&output))
    };
    refused(init("-o o.bin"), "cannot write o.bin: expected a name that ends in .safetensors");
    refused(init("-o none/o.safetensors"), "cannot write none/o.safetensors: there is no directory none; create it");
    refused(init("-o folder.safetensors"), "cannot write folder.safetensors: it is a directory; give a file name");
    refused(
        init("-o o.safetensors --init ones"),
        "spec.toml: --init is for a bare .json or .safetensors; in a spec write default = \"ones\"",
    );
    refused(init("-o o.safetensors --adapter 0"), "--adapter goes with --backend gpu or auto, not with cpu");

    let folder = Folder::with("spec.toml", &valid);
    folder.ok(&["init", "spec.toml", "-o", "a.safetensors", "--backend", "cpu"]);
    let output = folder.run(&["init", "a.safetensors", "--init", "ones", "-o", "a.safetensors", "--backend", "cpu"]);
    refused(
        (output.status.code().unwrap(), said(&output)),
        "cannot write a.safetensors: it is what the tensors are read from; give another name",
    );
    let output = folder.run(&["init", "spec.toml", "-o", "b.safetensors", "--adapter", "quantum"]);
    let text = said(&output);
    assert!(text.starts_with("error: no adapter matches 'quantum'; there are: 0: "), "{text}");
}

#[test]
fn options() {
    misused(run("init spec.toml"), "the following required arguments were not provided:");
    let value = |option: &str, name: &str, found: &str, why: &str| {
        misused(
            run(&format!("init spec.toml -o o.safetensors --{option} {found}")),
            &format!("invalid value '{found}' for '--{option} <{name}>': {why}"),
        );
    };
    let seed = "expected a whole number from 0 to 18446744073709551615";
    value("seed", "SEED", "-1", seed);
    value("seed", "SEED", "18446744073709551616", seed);
    value("dtype", "DTYPE", "f8", &format!("unknown dtype 'f8'; expected one of: {}", float_types()));
    value(
        "layout",
        "LAYOUT",
        "tf",
        "unknown layout 'tf'; expected one of: keras, torch, torch_transposed, keras_transposed, keras_depthwise, \
         or axes such as in=-2,out=-1,batch=0",
    );
    misused(run("init spec.toml -o o.safetensors --backend cuda"), "invalid value 'cuda' for '--backend <BACKEND>'");
    misused(run("initialize"), "unrecognized subcommand 'initialize'");
}

/// URLs are no paths, and what may be secret in them is not repeated.
#[test]
fn urls() {
    let user = "the URL has a user or password (before '@'), and credentials come from the environment alone; give \
                s3://BUCKET/NAME";
    misused(run("init spec.toml -o s3://me:secret@b/m.safetensors"), &format!("--output <FILE>: {user}"));
    misused(run("verify s3://me:secret@b/m --spec spec.toml"), &format!("<FILE>: {user}"));
    misused(
        run("init spec.toml -o https://b/m.safetensors"),
        "--output <FILE>: no store is called https://; expected s3://, gs://, az:// or file://",
    );
    let local = "a file is needed here, not s3://…; stores are for init -o, verify and plot";
    misused(run("init s3://b/spec.toml -o m.safetensors"), &format!("<SPEC>: {local}"));
    misused(run("fill --shape 3 --init zeros -o s3://b/m.npy"), &format!("--output <FILE>: {local}"));
    refused(init("default = \"zeros\"\ntensors = \"s3://b/m.safetensors\"\n"), &format!("spec.toml: {local}"));
    if cfg!(not(feature = "object-store")) {
        misused(
            run("init spec.toml -o s3://b/m/ --shard-size 5GB"),
            "--output <FILE>: s3://b/m/ is in a store, and this program was built without them; build it with them: \
             cargo build --release -p weightinit-cli --features object-store",
        );
    }
}

#[test]
fn single_tensors() {
    let fill = |arguments: &str| run(&format!("fill --shape 4x4 {arguments}"));
    refused(
        fill("--init uniform -o o.txt"),
        "cannot write o.txt: expected a name that ends in .npy or .safetensors, or -",
    );
    refused(fill("--init bits --dtype bf16 -o -"), "bits gives dtype u32, not bf16; ask for dtype u32");
    refused(
        fill("--init uniform --dtype u32 -o -"),
        "uniform gives a floating-point dtype, not u32; ask for a floating-point dtype",
    );
    refused(
        fill("--init uniform --dtype bf16 -o o.npy"),
        "NumPy has no bf16; write .safetensors or raw bytes (-), or take another dtype",
    );
    refused(
        run("fill --shape 4x6 --init he_normal -o -"),
        "the initializer needs fans, and so a layout; give keras (..., in, out) or torch (out, in, ...)",
    );
    refused(fill("--init uniform --range 3..17 -o -"), "--range: element range 3..17 is not a non-empty part of 0..16");
    refused(fill("--init uniform --range 5..3 -o -"), "--range: element range 5..3 is not a non-empty part of 0..16");
    misused(
        fill("--init uniform --range 3 -o -"),
        "invalid value '3' for '--range <A..B>': expected A..B, such as 0..1000",
    );
    misused(
        fill("--init uniform --stream 1 --name x -o -"),
        "the argument '--stream <STREAM>' cannot be used with '--name <NAME>'",
    );
    refused(fill("--init uniform --param low -o -"), "--param low has no value; write --param name=value");
    refused(fill("--init uniform --param low=1 --param low=2 -o -"), "--param low is given twice; keep one");
    refused(fill("--init uniform --param low=x -o -"), "parameter 'low' of uniform is 'x'; expected a number");
    refused(
        fill("--init kaiming_normal --layout torch --param mode=fan -o -"),
        "unknown mode 'fan'; expected one of: fan_in, fan_out, fan_avg",
    );
    refused(
        fill("--init truncated_normal --param lower=3 --param upper=2 -o -"),
        "lower bound 3.0 is above upper bound 2.0; exchange them",
    );
    refused(
        run("fill --shape 4x0 --init ones -o -"),
        "--shape: shape [4, 0] has no elements; every dimension must be at least 1",
    );
    misused(
        run("fill --shape 4,4 --init ones -o -"),
        "invalid value '4,4' for '--shape <SHAPE>': expected dimensions joined by x, such as 64x48, or `scalar`",
    );
}
