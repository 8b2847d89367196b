//! Entra ID: applications, people, managed identities, and what they are told.

mod application;
mod chain;
mod managed_identity;
mod one_login;
mod person;
mod preset;
mod tenant;
mod world;
