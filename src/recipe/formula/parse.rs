//! Reading formulas.

use super::{EACH, Expression, Formula, Function, TABLE};
use crate::init::Value;

type Result<T> = std::result::Result<T, String>;

/// Functions by their names, with how many arguments each takes.
const FUNCTIONS: [(&str, Function, usize); 23] = [
    ("sqrt", Function::Sqrt, 1),
    ("ln", Function::Log, 1),
    ("exp", Function::Exp, 1),
    ("sin", Function::Sin, 1),
    ("cos", Function::Cos, 1),
    ("floor", Function::Floor, 1),
    ("ceil", Function::Ceil, 1),
    ("min", Function::Min, 2),
    ("max", Function::Max, 2),
    ("if", Function::If, 3),
    ("has", Function::Has, 1),
    ("else", Function::Else, 2),
    ("not", Function::Not, 1),
    ("begins", Function::Begins, 2),
    ("contains", Function::Contains, 2),
    ("matches", Function::Matches, 2),
    ("exists", Function::Exists, 1),
    ("all", Function::All, 1),
    ("beside", Function::Beside, 1),
    ("size", Function::Size, 2),
    ("field", Function::Field, 2),
    ("count", Function::Count, 1),
    ("dim", Function::Dimension, 1),
];

/// Operators from the loosest to the tightest, each level grouping from the left.
const OPERATORS: [&[(&str, Function)]; 5] = [
    &[("or", Function::Or)],
    &[("and", Function::And)],
    &[("==", Function::Equal), ("!=", Function::Unequal), ("<=", Function::AtMost), ("<", Function::Less)],
    &[("+", Function::Add), ("-", Function::Subtract)],
    &[("*", Function::Multiply), ("/", Function::Divide), ("%", Function::Remainder)],
];

pub(super) fn formula(text: &'static str) -> Result<Formula> {
    let mut reader = Reader { text, rest: text };
    let initializer = reader.name().ok_or_else(|| reader.wrong("an initializer"))?;
    let is_list = [EACH, TABLE].contains(&initializer);
    let mut arguments = Vec::new();
    if reader.take("(") {
        while !reader.take(")") {
            if !arguments.is_empty() {
                reader.expect(",")?;
            }
            let mut name = "";
            if !is_list {
                name = reader.name().ok_or_else(|| reader.wrong("a parameter"))?;
                reader.expect("=")?;
            }
            arguments.push((name, reader.level(0)?));
        }
    }
    reader.end()?;
    Ok(Formula { initializer, arguments })
}

pub(super) fn expression(text: &'static str) -> Result<Expression> {
    let mut reader = Reader { text, rest: text };
    let expression = reader.level(0)?;
    reader.end()?;
    Ok(expression)
}

struct Reader {
    text: &'static str,
    rest: &'static str,
}

impl Reader {
    fn wrong(&self, expected: &str) -> String {
        format!("expected {expected} at '{}' of '{}'", self.rest, self.text)
    }

    fn end(&mut self) -> Result<()> {
        if self.rest.trim().is_empty() { Ok(()) } else { Err(self.wrong("the end")) }
    }

    /// Goes past `token`, if that is next; a word only as a whole one.
    fn take(&mut self, token: &str) -> bool {
        let rest = self.rest.trim_start();
        let Some(after) = rest.strip_prefix(token) else { return false };
        let is_word = token.starts_with(|letter: char| letter.is_ascii_alphabetic());
        if is_word && after.starts_with(|letter: char| letter.is_ascii_alphanumeric() || letter == '_') {
            return false;
        }
        self.rest = after;
        true
    }

    fn expect(&mut self, token: &str) -> Result<()> {
        if self.take(token) { Ok(()) } else { Err(self.wrong(token)) }
    }

    /// Letters, digits, underscores and dots that begin with a letter.
    fn name(&mut self) -> Option<&'static str> {
        let rest = self.rest.trim_start();
        let is_part = |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || letter == '.';
        let end = rest.find(|letter| !is_part(letter)).unwrap_or(rest.len());
        let name = &rest[..end];
        let is_name = name.starts_with(|letter: char| letter.is_ascii_alphabetic() || letter == '_');
        is_name.then(|| {
            self.rest = &rest[end..];
            name
        })
    }

    /// An expression of operators of `level` and tighter ones.
    fn level(&mut self, level: usize) -> Result<Expression> {
        let Some(operators) = OPERATORS.get(level) else { return self.power() };
        let mut left = self.level(level + 1)?;
        while let Some((_, function)) = operators.iter().find(|(token, _)| self.take(token)) {
            left = Expression::Apply(*function, vec![left, self.level(level + 1)?]);
        }
        Ok(left)
    }

    /// A power, which groups from the right and binds tighter than the sign before it.
    fn power(&mut self) -> Result<Expression> {
        if self.take("-") {
            return Ok(Expression::Apply(Function::Negate, vec![self.power()?]));
        }
        let base = self.atom()?;
        if self.take("^") { Ok(Expression::Apply(Function::Power, vec![base, self.power()?])) } else { Ok(base) }
    }

    fn atom(&mut self) -> Result<Expression> {
        if self.take("(") {
            let inside = self.level(0)?;
            self.expect(")")?;
            return Ok(inside);
        }
        if self.take("'") {
            let end = self.rest.find('\'').ok_or_else(|| self.wrong("a closing quote"))?;
            let text = self.rest[..end].to_owned();
            self.rest = &self.rest[end + 1..];
            return Ok(Expression::Value(Value::Text(text)));
        }
        if let Some(name) = self.name() {
            return if self.take("(") { self.call(name) } else { Ok(Expression::Name(name)) };
        }
        let rest = self.rest.trim_start();
        let is_exponents_sign = |at: usize| at > 0 && rest[..at].ends_with('e');
        let is_part = |(at, letter): (usize, char)| {
            letter.is_ascii_digit() || letter == '.' || letter == 'e' || (letter == '-' && is_exponents_sign(at))
        };
        let end = rest.char_indices().find(|part| !is_part(*part)).map_or(rest.len(), |(at, _)| at);
        let number = rest[..end].parse().map_err(|_| self.wrong("a value"))?;
        self.rest = &rest[end..];
        Ok(Expression::Value(Value::Number(number)))
    }

    fn call(&mut self, name: &str) -> Result<Expression> {
        let known = FUNCTIONS.iter().find(|(known, ..)| *known == name);
        let (_, function, count) = known.ok_or_else(|| format!("unknown function '{name}' in '{}'", self.text))?;
        let mut arguments = Vec::new();
        while !self.take(")") {
            if !arguments.is_empty() {
                self.expect(",")?;
            }
            arguments.push(self.level(0)?);
        }
        if arguments.len() != *count {
            return Err(format!("{name} takes {count} arguments, not {}, in '{}'", arguments.len(), self.text));
        }
        Ok(Expression::Apply(*function, arguments))
    }
}
