//! A recipe with its parameters and a configuration, applied to the tensors of one model.

use std::collections::BTreeMap;

use crate::dtype::DType;
use crate::error::{Error, LawError, RecipeError, Result};
use crate::init::{self, Arguments, Given, Initializer, Layout, Value};
use crate::law::Law;
use crate::recipe::config::Config;
use crate::recipe::formula::{EACH, Expression, Formula, TABLE};
use crate::recipe::glob::Glob;
use crate::recipe::model::Model;
use crate::recipe::recipe::Recipe;
use crate::recipe::roles;
use crate::recipe::rule::{Does, Of, Rule};
use crate::recipe::scope::{Bound, Scope};
use crate::request::{Request, Stream};

/// A recipe applied to a model: what it chooses for each tensor.
#[derive(Debug)]
pub struct Applied<'a> {
    pub(super) bound: Bound<'a>,
    rules: Vec<Compiled>,
}

#[derive(Debug)]
struct Compiled {
    rule: &'static Rule,
    globs: Vec<(&'static str, Glob)>,
    /// What the name must match besides, of rules for a part of the model.
    within: Vec<Glob>,
    formula: Option<Formula>,
    /// What must hold of the tensor, where the rule's condition depends on that.
    condition: Option<Expression>,
    is_used: bool,
    /// What it made last, of which arguments: layers are alike.
    last: Option<(Arguments, Initializer)>,
    /// Of a tie: the source that was found last, for which shape.
    source: Option<(Vec<u64>, Option<String>)>,
}

/// What a recipe chooses for a tensor.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Chosen {
    /// The initializer.
    pub initializer: Initializer,
    /// The layout that its formula reads the shape in; none where that is the caller's.
    pub layout: Option<Layout>,
    /// The tensor that this one is tied to, whose name makes the stream of both.
    pub tied_to: Option<String>,
    /// The glob that matched.
    pub pattern: &'static str,
    /// The rule's formula.
    pub formula: &'static str,
}

impl Chosen {
    /// The request for tensor `name` of `shape`: elements of `dtype` from `seed`, with the stream of what the tensor is
    /// tied to.
    ///
    /// # Errors
    /// Those of [`Initializer::request`].
    pub fn request(&self, name: &str, shape: &[u64], seed: u64, dtype: DType) -> Result<Request> {
        let stream = Stream::from(self.tied_to.as_deref().unwrap_or(name));
        let layout = self.layout.unwrap_or(Layout::Torch);
        Ok(self.initializer.request(stream, shape, layout, dtype)?.with_seed(seed))
    }
}

/// The call of the initializer that a parameter names.
const NAMED: &str = "named";

/// Elements of a list: a vector of sixteen million.
const MOST_ELEMENTS: u64 = 1 << 24;

/// Why norms are refused whose tensor is not there.
const NO_SOURCE: &str =
    "it holds the norms of another tensor, which this list does not have; list both, or give a rule";

/// What peft puts before the names of the model that it adapts.
const ADAPTED: &str = "base_model.model.";

/// Tensors that are tied to one that is tied, and so on: more would be a circle.
const MOST_TIES: usize = 4;

impl Recipe {
    /// The recipe for `model`, with `arguments` in the place of `config`'s fields, and those in the place of defaults.
    ///
    /// # Errors
    /// [`Error::UnknownParameter`] for an argument that is neither a parameter nor a
    /// field of the configuration; [`RecipeError::UnknownFact`] where a rule depends on what is
    /// not known.
    pub fn apply<'a>(&'static self, model: &'a Model, arguments: &Arguments, config: &Config) -> Result<Applied<'a>> {
        if let Some(name) = arguments.keys().find(|name| !config.has(name) && self.parameter(name).is_none()) {
            return Err(Given::unknown(["recipe", self.name], self.parameters, name));
        }
        let bound = Bound::new(self, model, arguments.clone(), config.clone())?;
        let given = |role: &str| text(arguments, role);
        if !self.scales.is_empty() {
            roles::check_blocks(self.name, self.scales, model, given)?;
        }
        for role in self.needs {
            roles::check_role(self.name, role, model, given)?;
        }
        let mut applied = Applied { bound, rules: Vec::new() };
        applied.compile(self.rules, &[])?;
        Ok(applied)
    }

    /// Every tensor of `model` by the recipe's defaults, in the order of the model's names: requests of `dtype` from
    /// `seed`, tied tensors with the stream of what they are tied to, and so with its bits.
    ///
    /// # Errors
    /// Those of [`Recipe::apply`] and [`Applied::requests`].
    ///
    /// ```
    /// use weightinit::recipe::{self, Model};
    /// use weightinit::{DType, cpu};
    ///
    /// let tensors = [("wte.weight", &[50, 8][..]), ("h.0.mlp.c_fc.weight", &[8, 32]), ("lm_head.weight", &[50, 8])];
    /// let requests = recipe::by_name("gpt2")?.requests(&Model::new(tensors), 42, DType::BF16)?;
    /// assert_eq!(requests.len(), 3);
    /// assert_eq!(cpu::bytes(&requests["lm_head.weight"])?, cpu::bytes(&requests["wte.weight"])?);
    /// # Ok::<(), weightinit::Error>(())
    /// ```
    pub fn requests(&'static self, model: &Model, seed: u64, dtype: DType) -> Result<BTreeMap<String, Request>> {
        self.apply(model, &Arguments::new(), &Config::default())?.requests(seed, dtype)
    }
}

impl<'a> Applied<'a> {
    /// Adds the rules that count, for tensors whose names match one of `within` too, if there are any.
    fn compile(&mut self, rules: &'static [&'static [Rule]], within: &[Glob]) -> Result<()> {
        let wrong = |reason| Error::Recipe(RecipeError::InvalidFormula { recipe: self.bound.recipe.name, reason });
        for rule in rules.iter().copied().flatten() {
            let mut condition = None;
            if !rule.when.is_empty() {
                let expression = Expression::new(rule.when).map_err(wrong)?;
                if self.bound.asks_for_tensor(&expression) {
                    condition = Some(expression);
                } else if !expression.holds(&Scope::of_model(&self.bound))? {
                    continue;
                }
            }
            let mut globs = Vec::new();
            for text in rule.patterns.split_whitespace() {
                for pattern in self.globs(text) {
                    globs.push((text, Glob::new(&pattern)?));
                }
            }
            if let Does::Follow(rules) = rule.does {
                self.compile(rules, &globs.into_iter().map(|(_, glob)| glob).collect::<Vec<_>>())?;
                continue;
            }
            let formula = match rule.does {
                Does::Draw => Some(Formula::new(rule.formula).map_err(wrong)?),
                _ => None,
            };
            let within = within.to_vec();
            self.rules.push(Compiled {
                rule,
                globs,
                within,
                formula,
                condition,
                is_used: false,
                last: None,
                source: None,
            });
        }
        Ok(())
    }

    /// The globs that a rule's pattern stands for: of a role, if it names one.
    fn globs(&self, pattern: &str) -> Vec<String> {
        let role = pattern.strip_prefix('@').and_then(|role| self.role(role));
        role.unwrap_or_else(|| vec![pattern.to_owned()])
    }

    /// Whether one of some globs matches a tensor of the model.
    fn is_met(&self, globs: impl IntoIterator<Item = String>) -> bool {
        let globs: Vec<_> = globs.into_iter().filter_map(|text| Glob::new(&text).ok()).collect();
        self.bound.model.tensors().any(|(name, _)| globs.iter().any(|glob| glob.matches(name)))
    }

    /// The globs of a role, by the table or as they are given.
    fn role(&self, role: &str) -> Option<Vec<String>> {
        roles::globs(role, self.bound.model, |role| text(&self.bound.arguments, role))
    }

    /// The recipe.
    pub fn recipe(&self) -> &'static Recipe {
        self.bound.recipe
    }

    /// What the recipe says about tensor `name`; nothing if no rule matches.
    ///
    /// # Errors
    /// [`RecipeError::NoSuchTensor`] for a name that the model lacks, [`Error::WrongParameter`],
    /// [`RecipeError::UnknownFact`] where the formula needs something that neither the configuration nor names and
    /// shapes tell, [`RecipeError::Refused`], and those of the initializers.
    pub fn choose(&mut self, name: &str) -> Result<Option<Chosen>> {
        self.choose_tied(name, MOST_TIES)
    }

    fn choose_tied(&mut self, name: &str, ties: usize) -> Result<Option<Chosen>> {
        let shape = self.bound.model.shape(name).ok_or_else(|| RecipeError::NoSuchTensor { name: name.to_owned() })?;
        for number in 0..self.rules.len() {
            let Some(pattern) = self.rules[number].matching(self.bound.model, name, shape) else { continue };
            let rule = self.rules[number].rule;
            if let Some(condition) = &self.rules[number].condition {
                let layout = rule.layout.or(self.bound.recipe.layout).unwrap_or(Layout::Torch);
                if !condition.holds(&Scope::of_tensor(&self.bound, name, shape, layout))? {
                    continue;
                }
            }
            match rule.does {
                Does::Refuse => {
                    let (recipe, name) = (self.bound.recipe.name, name.to_owned());
                    return Err(RecipeError::Refused { recipe, name, reason: rule.formula }.into());
                }
                Does::Tie => {
                    let source = self.source(number, shape)?.filter(|source| source != name && ties > 0);
                    let Some(source) = source else { continue };
                    let Some(chosen) = self.choose_tied(&source, ties - 1)? else { continue };
                    self.rules[number].is_used = true;
                    let tied_to = chosen.tied_to.or(Some(source));
                    return Ok(Some(Chosen { tied_to, pattern, ..chosen }));
                }
                Does::Norms => {
                    let Some(source) = self.normed(rule.formula, name) else {
                        let (recipe, name) = (self.bound.recipe.name, name.to_owned());
                        return Err(RecipeError::Refused { recipe, name, reason: NO_SOURCE }.into());
                    };
                    self.rules[number].is_used = true;
                    let initializer = Initializer::NormsOf(source);
                    return Ok(Some(Chosen {
                        initializer,
                        layout: None,
                        tied_to: None,
                        pattern,
                        formula: rule.formula,
                    }));
                }
                Does::Draw | Does::Follow(_) => {
                    let layout = rule.layout.or(self.bound.recipe.layout);
                    let initializer = self.make(number, name, shape, layout.unwrap_or(Layout::Torch))?;
                    self.rules[number].is_used = true;
                    return Ok(Some(Chosen { initializer, layout, tied_to: None, pattern, formula: rule.formula }));
                }
            }
        }
        Ok(None)
    }

    /// The tensor of `shape` whose values rule `number` says that others hold.
    fn source(&mut self, number: usize, shape: &[u64]) -> Result<Option<String>> {
        let compiled = &mut self.rules[number];
        if let Some((known, source)) = &compiled.source
            && known == shape
        {
            return Ok(source.clone());
        }
        let source = self.bound.model.first(&Glob::new(compiled.rule.formula)?, shape).map(str::to_owned);
        compiled.source = Some((shape.to_vec(), source.clone()));
        Ok(source)
    }

    /// The tensor whose norms tensor `name` holds, by pairs of a word in the name and what stands in the source's.
    fn normed(&self, pairs: &str, name: &str) -> Option<String> {
        let sources = pairs.split_whitespace().filter_map(|pair| pair.split_once('>')).filter_map(|(word, source)| {
            let module = &name[..name.rfind(word)?];
            let modules = [module, module.strip_prefix(ADAPTED).unwrap_or(module)];
            Some(modules.map(|module| format!("{module}{source}")))
        });
        sources.flatten().find(|source| self.bound.model.shape(source).is_some())
    }

    /// The initializer of rule `number` for a tensor.
    fn make(&mut self, number: usize, name: &str, shape: &[u64], layout: Layout) -> Result<Initializer> {
        let Some(formula) = &self.rules[number].formula else { return Ok(Initializer::zeros()) };
        let scope = Scope::of_tensor(&self.bound, name, shape, layout);
        match formula.initializer {
            EACH => return list(formula, &scope, scope.columns()),
            TABLE => return list(formula, &scope, scope.elements()),
            _ => {}
        }
        let arguments = formula.arguments(&scope)?;
        if let Some((last, initializer)) = &self.rules[number].last
            && *last == arguments
        {
            return Ok(initializer.clone());
        }
        let initializer = match (formula.initializer, arguments.get("init")) {
            (NAMED, Some(Value::Text(name))) => init::by_name(name)?.initializer(&Arguments::new())?,
            (known, _) => init::by_name(known)?.initializer(&arguments)?,
        };
        self.rules[number].last = Some((arguments, initializer.clone()));
        Ok(initializer)
    }

    /// Refuses arguments that made no difference, after [`Applied::choose`] of all tensors: a parameter that reaches no
    /// tensor is a mistake.
    ///
    /// # Errors
    /// [`RecipeError::UnusedParameter`].
    pub fn check(&self) -> Result<()> {
        if self.bound.arguments.is_empty() {
            return Ok(());
        }
        let mut used: Vec<_> =
            self.rules.iter().filter(|compiled| compiled.is_used).flat_map(Compiled::names).collect();
        // A role counts where a tensor has it, whoever decides that.
        let roles = self.bound.recipe.parameters.iter().map(|parameter| parameter.name);
        used.extend(roles.filter(|name| self.role(name).is_some_and(|globs| self.is_met(globs))));
        // A condition on the model counts where the rule would have a tensor, whether or not it holds.
        let rules = self.bound.recipe.rules.iter().copied().flatten().flat_map(Rule::listed);
        for rule in rules.filter(|rule| !rule.when.is_empty()) {
            let globs = rule.patterns.split_whitespace().flat_map(|text| self.globs(text));
            let condition = Expression::new(rule.when).ok().filter(|_| self.is_met(globs));
            if let Some(condition) = condition.filter(|condition| !self.bound.asks_for_tensor(condition)) {
                condition.collect(&mut used);
            }
        }
        // Definitions may use others that stand before them.
        for (name, expression) in self.bound.definitions.iter().rev() {
            if used.contains(name) {
                expression.collect(&mut used);
            }
        }
        match self.bound.arguments.keys().find(|name| !used.contains(&name.as_str())) {
            None => Ok(()),
            Some(name) => {
                Err(RecipeError::UnusedParameter { recipe: self.bound.recipe.name, name: name.clone() }.into())
            }
        }
    }

    /// Every glob of the rules that count, as a reader of an error may look for the one that was meant.
    pub fn patterns(&self) -> impl Iterator<Item = &'static str> {
        self.rules.iter().flat_map(|compiled| compiled.globs.iter().map(|(text, _)| *text))
    }
}

/// The words of an argument.
fn text(arguments: &Arguments, name: &str) -> Option<String> {
    match arguments.get(name)? {
        Value::Text(text) => Some(text.clone()),
        Value::Number(_) => None,
    }
}

/// The values of a formula for each of `len` indices.
fn list(formula: &Formula, scope: &Scope<'_>, len: u64) -> Result<Initializer> {
    let Some(expression) = formula.only().filter(|_| len <= MOST_ELEMENTS) else {
        return Err(LawError::ListTooLong { len, most: MOST_ELEMENTS }.into());
    };
    let values = (0..len).map(|index| expression.number(&scope.at(index)));
    Ok(Law::listed(values.collect::<Result<Vec<_>>>()?)?.into())
}

impl Compiled {
    /// The glob that matches a tensor, if the rule is for it.
    fn matching(&self, model: &Model, name: &str, shape: &[u64]) -> Option<&'static str> {
        let is_for_it = match self.rule.of {
            Of::All => true,
            Of::Vectors => shape.len() < 2,
            Of::Matrices => shape.len() >= 2,
            Of::WithVectors => model.weight_of(name).is_some_and(|shape| shape.len() < 2),
        };
        let is_within = || self.within.is_empty() || self.within.iter().any(|glob| glob.matches(name));
        let mut globs = self.globs.iter().filter(|_| is_for_it && is_within());
        globs.find(|(_, glob)| glob.matches(name)).map(|(text, _)| *text)
    }

    fn names(&self) -> Vec<&'static str> {
        let mut names = self.formula.as_ref().map(Formula::names).unwrap_or_default();
        self.condition.iter().for_each(|condition| {
            condition.collect(&mut names);
        });
        names
    }
}
