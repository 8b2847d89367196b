//! Behaviour of the workspace, one file per behaviour.

mod testkit;
