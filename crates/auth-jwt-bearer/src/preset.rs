//! What vendors publish about their service accounts, as data.

pub mod disruptive_technologies;
