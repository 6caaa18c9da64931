/// Keeps a file.
#[handler(upload, timeout = "1h")]
async fn save(ctx: Context, mut upload: Upload) -> Result<String> {
    keep(ctx, upload).await
}

#[handler(download)]
fn load(name: String) -> impl IntoReply {
    read(name)
}

#[handler]
impl Archive {
    fn new() -> Self {
        Archive
    }

    async fn run(&mut self, words: String) -> Json<Vec<String>> {
        self.search(words)
    }

    async fn run_stream(&mut self, mut upload: Upload) -> Result<Json<Self>> {
        self.keep(upload).await
    }

    fn run_file(&self, ctx: Context, name: String) -> impl IntoReply {
        self.open(name)
    }

    fn run_metadata(&self, name: String) {}
}

#[handler]
impl Reports {
    /// Gives a report.
    async fn run_file(&self, name: String) -> Result<File> {
        File::open(name).await
    }
}
