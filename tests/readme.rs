//! The README of the workspace, as documentation of nothing, so that its example compiles.
#![doc = include_str!("../README.md")]
