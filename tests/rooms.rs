//! The rooms of the house: imports run downwards only, and no file imports itself by way of others.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Folders and files of `src/` from the ground up: each may import from those before it.
const LIBRARY: [&str; 13] = [
    "name",
    "real",
    "arithmetic",
    "dtype",
    "error",
    "law",
    "request",
    "init",
    "recipe",
    "plan",
    "cpu",
    "verify",
    "gpu",
];
/// Those of `src/arithmetic/`, and so of `shaders/`.
const ARITHMETIC: [&str; 6] = ["generator", "dtype", "matrix", "law", "update", "unit"];
/// Those of `common/src/`, and of its `propagation/`.
const COMMON: [&str; 2] = ["file", "propagation"];
const PROPAGATION: [&str; 15] = [
    "activation",
    "signals",
    "patches",
    "products",
    "quadrature",
    "correlation",
    "theory",
    "call",
    "network",
    "matmul",
    "cpu",
    "passes",
    "jacobian",
    "verdict",
    "run",
];
/// Those of `web/src/`.
const PAGE: [&str; 5] = ["choices", "initializer", "tensor", "propagation", "exports"];
/// Those of `cli/src/`.
const PROGRAM: [&str; 19] = [
    "progress",
    "limits",
    "threads",
    "interrupt",
    "store",
    "args",
    "model",
    "file",
    "output",
    "testing",
    "ranks",
    "backend",
    "statistics",
    "picture",
    "plotting",
    "propagation",
    "commands",
    "fuzz",
    "lib",
];

/// The imports of a crate, file by file.
struct House {
    /// Paths of modules such as `law::normal`, and their texts without tests.
    files: BTreeMap<Vec<String>, String>,
}

impl House {
    fn read(root: &Path) -> Self {
        let mut files = BTreeMap::new();
        let mut folders = vec![root.to_owned()];
        while let Some(folder) = folders.pop() {
            for path in std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()) {
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let text = std::fs::read_to_string(&path).unwrap();
                    let code = text.split("\n#[cfg(test)]\nmod tests {").next().unwrap();
                    files.insert(module(path.strip_prefix(root).unwrap()), code.to_owned());
                }
            }
        }
        Self { files }
    }

    /// The file that a path of modules and an item leads to, by way of what folders pass on.
    fn file(&self, path: &[String]) -> Option<Vec<String>> {
        let mut known = (0..=path.len()).rev().map(|length| &path[..length]);
        let file = known.find(|module| self.files.contains_key(*module))?;
        let Some(item) = path.get(file.len()) else { return Some(file.to_vec()) };
        let passed_on = uses(&self.files[file]).into_iter().filter(|import| import.public).find_map(|import| {
            let target = absolute(&import.path, file)?;
            (target.last() == Some(item) && target != path).then_some(target)
        });
        passed_on.and_then(|target| self.file(&target)).or_else(|| Some(file.to_vec()))
    }

    /// Which files each file imports from.
    fn imports(&self) -> BTreeMap<Vec<String>, BTreeSet<Vec<String>>> {
        let of = |(file, text): (&Vec<String>, &String)| {
            // What a folder passes on is its children's.
            let own = uses(text).into_iter().filter(|import| !import.public);
            let paths = own.map(|import| import.path).chain(in_code(text));
            let targets = paths.filter_map(|path| self.file(&absolute(&path, file)?));
            (file.clone(), targets.filter(|target| target != file).collect())
        };
        self.files.iter().map(of).collect()
    }
}

/// The module of a file.
fn module(path: &Path) -> Vec<String> {
    let parts = path.with_extension("");
    let parts = parts.components().map(|part| part.as_os_str().to_str().unwrap().to_owned());
    parts.filter(|part| part != "mod").collect()
}

/// A `use` of one item.
struct Import {
    public: bool,
    path: Vec<String>,
}

/// Every `use` at the beginning of a line, its braces multiplied out.
fn uses(text: &str) -> Vec<Import> {
    let mut found = Vec::new();
    let starts = ["\nuse ", "\npub use ", "\npub(crate) use ", "\npub(super) use "];
    for start in starts {
        for (place, _) in text.match_indices(start) {
            let tree = text[place + start.len()..].split(';').next().unwrap();
            let paths = flat(tree).into_iter();
            found.extend(paths.map(|path| Import { public: start != starts[0], path }));
        }
    }
    found
}

/// Paths that begin with `crate::` in the midst of code.
fn in_code(text: &str) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    for line in text.lines().filter(|line| !line.trim_start().starts_with("//") && !line.contains("use ")) {
        for (place, _) in line.match_indices("crate::").filter(|(place, _)| !line[..*place].ends_with('$')) {
            let path = line[place..].split(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':')).next().unwrap();
            found.push(path.split("::").filter(|part| !part.is_empty()).map(str::to_owned).collect());
        }
    }
    found
}

fn flat(tree: &str) -> Vec<Vec<String>> {
    let Some((prefix, rest)) = tree.split_once('{') else {
        let path = tree.split(" as ").next().unwrap().trim();
        return vec![path.split("::").filter(|part| *part != "self" || path == "self").map(str::to_owned).collect()];
    };
    let prefix: Vec<_> = prefix.trim().split("::").filter(|part| !part.is_empty()).map(str::to_owned).collect();
    let inside = &rest[..rest.rfind('}').unwrap()];
    let (mut depth, mut start, mut parts) = (0, 0, Vec::new());
    for (place, letter) in inside.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&inside[start..place]);
                start = place + 1;
            }
            _ => {}
        }
    }
    parts.push(&inside[start..]);
    let parts = parts.into_iter().filter(|part| !part.trim().is_empty());
    parts.flat_map(flat).map(|path| [&prefix[..], &path].concat()).collect()
}

/// A path from the root of the crate, if it is the crate's own.
fn absolute(path: &[String], file: &[String]) -> Option<Vec<String>> {
    let (mut base, mut rest) = match path.first()?.as_str() {
        "crate" => (Vec::new(), &path[1..]),
        "self" => (file.to_vec(), &path[1..]),
        "super" => (file.to_vec(), path),
        // A child of the module, where folders pass on.
        first if first.chars().all(|letter| letter.is_lowercase() || letter == '_' || letter.is_numeric()) => {
            (file.to_vec(), path)
        }
        _ => return None,
    };
    while rest.first().is_some_and(|part| part == "super") {
        base.pop()?;
        rest = &rest[1..];
    }
    Some([&base[..], rest].concat())
}

fn check(root: &str, floors: &[&str], below: &[&str]) {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(root);
    let house = House::read(&root);
    let imports = house.imports();
    let floor = |file: &[String]| {
        let room = file.get(below.len())?;
        Some(floors.iter().position(|known| known == room).unwrap_or_else(|| panic!("{room} is no known room")))
    };
    let inside = |file: &[String]| file.len() > below.len() && file.iter().zip(below).all(|(part, room)| part == room);
    let mut upwards = Vec::new();
    for (file, targets) in imports.iter().filter(|(file, _)| inside(file)) {
        for target in targets.iter().filter(|target| inside(target)) {
            if floor(file) < floor(target) {
                upwards.push(format!("{} imports {}", file.join("/"), target.join("/")));
            }
        }
    }
    assert!(upwards.is_empty(), "upwards: {upwards:#?}");
    assert!(imports.values().map(BTreeSet::len).sum::<usize>() >= floors.len() - 1, "imports are read");
    if let Some(circle) = circle(&imports) {
        panic!("a circle: {circle:?}");
    }
}

/// Files that import one another in a circle, if there are any.
fn circle(imports: &BTreeMap<Vec<String>, BTreeSet<Vec<String>>>) -> Option<Vec<String>> {
    let mut left = imports.clone();
    loop {
        let free: Vec<_> = left
            .iter()
            .filter(|(_, targets)| targets.iter().all(|target| !left.contains_key(target)))
            .map(|(file, _)| file.clone())
            .collect();
        if free.is_empty() {
            break;
        }
        for file in free {
            left.remove(&file);
        }
    }
    // What is left imports from a circle or is in one: go along until a file comes again.
    let mut way: Vec<&Vec<String>> = vec![left.keys().next()?];
    loop {
        let next = left[*way.last()?].iter().find(|target| left.contains_key(*target))?;
        if let Some(begin) = way.iter().position(|file| *file == next) {
            return Some(way[begin..].iter().map(|file| file.join("/")).collect());
        }
        way.push(next);
    }
}

#[test]
fn the_library_imports_downwards() {
    check("src", &[&LIBRARY[..], &["lib"]].concat(), &[]);
}

#[test]
fn the_arithmetic_imports_downwards() {
    check("src", &ARITHMETIC, &["arithmetic"]);
}

#[test]
fn the_program_imports_downwards() {
    check("cli/src", &[&PROGRAM[..], &["main"]].concat(), &[]);
}

#[test]
fn what_program_and_page_share_imports_downwards() {
    check("common/src", &[&COMMON[..], &["lib"]].concat(), &[]);
    check("common/src", &PROPAGATION, &["propagation"]);
}

#[test]
fn the_page_imports_downwards() {
    check("web/src", &[&PAGE[..], &["lib"]].concat(), &[]);
}

/// The check has eyes.
#[test]
fn circles_are_found() {
    let file = |name: &str| vec![name.to_owned()];
    let of = |pairs: &[(&str, &str)]| {
        let mut imports = BTreeMap::new();
        for (from, to) in pairs {
            imports.entry(file(from)).or_insert_with(BTreeSet::new).insert(file(to));
        }
        imports
    };
    assert_eq!(circle(&of(&[("a", "b"), ("b", "c"), ("a", "c")])), None);
    assert_eq!(circle(&of(&[("a", "b"), ("b", "c"), ("c", "b")])).unwrap().len(), 2);
}
