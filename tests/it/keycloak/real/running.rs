//! What holds while the server runs.

mod discovery;
mod keys;
mod left_behind;
mod processes;
mod refresh;
mod refusal;
mod service;
