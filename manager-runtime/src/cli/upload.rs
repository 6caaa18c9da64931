//! `upload`: files to a running service.

use std::collections::HashSet;
use std::path::Path;

use http::Method;
use http::header::CONTENT_TYPE;

use super::args::Upload;
use super::effort::watched;
use super::run::{Status, in_runtime};
use super::service::{Failure, Service};
use super::source::Source;
use super::{log, terminal, told, tus};
use crate::error::{Error, Kind, Result};

/// Uploads each file in turn, and says of each what became of it.
pub(super) fn run(order: Upload, loudness: i16) -> Status {
    log::start(loudness);
    if let Some(name) = twice(&order) {
        terminal::error(&format!(
            "two of the files are called `{name}`, and one would overwrite the other; upload them one by one"
        ));
        return Status::USAGE;
    }
    in_runtime(async move {
        let service = match Service::new(&order.url, &order.access) {
            Ok(service) => service,
            Err(error) => return failed(&error),
        };
        let offer = match tus::offer(&service).await {
            Ok(offer) => offer,
            Err(error) => return failed(&error),
        };
        let mut status = Status::CLEAN;
        for path in &order.files {
            match upload(&service, offer.as_ref(), path).await {
                Ok(line) => terminal::say(&line),
                Err(error) => {
                    terminal::error(&format!("{}: {}", path.display(), error.story()));
                    status = Status::FAILED;
                }
            }
        }
        status
    })
}

fn failed(error: &Error) -> Status {
    terminal::error(&error.story());
    Status::FAILED
}

/// A name that two files have.
fn twice(order: &Upload) -> Option<String> {
    let mut seen = HashSet::new();
    let names = order.files.iter().filter_map(|path| path.file_name());
    names.into_iter().find(|name| !seen.insert(*name)).map(|name| name.to_string_lossy().into())
}

async fn upload(service: &Service, offer: Option<&tus::Offer>, path: &Path) -> Result<String> {
    let source = Source::open(path)?;
    match offer {
        Some(offer) => tus::upload(service, offer, &source).await?,
        None => whole(service, &source).await.map_err(Failure::into_error)?,
    }
    let digest = source.digest().await?;
    // As long as nobody answers, another run asks no more than this.
    let there = told::digest(service, source.name(), source.progress()).await?;
    // Whatever it is that is there, it would not become anything else.
    tus::forget(service, &source);
    let compared = match there {
        Some(there) if there != digest => {
            return Err(Error::conflict(format!(
                "what {service} has is not what was sent (sha-256 {there} there, {digest} here): it was damaged \
                 on the way, or somebody else wrote a file of that name; upload it again"
            )));
        }
        Some(_) => "",
        None => ", which the service does not tell of its own",
    };
    Ok(format!(
        "{}: uploaded, {} bytes, sha-256 {digest}{compared}\n",
        source.name(),
        source.size()
    ))
}

/// Uploads in one piece, to a handler named `upload`.
async fn whole(service: &Service, source: &Source) -> Result<(), Failure> {
    let path = ["stream", "upload", source.name()];
    let request = service
        .request(Method::POST, &path)
        .header(CONTENT_TYPE, "application/octet-stream")
        .body(source.body(0, source.size()))?;
    let answer = watched(service, source.progress(), service.send(request)).await;
    if answer.is_err() {
        source.is_same()?;
    }
    let answer = answer?;
    if answer.status().is_success() {
        return Ok(());
    }
    let error = service.refused(answer).await.into_error();
    if error.kind() == Kind::NotFound && !service.has(&path).await? {
        return Err(Error::not_found(format!(
            "{service} takes no files: it has neither the setting `files` nor a handler named `upload`"
        ))
        .into());
    }
    Err(error.into())
}
