//! Every shader has its mirror on the CPU, and every mirror its shader: a file of the same name in the same room, with
//! the same functions in the same order.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Shaders without a mirror of their own, each for its reason.
fn has_no_mirror(shader: &Path) -> bool {
    let name = shader.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    match name {
        // Declarations of where parameters come from; `params` itself has its mirror.
        "params_uniform" | "params_immediate" => true,
        // The numbers of one block and of four, and what goes with them: a mirror computes one.
        "one_block" | "four_blocks" | "one_row" | "four_rows" => true,
        "one_parabola" | "four_parabolas" => true,
        // Its reference is the QR of another library, and its elements are close, not equal.
        "orthogonal" => true,
        // Units without neighbours do what the units with them do.
        _ => name.ends_with("_whole") || name.ends_with("_batch"),
    }
}

/// Mirrors without a shader: `coefficients` and `options` are what the text of shaders is made from.
fn has_no_shader(mirror: &Path) -> bool {
    mirror.file_name().is_some_and(|name| ["mod", "coefficients", "options"].iter().any(|known| name == *known))
}

/// Paths of the files below `root` without their extensions, such as `law/normal`.
fn files(root: &Path, extension: &str) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                assert_eq!(path.extension().unwrap(), extension, "{}", path.display());
                found.insert(path.strip_prefix(root).unwrap().with_extension(""));
            }
        }
    }
    found
}

/// Names of functions in the order of a text.
fn functions(text: &str) -> Vec<&str> {
    let code = text.split("#[cfg(test)]").next().unwrap_or(text);
    let after = code.match_indices("fn ").filter(|(place, _)| {
        let line = code[..*place].rsplit('\n').next().unwrap_or_default();
        !line.contains("//")
    });
    after.map(|(place, _)| code[place + 3..].split(['(', '<']).next().unwrap_or_default()).collect()
}

/// Names and widths in words of the fields of a text's `struct Params`, in order.
fn fields(text: &str) -> Vec<(&str, u32)> {
    let body = text.split("struct Params {").nth(1).unwrap().split('}').next().unwrap();
    let lines = body.lines().map(|line| line.split("//").next().unwrap_or_default().trim());
    let field = |line: &'_ str| {
        let (name, kind) = line.trim_end_matches(',').split_once(": ")?;
        let words = match kind {
            "vec2<u32>" | "[u32; 2]" => 2,
            "vec4<u32>" | "[u32; 4]" => 4,
            "u32" | "f32" => 1,
            other => panic!("{other}"),
        };
        Some((name.len(), words))
    };
    lines
        .filter_map(|line| {
            let line = line.strip_prefix("pub ").unwrap_or(line);
            field(line).map(|(length, words)| (&line[..length], words))
        })
        .collect()
}

#[test]
fn shaders_and_mirrors_have_the_same_functions() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (shaders, mirrors) = (root.join("shaders"), root.join("src/arithmetic"));
    let mut with_mirror = files(&shaders, "wgsl");
    with_mirror.retain(|shader| !has_no_mirror(shader));
    let mut with_shader = files(&mirrors, "rs");
    with_shader.retain(|mirror| !has_no_shader(mirror));
    let difference: Vec<_> = with_mirror.symmetric_difference(&with_shader).collect();
    assert!(difference.is_empty(), "without a partner: {difference:?}");
    for pair in &with_mirror {
        let text =
            |folder: &Path, extension| std::fs::read_to_string(folder.join(pair).with_extension(extension)).unwrap();
        let (shader, mirror) = (text(&shaders, "wgsl"), text(&mirrors, "rs"));
        if pair.ends_with("params") {
            assert_eq!(fields(&mirror), fields(&shader));
        } else {
            assert_eq!(functions(&mirror), functions(&shader), "{}", pair.display());
        }
    }
}
