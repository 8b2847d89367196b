//! [`Roles`] and [`Rule`]: what the bearer may do, and what is asked.

mod granted;
mod rule;

pub use granted::Roles;
pub use rule::Rule;
