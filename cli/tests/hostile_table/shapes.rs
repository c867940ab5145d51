//! Shapes files, as what `init` is given.

use std::fmt::Write;

use crate::case::{Case, DONE, EITHER, Group, REFUSED, all};

/// `init` of a shapes file of this text.
fn init<'g>(group: &'g Group, name: impl Into<String>, text: impl AsRef<[u8]>) -> Case<'g, 'static> {
    let arguments = ["init", "a.json", "--init", "he_normal", "-o", "o.safetensors", "--backend", "cpu"];
    group.case(name).file("a.json", text).arguments(&arguments).writes("o.safetensors")
}

/// A list of tensors of this shape.
fn list(count: usize, shape: &str) -> String {
    let mut text = "{\"tensors\": [".to_owned();
    for i in 0..count {
        write!(text, "{}{{\"name\": \"t{i}\", \"shape\": {shape}}}", if i == 0 { "" } else { ", " }).unwrap();
    }
    text + "]}"
}

fn named(name: &str) -> String {
    format!("{{\"tensors\":[{{\"name\":\"{name}\",\"shape\":[1]}}]}}")
}

#[test]
fn shapes_files() {
    let group = Group::new("shapes");
    let one = named("a");
    let deep =
        format!("{{\"x\":{}{},\"tensors\":[{{\"name\":\"a\",\"shape\":[1]}}]}}", "[".repeat(120), "]".repeat(120));
    for (name, text, ways) in [
        ("unknown field", one.replace("[1]", "[1],\"x\":1"), REFUSED),
        ("null dtype", one.replace("[1]", "[1],\"dtype\":null"), EITHER),
        ("shape null", one.replace("[1]", "null"), REFUSED),
        ("tensors null", "{\"tensors\":null}".to_owned(), REFUSED),
        ("tensors twice", one.replacen('{', "{\"tensors\":[],", 1), REFUSED),
        ("trailing comma", one.replace("[1]", "[1],"), REFUSED),
        ("trailing text", format!("{one} x"), REFUSED),
        ("two documents", format!("{one}{{}}"), REFUSED),
        ("BOM", format!("\u{feff}{one}"), EITHER),
        ("lone surrogate", named("\\ud800"), REFUSED),
        ("escaped NUL", named("\\u0000"), DONE),
        ("JSON5", "{tensors:[]}".to_owned(), REFUSED),
        ("NaN", one.replace("[1]", "[NaN]"), REFUSED),
        ("empty", String::new(), REFUSED),
        ("deep unknown 120", deep, EITHER),
        ("1 MB number", one.replace("[1]", &format!("[{}]", "9".repeat(1_000_000))), REFUSED),
        ("scalar of 100 tensors", list(100, "[]"), DONE),
        ("dtype with control characters", one.replace("[1]", "[1],\"dtype\":\"\\u001b[31m\""), REFUSED),
        ("1e3 tensors", list(1_000, "[8]"), DONE),
    ] {
        init(&group, name, text).ends(ways);
    }
    if all() {
        large(&group);
    }
    group.finish();
}

/// What takes more than a second in a debug build.
fn large(group: &Group) {
    let large = |name: &str, text: String, ways: &[i32], seconds: f64, megabytes: u64| {
        init(group, name, text).seconds(seconds).megabytes(megabytes).ends(ways);
    };
    large("1e5 tensors", list(100_000, "[8]"), DONE, 10.0, 1_000);
    large("1e6 tensors", list(1_000_000, "[8]"), DONE, 60.0, 4_000);
    // A header has 75 bytes of each, a list 36.
    large("14e5 tensors: a header over 100 MB", list(1_400_000, "[8]"), REFUSED, 60.0, 5_000);
    large("name of 60 MB of escapes", named(&"\\u0001".repeat(10_000_000)), DONE, 10.0, 1_000);
    large("name of 60 MB of escapes that are longer in a header", named(&"\\\"".repeat(30_000_000)), DONE, 10.0, 1_000);
    large("name of 80 MB", named(&"n".repeat(80_000_000)), REFUSED, 5.0, 500);
}
