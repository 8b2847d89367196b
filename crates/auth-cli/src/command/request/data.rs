//! The body of a request: a text, a file or stdin, byte for byte.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::pin::Pin;
use std::task::{Context, Poll};

use auth_core::http::Body;
use auth_core::{Error, Result};
use bytes::Bytes;
use http_body::{Frame, SizeHint};
use tokio::sync::mpsc::{Receiver, channel};

use crate::secret::Secrets;

/// The body that `data` names: the text itself, `@FILE`, or `-` for stdin. A short one is whole, so that it can be sent
/// again after a 401; a long one flows from where it is.
///
/// # Errors
/// `Config` if the file or stdin can't be read.
pub(super) async fn body(secrets: &Secrets, data: &str) -> Result<Body> {
    // curl has the other spelling.
    if ["-", "@-"].contains(&data) {
        secrets
            .take_stdin()
            .map_err(|error| error.context("--data"))?;
        return stream("stdin".to_owned(), || Ok((std::io::stdin(), None))).await;
    }
    let Some(path) = data.strip_prefix('@') else {
        return Ok(data.to_owned().into());
    };
    if path.is_empty() {
        return Err(Error::config("--data: no file is named behind the `@`")
            .with_advice("write `@FILE`, or `-` for stdin"));
    }
    let own = path.to_owned();
    let open = move || {
        let file = File::open(own)?;
        let metadata = file.metadata()?;
        if metadata.is_dir() {
            return Err(ErrorKind::IsADirectory.into());
        }
        let size = metadata.is_file().then_some(metadata.len());
        Ok((file, size))
    };
    stream(format!("the file {path}"), open).await
}

async fn stream<R: Read>(
    name: String,
    open: impl FnOnce() -> std::io::Result<(R, Option<u64>)> + Send + 'static,
) -> Result<Body> {
    let failed = move |error: std::io::Error| {
        Error::config(format!("--data: {name} can't be read: {error}"))
            .with_advice("name a file that can be read, or pipe the data in and write `-`")
    };
    let (pieces, mut incoming) = channel(4);
    // It lasts as long as what it reads from: nobody waits for it at the end.
    tokio::task::spawn_blocking(move || {
        let told = open().and_then(|(mut from, size)| {
            let _ = pieces.blocking_send(Piece::Size(size));
            loop {
                let mut piece = vec![0; PIECE];
                match from.read(&mut piece) {
                    Ok(0) => return Ok(()),
                    Ok(length) => {
                        piece.truncate(length);
                        if pieces.blocking_send(Piece::Data(piece.into())).is_err() {
                            return Ok(());
                        }
                    }
                    Err(error) if error.kind() == ErrorKind::Interrupted => {}
                    Err(error) => return Err(error),
                }
            }
        });
        let last = match told {
            Ok(()) => Piece::End,
            Err(error) => Piece::Failed(failed(error)),
        };
        let _ = pieces.blocking_send(last);
    });
    let (mut first, mut length, mut size) = (VecDeque::new(), 0, None);
    while length <= WHOLE {
        match incoming.recv().await {
            Some(Piece::Size(known)) => size = known,
            Some(Piece::Data(piece)) => {
                length += piece.len();
                first.push_back(piece);
            }
            Some(Piece::Failed(error)) => return Err(error),
            Some(Piece::End) => return Ok(Vec::from(first).concat().into()),
            None => return Err(cut_off()),
        }
    }
    let size = size.filter(|size| *size >= length as u64);
    Ok(Body::stream(Flowing {
        first,
        incoming,
        size,
    }))
}

fn cut_off() -> Error {
    Error::config("--data: the reading was cut off")
}

/// What the thread that reads says.
enum Piece {
    /// How long it will be, if that is known.
    Size(Option<u64>),
    Data(Bytes),
    Failed(Error),
    End,
}

struct Flowing {
    first: VecDeque<Bytes>,
    incoming: Receiver<Piece>,
    size: Option<u64>,
}

impl http_body::Body for Flowing {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>>>> {
        if let Some(piece) = self.first.pop_front() {
            return Poll::Ready(Some(Ok(Frame::data(piece))));
        }
        loop {
            return match self.incoming.poll_recv(context) {
                Poll::Pending => Poll::Pending,
                Poll::Ready(Some(Piece::Size(_))) => continue,
                Poll::Ready(Some(Piece::Data(piece))) => Poll::Ready(Some(Ok(Frame::data(piece)))),
                Poll::Ready(Some(Piece::End)) => Poll::Ready(None),
                Poll::Ready(Some(Piece::Failed(error))) => Poll::Ready(Some(Err(error))),
                // Without a word of the end it is none: nobody may take a part for the whole.
                Poll::Ready(None) => Poll::Ready(Some(Err(cut_off()))),
            };
        }
    }

    fn size_hint(&self) -> SizeHint {
        self.size
            .map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}

const PIECE: usize = 64 << 10;

/// As much is kept for a second try.
const WHOLE: usize = 1 << 20;
