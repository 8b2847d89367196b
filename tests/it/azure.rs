//! Entra ID: applications, people, managed identities, and what they are told.

mod application;
mod chain;
mod managed_identity;
mod one_login;
mod person;
mod pkcs12;
mod preset;
mod signature;
mod tenant;
mod world;
