//! Entra ID: applications, people, and what they are told.

mod application;
mod one_login;
mod person;
mod preset;
mod tenant;
mod world;
