//! Globs: against a matcher that follows the description word by word, and hostile ones.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use weightinit::recipe::Glob;

/// Whether all of `name` matches a valid glob, by trying everything that is not among what has been `tried` in vain.
fn described(glob: &[char], name: &[char], tried: &mut HashSet<(Vec<char>, usize)>) -> bool {
    if !tried.insert((glob.to_vec(), name.len())) {
        return false;
    }
    let Some(first) = glob.first() else { return name.is_empty() };
    let (part, after) = glob.split_at(length(glob));
    let takes = |letter: char| match part {
        ['?'] => true,
        ['[', set @ .., ']'] => has(set, letter),
        ['\\', itself] | [itself] => letter == *itself,
        _ => unreachable!(),
    };
    match first {
        '*' => (0..=name.len()).any(|taken| described(after, &name[taken..], tried)),
        '{' => {
            let (mut alternatives, mut at) = (vec![Vec::new()], 1);
            while at < part.len() - 1 {
                let piece = &part[at..][..length(&part[at..])];
                at += piece.len();
                match piece {
                    [','] => alternatives.push(Vec::new()),
                    _ => alternatives.last_mut().unwrap().extend_from_slice(piece),
                }
            }
            alternatives.iter().any(|alternative| described(&[alternative, after].concat(), name, tried))
        }
        _ => name.first().is_some_and(|letter| takes(*letter)) && described(after, &name[1..], tried),
    }
}

/// Letters of what a glob begins with: a letter, an escaped one, a set, or whole braces.
fn length(glob: &[char]) -> usize {
    match glob[0] {
        '\\' => 2,
        '[' => {
            let first = if matches!(glob[1], '!' | '^') { 3 } else { 2 };
            first + 1 + glob[first..].iter().position(|letter| *letter == ']').unwrap()
        }
        '{' => {
            let mut end = 1;
            while glob[end] != '}' {
                end += length(&glob[end..]);
            }
            end + 1
        }
        _ => 1,
    }
}

fn has(set: &[char], letter: char) -> bool {
    match set {
        ['!' | '^', rest @ ..] => !has_one(rest, letter),
        _ => has_one(set, letter),
    }
}

fn has_one(set: &[char], letter: char) -> bool {
    match set {
        [] => false,
        [first, '-', last, rest @ ..] => (*first <= letter && letter <= *last) || has_one(rest, letter),
        [first, rest @ ..] => *first == letter || has_one(rest, letter),
    }
}

/// A glob agrees with the description about a name, and its texts are in each name that matches.
fn check(text: &str, name: &str) -> bool {
    let glob = Glob::new(text).unwrap();
    let letters = |text: &str| text.chars().collect::<Vec<_>>();
    let expected = described(&letters(text), &letters(name), &mut HashSet::new());
    assert_eq!(glob.matches(name), expected, "{text} {name}");
    if expected {
        let mut rest = name;
        for literal in glob.literals() {
            assert!(!literal.is_empty(), "{text}");
            let at = rest.find(literal).unwrap_or_else(|| panic!("{text} {name}: {literal} is not in {rest}"));
            rest = &rest[at + literal.len()..];
        }
        assert!(name.contains(glob.literal()));
        assert!(glob.literals().all(|literal| literal.len() <= glob.literal().len()));
    }
    expected
}

/// A glob and a name that it should match, unless a comma in braces came between.
fn pairs() -> impl Strategy<Value = (String, String)> {
    let letters = [("a", "a"), ("b", "b"), ("é", "é"), (".", "."), (",", ","), ("]", "]"), ("-", "-"), ("!", "!")];
    let wild = [("*", ""), ("*", "a"), ("*", "é.a"), ("*", "b,a"), ("?", "a"), ("?", "é"), ("?", "*")];
    let sets = [("[ab]", "b"), ("[!b]", "é"), ("[^a-y]", "z"), ("[]]", "]"), ("[!]a]", "["), ("[a-]", "-")];
    let odd_sets = [("[--a]", "."), ("[*]", "*"), ("[{,}]", ","), ("[z-aé]", "é"), (r"[\]", r"\")];
    let escapes = [(r"\*", "*"), (r"\a", "a"), (r"\\", r"\"), (r"\{", "{"), (r"\,", ","), (r"\}", "}"), (r"\é", "é")];
    let part = prop_oneof![
        3 => prop::sample::select(letters.to_vec()),
        2 => prop::sample::select(wild.to_vec()),
        1 => prop::sample::select([&sets[..], &odd_sets, &escapes].concat()),
    ];
    let joined = |parts: Vec<(String, String)>| {
        let (globs, names): (Vec<_>, Vec<_>) = parts.into_iter().unzip();
        (globs.concat(), names.concat())
    };
    let part = part.prop_map(|(glob, name)| (glob.to_owned(), name.to_owned()));
    prop::collection::vec(part, 0..6).prop_map(joined).prop_recursive(4, 24, 4, move |inner| {
        let alternatives = (prop::collection::vec(inner.clone(), 1..4), any::<prop::sample::Index>());
        let braces = alternatives.prop_map(|(parts, index)| {
            let globs: Vec<_> = parts.iter().map(|(glob, _)| glob.as_str()).collect();
            (format!("{{{}}}", globs.join(",")), parts[index.index(parts.len())].1.clone())
        });
        prop::collection::vec(prop_oneof![braces, inner], 1..4).prop_map(joined)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn globs_match_as_described((glob, name) in pairs(), (_, other) in pairs(), cut in any::<prop::sample::Index>()) {
        prop_assume!(!glob.is_empty());
        check(&glob, &name);
        check(&glob, &other);
        let mut shorter: Vec<_> = name.chars().collect();
        if !shorter.is_empty() {
            shorter.remove(cut.index(shorter.len()));
        }
        check(&glob, &shorter.into_iter().collect::<String>());
    }

    #[test]
    fn any_text_is_refused_or_matches_as_described(glob in r"[ab*?,{}\[\]!\-\\é]{1,10}", name in r"[ab,*\]\-é]{0,6}") {
        if Glob::new(&glob).is_ok() {
            check(&glob, &name);
        }
    }
}

#[test]
fn odd_globs_match_as_described() {
    for (glob, matching, other) in [
        ("{,}", "", "a"),
        ("{,}{,}*", "a", ""),
        ("{{{a,b},c},{d}}", "d", "ad"),
        ("{a,{b,c*}d}e", "cdde", "ce"),
        ("[]]", "]", "["),
        ("[!]a]", "b", "a"),
        (r"\*", "*", "a"),
        (r"\é*\\", r"éa\", "é"),
        (r"a\\bc", r"a\bc", "abc"),
        ("a**b", "ab", "a"),
        ("a,b", "a,b", "a"),
        ("a]b", "a]b", "ab"),
        (r"{\},\,}", "}", "{"),
        ("{[,}]}", ",", "["),
        ("{*,}b?", "aab.", "b"),
        ("*{a,}*b", "b", "a"),
    ] {
        assert!(check(glob, matching), "{glob} {matching}");
        // Some match both.
        check(glob, other);
    }
}

#[test]
fn literals_are_what_every_name_has() {
    for (glob, literals, longest) in [
        ("*.weight", &[".weight"][..], ".weight"),
        ("exact", &["exact"], "exact"),
        (r"ab\*c\\d", &["ab", "*c", r"\d"], "ab"),
        ("a{bcd,efg{h,i}}jk", &["a", "jk"], "jk"),
        ("é[abc]ü?ö", &["é", "ü", "ö"], "ö"),
        ("[]abc]x{,}", &["x"], "x"),
        ("*?[a]{b}", &[], ""),
        ("a,b]", &["a,b]"], "a,b]"),
    ] {
        let glob = Glob::new(glob).unwrap();
        let found: Vec<_> = glob.literals().collect();
        assert_eq!(found, literals, "{}", glob.as_str());
        assert_eq!(glob.literal().len(), longest.len(), "{}", glob.as_str());
    }
}

/// However often a name could be taken apart: not longer than the length of the glob times that of the name.
#[test]
fn hostile_globs_are_matched_soon() {
    let long = "ab".repeat(50_000);
    let only = "a".repeat(100_000);
    for (glob, name, expected) in [
        ("*a".repeat(2048), &only[..], true),
        ("*a".repeat(2048), &long, false),
        ("?*".repeat(2000), &long, true),
        ("[!a]".repeat(1000), &long, false),
        ("*[!c]".repeat(800), &long, true),
        (format!("*{}b*", "a".repeat(4000)), &only, false),
        (format!("*{}?b", "a".repeat(4000)), &long, false),
        ("{a,b}".repeat(800), &long[..800], true),
        ("{a,b}".repeat(800), &long, false),
        (format!("*{}", "{a,b}".repeat(800)), &long[..5000], true),
        ("*{a,b}".repeat(680), &long, true),
        (format!("{}{{a,b}}", "?*".repeat(2000)), &long, true),
        ("{".repeat(2048) + &"}".repeat(2048), "", true),
        (format!("{{{}}}*", ",".repeat(4000)), &long, true),
        ("{,}".repeat(1365), "", true),
        // Here every place of the glob stays a way.
        (format!("{{{}}}", "*{a,}".repeat(800)), &long[..5000], true),
    ] {
        let start = Instant::now();
        assert_eq!(Glob::new(&glob).unwrap().matches(name), expected, "{} {}", &glob[..12], name.len());
        // Below a tenth of it, each; ways that come to nothing, if they were gone on with, would take seconds.
        assert!(start.elapsed() < Duration::from_secs(2), "{} {:?}", &glob[..12], start.elapsed());
    }
}
