//! None: only Unix lets a test sit at both ends. Each test that opens one is ignored elsewhere.

use std::process::{Child, Command};

use crate::world::World;

/// What there is none of.
pub(crate) struct Terminal(());

impl Terminal {
    pub(crate) fn open() -> Self {
        Self(none())
    }

    pub(crate) fn shows(self, _: Command, _: u16) -> String {
        none()
    }

    pub(crate) fn run(&self, _: &World, _: &[&str]) -> Child {
        none()
    }

    pub(crate) fn run_with(&self, _: &World, _: &[&str], _: &[(&str, &str)]) -> Child {
        none()
    }

    pub(crate) fn run_command(&self, _: &Command) -> Child {
        none()
    }

    pub(crate) fn show(&self, _: &World, _: &[&str]) -> Child {
        none()
    }

    pub(crate) fn show_command(&self, _: Command) -> Child {
        none()
    }

    pub(crate) fn wait_for(&mut self, _: &str) -> String {
        none()
    }

    pub(crate) fn type_in(&mut self, _: &str) {
        none()
    }

    pub(crate) fn print(&mut self, _: &str) {
        none()
    }

    pub(crate) fn echoes(&self) -> bool {
        none()
    }
}

fn none<T>() -> T {
    panic!("a test that needs a terminal is ignored here");
}
