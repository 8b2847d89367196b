#![doc = include_str!("../README.md")]

mod answer;
mod assertion;
mod certificate;
mod client;
mod clock;
mod credential;
mod delivery;
mod discovery;
mod disruptive;
mod fault;
mod in_process;
mod issuer;
mod keys;
mod listen;
mod page;
mod pkce;
mod policy;
mod random;
mod record;
mod refresh;
mod resource;
mod script;
mod server;
mod token;
mod visitor;

pub use client::Client;
pub use clock::TestClock;
pub use disruptive::DisruptiveAccount;
pub use fault::Fault;
pub use listen::Listening;
pub use policy::{Policy, Rotation};
pub use record::Received;
pub use resource::Resource;
pub use server::Server;
pub use visitor::Visitor;
