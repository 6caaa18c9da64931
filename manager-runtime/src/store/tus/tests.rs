//! Uploads that are cut, resumed, given up and forgotten.

use std::path::Path;

use tempfile::TempDir;

use super::super::tests::{Piece, channel, content, fails, files, fresh, until};
use super::super::{Options, Save};
use super::*;
use crate::body::Body;

const DAY: Duration = Duration::from_secs(86_400);

async fn start() -> (TempDir, DirectoryStore, Tus) {
    let (folder, store) = fresh().await;
    let tus = Tus::open(&store, DAY).await.unwrap();
    (folder, store, tus)
}

fn named(name: &str, length: u64) -> Creation {
    Creation { name: Some(name.to_owned()), length, ..Creation::default() }
}

fn at(offset: u64) -> Part {
    Part { offset, checksum: None, announced: None }
}

#[track_caller]
fn other<T: fmt::Debug>(outcome: Result<T, Fault>, kind: Kind) -> String {
    match outcome {
        Err(Fault::Other(error)) => fails::<()>(Err(error), kind),
        outcome => panic!("{outcome:?}"),
    }
}

/// What lies in the folder of uploads, without the numbers.
fn endings(folder: &Path) -> Vec<String> {
    let names = files(&folder.join(".manager/tus"));
    let ending = |name: &String| name.split_once('.').unwrap().1.to_owned();
    let mut endings: Vec<_> = names.iter().map(ending).collect();
    endings.sort();
    endings
}

fn bytes(length: usize) -> Vec<u8> {
    (0..length as u32).map(|number| (number.wrapping_mul(2_654_435_761) >> 24) as u8).collect()
}

#[tokio::test]
async fn an_upload_survives_a_restart() {
    let (folder, store, tus) = start().await;
    let whole = bytes(1_000_000);
    let creation = Creation {
        media_type: Some("x/y".into()),
        digest: Some(Digest::of(&whole)),
        ..named("a", whole.len() as u64)
    };
    let (id, _) = tus.create(creation).await.unwrap();
    let (sender, pieces) = channel();
    let running = tokio::spawn({
        let (tus, id) = (tus.clone(), id.clone());
        async move { tus.append(&id, at(0), pieces).await }
    });
    sender.send(Ok(Bytes::copy_from_slice(&whole[..400_000]))).unwrap();
    sender.send(Ok(Bytes::copy_from_slice(&whole[400_000..400_001]))).unwrap();
    sender.send(Err(Error::bad_request("the body ended too early"))).unwrap();
    other(running.await.unwrap(), Kind::BadRequest);
    let progress = tus.offset(&id).await.unwrap();
    assert_eq!(progress.offset, 400_001, "every byte that came");
    assert_eq!(store.used(), 400_001);
    drop((store, tus));

    // A crash may have written more than it could write down.
    let part = folder.path().join(format!(".manager/tus/{id}.part"));
    let mut file = OpenOptions::new().append(true).open(&part).unwrap();
    std::io::Write::write_all(&mut file, b"not certain").unwrap();
    let store = DirectoryStore::open(folder.path()).await.unwrap();
    assert_eq!(store.used(), 400_012);
    let tus = Tus::open(&store, DAY).await.unwrap();
    assert_eq!(tus.offset(&id).await.unwrap(), progress);
    let rest = Body::from(whole[400_001..].to_vec());
    tus.append(&id, at(400_001), rest).await.unwrap();
    let metadata = store.metadata("a").await.unwrap();
    assert_eq!(
        (metadata.digest, metadata.media_type.as_deref()),
        (Digest::of(&whole), Some("x/y"))
    );
    assert_eq!(store.used(), 1_000_000);
    assert_eq!(endings(folder.path()), ["json"]);
}

#[tokio::test]
async fn what_came_is_kept_if_the_caller_is_dropped() {
    let (_folder, store, tus) = start().await;
    let (id, _) = tus.create(named("a", 1_000_000)).await.unwrap();
    let (sender, pieces) = channel();
    let running = tokio::spawn({
        let (tus, id) = (tus.clone(), id.clone());
        async move { tus.append(&id, at(0), pieces).await }
    });
    sender.send(Ok(Bytes::from(bytes(300_000)))).unwrap();
    sender.send(Ok(Bytes::from(bytes(7)))).unwrap();
    until(|| store.used() >= 300_000).await;
    running.abort();
    assert!(running.await.unwrap_err().is_cancelled());
    // A connection that is gone ends the body with an error.
    sender.send(Err(Error::bad_request("the body ended too early"))).unwrap();
    until(|| sender.is_closed()).await;
    let reached = async || tus.append(&id, at(300_007), content("")).await;
    while matches!(reached().await, Err(Fault::Locked)) {
        tokio::task::yield_now().await;
    }
    assert_eq!(tus.offset(&id).await.unwrap().offset, 300_007);
}

#[tokio::test]
async fn one_writes_at_a_time() {
    let (_folder, store, tus) = start().await;
    let (id, _) = tus.create(named("a", 400_000)).await.unwrap();
    let (sender, pieces) = channel();
    let running = tokio::spawn({
        let (tus, id) = (tus.clone(), id.clone());
        async move { tus.append(&id, at(0), pieces).await }
    });
    sender.send(Ok(Bytes::from(bytes(300_000)))).unwrap();
    until(|| store.used() >= 300_000).await;
    let second = tus.append(&id, at(0), content("abc")).await;
    assert!(matches!(second, Err(Fault::Locked)), "{second:?}");
    assert!(matches!(tus.terminate(&id).await, Err(Fault::Locked)));
    assert!(tus.offset(&id).await.unwrap().offset <= 300_000, "to look is no writing");
    drop(sender);
    assert_eq!(running.await.unwrap().unwrap().offset, 300_000);
    other(tus.append(&id, at(0), content("abc")).await, Kind::Conflict);
    tus.terminate(&id).await.unwrap();
    assert_eq!(store.used(), 0);
}

#[tokio::test]
async fn what_is_too_long_or_has_no_room_is_cut() {
    let folder = tempfile::tempdir().unwrap();
    let options = Options::new().file_limit(1_000_000).quota(700_000);
    let store = DirectoryStore::open_with(folder.path(), options).await.unwrap();
    let tus = Tus::open(&store, DAY).await.unwrap();
    other(tus.create(named("a", 1_000_001)).await, Kind::TooLarge);
    other(tus.create(named("a", 700_001)).await, Kind::InsufficientStorage);
    let (one, _) = tus.create(named("a", 600_000)).await.unwrap();
    let (two, _) = tus.create(named("b", 600_000)).await.unwrap();
    tus.append(&one, at(0), Body::from(bytes(500_000))).await.unwrap();
    let pieces = || futures_util::stream::iter((0..6).map(|_| Piece::Ok(vec![1; 100_000].into())));
    other(tus.append(&two, at(0), pieces()).await, Kind::InsufficientStorage);
    let announced = Part { announced: Some(300_000), ..at(0) };
    other(tus.append(&two, announced, pieces()).await, Kind::InsufficientStorage);
    tus.terminate(&two).await.unwrap();
    // More than there was to be.
    let offset = tus.offset(&one).await.unwrap().offset;
    other(tus.append(&one, at(offset), pieces()).await, Kind::TooLarge);
    let offset = tus.offset(&one).await.unwrap().offset;
    assert_eq!(store.used(), offset);
    let left = Body::from(vec![1; (600_000 - offset) as usize]);
    tus.append(&one, at(offset), left).await.unwrap();
    assert_eq!((store.used(), store.metadata("a").await.unwrap().size), (600_000, 600_000));
}

#[tokio::test]
async fn conditions_hold_at_the_end_as_well() {
    let (folder, store, tus) = start().await;
    let only_new = Creation { conditions: Conditions::new().if_none_match("*"), ..named("a", 3) };
    let (id, _) = tus.create(only_new.clone()).await.unwrap();
    store.save("a", content("quicker"), Save::new()).await.unwrap();
    other(tus.append(&id, at(0), content("abc")).await, Kind::PreconditionFailed);
    other(tus.create(only_new).await, Kind::PreconditionFailed);
    // It could never become a file, so it is gone.
    other(tus.offset(&id).await, Kind::NotFound);
    assert!(endings(folder.path()).is_empty());
    assert_eq!(store.used(), 7);
}

#[tokio::test]
async fn a_file_that_cannot_be_put_in_place_now_can_be_later() {
    let (folder, store, tus) = start().await;
    let (id, _) = tus.create(named("a", 3)).await.unwrap();
    let meta = folder.path().join(".manager/meta");
    let away = folder.path().join(".manager/away");
    fs::rename(&meta, &away).unwrap();
    other(tus.append(&id, at(0), content("abc")).await, Kind::Unavailable);
    assert_eq!(tus.offset(&id).await.unwrap().offset, 3);
    fs::rename(&away, &meta).unwrap();
    // Nothing is missing, so nothing is sent.
    tus.append(&id, at(3), content("")).await.unwrap();
    assert_eq!(store.metadata("a").await.unwrap().digest, Digest::of(b"abc"));
    assert_eq!(store.used(), 3);
}

#[tokio::test]
async fn a_crash_before_it_was_written_down_is_no_loss() {
    let (folder, store, tus) = start().await;
    let (id, _) = tus.create(named("a", 3)).await.unwrap();
    let info = folder.path().join(format!(".manager/tus/{id}.json"));
    tus.append(&id, at(0), content("ab")).await.unwrap();
    let before = fs::read_to_string(&info).unwrap();
    tus.append(&id, at(2), content("c")).await.unwrap();
    // All of it on the disk and in its place, and nobody knows.
    fs::write(&info, before.replace("\"offset\":2", "\"offset\":3")).unwrap();
    assert_eq!(tus.append(&id, at(3), content("")).await.unwrap().offset, 3);
    assert_eq!((store.used(), store.metadata("a").await.unwrap().size), (3, 3));
}

#[tokio::test]
async fn what_is_never_finished_expires() {
    let (folder, store, _) = start().await;
    let tus = Tus::open(&store, Duration::ZERO).await.unwrap();
    let (id, progress) = tus.create(named("a", 3)).await.unwrap();
    assert!(progress.expires <= SystemTime::now());
    until(|| SystemTime::now() > progress.expires + Duration::from_secs(1)).await;
    other(tus.append(&id, at(0), content("ab")).await, Kind::Gone);
    other(tus.offset(&id).await, Kind::NotFound);
    assert!(endings(folder.path()).is_empty());
    // Those that nobody asks for are looked for at the start.
    let (_, progress) = tus.create(named("a", 3)).await.unwrap();
    until(|| SystemTime::now() > progress.expires + Duration::from_secs(1)).await;
    drop((store, tus));
    fs::write(folder.path().join(".manager/tus/unfinished.part"), "abc").unwrap();
    let store = DirectoryStore::open(folder.path()).await.unwrap();
    assert_eq!(store.used(), 3);
    Tus::open(&store, Duration::ZERO).await.unwrap();
    assert_eq!(endings(folder.path()), ["part"], "it may just be being begun");
    drop(store);
    let part = File::open(folder.path().join(".manager/tus/unfinished.part")).unwrap();
    part.set_modified(SystemTime::now() - DAY).unwrap();
    let store = DirectoryStore::open(folder.path()).await.unwrap();
    Tus::open(&store, Duration::ZERO).await.unwrap();
    assert_eq!((endings(folder.path()).len(), store.used()), (0, 0));
}
