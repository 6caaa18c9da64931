//! What was made of files, and is made again when they change or somebody asks for it.
//!
//! ```text
//! SIGHUP ---------------> watch -> Source -> its `load`: all or nothing
//! a look every 2 s -----> watch -> Source, if its files have changed and stand still
//! ```
//!
//! A source is asked for its whole: either everything that it reads is right and takes the place of what was
//! there, or nothing changes and the log says why. Who uses what a source keeps never waits for it.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::sync::Notify;
use tokio::task::spawn_blocking;
use tokio::time::sleep;

use crate::shutdown::{Life, Phase};

/// How often the files are looked at. A change counts when two looks in a row have seen the same.
const EVERY: Duration = Duration::from_secs(2);

/// Something that was made of files.
pub(crate) struct Source {
    /// What it is, in the middle of a line in the log: `TLS`.
    name: &'static str,
    files: Vec<PathBuf>,
    load: Box<dyn FnMut() -> Result<(), Vec<String>> + Send>,
    /// What the files were when they were last loaded, whatever came of it: a broken file is told once.
    loaded: Look,
    /// What they were at the last look, if that is something else.
    changed: Option<Look>,
}

impl Source {
    /// A source that was loaded for the first time after `seen` was taken, so that no change is missed in
    /// between. `load` runs on a thread that may wait; it gives everything that is wrong, or has put what it
    /// made in its place.
    pub(crate) fn new(
        name: &'static str,
        seen: Seen,
        load: impl FnMut() -> Result<(), Vec<String>> + Send + 'static,
    ) -> Self {
        let Seen { files, look } = seen;
        Source { name, files, load: Box::new(load), loaded: look, changed: None }
    }

    /// Loads it if its files have changed and nobody is writing them any more.
    fn look(&mut self) {
        let now = Look::at(&self.files);
        if now == self.loaded {
            self.changed = None;
        } else if self.changed.as_ref() == Some(&now) {
            self.load(now);
        } else {
            // Certificate and key are two files, and one comes after the other.
            self.changed = Some(now);
        }
    }

    fn load(&mut self, now: Look) {
        self.loaded = now;
        self.changed = None;
        match (self.load)() {
            Ok(()) => tracing::info!("loaded {} again", self.name),
            Err(findings) => {
                for finding in findings {
                    tracing::error!(
                        "cannot load {} again, so it stays as it was: {finding}",
                        self.name
                    );
                }
            }
        }
    }
}

/// Files as they were before they were read.
#[derive(Clone)]
pub(crate) struct Seen {
    files: Vec<PathBuf>,
    look: Look,
}

impl Seen {
    /// Looks at the files; they need not be there.
    pub(crate) fn of(files: Vec<PathBuf>) -> Self {
        Seen { look: Look::at(&files), files }
    }

    /// Whether there is any file at all.
    pub(crate) fn has_any(&self) -> bool {
        !self.files.is_empty()
    }
}

/// What tells one content of files from another without reading them.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Look(Vec<Option<Stamp>>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Stamp {
    length: u64,
    modified: Option<SystemTime>,
    /// Which file it is, and when anything about it changed: a file may be put in place with an old time.
    #[cfg(unix)]
    node: (u64, u64, i64, i64),
}

impl Look {
    fn at(files: &[PathBuf]) -> Self {
        // Links are followed: swapping a link is how Kubernetes changes a secret.
        let stamp = |file: &PathBuf| {
            let metadata = fs::metadata(file).ok()?;
            Some(Stamp {
                length: metadata.len(),
                modified: metadata.modified().ok(),
                #[cfg(unix)]
                node: {
                    use std::os::unix::fs::MetadataExt;
                    (metadata.dev(), metadata.ino(), metadata.ctime(), metadata.ctime_nsec())
                },
            })
        };
        Look(files.iter().map(stamp).collect())
    }
}

/// Looks after the sources until the end: those whose files change are loaded again, and all of them when
/// somebody asks.
pub(crate) fn watch(mut sources: Vec<Source>, asked: Arc<Notify>, life: Arc<Life>) {
    tokio::spawn(async move {
        loop {
            let all = tokio::select! {
                biased;
                () = life.reaches(Phase::Cut) => return,
                () = asked.notified() => true,
                () = sleep(EVERY), if !sources.is_empty() => false,
            };
            if all && sources.is_empty() {
                tracing::info!("there is nothing to load again");
            }
            // A file may lie on a disk that is slow, or on another machine.
            let looked = spawn_blocking(move || {
                for source in &mut sources {
                    match all {
                        true => source.load(Look::at(&source.files)),
                        false => source.look(),
                    }
                }
                sources
            });
            match looked.await {
                Ok(back) => sources = back,
                Err(error) => return tracing::error!(%error, "nothing is loaded again any more"),
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::Mutex;

    use super::*;

    /// A source of one file, and what it was loaded as.
    fn source(file: &Path) -> (Source, Arc<Mutex<Vec<String>>>) {
        let loads = Arc::new(Mutex::new(Vec::new()));
        let (path, noted) = (file.to_owned(), loads.clone());
        let source = Source::new("the text", Seen::of(vec![path.clone()]), move || {
            let text = fs::read_to_string(&path).map_err(|error| vec![error.to_string()])?;
            noted.lock().unwrap().push(text);
            Ok(())
        });
        (source, loads)
    }

    fn loaded(loads: &Arc<Mutex<Vec<String>>>) -> Vec<String> {
        loads.lock().unwrap().clone()
    }

    #[test]
    fn a_change_counts_when_it_stands_still() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("a");
        fs::write(&file, "1").unwrap();
        let (mut source, loads) = source(&file);
        source.look();
        source.look();
        assert_eq!(loaded(&loads), [""; 0], "nothing has changed");

        fs::write(&file, "half").unwrap();
        source.look();
        fs::write(&file, "the whole").unwrap();
        source.look();
        assert_eq!(loaded(&loads), [""; 0], "somebody is writing");
        source.look();
        source.look();
        assert_eq!(loaded(&loads), ["the whole"]);

        fs::remove_file(&file).unwrap();
        for _ in 0..3 {
            source.look();
        }
        assert_eq!(source.loaded, Look(vec![None]), "that it is gone is told once");
        fs::write(&file, "the whole").unwrap();
        source.look();
        source.look();
        assert_eq!(loaded(&loads), ["the whole", "the whole"]);
    }

    #[cfg(unix)]
    #[test]
    fn renamed_files_and_swapped_links_are_changes() {
        let directory = tempfile::tempdir().unwrap();
        let [one, two, file] = ["1", "2", "current"].map(|name| directory.path().join(name));
        fs::write(&one, "1").unwrap();
        fs::write(&two, "2").unwrap();
        // The same length and the same time.
        let time = fs::metadata(&one).unwrap().modified().unwrap();
        fs::File::options().write(true).open(&two).unwrap().set_modified(time).unwrap();
        std::os::unix::fs::symlink(&one, &file).unwrap();
        let (mut source, loads) = source(&file);
        let swapped = directory.path().join("swapped");
        std::os::unix::fs::symlink(&two, &swapped).unwrap();
        fs::rename(&swapped, &file).unwrap();
        source.look();
        source.look();
        assert_eq!(loaded(&loads), ["2"]);
        fs::rename(&one, &file).unwrap();
        source.look();
        source.look();
        assert_eq!(loaded(&loads), ["2", "1"]);
    }

    #[tokio::test(start_paused = true)]
    async fn it_looks_by_itself_and_when_it_is_asked() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("a");
        fs::write(&file, "1").unwrap();
        let (source, loads) = source(&file);
        let (asked, life) = (Arc::new(Notify::new()), Arc::new(Life::default()));
        watch(vec![source], asked.clone(), life.clone());

        let until = |count: usize| {
            let loads = loads.clone();
            async move {
                while loaded(&loads).len() < count {
                    sleep(Duration::from_millis(100)).await;
                }
            }
        };
        asked.notify_one();
        until(1).await;
        assert_eq!(loaded(&loads), ["1"], "it is loaded although nothing has changed");
        fs::write(&file, "2").unwrap();
        until(2).await;
        assert_eq!(loaded(&loads), ["1", "2"]);

        life.advance(Phase::Cut);
        sleep(EVERY).await;
        fs::write(&file, "3").unwrap();
        asked.notify_one();
        sleep(EVERY * 5).await;
        assert_eq!(loaded(&loads).len(), 2, "nobody looks any more");
    }
}
