//! The store against a real directory: what comes in, what stays, and what a crash or a bad disk leaves.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use tempfile::TempDir;
use tokio::sync::mpsc;

use super::*;
use crate::body::Body;
use crate::error::{Error, Kind};

pub(super) type Piece = Result<Bytes, Error>;

pub(super) async fn fresh() -> (TempDir, DirectoryStore) {
    let folder = tempfile::tempdir().unwrap();
    let store = DirectoryStore::open(folder.path()).await.unwrap();
    (folder, store)
}

/// What lies in the directory, but for the store's own folder.
pub(super) fn files(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    let mut names: Vec<_> = names.map(|name| name.into_string().unwrap()).collect();
    names.retain(|name| name != ".manager");
    names.sort();
    names
}

/// What was begun and is still there.
pub(super) fn partial(folder: &Path) -> Vec<String> {
    files(&folder.join(".manager/partial"))
}

pub(super) fn content(text: &str) -> Body {
    Body::from(text.to_owned())
}

/// Pieces as they are sent into it, until it is dropped.
pub(super) fn channel() -> (mpsc::UnboundedSender<Piece>, stream::BoxStream<'static, Piece>) {
    let (sender, receiver) = mpsc::unbounded_channel();
    let next = |mut receiver: mpsc::UnboundedReceiver<Piece>| async move {
        receiver.recv().await.map(|piece| (piece, receiver))
    };
    (sender, stream::unfold(receiver, next).boxed())
}

#[track_caller]
pub(super) fn fails<T: std::fmt::Debug>(outcome: crate::Result<T>, kind: Kind) -> String {
    let error = outcome.unwrap_err();
    assert_eq!(error.kind(), kind, "{error:?}");
    error.message().to_owned()
}

/// Waits until this is so. It depends on other threads, and on no clock of ours.
pub(super) async fn until(what: impl Fn() -> bool) {
    for _ in 0..2_000 {
        if what() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("it has not become so in 10 s");
}

#[tokio::test]
async fn a_file_is_saved_found_replaced_and_deleted() {
    let (folder, store) = fresh().await;
    let save = Save::new().media_type("text/plain").announced(3);
    let saved = store.save("a.txt", content("abc"), save).await.unwrap();
    assert!(!saved.replaced);
    let Metadata { name, size, digest, media_type, modified } = saved.metadata.clone();
    assert_eq!((&*name, size, digest), ("a.txt", 3, Digest::of(b"abc")));
    assert_eq!(media_type.as_deref(), Some("text/plain"));
    let attributes = fs::metadata(folder.path().join("a.txt")).unwrap();
    assert_eq!(attributes.modified().unwrap(), modified);
    // An ordinary file, and nothing beside it.
    assert_eq!(files(folder.path()), ["a.txt"]);
    assert_eq!(fs::read(folder.path().join("a.txt")).unwrap(), b"abc");
    assert_eq!(store.metadata("a.txt").await.unwrap(), saved.metadata);

    let replaced = store.save("a.txt", content("longer"), Save::new()).await.unwrap();
    assert!(replaced.replaced);
    assert_eq!(store.used(), 6);
    let stored = store.get("a.txt").await.unwrap();
    assert_eq!(std::io::read_to_string(stored.file).unwrap(), "longer");
    assert_eq!(stored.metadata.media_type, None, "that of the old one is gone with it");
    assert_eq!(store.list(None, 10).await.unwrap().files.len(), 1);

    store.delete("a.txt", &Conditions::new()).await.unwrap();
    assert_eq!((files(folder.path()).len(), store.used()), (0, 0));
    assert!(files(&folder.path().join(".manager/meta")).is_empty());
    fails(store.get("a.txt").await, Kind::NotFound);
    fails(store.metadata("a.txt").await, Kind::NotFound);
    fails(store.delete("a.txt", &Conditions::new()).await, Kind::NotFound);
    assert!(partial(folder.path()).is_empty());
}

#[tokio::test]
async fn pieces_of_any_size_make_the_same_file() {
    let (_folder, store) = fresh().await;
    let whole: Vec<u8> =
        (0..3_000_000_u32).map(|number| (number.wrapping_mul(31) >> 3) as u8).collect();
    for length in [1_000, 65_536, 300_000, 5_000_000] {
        let pieces: Vec<Piece> =
            whole.chunks(length).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
        let saved = store.save("a", stream::iter(pieces), Save::new()).await.unwrap();
        assert_eq!(saved.metadata.digest, Digest::of(&whole), "in pieces of {length}");
        let mut read = Vec::new();
        std::io::Read::read_to_end(&mut store.get("a").await.unwrap().file, &mut read).unwrap();
        assert!(read == whole);
    }
    let nothing = stream::iter([Ok(Bytes::new()), Piece::Ok(Bytes::new())]);
    let saved = store.save("empty", nothing, Save::new()).await.unwrap();
    assert_eq!(saved.metadata.digest, Digest::of(b""));
}

#[tokio::test]
async fn what_fails_leaves_everything_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let options = Options::new().file_limit(1 << 20).quota(3 << 19);
    let store = DirectoryStore::open_with(folder.path(), options).await.unwrap();
    let old = store.save("a", content("old"), Save::new()).await.unwrap().metadata;
    let long = |length: usize| Body::from(vec![7; length]);
    let cut = stream::iter([
        Ok(Bytes::from(vec![7; 600_000])),
        Err(Error::bad_request("the body ended too early")),
    ]);
    let text = fails(store.save("a", cut, Save::new()).await, Kind::BadRequest);
    assert_eq!(text, "the body ended too early");
    let io = stream::iter([Err::<Bytes, _>(std::io::Error::other("gone"))]);
    fails(store.save("a", io, Save::new()).await, Kind::Internal);
    // Counted, and announced.
    fails(store.save("a", long((1 << 20) + 1), Save::new()).await, Kind::TooLarge);
    let announced = Save::new().announced((1 << 20) + 1);
    fails(store.save("a", stream::pending::<Piece>(), announced).await, Kind::TooLarge);
    store.save("a", long(1 << 20), Save::new()).await.unwrap();
    fails(store.save("b", long(1 << 20), Save::new()).await, Kind::InsufficientStorage);
    let announced = Save::new().announced(1 << 20);
    fails(store.save("b", stream::pending::<Piece>(), announced).await, Kind::InsufficientStorage);
    assert_eq!(store.used(), 1 << 20);
    store.save("a", content("old"), Save::new()).await.unwrap();

    let other = Save::new().digest(Digest::of(b"what was meant"));
    fails(store.save("a", content("what came"), other).await, Kind::Unprocessable);
    for media_type in ["text/\nplain", "text/\u{e9}", &"x".repeat(256)] {
        let save = Save::new().media_type(media_type);
        fails(store.save("a", content("x"), save).await, Kind::BadRequest);
    }
    let now = store.metadata("a").await.unwrap();
    assert_eq!((now.digest, store.used()), (old.digest, 3));
    assert_eq!(files(folder.path()), ["a"]);
    assert!(partial(folder.path()).is_empty());
}

#[tokio::test]
async fn a_dropped_upload_leaves_nothing() {
    let (folder, store) = fresh().await;
    let (sender, pieces) = channel();
    let own = store.clone();
    let task = tokio::spawn(async move { own.save("a", pieces, Save::new()).await });
    for _ in 0..10 {
        sender.send(Ok(Bytes::from(vec![1; 200_000]))).unwrap();
    }
    until(|| store.used() > 1_000_000).await;
    assert_eq!(partial(folder.path()).len(), 1);
    assert!(files(folder.path()).is_empty(), "nobody sees it before it is whole");
    task.abort();
    until(|| partial(folder.path()).is_empty() && store.used() == 0).await;
    assert!(files(folder.path()).is_empty());
}

#[tokio::test]
async fn little_of_an_upload_is_in_memory() {
    /// Counts itself.
    struct Counted(Vec<u8>, Arc<AtomicUsize>);
    impl AsRef<[u8]> for Counted {
        fn as_ref(&self) -> &[u8] {
            &self.0
        }
    }
    impl Drop for Counted {
        fn drop(&mut self) {
            self.1.fetch_sub(self.0.len(), Ordering::Relaxed);
        }
    }
    let (_folder, store) = fresh().await;
    let (live, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (own, peak) = (live.clone(), most.clone());
    let pieces = stream::iter(0..1_024).map(move |_| {
        let now = own.fetch_add(65_536, Ordering::Relaxed) + 65_536;
        peak.fetch_max(now, Ordering::Relaxed);
        Piece::Ok(Bytes::from_owner(Counted(vec![1; 65_536], own.clone())))
    });
    store.save("a", pieces, Save::new()).await.unwrap();
    let most = most.load(Ordering::Relaxed);
    assert!(most <= 1 << 20, "{most} bytes were in memory at once");
    assert_eq!((live.load(Ordering::Relaxed), store.used()), (0, 64 << 20));
}

#[tokio::test]
async fn conditions_hold_at_the_begin_and_at_the_end() {
    let (_folder, store) = fresh().await;
    let only_new = || Save::new().conditions(Conditions::new().if_none_match("*"));
    let first = store.save("a", content("first"), only_new()).await.unwrap().metadata;
    let mine = || Save::new().conditions(Conditions::new().if_match(&first.etag()));
    // Before anything is read.
    let endless = stream::pending::<Piece>;
    fails(store.save("a", endless(), only_new()).await, Kind::PreconditionFailed);
    let for_other = Save::new().conditions(Conditions::new().if_match("\"other\""));
    fails(store.save("a", endless(), for_other).await, Kind::PreconditionFailed);
    fails(store.save("none", endless(), mine()).await, Kind::PreconditionFailed);

    // Two with the same condition: the slower one finds it broken.
    let (sender, pieces) = channel();
    let slow = tokio::spawn({
        let (store, save) = (store.clone(), mine());
        async move { store.save("a", pieces, save).await }
    });
    sender.send(Ok(Bytes::from(vec![1; 400_000]))).unwrap();
    until(|| store.used() > 300_000).await;
    store.save("a", content("quicker"), mine()).await.unwrap();
    drop(sender);
    fails(slow.await.unwrap(), Kind::PreconditionFailed);
    assert_eq!(store.metadata("a").await.unwrap().digest, Digest::of(b"quicker"));
    assert_eq!(store.used(), 7);

    let wrong = Conditions::new().if_match(&first.etag());
    fails(store.delete("a", &wrong).await, Kind::PreconditionFailed);
    fails(store.delete("none", &wrong).await, Kind::PreconditionFailed);
    store.delete("a", &Conditions::new().if_match("*")).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_that_come_at_once_one_is_the_first() {
    let (folder, store) = fresh().await;
    for round in 0..20 {
        let name = format!("file {round}");
        let tasks: Vec<_> = (0..6)
            .map(|number| {
                let (store, name) = (store.clone(), name.clone());
                let only_new = Save::new().conditions(Conditions::new().if_none_match("*"));
                let text = content(&number.to_string());
                tokio::spawn(async move { store.save(&name, text, only_new).await })
            })
            .collect();
        let mut won = Vec::new();
        for (number, task) in tasks.into_iter().enumerate() {
            match task.await.unwrap() {
                Ok(saved) => won.push((number, saved.metadata)),
                Err(error) => assert_eq!(error.kind(), Kind::PreconditionFailed),
            }
        }
        let [(number, metadata)] = &won[..] else { panic!("{won:?}") };
        assert_eq!(fs::read_to_string(folder.path().join(&name)).unwrap(), number.to_string());
        assert_eq!(store.metadata(&name).await.unwrap(), *metadata);
    }
    assert_eq!(store.used(), 20);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn readers_see_one_content_or_the_other() {
    let (_folder, store) = fresh().await;
    store.save("a", content("0"), Save::new().media_type("x/1")).await.unwrap();
    let writer = tokio::spawn({
        let store = store.clone();
        async move {
            for length in 2..150_usize {
                let save = Save::new().media_type(format!("x/{length}"));
                store.save("a", content(&"0".repeat(length)), save).await.unwrap();
            }
        }
    });
    let mut seen = BTreeSet::new();
    while !writer.is_finished() {
        let Stored { file, metadata } = store.get("a").await.unwrap();
        let text = std::io::read_to_string(file).unwrap();
        assert_eq!(metadata.size, text.len() as u64);
        assert_eq!(metadata.digest, Digest::of(text.as_bytes()));
        assert_eq!(metadata.media_type, Some(format!("x/{}", text.len())));
        seen.insert(text.len());
    }
    writer.await.unwrap();
    assert!(seen.len() > 3, "{seen:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn together_uploads_never_exceed_the_quota() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("there"), vec![0; 1_000]).unwrap();
    let quota = 3_001_000;
    let options = Options::new().quota(quota);
    let store = DirectoryStore::open_with(folder.path(), options).await.unwrap();
    assert_eq!(store.used(), 1_000);
    let upload = |number: usize| {
        let store = store.clone();
        let pieces = stream::iter((0..10).map(|_| Piece::Ok(Bytes::from(vec![1; 100_000]))));
        tokio::spawn(async move { store.save(&number.to_string(), pieces, Save::new()).await })
    };
    let tasks: Vec<_> = (0..8).map(upload).collect();
    let mut saved = 0;
    for task in tasks {
        match task.await.unwrap() {
            Ok(_) => saved += 1,
            Err(error) => assert_eq!(error.kind(), Kind::InsufficientStorage),
        }
        assert!(store.used() <= quota);
    }
    assert!(saved <= 3, "{saved}");
    // What was refused has given back all of it: as many as fit go through now.
    for number in saved..3 {
        upload(number + 100).await.unwrap().unwrap();
    }
    fails(upload(200).await.unwrap(), Kind::InsufficientStorage);
    assert_eq!(store.used(), 3_001_000);
    let sum = |folder: &Path| -> u64 {
        let size = |name: &String| fs::metadata(folder.join(name)).unwrap().len();
        files(folder).iter().map(size).sum()
    };
    assert_eq!(sum(folder.path()), 3_001_000);
    assert!(partial(folder.path()).is_empty());
}

/// Names that were meant to lead elsewhere, or to be something else.
const TRAVERSAL: &[&str] = &[
    "..",
    ".",
    "",
    "../secret",
    "../../etc/passwd",
    "/etc/passwd",
    "a/../../secret",
    "./secret",
    "..\\secret",
    "..\\..\\windows\\win.ini",
    "C:\\secret",
    "\\\\server\\share",
    "secret\0.txt",
    "\0",
    "a/",
    "/",
    ".manager/lock",
    ".manager/meta/a.json",
    "..;/secret",
];

/// Names that look so and are names all the same.
const HOSTILE: &[&str] = &[
    "...",
    "....",
    "..secret",
    ".manager",
    ".env",
    ".git",
    "%2e%2e%2fsecret",
    "%252e%252e",
    "%00",
    "~",
    "~root",
    "$HOME",
    "`id`",
    "-rf",
    "a;rm -rf",
    "*",
    "nul",
    "CON",
    "com1.txt",
    "C:",
    "a:stream",
    "a ",
    "a.",
    "A.",
    " a",
    "\u{e9}",
    "e\u{301}",
    "\u{ff0e}\u{ff0e}\u{ff0f}secret",
    "a\u{202e}txt.exe",
    "line\nbreak",
    "tab\t",
    "quote\"",
    "<script>",
    "lock",
    "meta",
    "tus",
    "a.json",
];

#[tokio::test]
async fn names_never_lead_out_of_the_directory() {
    let outside = tempfile::tempdir().unwrap();
    let folder = outside.path().join("store");
    fs::write(outside.path().join("secret"), "mine").unwrap();
    let store = DirectoryStore::open(&folder).await.unwrap();
    for name in TRAVERSAL {
        fails(store.save(name, content("x"), Save::new()).await, Kind::BadRequest);
        fails(store.get(name).await, Kind::BadRequest);
        fails(store.delete(name, &Conditions::new()).await, Kind::BadRequest);
    }
    assert!(files(&folder).is_empty());
    let long = "very long ".repeat(100);
    let longer = format!("{long}.");
    let names: BTreeSet<&str> = HOSTILE.iter().copied().chain([&*long, &longer]).collect();
    for name in &names {
        let saved = store.save(name, content(name), Save::new()).await.unwrap();
        assert!(!saved.replaced, "{name:?} is another's name");
    }
    for name in &names {
        let stored = store.get(name).await.unwrap();
        assert_eq!(std::io::read_to_string(stored.file).unwrap(), *name);
    }
    // All of them lie in the directory, and none is hidden.
    let written = files(&folder);
    assert_eq!(written.len(), names.len());
    assert!(written.iter().all(|name| !name.starts_with('.') && name.len() <= 240), "{written:?}");
    let listed = store.list(None, 1000).await.unwrap().files;
    assert!(listed.iter().map(|file| &*file.name).eq(names.iter().copied()));
    assert_eq!(files(outside.path()), ["secret", "store"]);
    assert_eq!(fs::read_to_string(outside.path().join("secret")).unwrap(), "mine");
    for name in &names {
        store.delete(name, &Conditions::new()).await.unwrap();
    }
    assert!(files(&folder).is_empty() && store.used() == 0);
}

#[cfg(unix)]
#[tokio::test]
async fn links_and_other_things_are_no_files() {
    use std::os::unix::fs::symlink;

    let outside = tempfile::tempdir().unwrap();
    let folder = outside.path().join("store");
    let secret = outside.path().join("secret");
    fs::write(&secret, "mine").unwrap();
    let store = DirectoryStore::open(&folder).await.unwrap();
    symlink(&secret, folder.join("link")).unwrap();
    symlink(outside.path(), folder.join("up")).unwrap();
    fs::create_dir(folder.join("folder")).unwrap();
    let pipe = Command::new("mkfifo").arg(folder.join("pipe")).status().unwrap();
    assert!(pipe.success());
    for name in ["link", "up", "folder", "pipe"] {
        fails(store.get(name).await, Kind::NotFound);
        fails(store.delete(name, &Conditions::new()).await, Kind::NotFound);
    }
    assert!(store.list(None, 10).await.unwrap().files.is_empty());
    // The link is replaced, not what it leads to.
    store.save("link", content("new"), Save::new()).await.unwrap();
    assert_eq!(fs::read_to_string(&secret).unwrap(), "mine");
    assert!(fs::symlink_metadata(folder.join("link")).unwrap().is_file());
    fails(store.save("folder", content("new"), Save::new()).await, Kind::Conflict);
    assert_eq!((store.used(), partial(&folder).len()), (3, 0));

    // Nor does the store follow one to its own things.
    drop(store);
    for own in ["partial", "meta"] {
        let own = folder.join(".manager").join(own);
        fs::remove_dir_all(&own).unwrap();
        symlink(outside.path(), &own).unwrap();
        fails(DirectoryStore::open(&folder).await, Kind::Internal);
        fs::remove_file(&own).unwrap();
    }
    assert_eq!(fs::read_to_string(&secret).unwrap(), "mine");
}

#[tokio::test]
async fn files_that_were_put_there_are_served() {
    let (folder, store) = fresh().await;
    let path = folder.path().join("by hand");
    fs::write(&path, "abc").unwrap();
    fs::write(folder.path().join(".hidden"), "abc").unwrap();
    fs::write(folder.path().join("100%"), "abc").unwrap();
    let listed = store.list(None, 10).await.unwrap().files;
    let [entry] = &listed[..] else { panic!("{listed:?}") };
    assert_eq!((&*entry.name, entry.size, entry.digest), ("by hand", 3, None));
    assert_eq!(store.metadata("by hand").await.unwrap().digest, Digest::of(b"abc"));
    fails(store.get(".hidden").await, Kind::NotFound);
    // Changed by hand.
    fs::write(&path, "another").unwrap();
    assert_eq!(store.metadata("by hand").await.unwrap().digest, Digest::of(b"another"));
    // A condition sees what is there, whoever put it there.
    let mine = Conditions::new().if_match(&store.metadata("by hand").await.unwrap().etag());
    fs::write(&path, "a third").unwrap();
    let save = Save::new().conditions(mine);
    fails(store.save("by hand", content("x"), save).await, Kind::PreconditionFailed);
}

#[tokio::test]
async fn metadata_fits_the_content_at_every_moment_of_a_replacement() {
    let (folder, store) = fresh().await;
    let path = folder.path().join("a");
    let kept = folder.path().join(".kept");
    let old = store.save("a", content("old"), Save::new().media_type("x/old")).await.unwrap();
    fs::hard_link(&path, &kept).unwrap();
    let new = store.save("a", content("new"), Save::new().media_type("x/new")).await.unwrap();
    assert_eq!(store.metadata("a").await.unwrap(), new.metadata);
    // The moment after the metadata was written, before the file was renamed.
    fs::rename(&kept, &path).unwrap();
    assert_eq!(store.metadata("a").await.unwrap(), old.metadata);

    // Without metadata, or with a broken one, what can be known is known.
    let sidecar = folder.path().join(".manager/meta/a.json");
    for broken in [&b"{"[..], b"", b"\xff"] {
        fs::write(&sidecar, broken).unwrap();
        let metadata = store.metadata("a").await.unwrap();
        assert_eq!((metadata.digest, metadata.media_type), (Digest::of(b"old"), None));
    }
    // A copy of the whole directory, as from a backup: other files, same contents.
    store.save("a", content("new"), Save::new().media_type("x/new")).await.unwrap();
    fs::copy(&path, &kept).unwrap();
    fs::rename(&kept, &path).unwrap();
    let metadata = store.metadata("a").await.unwrap();
    assert_eq!(metadata.media_type.as_deref(), Some("x/new"));
}

#[tokio::test]
async fn the_start_sweeps_what_a_crash_left_and_nothing_else() {
    let (folder, store) = fresh().await;
    store.save("a", content("abc"), Save::new().media_type("x/y")).await.unwrap();
    store.save("b", content("abc"), Save::new()).await.unwrap();
    drop(store);
    let own = folder.path().join(".manager");
    fs::write(own.join("partial/0123"), "left over").unwrap();
    fs::remove_file(folder.path().join("b")).unwrap();
    fs::write(folder.path().join("partial"), "a user's own").unwrap();
    let store = DirectoryStore::open(folder.path()).await.unwrap();
    assert!(partial(folder.path()).is_empty());
    assert_eq!(files(&own.join("meta")), ["a.json"]);
    assert_eq!(files(folder.path()), ["a", "partial"]);
    assert_eq!(store.used(), 3 + 12);
    assert_eq!(store.metadata("a").await.unwrap().media_type.as_deref(), Some("x/y"));
}

#[tokio::test]
async fn one_has_the_directory_at_a_time() {
    let (folder, store) = fresh().await;
    let (sender, pieces) = channel();
    let running = tokio::spawn({
        let store = store.clone();
        async move { store.save("a", pieces, Save::new()).await }
    });
    sender.send(Ok(Bytes::from(vec![1; 400_000]))).unwrap();
    until(|| store.used() > 0).await;
    // Neither in this process nor in another, and the upload that is running is not swept away.
    let text = fails(DirectoryStore::open(folder.path()).await, Kind::Conflict);
    assert!(!text.contains(folder.path().to_str().unwrap()), "{text}");
    let other = Process::start(folder.path(), 0);
    assert_eq!(other.until_it_ends(), "conflict");
    drop(sender);
    running.await.unwrap().unwrap();
    drop(store);
    DirectoryStore::open(folder.path()).await.unwrap();
}

#[tokio::test]
async fn pages_follow_each_other() {
    let (folder, store) = fresh().await;
    let mut names: Vec<String> = (0..25).map(|number| format!("file {number}")).collect();
    names.extend(["Z", "a", "\u{e9}", "~"].map(str::to_owned));
    names.push("long ".repeat(100));
    for name in &names {
        fs::write(folder.path().join(".x"), name).unwrap();
        store.save(name, content(name), Save::new()).await.unwrap();
    }
    names.sort();
    for limit in [1, 7, 29, 30, 31, 1000, usize::MAX] {
        let (mut all, mut after) = (Vec::new(), None);
        loop {
            let page = store.list(after.as_deref(), limit).await.unwrap();
            assert!(page.files.len() <= limit);
            all.extend(page.files.into_iter().map(|file| file.name));
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(all, names, "{limit} at a time");
    }
    // A name that is not there is a place in the order as well.
    let page = store.list(Some("file 20x"), 2).await.unwrap();
    assert_eq!(page.files[0].name, "file 21");
    assert_eq!(store.list(Some("\u{10ffff}"), 2).await.unwrap().files, []);
    assert_eq!(store.list(None, 0).await.unwrap().files.len(), 1, "a page has a file");
    let json = serde_json::to_value(store.list(None, 1).await.unwrap()).unwrap();
    assert_eq!(json["files"][0]["name"], "Z");
    assert_eq!(json["files"][0]["sha256"], Digest::of(b"Z").to_string());
    assert_eq!(json["next"], "Z");
}

/// A process of its own that works on a store until it is killed: this test binary, which runs `process`.
struct Process {
    child: Child,
    lines: std::io::Lines<BufReader<std::process::ChildStdout>>,
}

const DIRECTORY: &str = "STORE_TEST_DIRECTORY";
const ROUND: &str = "STORE_TEST_ROUND";

impl Process {
    fn start(directory: &Path, round: usize) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["store::tests::process", "--exact", "--ignored", "--nocapture"])
            .env(DIRECTORY, directory)
            .env(ROUND, round.to_string())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Process { child, lines }
    }

    /// The next thing it says.
    fn next(&mut self) -> Option<String> {
        self.lines.find_map(|line| line.ok()?.strip_prefix("store: ").map(str::to_owned))
    }

    fn until_it_ends(mut self) -> String {
        let said = self.next().unwrap_or_default();
        self.child.wait().unwrap();
        said
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The content of a generation: its number over and over, and another length each time.
fn generation(number: usize) -> Vec<u8> {
    let unit = format!("{number:08};");
    unit.repeat(100_000 + number % 7 * 20_000).into_bytes()
}

/// What the other process does: one file is replaced again and again, others come beside it.
#[test]
#[ignore = "run by other tests, as a process of its own"]
fn process() {
    let Ok(directory) = std::env::var(DIRECTORY) else { return };
    let begin: usize = std::env::var(ROUND).unwrap().parse().unwrap();
    let say = |what: &str| {
        let mut out = std::io::stdout().lock();
        writeln!(out, "\nstore: {what}").unwrap();
        out.flush().unwrap();
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let store = match DirectoryStore::open(&directory).await {
            Ok(store) => store,
            Err(error) => return say(error.kind().as_str()),
        };
        say("open");
        for number in begin.. {
            let whole = Bytes::from(generation(number));
            let pieces = (0..whole.len()).step_by(50_000);
            let piece = |at: usize| Piece::Ok(whole.slice(at..whole.len().min(at + 50_000)));
            let save = Save::new().media_type(format!("x/{number}"));
            store.save("a", stream::iter(pieces.map(piece)), save).await.unwrap();
            say(&number.to_string());
            let beside = format!("beside {}", number % 5);
            store.save(&beside, content("x"), Save::new()).await.unwrap();
        }
    });
}

#[test]
fn a_killed_process_leaves_the_old_file_or_the_new_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (mut last, mut in_the_middle) = (0, 0);
    for round in 0..30_u64 {
        let mut process = Process::start(folder.path(), last + 1);
        assert_eq!(process.next().as_deref(), Some("open"), "the lock died with the process");
        for _ in 0..=round % 3 {
            last = process.next().unwrap().parse().unwrap();
        }
        // Somewhere in the next upload.
        std::thread::sleep(Duration::from_micros(round * 7_919 % 20_000));
        process.child.kill().unwrap();
        process.child.wait().unwrap();
        // It may have said more than was read.
        while let Some(said) = process.next() {
            last = said.parse().unwrap();
        }
        in_the_middle += usize::from(!partial(folder.path()).is_empty());

        let content = fs::read(&path).unwrap();
        let number: usize = std::str::from_utf8(&content[..8]).unwrap().parse().unwrap();
        assert!(content == generation(number), "a file of two generations");
        assert!(number == last || number == last + 1, "{number}, and {last} was acknowledged");
        last = number;
        runtime.block_on(async {
            let store = DirectoryStore::open(folder.path()).await.unwrap();
            assert!(partial(folder.path()).is_empty());
            let metadata = store.metadata("a").await.unwrap();
            assert_eq!(metadata.digest, Digest::of(&content));
            assert_eq!(metadata.media_type, Some(format!("x/{number}")));
            let beside = files(folder.path()).len() as u64 - 1;
            assert_eq!(store.used(), content.len() as u64 + beside);
        });
    }
    assert!(in_the_middle > 5, "only {in_the_middle} of 30 were killed in the middle");
}

/// A file system of its own, if this process may mount one.
struct Mounted(PathBuf);

impl Mounted {
    fn tmpfs(size: &str) -> Option<(TempDir, Self)> {
        let folder = tempfile::tempdir().unwrap();
        let mount = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"])
            .arg(folder.path())
            .stderr(Stdio::null())
            .status();
        if mount.is_ok_and(|status| status.success()) {
            let mounted = Mounted(folder.path().to_owned());
            return Some((folder, mounted));
        }
        let mut out = std::io::stderr().lock();
        let _ = writeln!(out, "SKIPPED: this process may not mount a tmpfs");
        None
    }

    fn remount(&self, how: &str) {
        let mut command = Command::new("mount");
        let status = command.args(["-o", &format!("remount,{how}")]).arg(&self.0).status();
        assert!(status.unwrap().success());
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).status();
    }
}

#[tokio::test]
async fn a_full_disk_is_said_and_nothing_is_left() {
    let Some((folder, _mounted)) = Mounted::tmpfs("2m") else { return };
    let store = DirectoryStore::open(folder.path()).await.unwrap();
    store.save("a", content("old"), Save::new()).await.unwrap();
    for _ in 0..3 {
        let pieces = stream::iter((0..40).map(|_| Piece::Ok(Bytes::from(vec![1; 100_000]))));
        let text = fails(store.save("a", pieces, Save::new()).await, Kind::InsufficientStorage);
        assert_eq!(text, "the store has no room left");
        assert!(partial(folder.path()).is_empty());
        assert_eq!(fs::read_to_string(folder.path().join("a")).unwrap(), "old");
        assert_eq!(store.used(), 3);
    }
    // The disk has room again, and so has the store: nothing of it was kept.
    let pieces = stream::iter((0..10).map(|_| Piece::Ok(Bytes::from(vec![1; 100_000]))));
    store.save("a", pieces, Save::new()).await.unwrap();
}

#[tokio::test]
async fn a_disk_that_cannot_be_written_is_said_and_is_read_all_the_same() {
    let Some((folder, mounted)) = Mounted::tmpfs("2m") else { return };
    let store = DirectoryStore::open(folder.path()).await.unwrap();
    store.save("a", content("old"), Save::new()).await.unwrap();
    fs::write(folder.path().join("by hand"), "abc").unwrap();
    mounted.remount("ro");
    let text = fails(store.save("a", content("new"), Save::new()).await, Kind::Unavailable);
    assert_eq!(text, "the store cannot be reached at the moment");
    fails(store.delete("a", &Conditions::new()).await, Kind::Unavailable);
    assert_eq!(store.metadata("a").await.unwrap().size, 3);
    assert_eq!(store.metadata("by hand").await.unwrap().digest, Digest::of(b"abc"));
    mounted.remount("rw");
    store.save("a", content("new"), Save::new()).await.unwrap();
}

#[tokio::test]
async fn a_directory_that_is_gone_is_unavailable_and_a_file_that_is_gone_is_not_found() {
    let outside = tempfile::tempdir().unwrap();
    let folder = outside.path().join("store");
    let store = DirectoryStore::open(&folder).await.unwrap();
    store.save("a", content("abc"), Save::new()).await.unwrap();
    fs::remove_file(folder.join("a")).unwrap();
    fails(store.get("a").await, Kind::NotFound);
    // What others remove is counted until the next start.
    assert_eq!(store.used(), 3);
    store.save("a", content("abc"), Save::new()).await.unwrap();

    // In the middle of an upload.
    let (sender, pieces) = channel();
    let running = tokio::spawn({
        let store = store.clone();
        async move { store.save("b", pieces, Save::new()).await }
    });
    sender.send(Ok(Bytes::from(vec![1; 400_000]))).unwrap();
    until(|| store.used() > 6).await;
    fs::rename(&folder, outside.path().join("elsewhere")).unwrap();
    drop(sender);
    fails(running.await.unwrap(), Kind::Unavailable);
    for text in [
        fails(store.get("a").await, Kind::Unavailable),
        fails(store.save("a", content("x"), Save::new()).await, Kind::Unavailable),
        fails(store.delete("a", &Conditions::new()).await, Kind::Unavailable),
        fails(store.list(None, 1).await, Kind::Unavailable),
    ] {
        assert_eq!(text, "the store cannot be reached at the moment");
    }
    fs::rename(outside.path().join("elsewhere"), &folder).unwrap();
    assert_eq!(store.metadata("a").await.unwrap().size, 3);
    assert_eq!(store.used(), 6);
}

#[tokio::test]
async fn a_start_that_cannot_be_says_where() {
    let folder = tempfile::tempdir().unwrap();
    let check = |path: PathBuf| async move {
        let text = fails(DirectoryStore::open(&path).await, Kind::Internal);
        assert!(text.starts_with(&format!("`{}` cannot be", path.display())), "{text}");
    };
    check(folder.path().join("no/such")).await;
    fs::write(folder.path().join("file"), "x").unwrap();
    check(folder.path().join("file")).await;
    check(folder.path().join("file/below")).await;
    // Only the last part is made.
    DirectoryStore::open(folder.path().join("new")).await.unwrap();
    // What such an error says is for the log: it comes from elsewhere.
    let error = DirectoryStore::open(folder.path().join("no/such")).await.unwrap_err();
    assert_eq!(error.public_message(), None);
}

#[cfg(unix)]
#[tokio::test]
async fn without_permission_the_store_is_unavailable() {
    use std::os::unix::fs::PermissionsExt as _;
    let (folder, store) = fresh().await;
    store.save("a", content("abc"), Save::new()).await.unwrap();
    let partial = folder.path().join(".manager/partial");
    let allow =
        |mode: u32| fs::set_permissions(&partial, fs::Permissions::from_mode(mode)).unwrap();
    allow(0o500);
    if fs::write(partial.join("probe"), "").is_ok() {
        let _ = fs::remove_file(partial.join("probe"));
        let mut out = std::io::stderr().lock();
        let _ = writeln!(out, "SKIPPED: permissions do not hold this process back");
        return allow(0o700);
    }
    fails(store.save("a", content("x"), Save::new()).await, Kind::Unavailable);
    allow(0o700);
    store.save("a", content("x"), Save::new()).await.unwrap();
}
