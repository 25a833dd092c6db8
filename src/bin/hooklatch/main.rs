//! The `hooklatch` command line.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command line prints"
)]

mod vectors;

use std::{path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};

/// Receive webhooks safely.
#[derive(Debug, Parser)]
#[command(version, about, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Judge test vectors: requests of which it is known whether they are the sender's.
    ///
    /// Prints a line for each case that fails and for each that is a matter of policy, then how many passed, failed and
    /// were skipped. Skipped is only a case of a sender that hooklatch does not know.
    ///
    /// Exit status: 0 when no case failed, 1 when one did, 2 when a file could not be read.
    Vectors {
        /// Files in the vector format (a JSON array of cases), or folders that hold such files.
        #[arg(required = true, value_name = "PATH")]
        paths: Vec<PathBuf>,
    },
}

fn main() -> ExitCode {
    let Arguments { command } = Arguments::parse();
    match command {
        Command::Vectors { paths } => judge(&paths),
    }
}

/// Judges the vectors at these paths, and prints what came of them.
fn judge(paths: &[PathBuf]) -> ExitCode {
    match vectors::report(paths) {
        Ok(report) => {
            print!("{report}");
            ExitCode::from(u8::from(report.failed > 0))
        }
        Err(fault) => {
            eprintln!("hooklatch: {fault}");
            ExitCode::from(2)
        }
    }
}
