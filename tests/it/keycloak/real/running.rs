//! What holds while the server runs.

mod agreement;
mod browser;
mod chromium;
mod crowd;
mod device;
mod discovery;
mod ending;
mod exchange;
mod home;
mod keys;
mod left_behind;
mod outage;
mod person;
mod processes;
mod program;
mod refresh;
mod refusal;
mod service;
mod signal;
mod together;
mod verify;
