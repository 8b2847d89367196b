//! The program, run as a program: what goes to stdout and stderr, and how it ends.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a test ends where it is surprised, and it watches real processes in real time"
)]

mod bad_input;
mod canary;
mod clients;
mod completions;
mod config;
mod config_check;
mod credential;
mod defaults;
mod demo;
mod desp;
mod despauth;
mod doctor;
mod emulator;
mod entra;
mod exchange;
mod exec;
mod files;
mod format;
mod help;
mod import;
mod init;
mod interrupt;
mod keycloak;
mod kubernetes;
mod labels;
mod login;
mod logout;
mod mistakes;
mod no_interaction;
mod offline_token;
mod opener;
mod own_file;
mod pages;
mod processes;
mod profiles;
mod prompt;
mod proxy;
mod request;
mod script_errors;
mod secrets;
mod section;
mod several;
mod status;
mod stdout;
mod store;
mod switch;
mod system;
mod terminal;
mod token;
mod unfit;
mod verify;
mod whoami;
mod widths;
mod workload;
mod world;
