//! Plainview: reviews what a cloud tenant's storage is used for, from records alone.
//!
//! This binary is the only home of the command line, the terminal and exit codes. It opens record
//! files through the readers and never a customer object.

mod adhoc;
mod case;
mod cli;
mod commands;
mod documents;
mod exit;
mod files;
mod map_file;
mod places;
mod review;
mod steps;
mod term;
mod worker;

use std::process::ExitCode;

use anyhow::Result;
use clap::Parser as _;
use clap::error::ErrorKind;

use crate::cli::{Cli, Command};
use crate::exit::{Ending, USAGE};

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    // A worker is this program too, but takes no part in anything below.
    if arguments.next().is_some_and(|first| first == worker::FLAG) {
        return worker::main(arguments);
    }
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // `--help` and `--version` arrive here too and are no mistake.
            let _ = error.print();
            let asked = matches!(
                error.kind(),
                ErrorKind::DisplayHelp | ErrorKind::DisplayVersion
            );
            return if asked {
                ExitCode::SUCCESS
            } else {
                ExitCode::from(USAGE)
            };
        }
    };
    match run(&cli.command) {
        Ok(ending) => ending.into(),
        Err(error) => {
            term::note(&format!("plainview: {error:#}"));
            let query = error.downcast_ref::<plainview_index::Error>();
            if error.is::<case::NoCase>() || matches!(query, Some(plainview_index::Error::Query(_)))
            {
                ExitCode::from(USAGE)
            } else {
                Ending::INCOMPLETE.into()
            }
        }
    }
}

fn run(command: &Command) -> Result<Ending> {
    match command {
        Command::Demo(args) => commands::demo::run(args),

        Command::New(args) => commands::new::run(args),
        Command::Check(args) => commands::check::run(args),
        Command::Review(args) => commands::review::run(args),
        Command::Explain(args) => commands::explain::run(args),
        Command::Ask(args) => commands::ask::run(args),
        Command::Coverage(args) => commands::coverage::run(args),
        Command::Find(args) => commands::find::run(args),
        Command::Mark(args) => commands::mark::run(args),
        Command::Records(args) => commands::records::run(args),
        Command::Profile(args) => commands::profile::run(args),
        Command::Reconcile(args) => commands::reconcile::run(args),
        Command::Sigma(args) => commands::sigma::run(args),
        Command::Weigh(args) => commands::weigh::run(args),
    }
}
