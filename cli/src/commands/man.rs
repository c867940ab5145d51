//! `weightinit man`: manual pages.

use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::CommandFactory;

use super::print_exactly;
use crate::args::{Arguments, ManArguments};

pub(crate) fn run(arguments: &ManArguments) -> Result<ExitCode> {
    let mut all = Arguments::command();
    // With the options that every command has.
    all.build();
    let page = match &arguments.command {
        None => clap_mangen::Man::new(all),
        Some(name) => {
            let visible: Vec<_> = all.get_subcommands().filter(|command| !command.is_hide_set()).collect();
            let command = visible.iter().find(|command| command.get_name() == name).with_context(|| {
                let names: Vec<_> = visible.iter().map(|command| command.get_name()).collect();
                format!("unknown command '{name}'; expected one of: {}", names.join(", "))
            })?;
            clap_mangen::Man::new((*command).clone())
        }
    };
    let mut text = Vec::new();
    page.render(&mut text)?;
    print_exactly(&String::from_utf8(text)?)?;
    Ok(ExitCode::SUCCESS)
}
