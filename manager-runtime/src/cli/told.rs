//! What a service tells of a file that went there or came from it.

use std::time::Duration;

use http::Method;
use serde::Deserialize;

use super::effort::persist;
use super::progress::Progress;
use super::service::Service;
use crate::body::Body;
use crate::error::Result;
use crate::store::Digest;

/// How long it may take: a store hashes a file that somebody put there by hand when it is first asked.
const ANSWER: Duration = Duration::from_secs(300);

/// As far as it matters here.
#[derive(Deserialize)]
struct Metadata {
    sha256: String,
}

/// The SHA-256 of a file, if the service tells it: the field `sha256` of its metadata, as the ready-made
/// store has it. A handler that knows of other things tells none.
///
/// # Errors
///
/// The service is away for too long.
pub(super) async fn digest(
    service: &Service,
    name: &str,
    progress: &Progress,
) -> Result<Option<Digest>> {
    let answer = persist(progress, async || {
        let path = ["stream", "metadata", name];
        let request = service.request(Method::GET, &path).body(Body::empty())?;
        service.ask(request, ANSWER).await
    });
    let answer = answer.await?;
    let metadata: Option<Metadata> = serde_json::from_slice(answer.body()).ok();
    let metadata = metadata.filter(|_| answer.status().is_success());
    Ok(metadata.and_then(|metadata| metadata.sha256.parse().ok()))
}
