//! `wginit`: fill a model's weights on any GPU, the same bits everywhere.

use std::process::ExitCode;

fn main() -> ExitCode {
    wginit_cli::main()
}
