//! [`Shape`]: a kind of identity server.

use crate::answer::Answer;
use crate::record::Received;

/// What a kind of identity server answers at its paths.
pub(crate) trait Shape {
    /// The answer to `request`, or `None` if the path is not one of this shape's.
    fn answer(&mut self, request: &Received) -> Option<Answer>;
}
