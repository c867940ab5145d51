//! The order in which people count: numbers in names by their value.

use std::cmp::Ordering;

/// `h.2.weight` before `h.10.weight`.
pub(super) fn compare(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a, b);
    loop {
        let (first, second) = (piece(a), piece(b));
        let is_number = |piece: &str| piece.starts_with(|letter: char| letter.is_ascii_digit());
        let ordering = if is_number(first) && is_number(second) {
            // Of any length: a longer number is a greater one.
            let [short, other] = [first, second].map(|piece| piece.trim_start_matches('0'));
            (short.len(), short, first.len()).cmp(&(other.len(), other, second.len()))
        } else {
            first.cmp(second)
        };
        if ordering != Ordering::Equal || first.is_empty() {
            return ordering;
        }
        (a, b) = (&a[first.len()..], &b[second.len()..]);
    }
}

/// What a name begins with: a number, or all before the first.
fn piece(name: &str) -> &str {
    let is_digit = |letter: char| letter.is_ascii_digit();
    let begins_with_number = name.starts_with(is_digit);
    let end = name.find(|letter| is_digit(letter) != begins_with_number);
    &name[..end.unwrap_or(name.len())]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_compared_by_value() {
        let mut names = ["h.10.w", "h.9.w", "h.09.w", "b", "h.9.b", "h", "h.18446744073709551616.w", "a1b2", "a1b10"];
        names.sort_by(|a, b| compare(a, b));
        let expected = ["a1b2", "a1b10", "b", "h", "h.9.b", "h.9.w", "h.09.w", "h.10.w", "h.18446744073709551616.w"];
        assert_eq!(names, expected);
    }
}
