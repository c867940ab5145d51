//! Globs on tensor names: the one dialect of recipes and of specs.

use crate::error::{Error, Result};

/// A glob: `*` stands for any characters, dots among them, `?` for one, `[a-c]` and `[!a-c]` for one of a set or none of it, `{a,b}`
/// for either, and a backslash takes away the meaning of what follows it. Everything else stands for itself, and the whole name
/// must match.
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
    alternatives: Vec<Vec<Token>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Any,
    One,
    Letter(char),
    /// Whether the letter is in one of the ranges, or in none.
    Set(bool, Vec<(char, char)>),
}

/// Alternatives that braces make, at most: nested ones multiply.
const MOST_ALTERNATIVES: usize = 1024;
/// Bytes of a glob.
const MOST_BYTES: usize = 4096;

impl Glob {
    /// Reads a glob.
    ///
    /// # Errors
    /// [`Error::InvalidGlob`] for an open bracket or brace, an empty text, and one that is too long or has too many alternatives.
    pub fn new(text: &str) -> Result<Self> {
        let refused =
            |reason: &str| Error::InvalidGlob { glob: text.chars().take(64).collect(), reason: reason.to_owned() };
        if text.is_empty() {
            return Err(refused("it is empty"));
        }
        if text.len() > MOST_BYTES {
            return Err(refused(&format!("it has {} bytes, more than {MOST_BYTES}", text.len())));
        }
        let letters: Vec<_> = text.chars().collect();
        let mut alternatives = Vec::new();
        for expanded in expand(&letters).map_err(refused)? {
            alternatives.push(tokens(&expanded).map_err(refused)?);
        }
        Ok(Self { text: text.to_owned(), alternatives })
    }

    /// The glob as it was read.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether all of `name` matches.
    pub fn matches(&self, name: &str) -> bool {
        let name: Vec<_> = name.chars().collect();
        self.alternatives.iter().any(|tokens| matches(tokens, &name))
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
            Some(place) => rest = &rest[place + part.len()..],
            None => return false,
        }
    }
    true
}

/// The texts that braces stand for.
fn expand(letters: &[char]) -> std::result::Result<Vec<Vec<char>>, &'static str> {
    let mut all = vec![Vec::new()];
    let mut place = 0;
    while place < letters.len() {
        let choices = match letters[place] {
            '\\' => {
                let escaped = letters.get(place..place + 2).ok_or("it ends with a backslash")?;
                place += 2;
                vec![escaped.to_vec()]
            }
            '{' => {
                let (choices, end) = braces(letters, place)?;
                place = end;
                choices
            }
            '}' => return Err("it closes a brace that is not open"),
            letter => {
                place += 1;
                vec![vec![letter]]
            }
        };
        if all.len() * choices.len() > MOST_ALTERNATIVES {
            return Err("its braces have too many alternatives");
        }
        all = all.iter().flat_map(|text| choices.iter().map(move |choice| [&text[..], choice].concat())).collect();
    }
    Ok(all)
}

/// The alternatives of the brace that opens at `open`, and the place after it.
fn braces(letters: &[char], open: usize) -> std::result::Result<(Vec<Vec<char>>, usize), &'static str> {
    let (mut depth, mut start, mut choices) = (0, open + 1, Vec::new());
    let mut place = open;
    while place < letters.len() {
        match letters[place] {
            '\\' => place += 1,
            '{' => depth += 1,
            ',' | '}' if depth == 1 => {
                choices.extend(expand(&letters[start..place])?);
                start = place + 1;
                if letters[place] == '}' {
                    return Ok((choices, place + 1));
                }
            }
            '}' => depth -= 1,
            _ => {}
        }
        place += 1;
    }
    Err("a brace is not closed")
}

fn tokens(letters: &[char]) -> std::result::Result<Vec<Token>, &'static str> {
    let (mut tokens, mut place) = (Vec::new(), 0);
    while place < letters.len() {
        place += 1;
        tokens.push(match letters[place - 1] {
            '*' => Token::Any,
            '?' => Token::One,
            '\\' => {
                place += 1;
                Token::Letter(*letters.get(place - 1).ok_or("it ends with a backslash")?)
            }
            '[' => {
                let end = letters.iter().skip(place + 1).position(|letter| *letter == ']');
                let end = place + 1 + end.ok_or("a bracket is not closed")?;
                let inside = &letters[place..end];
                place = end + 1;
                set(inside)
            }
            letter => Token::Letter(letter),
        });
    }
    Ok(tokens)
}

fn set(inside: &[char]) -> Token {
    let negated = matches!(inside.first(), Some('!' | '^'));
    let mut rest = if negated { &inside[1..] } else { inside };
    let mut ranges = Vec::new();
    while let [first, others @ ..] = rest {
        if let ['-', last, after @ ..] = others {
            ranges.push((*first, *last));
            rest = after;
        } else {
            ranges.push((*first, *first));
            rest = others;
        }
    }
    Token::Set(!negated, ranges)
}

/// Whether all of `name` matches: at a letter that does not, the last star takes one letter more.
fn matches(tokens: &[Token], name: &[char]) -> bool {
    let (mut token, mut letter, mut star) = (0, 0, None);
    while letter < name.len() {
        let fits = match tokens.get(token) {
            Some(Token::Any) => {
                (star, token) = (Some((token + 1, letter)), token + 1);
                continue;
            }
            Some(Token::One) => true,
            Some(Token::Letter(wanted)) => *wanted == name[letter],
            Some(Token::Set(inside, ranges)) => {
                ranges.iter().any(|(first, last)| (*first..=*last).contains(&name[letter])) == *inside
            }
            None => false,
        };
        match (fits, star) {
            (true, _) => (token, letter) = (token + 1, letter + 1),
            (false, Some((after, from))) => {
                (token, letter) = (after, from + 1);
                star = Some((after, from + 1));
            }
            (false, None) => return false,
        }
    }
    tokens[token..].iter().all(|token| *token == Token::Any)
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
        for wrong in ["", "[a", "{a", "a}", "a\\", "{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}"] {
            assert!(matches!(Glob::new(wrong), Err(Error::InvalidGlob { .. })), "{wrong}");
        }
        assert!(Glob::new(&"*a".repeat(2048)).unwrap().matches(&"a".repeat(3000)));
    }
}
