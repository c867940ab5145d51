//! Which rule is a tensor's: the first that matches its name, however many rules there are.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap, HashMap};

use anyhow::{Context, Result, bail};
use weightinit::Error;
use weightinit::error::RecipeError;
use weightinit::init::Arguments;
use weightinit::recipe::{Applied, Glob, Model};

use crate::model::header::Declared;
use crate::model::integer;
use crate::model::recipe::{Asked, resolved};
use crate::model::rules::{self, Resolved};

/// Finds rules for tensors, and remembers which were used.
pub(super) struct Finder<'a> {
    rules: Vec<Compiled>,
    /// Those that say only what tensors do, with their globs.
    roles: Vec<(usize, Vec<Glob>)>,
    index: Index,
    recipe: Option<(&'a Asked, Applied<'a>)>,
    default: Option<Resolved>,
}

/// What is found for a tensor.
pub(super) enum Found {
    /// The rule in words, and what it says.
    Rule(String, Resolved),
    /// Nothing decides it, for this reason.
    Nothing(String),
}

struct Compiled {
    label: String,
    chosen: Resolved,
    optional: bool,
    used: bool,
}

impl<'a> Finder<'a> {
    pub(super) fn new(rules: &[rules::Rule], default: Option<&rules::Call>) -> Result<Self> {
        let (mut compiled, mut globs) = (Vec::new(), Vec::new());
        let mut roles = Vec::new();
        for (number, rule) in rules.iter().enumerate() {
            let label = rule.label();
            let matchers = rule.matchers()?;
            let chosen = if rule.decides() {
                globs.extend(matchers.into_iter().map(|glob| (number, glob)));
                rule.table.choose().with_context(|| format!("rule '{label}'"))?
            } else {
                roles.push((number, matchers));
                rules::named("zeros", &Arguments::new(), 1)?
            };
            compiled.push(Compiled { label, chosen, optional: rule.optional, used: false });
        }
        let default = default.map(|choice| choice.choose().context("default")).transpose()?;
        Ok(Self { rules: compiled, roles, index: Index::new(globs), recipe: None, default })
    }

    /// The model of some tensors, with those decided that a rule matches.
    pub(super) fn model(&mut self, tensors: &[Declared]) -> Model {
        for (rule, globs) in &self.roles {
            self.rules[*rule].used = tensors.iter().any(|tensor| globs.iter().any(|glob| glob.matches(&tensor.name)));
        }
        let model = Model::new(tensors.iter().map(|tensor| (tensor.name.as_str(), tensor.shape.as_slice())));
        let names = tensors.iter().map(|tensor| tensor.name.as_str());
        model.with_decided(names.filter(|name| self.index.first(name).is_some()))
    }

    /// The same with a recipe for what no rule matches.
    pub(super) fn with_recipe(self, asked: Option<&'a Asked>, model: &'a Model) -> Result<Self> {
        let Some(asked) = asked else { return Ok(self) };
        let applied = asked.recipe.apply(model, &asked.arguments, &asked.config)?;
        Ok(Self { recipe: Some((asked, applied)), ..self })
    }

    /// The first rule that matches, else the recipe's, else the default.
    pub(super) fn find(&mut self, declared: &Declared) -> Result<Found> {
        let name = &declared.name;
        if let Some(rule) = self.index.first(name).and_then(|number| self.rules.get_mut(number)) {
            rule.used = true;
            return Ok(Found::Rule(rule.label.clone(), rule.chosen.clone()));
        }
        if integer::known(declared) {
            return Ok(Found::Rule("counter".to_owned(), rules::named("zeros", &Arguments::new(), 1)?));
        }
        let mut reason = "no rule".to_owned();
        if let Some((asked, applied)) = &mut self.recipe {
            match applied.choose(name) {
                Ok(Some(chosen)) => {
                    let (label, chosen) = resolved(asked, chosen);
                    return Ok(Found::Rule(label, chosen));
                }
                Ok(None) => {}
                Err(Error::Recipe(RecipeError::Refused { reason: refused, .. })) => reason = refused.to_owned(),
                Err(error) => return Err(error).with_context(|| format!("tensor '{name}'")),
            }
        }
        Ok(match &self.default {
            Some(chosen) => Found::Rule("default".to_owned(), chosen.clone()),
            None => Found::Nothing(reason),
        })
    }

    /// All globs, one of which may have been meant.
    pub(super) fn globs(&self) -> Vec<String> {
        let recipe = self.recipe.iter().flat_map(|(_, applied)| applied.patterns()).map(str::to_owned);
        self.rules.iter().map(|rule| rule.label.clone()).chain(recipe).collect()
    }

    /// A rule that no tensor came to is a mistake in its glob, or stands behind a wider one; a parameter of the recipe
    /// that no tensor came to is a mistake too.
    pub(super) fn check(&self) -> Result<()> {
        match self.rules.iter().find(|rule| !rule.used && !rule.optional) {
            None => match &self.recipe {
                Some((asked, applied)) if asked.is_strict => Ok(applied.check()?),
                _ => Ok(()),
            },
            Some(rule) => bail!(
                "rule '{}' applies to no tensor; correct its match, move it before wider rules, or set optional = true",
                rule.label
            ),
        }
    }
}

/// Bytes of a literal that are looked for: those at its end tell names apart well enough.
const MOST_LITERAL: usize = 16;

/// Globs by what a name must have in it to match them, of which those that a name has are looked up.
struct Index {
    /// Each with the number of its rule, in the order of the rules.
    globs: Vec<(usize, Glob)>,
    /// Numbers of the globs that have each literal, and of those that have none.
    by_literal: HashMap<Vec<u8>, Vec<usize>>,
    without: Vec<usize>,
    /// Lengths of the literals.
    lengths: BTreeSet<usize>,
}

impl Index {
    fn new(globs: Vec<(usize, Glob)>) -> Self {
        fn ends(glob: &Glob) -> impl Iterator<Item = &[u8]> {
            let end = |literal: &'_ [u8]| literal.len().saturating_sub(MOST_LITERAL);
            glob.literals().map(str::as_bytes).map(move |literal| &literal[end(literal)..])
        }
        let mut counts = HashMap::<_, usize>::new();
        for literal in globs.iter().flat_map(|(_, glob)| ends(glob)) {
            *counts.entry(literal).or_default() += 1;
        }
        // Of a glob's literals, that which leaves out most names.
        let rarest = |glob| ends(glob).min_by_key(|literal| (counts[literal], Reverse(literal.len())));
        let (mut by_literal, mut without) = (HashMap::<_, Vec<usize>>::new(), Vec::new());
        for (number, (_, glob)) in globs.iter().enumerate() {
            rarest(glob).map_or(&mut without, |literal| by_literal.entry(literal.to_vec()).or_default()).push(number);
        }
        let lengths = by_literal.keys().map(Vec::len).collect();
        Self { globs, by_literal, without, lengths }
    }

    /// The first rule with a glob that matches `name`.
    fn first(&self, name: &str) -> Option<usize> {
        let parts = self.lengths.iter().flat_map(|length| name.as_bytes().windows(*length));
        let mut found: Vec<_> = parts.filter_map(|part| self.by_literal.get(part)).collect();
        found.push(&self.without);
        // A name may have a literal many times. No glob is in two lists.
        found.sort_unstable_by_key(|list| list.first());
        found.dedup_by_key(|list| list.first());
        // In the order of the rules: most names match one of the first globs that could be theirs.
        let mut heads: BinaryHeap<_> = found.iter().filter_map(|list| list.split_first()).map(Reverse).collect();
        while let Some(Reverse((number, rest))) = heads.pop() {
            let (rule, glob) = &self.globs[*number];
            if glob.matches(name) {
                return Some(*rule);
            }
            heads.extend(rest.split_first().map(Reverse));
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The index finds what trying one glob after another finds.
    #[test]
    fn the_first_rule_that_matches_is_found() {
        let globs = ["*.bias", "h.[0-3].*", "*", "h.?.w", "{a,b}.weight", "a.weight", "*b*b*"];
        for skipped in 0..globs.len() {
            let globs: Vec<_> =
                globs.iter().skip(skipped).enumerate().map(|(n, g)| (n, Glob::new(g).unwrap())).collect();
            let index = Index::new(globs.clone());
            for name in ["h.1.bias", "h.1.w", "h.7.w", "a.weight", "b.weight", "bb", "x", "", "é.bias"] {
                let expected = globs.iter().find(|(_, glob)| glob.matches(name)).map(|(number, _)| *number);
                assert_eq!(index.first(name), expected, "{name}");
            }
        }
    }
}
