//! Destination Earth: its facts, the pages of its login, and the files of its clients.

mod beside;
mod netrc;
mod page;
mod person;
mod polytope;
mod preset;
mod real;
mod refused;
mod strange;
mod switches;
mod transfer;
mod weakness;
mod world;
