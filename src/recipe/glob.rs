//! Globs on tensor names: the one dialect of recipes and of specs.

use crate::error::{Error, RecipeError, Result};

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
    text: Box<str>,
    /// Where the letters end that every name begins with, and where those begin that every name ends with.
    ends: [u16; 2],
    /// Letters that every name has at least.
    least: u16,
    /// Of a glob with braces: at each open brace, and at each comma inside, where the next comma or the closing brace
    /// of the same alternatives is; at each star outside, what follows it; 0 at everything else.
    jumps: Box<[u16]>,
}

/// Bytes of a glob.
const MOST_BYTES: usize = 4096;

/// What does not stand for itself; commas in braces neither.
const SPECIAL: [char; 6] = ['*', '?', '[', '{', '}', '\\'];

/// Places in a glob, its end among them, as bits.
type Places = [u64; MOST_BYTES / 64 + 1];
const NOWHERE: Places = [0; MOST_BYTES / 64 + 1];

impl Glob {
    /// Reads a glob.
    ///
    /// # Errors
    /// [`RecipeError::InvalidGlob`] for an open bracket or brace, an empty text, and one that is too long.
    pub fn new(text: &str) -> Result<Self> {
        let glob = if text.is_empty() {
            Err("it is empty".to_owned())
        } else if text.len() > MOST_BYTES {
            Err(format!("it has {} bytes; shorten it to {MOST_BYTES} at most", text.len()))
        } else {
            Self::read(text).map_err(str::to_owned)
        };
        glob.map_err(|reason| Error::Recipe(RecipeError::InvalidGlob { glob: text.chars().take(64).collect(), reason }))
    }

    /// The text of a glob that matches `name` alone.
    pub(super) fn escape(name: &str) -> String {
        let mut text = String::new();
        for letter in name.chars() {
            text.extend(SPECIAL.contains(&letter).then_some('\\'));
            text.push(letter);
        }
        text
    }

    fn read(text: &str) -> std::result::Result<Self, &'static str> {
        let mut jumps = vec![0; if text.contains('{') { text.len() } else { 0 }].into_boxed_slice();
        // Of each open brace, its last comma, or itself.
        let mut open = Vec::new();
        let (mut at, mut least, mut ends) = (0, 0, [text.len() as u16; 2]);
        while at < text.len() {
            let here = at;
            at = end_of_letter(text, here)?;
            let byte = text.as_bytes()[here];
            if SPECIAL.contains(&char::from(byte)) {
                ends = [ends[0].min(here as u16), at as u16];
            }
            match (byte, open.last_mut()) {
                (b'{', _) => open.push(here),
                (b',' | b'}', Some(before)) => {
                    jumps[std::mem::replace(before, here)] = here as u16;
                    open.truncate(open.len() - usize::from(byte == b'}'));
                }
                (b'}', None) => return Err("it closes a brace that is not open"),
                (b'*', brace) => {
                    if let (None, Some(jump)) = (brace, jumps.get_mut(here)) {
                        *jump = at as u16;
                    }
                }
                (_, brace) => least += u16::from(brace.is_none()),
            }
        }
        if !open.is_empty() {
            return Err("a brace is not closed");
        }
        Ok(Self { text: text.into(), ends, least, jumps })
    }

    /// The glob as it was read.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether all of `name` matches.
    pub fn matches(&self, name: &str) -> bool {
        if name.len() < usize::from(self.least) {
            return false;
        }
        let [head, tail] = self.ends.map(usize::from);
        let Some(rest) = inner(&self.text, [head, tail], name) else { return false };
        if self.jumps.is_empty() { fits(&self.text[head..tail], rest) } else { self.fits_in_a_way(head, tail, rest) }
    }

    /// Parts of the glob's text that every matching name has in it, in this order and without overlap. Whoever has very
    /// many globs need not ask each of them about a name, but only those of which it has such a part; of several parts,
    /// one that few other globs have leaves out most.
    ///
    /// ```
    /// use weightinit::recipe::Glob;
    ///
    /// let glob = Glob::new("layers.1?.*.{q,k,v}_proj.weight")?;
    /// assert!(glob.literals().eq(["layers.1", ".", ".", "_proj.weight"]));
    /// # Ok::<(), weightinit::Error>(())
    /// ```
    pub fn literals(&self) -> impl Iterator<Item = &str> {
        let (text, mut at) = (&*self.text, 0);
        std::iter::from_fn(move || {
            while at < text.len() {
                match text.as_bytes()[at] {
                    b'*' | b'?' => at += 1,
                    b'[' => at = end_of_letter(text, at).ok()?,
                    b'{' => {
                        while self.jumps[at] > 0 {
                            at = usize::from(self.jumps[at]);
                        }
                        at += 1;
                    }
                    byte => {
                        let begin = at + usize::from(byte == b'\\');
                        let first = end_of_letter(text, at).ok()?;
                        at = text[first..].find(SPECIAL).map_or(text.len(), |length| first + length);
                        return Some(&text[begin..at]);
                    }
                }
            }
            None
        })
    }

    /// The longest of its [`literals`](Self::literals), or nothing if it has none.
    ///
    /// ```
    /// let glob = weightinit::recipe::Glob::new("*.{q,k,v}_proj.weight")?;
    /// assert_eq!(glob.literal(), "_proj.weight");
    /// # Ok::<(), weightinit::Error>(())
    /// ```
    pub fn literal(&self) -> &str {
        self.literals().max_by_key(|text| text.len()).unwrap_or_default()
    }

    /// Whether `name` matches what is between `begin` and `end`, braces among it: along the name in all ways at once
    /// (Thompson, "Regular expression search algorithm", 1968), so that no glob takes longer than its length times the
    /// name's. All ways lead forward through the glob, and the next place is always the first that is left.
    fn fits_in_a_way(&self, mut begin: usize, end: usize, name: &str) -> bool {
        let jump = |at: usize| usize::from(self.jumps[at]);
        let (text, mut now, mut next) = (self.text.as_bytes(), NOWHERE, NOWHERE);
        add(&mut now, begin);
        for letter in name.chars().map(Some).chain([None]) {
            let first = begin / 64;
            for word in first..=end / 64 {
                while now[word] != 0 {
                    let at = word * 64 + now[word].trailing_zeros() as usize;
                    now[word] &= now[word] - 1;
                    if at == end {
                        if letter.is_none() {
                            return true;
                        }
                        continue;
                    }
                    match text[at] {
                        b'*' => {
                            // Ways that are not so far yet have to come through here, with less of the name left.
                            begin = if jump(at) > 0 { at } else { begin };
                            add(&mut now, at + 1);
                            add(&mut next, at);
                        }
                        b'{' => {
                            add(&mut now, at + 1);
                            let commas = std::iter::successors(Some(jump(at)), |comma| Some(jump(*comma)));
                            commas.take_while(|comma| text[*comma] == b',').for_each(|comma| add(&mut now, comma + 1));
                        }
                        // The end of an alternative.
                        b',' if jump(at) > 0 => add(&mut now, jump(at)),
                        b'}' => add(&mut now, at + 1),
                        _ => {
                            if let Some(after) = letter.and_then(|letter| take(&self.text, at, letter)) {
                                add(&mut next, after);
                            }
                        }
                    }
                }
            }
            // Only ways from `begin` on are left.
            next[first..begin / 64].fill(0);
            next[begin / 64] &= u64::MAX << (begin % 64);
            std::mem::swap(&mut now, &mut next);
            if now == NOWHERE {
                return false;
            }
        }
        false
    }
}

fn add(places: &mut Places, place: usize) {
    places[place / 64] |= 1 << (place % 64);
}

/// `name` without what it begins and ends with, if it does.
fn inner<'a>(glob: &str, [head, tail]: [usize; 2], name: &'a str) -> Option<&'a str> {
    name.strip_prefix(&glob[..head])?.strip_suffix(&glob[tail..])
}

/// Whether all of `name` matches `glob`, which has no braces: what stands between stars at the first place where it
/// fits, since later ones leave less to what comes after it.
fn fits(glob: &str, name: &str) -> bool {
    let (mut at, mut from) = (0, 0);
    // What follows the last star, how far that stands for itself, and where in the name it is sought next.
    let mut again = None;
    loop {
        let sought = if glob[at..].starts_with('*') {
            let part = &glob[at + 1..];
            Some((at + 1, &part[..part.find(SPECIAL).unwrap_or(part.len())], from))
        } else {
            let Some(letter) = name[from..].chars().next() else { return at == glob.len() };
            if let Some(after) = take(glob, at, letter) {
                (at, from) = (after, from + letter.len_utf8());
                continue;
            }
            again
        };
        let Some((part, plain, place)) = sought else { return false };
        if part == glob.len() {
            return true;
        }
        let Some(skipped) = name[place..].find(plain) else { return false };
        let place = place + skipped;
        again = Some((part, plain, place + name[place..].chars().next().map_or(0, char::len_utf8)));
        (at, from) = (part + plain.len(), place + plain.len());
    }
}

/// Where the glob goes on behind the letter, the set or the `?` at `at`, if that takes `letter`.
fn take(glob: &str, at: usize, letter: char) -> Option<usize> {
    let mut rest = glob[at..].chars();
    let takes = match rest.next()? {
        '?' => true,
        '[' => {
            let end = end_of_letter(glob, at).ok()?;
            return has(&glob[at + 1..end - 1], letter).then_some(end);
        }
        '\\' => rest.next()? == letter,
        itself => itself == letter,
    };
    takes.then(|| glob.len() - rest.as_str().len())
}

/// Whether the set between two brackets has `letter`.
fn has(set: &str, letter: char) -> bool {
    let inside = set.strip_prefix(['!', '^']);
    let (mut letters, mut found) = (inside.unwrap_or(set).chars(), false);
    while let Some(first) = letters.next() {
        let mut more = letters.clone();
        if let (Some('-'), Some(last)) = (more.next(), more.next()) {
            found |= (first..=last).contains(&letter);
            letters = more;
        } else {
            found |= first == letter;
        }
    }
    found != inside.is_some()
}

/// The end of what takes one letter: a letter itself, perhaps after a backslash, or a set, the first letter of which
/// may be a closing bracket.
fn end_of_letter(text: &str, at: usize) -> std::result::Result<usize, &'static str> {
    let mut rest = text[at..].chars();
    match rest.next() {
        Some('\\') => drop(rest.next().ok_or("it ends with a backslash")?),
        Some('[') => {
            if rest.as_str().starts_with(['!', '^']) {
                rest.next();
            }
            rest.next();
            rest.find(|letter| *letter == ']').ok_or("a bracket is not closed")?;
        }
        _ => (),
    }
    Ok(text.len() - rest.as_str().len())
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
            assert!(matches!(Glob::new(wrong), Err(Error::Recipe(RecipeError::InvalidGlob { .. }))), "{wrong}");
        }
        // However often it could be taken apart.
        assert!(Glob::new(&"*a".repeat(2048)).unwrap().matches(&"a".repeat(3000)));
        assert!(Glob::new(&"{a,b}".repeat(800)).unwrap().matches(&"ab".repeat(400)));
        let nested = "{".repeat(2048) + &"}".repeat(2048);
        assert!(Glob::new(&nested).unwrap().matches(""));
    }
}
