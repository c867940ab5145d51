//! Specs: sizes, texts, names, numbers, keys, and what a spec's name can lead to.

use std::fmt::Write;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::time::Duration;

use rustix::process::Signal;

use crate::case::{Case, DONE, EITHER, Group, Input, REFUSED, all};
use crate::common::Folder;

const OUT: &str = "o.safetensors";
const INIT: [&str; 6] = ["init", "a.toml", "-o", OUT, "--backend", "cpu"];
const SPEC: &str = "default = \"ones\"\n[[tensor]]\nname = \"w\"\nshape = [4, 6]\n";
/// Who owns nothing; not nobody, whose processes other groups count.
const ANOTHER_USER: u32 = 65533;

/// `init` of a spec of this text.
fn init<'g>(group: &'g Group, name: impl Into<String>, text: impl AsRef<[u8]>) -> Case<'g, 'static> {
    group.case(name).file("a.toml", text).arguments(&INIT).writes(OUT)
}

fn tensor(name: &str) -> String {
    format!("[[tensor]]\nname = \"{name}\"\nshape = [2]\n")
}

/// A spec of one tensor of this name.
fn named(name: &str, more: &str) -> String {
    format!("default = \"zeros\"\n{}{more}", tensor(name))
}

fn tensors(count: usize) -> String {
    let mut text = "default = \"zeros\"\n".to_owned();
    (0..count).for_each(|i| write!(text, "[[tensor]]\nname=\"t{i}\"\nshape=[8]\n").unwrap());
    text
}

/// The spec with rules that match nothing.
fn rules(count: usize, glob: impl Fn(usize) -> String) -> String {
    let mut text = SPEC.to_owned();
    for i in 0..count {
        write!(text, "[[rule]]\nmatch=\"{}\"\ninit=\"ones\"\noptional=true\n", glob(i)).unwrap();
    }
    text
}

/// The spec with one rule of many globs.
fn globs(count: usize, glob: impl Fn(usize) -> String) -> String {
    let globs: Vec<_> = (0..count).map(|i| format!("\"{}\"", glob(i))).collect();
    format!("{SPEC}[[rule]]\ninit=\"ones\"\noptional=true\nmatch=[{}]\n", globs.join(","))
}

fn literal(i: usize) -> String {
    format!("name{i}")
}

fn starred(i: usize) -> String {
    format!("a*b{i}*c")
}

#[test]
fn specs() {
    let group = Group::new("spec");
    sizes(&group);
    texts(&group);
    names(&group);
    seeds(&group);
    keys(&group);
    integers(&group);
    places(&group);
    recipes(&group);
    if all() {
        large(&group);
    }
    group.finish();
}

fn sizes(group: &Group) {
    init(group, "1e3 tensors inline", tensors(1_000)).ends(DONE);
    init(group, "1e3 literal rules", rules(1_000, literal)).ends(DONE);
    init(group, "1e2 regex rules", rules(100, starred)).ends(DONE);
    init(group, "1e3 globs in one rule", globs(1_000, starred)).ends(EITHER);
    init(group, "10 rules of 4 KB of ?*", rules(10, |i| format!("{i}{}", "?*".repeat(2_000)))).ends(EITHER);
    let braces = |i| format!("[{i}]{}", "{a,b}".repeat(800));
    init(group, "10 rules {a,b}x800", rules(10, braces)).ends(EITHER);
    init(group, "10 rules [!a]x1000", rules(10, |i| format!("{i}{}", "[!a]".repeat(1_000)))).ends(EITHER);
    // Backtracking would not come to an end.
    let rule = format!("[[rule]]\nmatch=\"{}b\"\ninit=\"ones\"\noptional=true\n", "a*".repeat(2_000));
    init(group, "a*a*a*...b on 1e4 long name", named(&"a".repeat(10_000), &rule)).ends(EITHER);
    let ones = |count| format!("[[tensor]]\nname=\"w\"\nshape=[{}]\n", "1,".repeat(count));
    init(group, "shape of 1e4 dims of 1", format!("default=\"zeros\"\n{}", ones(10_000))).ends(DONE);
    let glorot = format!("default=\"glorot_uniform\"\nlayout=\"torch\"\n{}", ones(10_000));
    init(group, "glorot on 1e4 dims of 1", glorot).ends(EITHER);
    let far = format!("default=\"glorot_uniform\"\nlayout=\"torch\"\n{}", ones(66).replace("1,1,]", "6,1]"));
    let case = group.case("fans of 66 dims").file("a.toml", far).arguments(&["init", "a.toml", "--explain"]);
    let case = case.check(|found, _| {
        let is_right = String::from_utf8_lossy(&found.stdout).contains(" in 6 out 6 ");
        if is_right { Ok(()) } else { Err("wrong fans".to_owned()) }
    });
    case.ends(DONE);
    init(group, "dotted key 1e5 deep", format!("a{}=1\n{SPEC}", ".a".repeat(100_000))).ends(REFUSED);
    init(group, "table header 1e5 deep", format!("{SPEC}[a{}]\n", ".a".repeat(100_000))).ends(REFUSED);
    let deep = format!("x={}1{}\n", "{a=".repeat(60), "}".repeat(60));
    let rule = format!("{SPEC}[[rule]]\nmatch=\"w\"\ninit=\"ones\"\n{deep}");
    init(group, "rule parameter 60 deep inline table", rule).ends(REFUSED);
    init(group, "1 MB initializer name", initializer(1_000_000)).ends(REFUSED);
    init(group, "1 MB dtype", format!("dtype=\"{}\"\n{SPEC}", "n".repeat(1_000_000))).ends(REFUSED);
    init(group, "1 MB unknown key", format!("{}=1\n{SPEC}", "n".repeat(1_000_000))).ends(REFUSED);
}

fn initializer(length: usize) -> String {
    format!("{SPEC}[[rule]]\nmatch=\"w\"\ninit=\"{}\"\n", "n".repeat(length))
}

/// What takes more than a second in a debug build.
fn large(group: &Group) {
    let large = |name: &str, text: String, ways: &[i32], seconds: f64, megabytes: u64| {
        init(group, name, text).seconds(seconds).megabytes(megabytes).ends(ways);
    };
    large("1e5 tensors inline", tensors(100_000), DONE, 10.0, 1_000);
    // Texts have 2 million parts at most, a shape 100 000 dimensions.
    large("1e6 tensors inline", tensors(1_000_000), REFUSED, 60.0, 4_000);
    large("14e5 tensors inline: a header over 100 MB", tensors(1_400_000), REFUSED, 60.0, 5_000);
    large("1e4 literal rules", rules(10_000, literal), DONE, 10.0, 1_000);
    large("1e5 literal rules", rules(100_000, literal), DONE, 30.0, 3_000);
    large("1e4 regex rules", rules(10_000, starred), DONE, 10.0, 1_000);
    large("1e5 regex rules", rules(100_000, starred), EITHER, 60.0, 4_000);
    large("1e4 globs in one rule", globs(10_000, starred), EITHER, 20.0, 2_000);
    let wide = |i| format!("{i:05}{}", "?a".repeat(2_040));
    large("15e3 globs of 4 KB in one rule (60 MB)", globs(15_000, wide), EITHER, 60.0, 4_000);
    large("2e4 globs of 4 KB in one rule (80 MB)", globs(20_000, wide), REFUSED, 10.0, 1_000);
    for (count, seconds, megabytes) in [(100, 7.0, 600), (1_000, 25.0, 1_500)] {
        let text = rules(count, |i| format!("{i}{}", "?*".repeat(2_000)));
        large(&format!("{count} rules of 4 KB of ?*"), text, EITHER, seconds, megabytes);
    }
    let braces = |i| format!("[{i}]{}", "{a,b}".repeat(800));
    large("100 rules {a,b}x800", rules(100, braces), EITHER, 10.0, 1_500);
    large("100 rules [!a]x1000", rules(100, |i| format!("{i}{}", "[!a]".repeat(1_000))), EITHER, 10.0, 1_500);
    let rule = |stars: usize| format!("[[rule]]\nmatch=\"{}b\"\ninit=\"ones\"\noptional=true\n", "a*".repeat(stars));
    large("a*a*a*...b on 1e5 long name", named(&"a".repeat(100_000), &rule(2_000)), EITHER, 10.0, 1_000);
    let mut text = "default=\"zeros\"\n".to_owned();
    (0..1_000).for_each(|i| write!(text, "[[tensor]]\nname=\"{}{i}\"\nshape=[2]\n", "a".repeat(10_000)).unwrap());
    large("a*a*..b on 1000 names of 1e4", text + &rule(200), EITHER, 20.0, 1_000);
    large("name of 10 MB", named(&"n".repeat(10_000_000), ""), DONE, 10.0, 500);
    large("name of 60 MB", named(&"n".repeat(60_000_000), ""), DONE, 20.0, 2_000);
    large("name of 120 MB", named(&"n".repeat(120_000_000), ""), REFUSED, 20.0, 2_000);
    let quotes = named("w", "").replace("\"w\"", &format!("'{}'", "\"".repeat(60_000_000)));
    large("name of 60 MB of quotes: a header over 100 MB", quotes, REFUSED, 20.0, 2_000);
    large("10 MB unknown key's string", format!("x=\"{}\"\n{SPEC}", "n".repeat(10_000_000)), REFUSED, 10.0, 500);
    large("10 MB initializer name", initializer(10_000_000), REFUSED, 10.0, 500);
    large("10 MB dtype", format!("dtype=\"{}\"\n{SPEC}", "n".repeat(10_000_000)), REFUSED, 10.0, 500);
    for (size, ways) in [(10, DONE), (60, DONE), (255, REFUSED)] {
        let text = format!("#{}\n{SPEC}", "n".repeat(size * 1_000_000));
        large(&format!("{size} MB comment"), text, ways, 20.0, 1_000);
    }
    for size in [60, 100] {
        let text = "\n".repeat(size * 1_000_000) + SPEC;
        large(&format!("{size} MB of newlines"), text, REFUSED, 20.0, 2_000);
    }
    for size in [60, 100] {
        let text = "[[tensor]]\n".repeat(size * 1_000_000 / 11);
        large(&format!("{size} MB of '[[tensor]]' headers"), text, REFUSED, 60.0, 4_000);
    }
    let keys = (0..5_000_000).fold(String::new(), |text, i| text + "k" + &i.to_string() + "=1\n");
    large("60 MB of 'a=1' keys", keys, REFUSED, 60.0, 4_000);
    large("50 MB of [ [ in an unknown array", format!("x=[{}]\n", "[],".repeat(15_000_000)), REFUSED, 60.0, 4_000);
    let ones = format!("[[tensor]]\nname=\"w\"\nshape=[{}]\n", "1,".repeat(1_000_000));
    large("shape of 1e6 dims of 1", format!("default=\"zeros\"\n{ones}"), REFUSED, 10.0, 1_000);
    let glorot = format!("default=\"glorot_uniform\"\nlayout=\"torch\"\n{ones}");
    large("glorot on 1e6 dims of 1", glorot, EITHER, 10.0, 1_000);
}

fn texts(group: &Group) {
    let utf16: Vec<u8> = format!("\u{feff}{SPEC}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    // In Latin-1 é is a byte that no UTF-8 has alone.
    let latin = SPEC.replace('w', "\u{1}").into_bytes().into_iter().map(|b| if b == 1 { 0xe9 } else { b });
    for (name, text, ways) in [
        ("BOM", format!("\u{feff}{SPEC}").into_bytes(), DONE),
        ("two BOMs", format!("\u{feff}\u{feff}{SPEC}").into_bytes(), REFUSED),
        ("CRLF", SPEC.replace('\n', "\r\n").into_bytes(), DONE),
        ("CR only", SPEC.replace('\n', "\r").into_bytes(), REFUSED),
        ("UTF-16", utf16, REFUSED),
        ("NUL in text", format!("{SPEC}\0").into_bytes(), REFUSED),
        ("latin-1", latin.collect(), REFUSED),
        ("empty", Vec::new(), REFUSED),
    ] {
        init(group, name, text).ends(ways);
    }
}

fn names(group: &Group) {
    for (name, written) in [
        ("newline", "a\\nb"),
        ("ANSI", "\\u001b[31mX\\u001b]0;t\\u0007"),
        ("NUL", "a\\u0000b"),
        ("bidi", "\\u202ename"),
        ("path", "../../x"),
        ("DEL/C1", "\\u007f\\u009b31m"),
        ("space", " "),
        ("backslash", "a\\\\b"),
        ("quote", "a\\\"b"),
        ("lone combining", "\\u0301"),
        ("max codepoint", "\\U0010FFFF"),
        ("zero width", "\\u200b"),
    ] {
        init(group, format!("name {name}"), named(written, "")).ends(DONE);
        let empty = named(written, "")
            .replace("\"zeros\"", "\"he_normal\"\nlayout=\"torch\"")
            .replace("[2]", "[9223372036854775807]");
        init(group, format!("name in an error: {name}"), empty).ends(REFUSED);
        let unused = format!("{SPEC}[[rule]]\ninit=\"ones\"\nmatch=\"{written}\"\n");
        init(group, format!("name in a glob error: {name}"), unused).ends(REFUSED);
    }
    let normal = |names: [&str; 2]| format!("default = \"normal\"\n{}{}", tensor(names[0]), tensor(names[1]));
    init(group, "NFC and NFD of one name are two tensors", normal(["é", "e\u{301}"])).ends(DONE);
    init(group, "names by case", normal(["W", "w"])).ends(DONE);
    init(group, "duplicate names", normal(["w", "w"])).says("listed twice").ends(REFUSED);
    init(group, "empty name", named("", "")).says("empty name").ends(REFUSED);
    init(group, "__metadata__", named("__metadata__", "")).says("reserves").ends(REFUSED);
}

fn seeds(group: &Group) {
    let whole = "9223372036854775807, \"18446744073709551615\", 0x7f, 0o17, 0b1, 1_000, +5";
    let wrong = "-1, 1.5, 9223372036854775808, \"18446744073709551616\", \"-1\", \" 1\", nan, inf, \"\", \"0x10\", \
                 true, 1979-05-27, [1]";
    for (seeds, ways) in [(whole, DONE), ("\"+1\", \"007\"", EITHER), (wrong, REFUSED)] {
        for seed in seeds.split(", ") {
            init(group, format!("seed = {seed}"), format!("seed = {seed}\n{SPEC}")).ends(ways);
        }
    }
}

/// Keys that are wrong, and the word of each that the message has.
fn keys(group: &Group) {
    let rule = |text: &str| format!("{SPEC}[[rule]]\n{text}\n");
    let spec = |from: &str, to: &str| SPEC.replacen(from, to, 1);
    let of_layout = |layout: &str| format!("layout=\"{layout}\"\n{}", SPEC.replace("ones", "he_normal"));
    for (name, text, said) in [
        ("duplicate key", format!("seed=1\nseed=2\n{SPEC}"), "duplicate"),
        ("tensors and [[tensor]]", format!("tensors=\"x.json\"\n{SPEC}"), ""),
        ("rule without match", rule("init=\"ones\""), "match"),
        ("rule without init", rule("match=\"w\""), "init"),
        ("unknown key", format!("sead=1\n{SPEC}"), "sead"),
        ("unknown key in rule is a parameter", rule("match=\"w\"\ninit=\"ones\"\nmean=1"), "mean"),
        ("rule as table", format!("{SPEC}[rule]\nmatch=\"w\"\ninit=\"ones\"\n"), ""),
        ("tensor as table", spec("[[tensor]]", "[tensor]"), ""),
        ("default as number", spec("\"ones\"", "1"), ""),
        ("default as array", spec("\"ones\"", "[\"ones\"]"), ""),
        ("match empty list", rule("match=[]\ninit=\"ones\""), ""),
        ("match empty string", rule("match=\"\"\ninit=\"ones\""), ""),
        ("optional = 1", rule("match=\"w\"\ninit=\"ones\"\noptional=1"), ""),
        ("groups negative", rule("match=\"w\"\ninit=\"he_normal\"\nlayout=\"torch\"\ngroups=-1"), ""),
        ("groups float", rule("match=\"w\"\ninit=\"he_normal\"\nlayout=\"torch\"\ngroups=1.0"), ""),
        ("stream float", rule("match=\"w\"\ninit=\"normal\"\nstream=1.5"), "stream"),
        ("stream -1", rule("match=\"w\"\ninit=\"normal\"\nstream=-1"), ""),
        ("shape negative", spec("[4, 6]", "[-1]"), ""),
        ("shape float", spec("[4, 6]", "[4.0]"), ""),
        ("shape missing", spec("shape = [4, 6]\n", ""), ""),
        ("shape nested", spec("[4, 6]", "[[4]]"), ""),
        ("dtype of tensor unknown", format!("{SPEC}dtype=\"f33\"\n"), "f33"),
        ("dtype F4 alone", format!("{SPEC}dtype=\"F4\"\n"), ""),
        ("dtype C64", format!("{SPEC}dtype=\"C64\"\n"), ""),
        ("dtype F8_E8M0", format!("{SPEC}dtype=\"F8_E8M0\"\n"), ""),
        ("layout unknown", format!("layout=\"foo\"\n{SPEC}"), ""),
        ("layout in=99,out=-99", of_layout("in=99,out=-99"), ""),
        ("layout in=9223372036854775807", of_layout("in=9223372036854775807,out=0"), ""),
        ("layout in=-9223372036854775808", of_layout("in=-9223372036854775808,out=0"), ""),
    ] {
        init(group, name, text).says(said).ends(REFUSED);
    }
    for (name, text) in [
        ("stream empty name", rule("match=\"w\"\ninit=\"normal\"\nstream=\"\"")),
        ("dtype F4 with spec dtype", format!("dtype=\"f32\"\n{SPEC}dtype=\"F4\"\n")),
        ("layout in=0,out=0", of_layout("in=0,out=0")),
    ] {
        init(group, name, text).ends(EITHER);
    }
}

/// Constants of integers: either refused, or what the spec says.
fn integers(group: &Group) {
    for (dtype, bytes, value, ways) in [
        ("int64", 8, "9223372036854775807", EITHER),
        ("int64", 8, "-9223372036854775808", EITHER),
        ("uint64", 8, "9223372036854775807", EITHER),
        ("int64", 8, "9007199254740993", EITHER),
        ("int32", 4, "2147483647", DONE),
        ("int32", 4, "-2147483648", DONE),
        ("int32", 4, "2147483648", REFUSED),
        ("int8", 1, "127", DONE),
        ("int8", 1, "128", REFUSED),
        ("uint8", 1, "255", DONE),
        ("uint8", 1, "-1", REFUSED),
        ("bool", 1, "1", DONE),
        ("bool", 1, "2", REFUSED),
        ("uint64", 8, "-1", REFUSED),
        ("int64", 8, "1e300", REFUSED),
        ("uint64", 8, "1e19", EITHER),
        ("uint64", 8, "9223372036854775808.0", EITHER),
        ("int64", 8, "nan", REFUSED),
        ("int64", 8, "inf", REFUSED),
        ("int64", 8, "0.5", REFUSED),
        ("uint16", 2, "65535", DONE),
        ("int16", 2, "-32769", REFUSED),
        ("int64", 8, "9223372036854775808.0", REFUSED),
    ] {
        let rule = format!("[[rule]]\nmatch=\"w\"\ninit=\"constant\"\nvalue={value}\n");
        let text = format!("{}dtype=\"{dtype}\"\n{rule}", tensor("w"));
        let case = init(group, format!("{dtype} constant {value}"), text);
        let case = case.check(move |found, folder| {
            if found.code != 0 {
                return Ok(());
            }
            let expected = value.parse().unwrap_or_else(|_| value.parse::<f64>().unwrap() as i128);
            let file = folder.read(OUT);
            let (element, expected) = (&file[file.len() - bytes..], &expected.to_le_bytes()[..bytes]);
            if element == expected { Ok(()) } else { Err(format!("wrong bits: {element:?}, not {expected:?}")) }
        });
        case.ends(ways);
    }
}

/// What else than a file can be under a spec's name, and what a spec can name.
fn places(group: &Group) {
    let refused = |group: &Group, name: &str, prepare: &dyn Fn(&Folder)| {
        group.case(format!("spec is {name}")).prepared(prepare).arguments(&INIT).writes(OUT).ends(REFUSED);
    };
    for place in [
        "/dev/zero",
        "/proc/self/maps",
        "/proc/kcore",
        "/dev/tty",
        "/dev/urandom",
        "/dev/stdin",
        "/proc/self/mem",
        "a.toml",
    ] {
        refused(group, place, &|folder| symlink(place, folder.path("a.toml")).unwrap());
    }
    refused(group, "missing", &|_| ());
    refused(group, "FIFO without writer", &|folder| {
        assert!(Command::new("mkfifo").arg(folder.path("a.toml")).status().unwrap().success());
    });
    refused(group, "directory", &|folder| std::fs::create_dir(folder.path("a.toml")).unwrap());
    refused(group, "socket", &|folder| drop(UnixListener::bind(folder.path("a.toml")).unwrap()));
    for (name, size) in [("sparse 1 TB", 1 << 40), ("sparse 200 MB of NUL", 200 << 20), ("60 MB of NUL", 60 << 20)] {
        let file = |folder: &Folder| std::fs::File::create(folder.path("a.toml")).unwrap();
        refused(group, name, &|folder| file(folder).set_len(size).unwrap());
    }
    // Root may read everything; another user may not.
    let case = group.case("spec is mode 000 as another user").file("a.toml", SPEC).arguments(&INIT);
    let is_root = rustix::process::geteuid().is_root();
    let case = case.command(|command| {
        if is_root {
            command.uid(ANOTHER_USER).gid(ANOTHER_USER);
        }
    });
    let modes = |folder: &Folder| {
        for (path, mode) in [(folder.path("a.toml"), 0), (folder.path("."), 0o755)] {
            std::fs::set_permissions(path, PermissionsExt::from_mode(mode)).unwrap();
        }
    };
    case.prepared(modes).says("Permission denied").ends(REFUSED);
    // Only stdin may be waited for.
    for (name, signal, code) in [("SIGINT", Signal::INT, 130), ("SIGTERM", Signal::TERM, 143)] {
        let case = group.case(format!("spec is a silent stdin, {name}")).input(Input::Silent);
        let case = case.arguments(&["init", "-", "-o", OUT]).signal(signal, Duration::from_millis(500));
        case.ends(&[code]);
    }
    for (name, tensors) in [
        ("no .json", "../../../../../../proc/self/maps"),
        ("the spec itself", "a.toml"),
        ("empty", ""),
        ("with a NUL", "\\u0000.json"),
        ("the (absent) output", OUT),
        ("a device", "/dev/zero.json"),
    ] {
        init(group, format!("tensors is {name}"), format!("default=\"ones\"\ntensors=\"{tensors}\"\n")).ends(REFUSED);
    }
}

/// Recipes with parameters beyond what makes sense.
fn recipes(group: &Group) {
    let list = r#"{"tensors": [{"name": "h.0.attn.c_proj.weight", "shape": [8, 8]},
        {"name": "wte.weight", "shape": [8, 8]}]}"#;
    for parameter in ["std=1e308", "std=-1", "std=nan", "std=0", "n_layer=0", "n_layer=1e300", "layers=-1", "x=1"] {
        let arguments = ["init", "a.json", "--recipe", "gpt2", "--param", parameter, "-o", OUT, "--backend", "cpu"];
        let case = group.case(format!("recipe gpt2 {parameter}")).file("a.json", list);
        case.arguments(&arguments).writes(OUT).ends(EITHER);
    }
}
