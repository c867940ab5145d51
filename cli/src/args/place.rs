//! Options that name files, or objects in stores.

use std::ffi::OsStr;
use std::path::PathBuf;

use clap::builder::{PathBufValueParser, TypedValueParser};
use clap::error::ErrorKind;
use clap::{Arg, Command, Error};

use crate::store::address;

/// What an option takes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    is_local: bool,
}

/// Files, by path or `file://`.
pub(crate) const LOCAL: Place = Place { is_local: true };
/// Those and objects.
pub(crate) const REMOTE: Place = Place { is_local: false };

impl TypedValueParser for Place {
    type Value = PathBuf;

    /// Values are not repeated in refusals, as clap itself would: URLs may hold secrets.
    fn parse_ref(&self, command: &Command, argument: Option<&Arg>, value: &OsStr) -> Result<PathBuf, Error> {
        let path = PathBufValueParser::new().parse_ref(command, argument, value)?;
        let place = if self.is_local { address::local(path) } else { address::place(path) };
        place.map_err(|why| {
            let option = argument.map(|argument| format!("{argument}: ")).unwrap_or_default();
            Error::raw(ErrorKind::ValueValidation, format!("{option}{why}\n")).with_cmd(command)
        })
    }
}
