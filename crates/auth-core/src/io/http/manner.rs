//! [`Manner`]: how a request is sent, beside what is in it.

/// How a request is sent: an extension of the [`Request`](http::Request), for an [`HttpClient`](super::HttpClient) that
/// can do so. One without it may take any connection and has the client's own deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Manner {
    /// It spends something and can be sent only once, so it goes over a connection of its own: one that was kept may
    /// have died without a word.
    Once,
    /// It takes as long as it flows, both ways: whoever sends it watches over it, and no deadline of the client's ends it.
    Flowing,
}
