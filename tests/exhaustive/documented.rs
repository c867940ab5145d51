//! What `docs/accuracy.md` states: the tests assert its figures and start from the words that it names.

/// A row of the document's table.
pub(crate) struct Row {
    pub(crate) figure: String,
    /// The words at which the figure was found.
    pub(crate) words: Vec<u32>,
}

/// The row of a claim.
pub(crate) fn row(claim: &str) -> Row {
    let document = include_str!("../../docs/accuracy.md");
    let cells = document
        .lines()
        .filter_map(|line| line.strip_prefix("| "))
        .map(|line| line.split('|').map(str::trim).collect::<Vec<_>>())
        .find(|cells| cells[0] == claim)
        .unwrap_or_else(|| panic!("docs/accuracy.md has no row {claim:?}"));
    let word = |text: &str| u32::from_str_radix(text.trim_matches('`').strip_prefix("0x")?, 16).ok();
    Row { figure: cells[1].to_owned(), words: cells[2].split(' ').filter_map(word).collect() }
}

/// What a sweep found: the claim, its figure, and the words at which it was met.
pub(crate) type Finding<'a> = (&'a str, String, Vec<u32>);

/// Fails unless the document states these figures; says all that were found.
pub(crate) fn hold(findings: &[Finding<'_>]) {
    let mut wrong = Vec::new();
    for (claim, figure, words) in findings {
        let (words, stated) = (words.iter().map(|word| format!("{word:#010x}")).collect::<Vec<_>>(), row(claim).figure);
        eprintln!("{claim}: {figure} {}", words.join(" "));
        if stated != *figure {
            wrong.push(format!("{claim}: found {figure} at {words:?}, docs/accuracy.md states {stated}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
#[should_panic(expected = "found 1.0000 at")]
fn another_figure_is_refused() {
    hold(&[("cosine: error, 2^-22", "1.0000".to_owned(), vec![7])]);
}
