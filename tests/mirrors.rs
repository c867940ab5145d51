//! Every shader has its mirror on the CPU: a file of the same name, with the same functions in the same order.

use std::path::Path;

/// Files without a mirror of their own: declarations, which `src/params.rs` mirrors, units without neighbours, which do what the
/// units with them do, and the numbers of one block and of four, since a mirror has one.
fn is_exempt(name: &str) -> bool {
    // The reference of orthogonal matrices is another library's.
    name.starts_with("params")
        || ["_whole", "_batch"].iter().any(|end| name.ends_with(end))
        || ["one_", "four_"].iter().any(|start| name.starts_with(start))
        || name == "orthogonal"
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

#[test]
fn shaders_and_mirrors_have_the_same_functions() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut checked = 0;
    for entry in std::fs::read_dir(root.join("shaders")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap();
        if is_exempt(name) {
            continue;
        }
        let shader = std::fs::read_to_string(&path).unwrap();
        let mirror = root.join("src/cpu").join(name).with_extension("rs");
        let mirror = std::fs::read_to_string(&mirror).unwrap_or_else(|_| panic!("{} is missing", mirror.display()));
        assert_eq!(functions(&mirror), functions(&shader), "{name}");
        checked += 1;
    }
    assert!(checked >= 20, "{checked}");
}
