//! What holds while the server runs.

mod agreement;
mod browser;
mod chromium;
mod device;
mod discovery;
mod exchange;
mod keys;
mod left_behind;
mod person;
mod processes;
mod program;
mod refresh;
mod refusal;
mod service;
mod verify;
