//! [`BoxFuture`]: what makes every seam usable as `dyn`.

use std::pin::Pin;

/// A future that can be named, boxed.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;
