//! [`Roles`] and [`Rule`]: what the bearer may do, and what is asked.

mod claim;
mod granted;
mod literal;
mod need;
mod rule;

pub use claim::RoleClaim;
pub use granted::Roles;
pub use literal::Literals;
pub use rule::Rule;
