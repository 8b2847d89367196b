//! `auth man`: the manual's pages, one for each command, for those who package the program.

use std::path::Path;

use auth_core::Error;
use clap::CommandFactory;

use crate::args::{Cli, ManArgs};
use crate::failure::Failure;

pub(super) fn run(args: &ManArgs) -> Result<(), Failure> {
    let directory = &args.directory;
    let written = written(directory);
    written.map_err(|error| {
        let shown = directory.display();
        Error::config(format!("the pages can't be written to {shown}: {error}"))
            .with_advice("name a directory that you may write to")
            .into()
    })
}

fn written(directory: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(directory)?;
    clap_mangen::generate_to(Cli::command(), directory)
}
