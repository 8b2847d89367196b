//! [`Terminal`]: one of our own, with a person at it.

#[cfg(not(unix))]
mod elsewhere;
#[cfg(unix)]
mod unix;

#[cfg(not(unix))]
pub(crate) use self::elsewhere::Terminal;
#[cfg(unix)]
pub(crate) use self::unix::Terminal;
