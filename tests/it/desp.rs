//! Destination Earth: its facts, the pages of its login, and the files of its clients.

mod netrc;
mod page;
mod person;
mod polytope;
mod preset;
