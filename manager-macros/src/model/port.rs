//! The entrances for files: options of a function, methods of an impl block.

use syn::Ident;
use syn::ext::IdentExt;

use crate::args::Args;
use crate::diag::Diag;
use crate::item::Item;

/// A way for files in or out.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Port {
    Upload,
    Download,
    Metadata,
}

impl Port {
    pub(crate) const ALL: [Port; 3] = [Port::Upload, Port::Download, Port::Metadata];

    /// The option of a function.
    pub(crate) fn option(self) -> &'static str {
        match self {
            Port::Upload => "upload",
            Port::Download => "download",
            Port::Metadata => "metadata",
        }
    }

    /// The method of an impl block.
    pub(crate) fn method(self) -> &'static str {
        match self {
            Port::Upload => "run_stream",
            Port::Download => "run_file",
            Port::Metadata => "run_metadata",
        }
    }

    /// Its name in the runtime.
    pub(crate) fn variant(self) -> &'static str {
        match self {
            Port::Upload => "Upload",
            Port::Download => "Download",
            Port::Metadata => "Metadata",
        }
    }

    /// How it is reached.
    fn path(self) -> &'static str {
        match self {
            Port::Upload => "POST /{handler}/upload/{file}",
            Port::Download => "GET /{handler}/download/{file}",
            Port::Metadata => "GET /{handler}/metadata/{file}",
        }
    }
}

/// The options of this kind that were written, in the order of the kinds.
fn written(args: &Args) -> impl Iterator<Item = (Port, &Ident)> {
    let Args { upload, download, metadata, .. } = args;
    Port::ALL
        .into_iter()
        .zip([upload, download, metadata])
        .filter_map(|(port, key)| Some((port, key.as_ref()?)))
}

/// The entrance that a function is, if it is one.
pub(super) fn of(args: &Args) -> Option<Port> {
    written(args).next().map(|(port, _)| port)
}

/// Whether there is a path for files.
pub(super) fn has_files(args: &Args, item: &Item) -> bool {
    match item {
        Item::Function(_) => of(args).is_some(),
        Item::Block(block) => block.methods.iter().any(|method| {
            Port::ALL.into_iter().any(|port| method.signature.ident.unraw() == port.method())
        }),
    }
}

pub(super) fn check_combinations(args: &Args, item: &Item, diag: &mut Diag) {
    match item {
        Item::Function(_) => check_function(args, diag),
        Item::Block(block) => {
            for (port, key) in written(args) {
                let (option, method) = (port.option(), port.method());
                diag.under(
                    key,
                    format!(
                        "`{option}` is for a function: an impl block says it by a method \
                         `{method}`; remove `{option}`"
                    ),
                );
            }
            let answers = block.methods.iter().any(|one| one.signature.ident.unraw() == "run");
            if has_files(args, item) && !answers {
                check_without_run(args, diag);
            }
        }
    }
}

fn check_function(args: &Args, diag: &mut Diag) {
    let mut written = written(args);
    let Some((port, _)) = written.next() else { return };
    let option = port.option();
    for (other, key) in written {
        let other = other.option();
        diag.under(
            key,
            format!(
                "a function is one way for files, and this one has `{option}`; write another \
                 function with `{other}`, or an impl block"
            ),
        );
    }
    let Args { routes, on, replicas, queue, .. } = args;
    for route in routes {
        let key = route.key();
        diag.under(
            key,
            format!(
                "`{option}` has a path of its own, `{}`; keep `{key}` or `{option}`",
                port.path()
            ),
        );
    }
    if let Some(on) = on {
        let rule = "what is emitted on a topic is no file";
        diag.under(on, format!("{rule}; remove `on` or `{option}`"));
    }
    if port == Port::Upload {
        for (word, value) in [("replicas", replicas), ("queue", queue)] {
            if let Some(value) = value {
                let rule = "an upload takes as long as the client does, so the setting `streams` \
                            says how many there may be";
                diag.under(value, format!("{rule}; remove `{word}`"));
            }
        }
    }
}

/// What is about messages, where there is nothing that answers them.
fn check_without_run(args: &Args, diag: &mut Diag) {
    let Args { routes, on, .. } = args;
    for route in routes {
        let key = route.key();
        diag.under(
            key,
            format!(
                "`{key}` is a way to `run`, which this impl block does not have; add \
                 `async fn run(&mut self, ..)`, or remove `{key}`"
            ),
        );
    }
    if let Some(on) = on {
        diag.under(
            on,
            "what is emitted on a topic goes to `run`, which this impl block does not have; add \
             `async fn run(&mut self, ..)`, or remove `on`",
        );
    }
}
