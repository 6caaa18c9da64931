//! Handlers of files in all forms.

#![deny(warnings, missing_docs, unreachable_pub, unused_qualifications)]
#![forbid(unsafe_code)]

use manager_runtime::prelude::*;
use manager_runtime::{Body, File};

/// Every part and every option that other handlers have.
#[handler(upload, name = "keep", timeout = "1h", public, body_limit = "1GiB", with = [around])]
async fn save(ctx: Context, addr: ClientAddr, mut upload: Upload) -> Result<String> {
    while upload.next().await?.is_some() {}
    Ok(format!("{} {addr:?} {}", upload.name(), ctx.handler()))
}

#[middleware]
async fn around(request: Request, next: Next) -> Result<Response> {
    next.run(request).await
}

/// The body itself.
#[handler(upload, internal, detached)]
pub(crate) async fn body(body: BodyStream) -> Result<Bytes> {
    body.collect(10).await
}

#[handler(download, host = "files.example.com", replicas = 7)]
async fn load(name: String) -> Result<File> {
    File::open(name).await
}

#[handler(download, blocking)]
fn slow(name: String) -> std::io::Result<Vec<u8>> {
    std::fs::read(name)
}

#[handler(download)]
fn opaque(name: String) -> impl IntoReply {
    Body::from(name)
}

#[handler(metadata)]
async fn about(name: String) -> Json<usize> {
    Json(name.len())
}

/// A name can be read as more than text.
#[handler(metadata, private)]
async fn number(Json(id): Json<u64>) -> Json<u64> {
    Json(id)
}

#[message]
struct Archive {
    files: u64,
}

#[handler(replicas = 3)]
impl Archive {
    async fn new(ctx: Context) -> Result<Self> {
        Ok(Archive { files: ctx.handler().len() as u64 })
    }

    async fn run(&mut self, words: String) -> String {
        words
    }

    async fn run_stream(&mut self, ctx: Context, upload: Upload) -> Result<Json<Self>> {
        self.files += 1;
        let _ = (ctx, upload);
        Ok(Json(Archive { files: self.files }))
    }

    fn run_file(&self, name: String) -> impl IntoReply + use<> {
        name
    }

    async fn run_metadata(&self, Json(by): Json<u64>) -> Self {
        Archive { files: self.files * by }
    }
}

mod inner {
    use manager_runtime::prelude::*;

    /// One way alone, of a type that others see.
    #[derive(Default)]
    pub(crate) struct Reports;

    #[handler]
    impl Reports {
        async fn run_file(&self) -> &'static str {
            "the same for every name"
        }
    }
}

macro_rules! sink {
    ($name:ident) => {
        #[derive(Default)]
        struct $name;

        #[handler]
        impl $name {
            async fn run_stream(&self, _upload: Upload) {}
        }
    };
}

sink!(Sink);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let running = Manager::new_default().with_upload_limit("10GiB").without_http().spawn().await?;
    let ctx = running.context();
    let kept = ctx.publish("keep", Upload::new("a", "content")).await;
    assert!(kept.is_err(), "it asks for the address of a client");
    assert_eq!(ctx.call::<body>("content".into()).await?, "content");
    assert!(ctx.call::<load>("no such file".to_owned()).await.is_err());
    assert!(ctx.call::<slow>("no such file".to_owned()).await.is_err());
    assert_eq!(ctx.publish("opaque", "a").await?.into_body()?.collect(9).await?, "a");
    assert_eq!(ctx.call::<about>("abc".to_owned()).await?, 3);
    assert_eq!(ctx.call::<number>(7).await?, 7);
    assert_eq!(ctx.call::<Archive>("words".to_owned()).await?, "words");
    assert!(ctx.call::<inner::Reports>(()).await.is_err(), "it has no `run`");
    assert!(ctx.call::<Sink>(()).await.is_err(), "it has no `run`");
    running.stop().await
}
