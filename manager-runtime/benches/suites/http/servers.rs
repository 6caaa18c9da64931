//! The servers, each of which is started in a process of its own.

use manager_bench::child::{Server, this_program};
use manager_bench::serving;

#[cfg(feature = "rivals")]
use crate::rivals;
use crate::{bare, served};

/// A server by its name.
pub(crate) struct Maker {
    /// What it is called on the command line.
    pub(crate) name: &'static str,
    /// What it is called in a table.
    pub(crate) title: &'static str,
    /// Whether it speaks HTTP/2 without TLS.
    pub(crate) http2: bool,
    /// Runs it on a free port, says which, and does not return.
    run: fn(),
}

/// All of them. The first is the floor of the others.
pub(crate) const SERVERS: &[Maker] = &[
    Maker { name: "bare", title: "bare hyper", http2: true, run: bare::run },
    Maker { name: "manager", title: "manager", http2: true, run: served::run },
    #[cfg(feature = "rivals")]
    Maker { name: "axum", title: "axum", http2: true, run: rivals::axum::run },
    #[cfg(feature = "rivals")]
    Maker { name: "actix", title: "actix-web", http2: true, run: rivals::actix::run },
    #[cfg(feature = "rivals")]
    Maker { name: "salvo", title: "salvo", http2: true, run: rivals::salvo::run },
    #[cfg(feature = "rivals")]
    Maker { name: "argan", title: "argan", http2: true, run: rivals::argan::run },
    #[cfg(feature = "rivals")]
    Maker { name: "ntex", title: "ntex", http2: false, run: rivals::ntex::run },
];

/// Those that the command line asks for with `--server NAME,NAME`, or all.
pub(crate) fn chosen(names: Option<&str>) -> Vec<&'static Maker> {
    let is_chosen =
        |maker: &&Maker| names.is_none_or(|names| names.split(',').any(|name| name == maker.name));
    SERVERS.iter().filter(is_chosen).collect()
}

/// All names, for a message.
pub(crate) fn names() -> String {
    let names: Vec<_> = SERVERS.iter().map(|maker| maker.name).collect();
    names.join(",")
}

impl Maker {
    /// Starts it in a process of its own, on a core if it can be.
    pub(crate) fn start(&self, core: Option<usize>) -> Server {
        Server::start(this_program(core), &["serve", self.name])
    }
}

/// Runs a server until standard input ends.
pub(crate) fn serve(name: &str) {
    let maker = SERVERS.iter().find(|maker| maker.name == name);
    let run = maker.unwrap_or_else(|| panic!("there is no server called {name}")).run;
    serving::until_the_parent_ends(run);
}
