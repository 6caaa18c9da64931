//! The floor: the same work written by hand on hyper.

use std::convert::Infallible;
use std::io;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::{Bytes, BytesMut};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioIo;
use manager_bench::serving;
use tokio::fs::File;
use tokio::io::{AsyncRead, ReadBuf};
use tokio::net::TcpListener;

const PIECE: usize = 256 * 1024;

type Answer = Response<BoxBody<Bytes, io::Error>>;

/// Runs it on a free port.
pub(crate) fn run(file: PathBuf) {
    serving::on_tokio(async {
        let listener = serving::bind().await;
        // The loop is a task, which the thread that works runs.
        let _ = tokio::spawn(accept(listener, file.into())).await;
    });
}

async fn accept(listener: TcpListener, file: Arc<Path>) {
    while let Ok((stream, _)) = listener.accept().await {
        let file = file.clone();
        tokio::spawn(async move {
            let _ = stream.set_nodelay(true);
            let service = service_fn(move |request| {
                let file = file.clone();
                async move { Ok::<_, Infallible>(answer(&file, request).await) }
            });
            // The client ended it.
            let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

async fn answer(file: &Path, request: Request<Incoming>) -> Answer {
    let made = match *request.method() {
        Method::GET => down(file).await,
        _ => up(request.into_body()).await,
    };
    made.unwrap_or_else(|_| {
        let mut failed = Answer::default();
        *failed.status_mut() = hyper::StatusCode::INTERNAL_SERVER_ERROR;
        failed
    })
}

async fn down(file: &Path) -> io::Result<Answer> {
    let mut file = File::open(file).await?;
    file.set_max_buf_size(PIECE);
    let left = file.metadata().await?.len();
    Ok(Response::new(Reading { file, left, buffer: BytesMut::zeroed(PIECE) }.boxed()))
}

async fn up(mut body: Incoming) -> io::Result<Answer> {
    let mut count = 0;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(io::Error::other)?;
        count += frame.data_ref().map_or(0, Bytes::len);
    }
    let body = Full::new(Bytes::from(count.to_string())).map_err(|never| match never {});
    Ok(Response::new(body.boxed()))
}

/// A file by the means of tokio.
struct Reading {
    file: File,
    left: u64,
    buffer: BytesMut,
}

impl Body for Reading {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let Reading { file, left, buffer } = &mut *self;
        if *left == 0 {
            return Poll::Ready(None);
        }
        let mut piece = ReadBuf::new(buffer);
        ready!(Pin::new(file).poll_read(cx, &mut piece))?;
        let piece = Bytes::copy_from_slice(piece.filled());
        if piece.is_empty() {
            return Poll::Ready(Some(Err(io::ErrorKind::UnexpectedEof.into())));
        }
        *left -= piece.len() as u64;
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}
