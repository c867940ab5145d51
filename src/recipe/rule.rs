//! Rules: which tensors of a model are initialized how.

use crate::init::Layout;

/// A rule of a recipe.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Rule {
    /// Globs on whole tensor names, divided by spaces.
    pub patterns: &'static str,
    /// What is drawn: an initializer's call over the recipe's parameters, fields of the configuration, and facts about
    /// the model and the tensor.
    pub formula: &'static str,
    /// What must hold of parameters, configuration and model for the rule to count; empty for always.
    pub when: &'static str,
    /// The tensors that it is for.
    pub(super) of: Of,
    /// The layout that fans are counted by, if it is not the recipe's.
    pub(super) layout: Option<Layout>,
    pub(super) does: Does,
}

/// Tensors by their dimensions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Of {
    All,
    /// None or one dimension.
    Vectors,
    /// Two or more.
    Matrices,
    /// Whose weight (the same name with `weight` for `bias`) is a vector: biases of norms.
    WithVectors,
}

/// What a rule does with its tensors.
#[derive(Clone, Copy, Debug)]
pub(super) enum Does {
    Draw,
    /// They hold the values of another tensor, whose name is the formula's glob.
    Tie,
    /// They hold the norms of another tensor: the formula has pairs `WORD>NAME`, of which the first counts whose word
    /// is in the name, where NAME in the place of the word and what follows is a tensor's name.
    Norms,
    /// They are refused, for the reason that is the formula.
    Refuse,
    /// They follow the rules of another family, which the model has in it.
    Follow(&'static [&'static [Rule]]),
}

/// A rule for tensors of any shape.
pub(super) const fn rule(patterns: &'static str, formula: &'static str) -> Rule {
    Rule { patterns, formula, when: "", of: Of::All, layout: None, does: Does::Draw }
}

/// A rule for vectors and scalars alone.
pub(super) const fn vectors(patterns: &'static str, formula: &'static str) -> Rule {
    Rule { of: Of::Vectors, ..rule(patterns, formula) }
}

/// A rule for tensors of two or more dimensions.
pub(super) const fn matrices(patterns: &'static str, formula: &'static str) -> Rule {
    Rule { of: Of::Matrices, ..rule(patterns, formula) }
}

/// A rule for biases whose weights are vectors.
pub(super) const fn of_norms(patterns: &'static str, formula: &'static str) -> Rule {
    Rule { of: Of::WithVectors, ..rule(patterns, formula) }
}

/// A rule for tensors that hold the values of another one, the first of the model whose name matches `source`; where
/// there is none of the same shape, it does not count.
pub(super) const fn tie(patterns: &'static str, source: &'static str) -> Rule {
    Rule { does: Does::Tie, ..rule(patterns, source) }
}

/// A rule for tensors that hold the norms of another one, which `sources` finds.
pub(super) const fn norms(patterns: &'static str, sources: &'static str) -> Rule {
    Rule { does: Does::Norms, ..rule(patterns, sources) }
}

/// A rule for tensors that the recipe cannot initialize.
pub(super) const fn refuse(patterns: &'static str, reason: &'static str) -> Rule {
    Rule { does: Does::Refuse, ..rule(patterns, reason) }
}

/// Rules for the tensors of a part of a model.
pub(super) const fn part(patterns: &'static str, rules: &'static [&'static [Rule]]) -> Rule {
    Rule { does: Does::Follow(rules), ..rule(patterns, "") }
}

impl Rule {
    /// What it does, in words: its formula, or whose values its tensors hold, or why it refuses them.
    pub fn action(&self) -> String {
        match self.does {
            Does::Draw => self.formula.to_owned(),
            Does::Tie => format!("the values of {}", self.formula),
            Does::Norms => format!("the norms of {}", self.formula),
            Does::Refuse => format!("refused: {}", self.formula),
            Does::Follow(_) => "the rules that follow".to_owned(),
        }
    }

    /// What must hold for it to count: of the tensor's dimensions, and of what it asks for itself; empty for always.
    pub fn condition(&self) -> String {
        let of = match self.of {
            Of::All => "",
            Of::Vectors => "rank < 2",
            Of::Matrices => "2 <= rank",
            Of::WithVectors => "weight_rank < 2",
        };
        let parts = [of, self.when].into_iter().filter(|part| !part.is_empty());
        parts.collect::<Vec<_>>().join(" and ")
    }

    /// The rule itself, and after it the rules that it stands for, if it is for a part of a model.
    pub fn listed(&self) -> Vec<Rule> {
        let inner = match self.does {
            Does::Follow(rules) => rules.iter().copied().flatten().flat_map(Rule::listed).collect(),
            _ => Vec::new(),
        };
        std::iter::once(*self).chain(inner).collect()
    }

    /// The same, where `when` holds.
    pub(super) const fn when(self, when: &'static str) -> Self {
        Self { when, ..self }
    }

    /// The same, with fans by `layout`.
    pub(super) const fn layout(self, layout: Layout) -> Self {
        Self { layout: Some(layout), ..self }
    }
}
