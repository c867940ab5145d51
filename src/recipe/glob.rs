//! Globs on tensor names: the one dialect of recipes and of specs.

use crate::error::{Error, Result};

/// A glob: `*` stands for any characters, dots among them, `?` for one, `[a-c]` and `[!a-c]` for one of a set or none
/// of it, `{a,b}` for either, and a backslash takes away the meaning of what follows it. Everything else stands for
/// itself, and the whole name must match.
///
/// ```
/// use weightinit::recipe::Glob;
///
/// let glob = Glob::new("*.{q,k,v}_proj.weight")?;
/// assert!(glob.matches("layers.0.self_attn.k_proj.weight") && !glob.matches("layers.0.self_attn.o_proj.weight"));
/// # Ok::<(), weightinit::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Glob {
    text: String,
    program: Vec<Instruction>,
}

/// What a glob is made into: a program that goes along a name in all ways at once (Thompson, "Regular expression search
/// algorithm", 1968), so that no glob takes longer than its length times the name's.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Instruction {
    /// Takes one letter, if it is one of these.
    Take(Letters),
    /// Goes on at each of these steps.
    Split(Vec<usize>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Letters {
    Any,
    One(char),
    /// In one of the ranges, or in none.
    Set(bool, Vec<(char, char)>),
}

/// Bytes of a glob.
const MOST_BYTES: usize = 4096;

impl Glob {
    /// Reads a glob.
    ///
    /// # Errors
    /// [`Error::InvalidGlob`] for an open bracket or brace, an empty text, and one that is too long.
    pub fn new(text: &str) -> Result<Self> {
        let program = if text.is_empty() {
            Err("it is empty".to_owned())
        } else if text.len() > MOST_BYTES {
            Err(format!("it has {} bytes; shorten it to {MOST_BYTES} at most", text.len()))
        } else {
            program(text).map_err(str::to_owned)
        };
        let refused = |reason| Error::InvalidGlob { glob: text.chars().take(64).collect(), reason };
        Ok(Self { text: text.to_owned(), program: program.map_err(refused)? })
    }

    /// The glob as it was read.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether all of `name` matches.
    pub fn matches(&self, name: &str) -> bool {
        let mut now = self.reached(vec![0]);
        for letter in name.chars() {
            let taken = now.iter().filter(|step| match self.program.get(**step) {
                Some(Instruction::Take(letters)) => letters.have(letter),
                _ => false,
            });
            now = self.reached(taken.map(|step| step + 1).collect());
            if now.is_empty() {
                return false;
            }
        }
        now.contains(&self.program.len())
    }

    /// The steps that `from` lead to before a letter is taken.
    fn reached(&self, mut from: Vec<usize>) -> Vec<usize> {
        let (mut seen, mut reached) = (vec![false; self.program.len() + 1], Vec::new());
        while let Some(step) = from.pop() {
            if std::mem::replace(&mut seen[step], true) {
                continue;
            }
            match self.program.get(step) {
                Some(Instruction::Split(steps)) => from.extend(steps),
                _ => reached.push(step),
            }
        }
        reached
    }
}

impl Letters {
    fn have(&self, letter: char) -> bool {
        match self {
            Self::Any => true,
            Self::One(one) => *one == letter,
            Self::Set(inside, ranges) => {
                ranges.iter().any(|(first, last)| (*first..=*last).contains(&letter)) == *inside
            }
        }
    }
}

/// A glob without braces and brackets, as recipes have them: all of `name`, in which `*` stands for any characters.
pub(super) fn matches_stars(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = name.strip_prefix(first) else { return false };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    true
}

/// Alternatives that are not closed yet: where they split, where each begins, and the ends of those that are complete.
struct Brace {
    split: usize,
    begins: Vec<usize>,
    ends: Vec<usize>,
}

fn program(text: &str) -> std::result::Result<Vec<Instruction>, &'static str> {
    let mut letters = text.chars();
    let (mut program, mut braces) = (Vec::new(), Vec::<Brace>::new());
    while let Some(letter) = letters.next() {
        let here = program.len();
        match letter {
            '*' => {
                program.push(Instruction::Split(vec![here + 1, here + 3]));
                program.push(Instruction::Take(Letters::Any));
                program.push(Instruction::Split(vec![here]));
            }
            '?' => program.push(Instruction::Take(Letters::Any)),
            '[' => program.push(Instruction::Take(set(&mut letters)?)),
            '{' => {
                braces.push(Brace { split: here, begins: vec![here + 1], ends: Vec::new() });
                program.push(Instruction::Split(Vec::new()));
            }
            ',' | '}' if !braces.is_empty() => {
                let Some(brace) = braces.last_mut() else { continue };
                // To the end of all alternatives, once that is known.
                program.push(Instruction::Split(Vec::new()));
                brace.ends.push(here);
                if letter == ',' {
                    brace.begins.push(here + 1);
                } else if let Some(Brace { split, begins, ends }) = braces.pop() {
                    program[split] = Instruction::Split(begins);
                    ends.into_iter().for_each(|end| program[end] = Instruction::Split(vec![here + 1]));
                }
            }
            '}' => return Err("it closes a brace that is not open"),
            '\\' => {
                let escaped = letters.next().ok_or("it ends with a backslash")?;
                program.push(Instruction::Take(Letters::One(escaped)));
            }
            letter => program.push(Instruction::Take(Letters::One(letter))),
        }
    }
    if braces.is_empty() { Ok(program) } else { Err("a brace is not closed") }
}

/// The set whose bracket is open, as far as the bracket that closes it, which may be the first of the set.
fn set(letters: &mut std::str::Chars<'_>) -> std::result::Result<Letters, &'static str> {
    let mut inside = Vec::new();
    let mut rest = letters.clone().peekable();
    let negated = rest.next_if(|letter| matches!(letter, '!' | '^')).is_some();
    let mut length = usize::from(negated);
    for letter in rest {
        length += 1;
        if letter == ']' && !inside.is_empty() {
            letters.nth(length - 1);
            return Ok(Letters::Set(!negated, ranges(&inside)));
        }
        inside.push(letter);
    }
    Err("a bracket is not closed")
}

fn ranges(mut inside: &[char]) -> Vec<(char, char)> {
    let mut ranges = Vec::new();
    while let [first, others @ ..] = inside {
        if let ['-', last, after @ ..] = others {
            ranges.push((*first, *last));
            inside = after;
        } else {
            ranges.push((*first, *first));
            inside = others;
        }
    }
    ranges
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Both ways to match agree where both can.
    #[test]
    fn stars_stand_for_anything() {
        for (pattern, name, expected) in [
            ("*.bias", "h.0.bias", true),
            ("*.bias", "bias", false),
            ("*bias", "bias", true),
            ("a*b*c", "a.b.b.c", true),
            ("a*b*c", "a.c", false),
            ("*ln_*.weight", "h.0.ln_1.weight", true),
            ("*ln_*.weight", "h.0.ln.weight", false),
            ("exact", "exact", true),
            ("exact", "exact.more", false),
            ("*", "", true),
            ("*ab*ab", "ab", false),
        ] {
            assert_eq!(matches_stars(pattern, name), expected, "{pattern} {name}");
            assert_eq!(Glob::new(pattern).unwrap().matches(name), expected, "{pattern} {name}");
        }
    }

    #[test]
    fn sets_and_alternatives() {
        for (pattern, name, expected) in [
            ("h.?.w", "h.3.w", true),
            ("h.?.w", "h.33.w", false),
            ("h.[0-3].w", "h.2.w", true),
            ("h.[!0-3].w", "h.2.w", false),
            ("h.[!0-3].w", "h.7.w", true),
            ("[]]", "]", true),
            ("{a,b{c,d}}.w", "bd.w", true),
            ("{a,b{c,d}}.w", "b.w", false),
            ("x{,y}", "x", true),
            (r"a\*b", "a*b", true),
            (r"a\*b", "axb", false),
            ("é?", "éü", true),
        ] {
            assert_eq!(Glob::new(pattern).unwrap().matches(name), expected, "{pattern} {name}");
        }
        for wrong in ["", "[a", "{a", "a}", "a\\", &"a".repeat(5000)] {
            assert!(matches!(Glob::new(wrong), Err(Error::InvalidGlob { .. })), "{wrong}");
        }
        // However often it could be taken apart.
        assert!(Glob::new(&"*a".repeat(2048)).unwrap().matches(&"a".repeat(3000)));
        assert!(Glob::new(&"{a,b}".repeat(800)).unwrap().matches(&"ab".repeat(400)));
        let nested = "{".repeat(2048) + &"}".repeat(2048);
        assert!(Glob::new(&nested).unwrap().matches(""));
    }
}
