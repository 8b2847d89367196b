//! What is known of one login.

mod check;
mod held;
mod login;
mod observer;
mod token_set;

pub use check::TokenCheck;
pub use held::Held;
pub use login::Login;
pub use observer::Observer;
pub use token_set::TokenSet;
