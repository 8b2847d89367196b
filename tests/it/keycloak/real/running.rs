//! What holds while the server runs.

mod discovery;
mod exchange;
mod keys;
mod left_behind;
mod person;
mod processes;
mod refresh;
mod refusal;
mod service;
