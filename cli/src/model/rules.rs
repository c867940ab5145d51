//! Rules: a glob on tensor names, and the initializer of those that match.

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;
use weightinit::init::{self, Arguments, Value};
use weightinit::recipe::Glob;
use weightinit::{DType, Initializer, Layout, Stream};

use crate::args::float_type;
use crate::model::rows::Rows;

/// Letters of a rule's globs that tell it from others.
const MOST_LETTERS: usize = 200;

/// One `[[rule]]` of a spec.
#[derive(Debug, Deserialize)]
pub(crate) struct Rule {
    #[serde(rename = "match")]
    patterns: Patterns,
    /// A rule that matches nothing is a mistake, unless it says so.
    #[serde(default)]
    pub(crate) optional: bool,
    /// What the recipe calls tensors that do what these do.
    pub(crate) role: Option<String>,
    #[serde(flatten)]
    pub(crate) table: CallTable,
}

#[derive(Debug, Deserialize)]
#[serde(untagged, expecting = "match is no glob; expected \"*.weight\" or a list of such")]
enum Patterns {
    One(String),
    Many(Vec<String>),
}

/// An initializer with what goes with it: by name alone, or as a table.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged, expecting = "expected an initializer's name, or a table such as { init = \"normal\", std = 0.02 }")]
pub(crate) enum Call {
    Name(String),
    Table(CallTable),
}

/// An initializer's name, its parameters, and options of the tensor.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct CallTable {
    #[serde(default)]
    init: String,
    layout: Option<String>,
    dtype: Option<String>,
    groups: Option<u64>,
    stream: Option<StreamName>,
    #[serde(flatten)]
    parameters: toml::Table,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(untagged, expecting = "stream is neither a name nor a number from 0 to 9223372036854775807")]
enum StreamName {
    Number(u64),
    Name(String),
}

/// What becomes of a tensor.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Fate {
    /// It is initialized.
    Drawn,
    /// It keeps what the checkpoint has; rows that it did not have are initialized, if it says how.
    Kept(Option<Box<Rows>>),
    /// It follows from another tensor, whose name may be given.
    Derived(Derived, Option<String>),
    /// It is left out.
    Dropped,
}

/// How a tensor follows from another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Derived {
    /// It holds the norms of the other's parts.
    Norms,
    /// It holds what the other, of 8 bits, is multiplied by.
    Scale,
}

/// A call after its words have been understood.
#[derive(Clone, Debug)]
pub(crate) struct Resolved {
    pub(crate) fate: Fate,
    pub(crate) initializer: Initializer,
    /// As one would write it: `normal(std=0.02)`.
    pub(crate) call: String,
    /// Its parameter `value`, where that is a whole number as it stands: above 2^53 not every one is a parameter.
    pub(crate) whole: Option<i64>,
    pub(crate) layout: Option<Layout>,
    pub(crate) dtype: Option<DType>,
    /// The stream and how it was given, if it is not that of the tensor's own name.
    pub(crate) stream: Option<(Stream, String)>,
}

impl Rule {
    /// Its globs, joined: what messages call the rule. Of very long ones the beginning.
    pub(crate) fn label(&self) -> String {
        let mut letters = self.globs().iter().enumerate().flat_map(|(number, glob)| {
            let comma = if number > 0 { ", " } else { "" };
            comma.chars().chain(glob.chars())
        });
        let label: String = letters.clone().take(MOST_LETTERS).collect();
        if letters.nth(MOST_LETTERS).is_some() { label + "…" } else { label }
    }

    fn globs(&self) -> &[String] {
        match &self.patterns {
            Patterns::One(glob) => std::slice::from_ref(glob),
            Patterns::Many(globs) => globs,
        }
    }

    /// Whether it says how its tensors are initialized, and not their role alone.
    pub(crate) fn decides(&self) -> bool {
        self.role.is_none() || !self.table.init.is_empty()
    }

    /// Its role and its globs, as a recipe's parameter, if it names one.
    pub(crate) fn role(&self) -> Result<Option<(String, String)>> {
        let Some(role) = &self.role else { return Ok(None) };
        let globs = self.globs();
        let spaced = globs.iter().find(|glob| glob.contains(char::is_whitespace));
        ensure!(spaced.is_none(), "rule '{}': a glob of a rule with a role has a space; write ? for it", self.label());
        Ok(Some((role.clone(), globs.join(" "))))
    }

    /// The globs, one of which a tensor's whole name must match.
    pub(crate) fn matchers(&self) -> Result<Vec<Glob>> {
        ensure!(!self.globs().is_empty(), "a rule has an empty match; give a glob such as \"*.weight\"");
        self.globs().iter().map(|glob| Glob::new(glob).context("a rule's match")).collect()
    }
}

impl Call {
    /// Whether it keeps tensors.
    pub(crate) fn keeps(&self) -> bool {
        match self {
            Call::Name(name) => name == KEEP,
            Call::Table(table) => table.keeps(),
        }
    }

    /// Understands the names and numbers of the choice.
    pub(crate) fn choose(&self) -> Result<Resolved> {
        match self {
            Call::Name(name) => named(name, &Arguments::new(), 1),
            Call::Table(table) => table.choose(),
        }
    }
}

impl CallTable {
    /// Whether it keeps tensors.
    pub(crate) fn keeps(&self) -> bool {
        self.init == KEEP
    }

    /// Understands the names and numbers of the table.
    pub(crate) fn choose(&self) -> Result<Resolved> {
        ensure!(
            !self.init.is_empty(),
            "init is missing; expected init = \"normal\" or another initializer, keep or drop"
        );
        let arguments = arguments(&self.parameters)?;
        let stream = self.stream.as_ref().map(|stream| match stream {
            StreamName::Number(number) => (Stream(*number), number.to_string()),
            StreamName::Name(name) => (Stream::from(name), name.clone()),
        });
        Ok(Resolved {
            layout: self.layout.as_deref().map(str::parse).transpose()?,
            dtype: self.dtype.as_deref().map(float_type).transpose()?,
            stream,
            whole: self.parameters.get("value").and_then(toml::Value::as_integer),
            ..named(&self.init, &arguments, self.groups.unwrap_or(1))?
        })
    }
}

/// The parameters of a table.
pub(crate) fn arguments(table: &toml::Table) -> Result<Arguments> {
    let value = |(name, value): (&String, &toml::Value)| {
        let value = match value {
            toml::Value::Integer(number) => Value::Number(*number as f64),
            toml::Value::Float(number) => Value::Number(*number),
            toml::Value::String(text) => Value::Text(text.clone()),
            toml::Value::Boolean(flag) => Value::Text(flag.to_string()),
            other => bail!("parameter '{name}' is of type {}; expected a number or a word", other.type_str()),
        };
        Ok((name.clone(), value))
    };
    table.iter().map(value).collect()
}

/// The parameters of a command line's `--param name=value`.
pub(crate) fn parameters(texts: &[String]) -> Result<Arguments> {
    let mut parameters = Arguments::new();
    for text in texts {
        let (name, value) =
            text.split_once('=').with_context(|| format!("--param {text} has no value; write --param name=value"))?;
        let repeated = parameters.insert(name.to_owned(), Value::parse(value)).is_some();
        ensure!(!repeated, "--param {name} is given twice; keep one");
    }
    Ok(parameters)
}

/// The words for tensors that are not initialized.
const KEEP: &str = "keep";
const DROP: &str = "drop";
/// The words for tensors that follow from another one, which `of` names.
const DERIVED: [(&str, Derived); 2] = [("norms", Derived::Norms), ("fp8_scale", Derived::Scale)];

fn derived(name: &str) -> Option<Derived> {
    DERIVED.iter().find(|(word, _)| *word == name).map(|(_, derived)| *derived)
}

/// The initializer called `name` with `arguments`, for tensors of their own stream and type; or `keep`, with the
/// initializer of new rows as `of`, or `drop`.
pub(crate) fn named(name: &str, arguments: &Arguments, groups: u64) -> Result<Resolved> {
    let mut inner = arguments.clone();
    let (fate, initializer) = match (name, inner.remove("of")) {
        (KEEP, Some(Value::Text(of))) => {
            let rows = Rows::new(of, inner)?;
            let rows = if let Rows::By(initializer) = rows { Rows::By(initializer.with_groups(groups)) } else { rows };
            (Fate::Kept(Some(Box::new(rows))), Initializer::zeros())
        }
        (KEEP, Some(_)) => bail!("parameter 'of' of keep is no initializer's name"),
        (_, of) if let Some(derived) = derived(name) => {
            let other = inner.keys().next();
            ensure!(other.is_none(), "{name} has no parameter '{}'; it takes of", other.map_or("", String::as_str));
            let of = match of {
                Some(Value::Text(of)) => Some(of),
                None if derived == Derived::Scale => None,
                _ => bail!("{name} needs the name of another tensor, as of = \"weight_v\""),
            };
            (Fate::Derived(derived, of), Initializer::zeros())
        }
        (KEEP | DROP, None) => {
            let other = arguments.keys().next();
            ensure!(other.is_none(), "{name} has no parameter '{}'", other.map_or("", String::as_str));
            (if name == KEEP { Fate::Kept(None) } else { Fate::Dropped }, Initializer::zeros())
        }
        _ => (Fate::Drawn, init::by_name(name)?.initializer(arguments)?),
    };
    let initializer = initializer.with_groups(groups);
    let mut given: Vec<_> = arguments.iter().map(|(name, value)| format!("{name}={value}")).collect();
    if groups != 1 {
        given.push(format!("groups={groups}"));
    }
    let call = if given.is_empty() { name.to_owned() } else { format!("{name}({})", given.join(", ")) };
    Ok(Resolved { fate, initializer, call, whole: None, layout: None, dtype: None, stream: None })
}
