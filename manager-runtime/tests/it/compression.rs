//! Answers in fewer bytes, for who reads them.

#[cfg(not(feature = "compression"))]
#[tokio::test]
async fn without_the_feature_the_setting_is_found_at_the_start() {
    use manager_runtime::prelude::*;

    let error = Manager::empty().with_compression(true).spawn().await.unwrap_err();
    assert_eq!(error.kind(), Kind::BadRequest);
    let text = error.to_string();
    assert!(text.contains("with_compression: `compression` cannot be `true`"), "{text}");
    assert!(text.contains("the feature `compression` of `manager-runtime`"), "{text}");
    Manager::empty().with_compression(false).without_http().spawn().await.unwrap();
}

#[cfg(feature = "compression")]
mod with_the_feature {
    use std::io::{Read, Write};
    use std::pin::Pin;
    use std::sync::{Arc, Mutex};
    use std::task::{Context as TaskContext, Poll};

    use manager_runtime::prelude::*;
    use manager_runtime::{Body, HeaderName, HeaderValue, Request, Response, StatusCode};
    use tokio::sync::mpsc;

    use crate::support::{Answer, Client, LIMIT, fetch, get, request, within};

    /// Answers with a text, a status and headers as the query says: `?length=2000&content-type=text/css`.
    #[middleware]
    async fn compression_answer(request: Request, next: Next) -> Result<Response> {
        drop(next);
        let mut response = Response::new(Body::empty());
        for (name, value) in
            request.uri().query().unwrap_or_default().split('&').filter_map(|it| it.split_once('='))
        {
            match name {
                "length" => *response.body_mut() = Body::from(text(value.parse().unwrap())),
                "status" => {
                    *response.status_mut() = StatusCode::from_bytes(value.as_bytes()).unwrap()
                }
                name => {
                    let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
                    response
                        .headers_mut()
                        .append(name, HeaderValue::try_from(value.replace("%22", "\"")).unwrap());
                }
            }
        }
        Ok(response)
    }

    #[handler(get = "/compression/answer", with = [compression_answer])]
    async fn compression_any() {}

    #[derive(Default, Clone)]
    struct Pieces(Arc<Mutex<Option<mpsc::UnboundedSender<String>>>>);

    struct Sent(mpsc::UnboundedReceiver<String>);

    impl futures_core::Stream for Sent {
        type Item = std::io::Result<String>;

        fn poll_next(
            mut self: Pin<&mut Self>,
            cx: &mut TaskContext<'_>,
        ) -> Poll<Option<Self::Item>> {
            self.0.poll_recv(cx).map(|next| match next {
                Some(text) if text == "break" => Some(Err(std::io::Error::other("it breaks"))),
                next => next.map(Ok),
            })
        }
    }

    #[middleware]
    async fn compression_pieces(
        request: Request,
        next: Next,
        pieces: Res<Pieces>,
    ) -> Result<Response> {
        drop(next);
        let (sender, receiver) = mpsc::unbounded_channel();
        *pieces.0.lock().unwrap() = Some(sender);
        let mut response = Response::new(Body::from_stream(Sent(receiver)));
        let kind = request.uri().query().unwrap_or("text/plain").to_owned();
        response.headers_mut().insert("content-type", HeaderValue::try_from(kind).unwrap());
        Ok(response)
    }

    #[handler(get = "/compression/stream", with = [compression_pieces])]
    async fn compression_stream() {}

    #[handler]
    async fn compression_envelope() -> String {
        text(5000)
    }

    fn text(length: usize) -> String {
        "All work and no play makes Jack a dull boy. ".chars().cycle().take(length).collect()
    }

    async fn spawn() -> (Running, Pieces) {
        let pieces = Pieces::default();
        let mut manager = Manager::empty();
        manager
            .add::<compression_any>()
            .add::<compression_stream>()
            .add::<compression_envelope>()
            .provide(pieces.clone())
            .with_compression(true)
            .with_bind("127.0.0.1:0");
        (manager.spawn().await.unwrap(), pieces)
    }

    fn gunzip(bytes: &[u8]) -> String {
        let mut text = String::new();
        flate2::read::GzDecoder::new(bytes).read_to_string(&mut text).unwrap();
        text
    }

    fn unbrotli(bytes: &[u8]) -> String {
        let mut text = String::new();
        brotli::Decompressor::new(bytes, 4096).read_to_string(&mut text).unwrap();
        text
    }

    async fn ask(running: &Running, query: &str, accept: &str) -> Answer {
        let line = format!("GET /compression/answer?{query}");
        fetch(running.addr(), request(&line, &format!("Accept-Encoding: {accept}\r\n"), "")).await
    }

    #[tokio::test]
    async fn who_reads_it_gets_less() {
        within(LIMIT, async {
            let (running, _) = spawn().await;
            let query = "length=5000&content-type=text/plain&etag=%22tag%22&accept-ranges=bytes";
            for (accept, coding) in
                [("gzip", "gzip"), ("br", "br"), ("gzip;q=0.5, br", "br"), ("*", "br")]
            {
                let answer = ask(&running, query, accept).await;
                assert_eq!(answer.header("content-encoding"), Some(coding), "{accept}");
                assert_eq!(answer.header("vary"), Some("accept-encoding"));
                assert_eq!(answer.header("etag"), Some("W/\"tag\""));
                assert_eq!(answer.header("accept-ranges"), None);
                assert!(answer.body.len() < 500, "{}", answer.body.len());
                let decoded =
                    if coding == "gzip" { gunzip(&answer.body) } else { unbrotli(&answer.body) };
                assert_eq!(decoded, text(5000));

                // The same is said to HEAD.
                let mut client = Client::connect(running.addr()).await;
                let line = format!("HEAD /compression/answer?{query}");
                client.send(request(&line, &format!("Accept-Encoding: {accept}\r\n"), "")).await;
                let head = client.head().await;
                for name in ["content-length", "content-encoding", "etag", "vary", "content-type"] {
                    assert_eq!(head.header(name), answer.header(name), "{name}");
                }
            }
            for accept in ["", "identity", "gzip;q=0", "deflate", "zstd"] {
                let answer = ask(&running, query, accept).await;
                assert_eq!(answer.header("content-encoding"), None, "{accept}");
                assert_eq!(answer.header("vary"), Some("accept-encoding"), "{accept}");
                assert_eq!(answer.header("etag"), Some("\"tag\""));
                assert_eq!(answer.text(), text(5000));
            }
            let envelope = request("POST /compression_envelope", "Accept-Encoding: gzip\r\n", "");
            let envelope = fetch(running.addr(), envelope).await;
            assert!(
                gunzip(&envelope.body).starts_with("{\"status\":\"Ok\",\"message\":\"All work")
            );
        })
        .await;
    }

    #[tokio::test]
    async fn what_gains_nothing_is_left_as_it_is() {
        within(LIMIT, async {
            let (running, _) = spawn().await;
            for query in [
                "length=1023&content-type=text/plain",
                "length=5000",
                "length=5000&content-type=image/png",
                "length=5000&content-type=video/mp4",
                "length=5000&content-type=application/zip",
                "length=5000&content-type=application/octet-stream",
                "length=5000&content-type=text/event-stream",
                "length=5000&content-type=text/plain&content-encoding=zstd",
                "length=5000&content-type=text/plain&cache-control=public,%20no-transform",
                "length=5000&content-type=text/plain&cache-control=No-Transform",
                "length=5000&content-type=text/plain&status=206&content-range=bytes",
                "length=5000&content-type=text/plain&content-digest=x",
                "status=204",
            ] {
                let query = query.replace("%20", "");
                let answer = ask(&running, &query, "gzip, br").await;
                let given = query.contains("content-encoding").then_some("zstd");
                assert_eq!(answer.header("content-encoding"), given, "{query}");
                assert_eq!(answer.header("vary"), None, "{query}");
            }
            // Errors are answers as well, and what is said already is not said twice.
            let query = "length=5000&content-type=application/problem%2Bjson&status=404&vary=Accept-Encoding";
            let answer = ask(&running, &query.replace("%2B", "+"), "gzip").await;
            assert_eq!(answer.header("content-encoding"), Some("gzip"));
            let varies = answer.headers.iter().filter(|(name, _)| name == "vary").count();
            assert_eq!(varies, 1);
            // Of what was not sent the tag is that of what would have been.
            let answer = ask(&running, "status=304&etag=%22tag%22", "gzip").await;
            assert_eq!((answer.status, answer.header("etag")), (304, Some("W/\"tag\"")));
        })
        .await;
    }

    #[tokio::test]
    async fn long_answers_are_compressed_while_they_are_sent() {
        within(LIMIT, async {
            let (running, _) = spawn().await;
            for coding in ["gzip", "br"] {
                let mut client = Client::connect(running.addr()).await;
                let line = "GET /compression/answer?length=1000000&content-type=text/css";
                client.send(request(line, &format!("Accept-Encoding: {coding}\r\n"), "")).await;
                let head = client.head().await;
                assert_eq!(head.header("transfer-encoding"), Some("chunked"));
                assert_eq!(head.header("content-length"), None);
                let body = chunks(&mut client).await.unwrap();
                let decoded = if coding == "gzip" { gunzip(&body) } else { unbrotli(&body) };
                assert!(decoded == text(1_000_000));
                assert_eq!(client.ask(get("/livez")).await.status, 200);
            }
        })
        .await;
    }

    #[tokio::test]
    async fn a_stream_holds_nothing_back() {
        within(LIMIT, async {
            let (running, pieces) = spawn().await;
            let open = async |query: &str| {
                let mut client = Client::connect(running.addr()).await;
                let line = format!("GET /compression/stream?{query}");
                client.send(request(&line, "Accept-Encoding: gzip\r\n", "")).await;
                let head = client.head().await;
                let sender = pieces.0.lock().unwrap().take().unwrap();
                (client, head, sender)
            };
            let (mut client, head, sender) = open("text/plain").await;
            assert_eq!(head.header("content-encoding"), Some("gzip"));
            let mut decoder = flate2::write::GzDecoder::new(Vec::new());
            for piece in ["first", " and second", " and third"] {
                let before = decoder.get_ref().len();
                sender.send(piece.to_owned()).unwrap();
                // Readable before anything else is sent.
                while decoder.get_ref().len() < before + piece.len() {
                    decoder.write_all(&client.chunk_bytes().await.unwrap().unwrap()).unwrap();
                    decoder.flush().unwrap();
                }
                assert!(decoder.get_ref().ends_with(piece.as_bytes()));
            }
            drop(sender);
            decoder.write_all(&chunks(&mut client).await.unwrap()).unwrap();
            assert_eq!(decoder.finish().unwrap(), b"first and second and third");

            let (mut client, _, sender) = open("text/plain").await;
            sender.send("break".to_owned()).unwrap();
            assert!(chunks(&mut client).await.is_err(), "it does not end cleanly");

            let (mut client, head, sender) = open("text/event-stream").await;
            assert_eq!(head.header("content-encoding"), None);
            sender.send("data: 1\n\n".to_owned()).unwrap();
            assert_eq!(client.chunk_bytes().await.unwrap().unwrap(), b"data: 1\n\n");
        })
        .await;
    }

    #[tokio::test]
    async fn files_are_compressed_as_well() {
        within(LIMIT, async {
            let folder = tempfile::tempdir().unwrap();
            std::fs::write(folder.path().join("a.css"), text(10_000)).unwrap();
            std::fs::write(folder.path().join("large.css"), text(1_000_000)).unwrap();
            std::fs::write(folder.path().join("a.png"), text(10_000)).unwrap();
            let mut manager = Manager::empty();
            manager
                .with_static_files("/c", folder.path())
                .with_compression(true)
                .with_bind("127.0.0.1:0");
            let running = manager.spawn().await.unwrap();
            let ask = async |name: &str, headers: &str| {
                let headers = format!("Accept-Encoding: gzip\r\n{headers}");
                fetch(running.addr(), request(&format!("GET /c/{name}"), &headers, "")).await
            };
            let answer = ask("a.css", "").await;
            assert_eq!(gunzip(&answer.body), text(10_000));
            let tag = answer.header("etag").unwrap();
            assert!(tag.starts_with("W/\""), "{tag}");
            assert_eq!(answer.header("vary"), Some("accept-encoding"));
            let again = ask("a.css", &format!("If-None-Match: {tag}\r\n")).await;
            assert_eq!((again.status, again.header("etag")), (304, Some(tag)));
            let part = ask("a.css", "Range: bytes=0-3\r\n").await;
            assert_eq!(
                (part.status, part.text(), part.header("content-encoding")),
                (206, "All ".into(), None)
            );
            assert_eq!(ask("a.png", "").await.header("content-encoding"), None);
            let mut client = Client::connect(running.addr()).await;
            client.send(request("GET /c/large.css", "Accept-Encoding: gzip\r\n", "")).await;
            assert_eq!(client.head().await.header("transfer-encoding"), Some("chunked"));
            assert!(gunzip(&chunks(&mut client).await.unwrap()) == text(1_000_000));
        })
        .await;
    }

    async fn chunks(client: &mut Client) -> std::io::Result<Vec<u8>> {
        let mut whole = Vec::new();
        while let Some(piece) = client.chunk_bytes().await? {
            whole.extend(piece);
        }
        Ok(whole)
    }
}
