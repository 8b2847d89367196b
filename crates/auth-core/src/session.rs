//! What is known of one login.

mod account;
mod check;
mod held;
mod login;
mod mirror;
mod mirror_file;
mod need;
mod observer;
mod secret;
mod token_set;
mod transfer;

pub use account::{Account, LockedAccount};
pub use check::{Checked, TokenCheck};
pub use held::Held;
pub(crate) use login::Answer;
pub use login::Login;
pub use mirror::Mirror;
pub use mirror_file::MirrorFile;
pub use need::{Ask, Need};
pub use observer::Observer;
use secret::TYPING;
pub use secret::{FileSecret, Secret};
pub use token_set::TokenSet;
pub use transfer::{Replaced, transfer};
