//! Behaviour of the workspace, one file per behaviour.

mod cache_law;
mod session;
mod testkit;
mod world;
