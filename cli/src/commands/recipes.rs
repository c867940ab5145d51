//! `weightinit recipes`: every recipe, or the rules of one.

use std::process::ExitCode;

use anyhow::Result;
use weightinit::recipe::{Recipe, by_name, recipes};

use super::initializers::parameters;
use super::{print, table};
use crate::args::RecipesArguments;

pub(crate) fn run(arguments: &RecipesArguments) -> Result<ExitCode> {
    let text = match &arguments.name {
        None => {
            let titles = ["recipe", "parameters", "what", "source"].map(str::to_owned);
            table(std::iter::once(titles).chain(recipes().map(row)))
        }
        Some(name) => {
            let recipe = by_name(name)?;
            let titles = ["tensors", "formula", "where"].map(str::to_owned);
            let rows = recipe.rules.iter().copied().flatten().flat_map(|rule| rule.listed());
            let rows = rows.map(|rule| [rule.patterns.to_owned(), rule.action(), rule.condition()]);
            let defined = ["name", "stands for"].map(str::to_owned);
            let definitions = recipe.definitions().map(|(name, formula)| [name, formula].map(str::to_owned));
            format!(
                "{name}: {}\n{}\nparameters: {}\n\n{}\n{}",
                recipe.summary,
                recipe.source,
                parameters(recipe.parameters),
                table(std::iter::once(titles).chain(rows)),
                table(std::iter::once(defined).chain(definitions))
            )
        }
    };
    print(&text)?;
    Ok(ExitCode::SUCCESS)
}

fn row(recipe: &Recipe) -> [String; 4] {
    [recipe.name.to_owned(), parameters(recipe.parameters), recipe.summary.to_owned(), recipe.source.to_owned()]
}
