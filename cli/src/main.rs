//! `weightinit`: fill a model's weights on any GPU, the same bits everywhere.

use std::process::ExitCode;

fn main() -> ExitCode {
    weightinit_cli::main()
}
