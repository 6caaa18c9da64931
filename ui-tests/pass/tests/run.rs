//! Runs every program of `src/bin`: each must come to its end without a panic. That it compiles at
//! all, with the lints that it denies, is the other half of the test.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

macro_rules! programs {
    ($($name:ident)*) => {
        /// The programs that are run.
        const PROGRAMS: &[&str] = &[$(stringify!($name)),*];

        $(
            #[test]
            fn $name() {
                run(env!(concat!("CARGO_BIN_EXE_", stringify!($name))));
            }
        )*
    };
}

programs! {
    guarded
    blocks
    by_hand
    called_like_bindings
    called_like_crates
    catchers
    circles
    conditional
    documentation
    entrances
    fakes
    first
    forbid_unsafe
    handler_errors
    in_the_body
    inside_a_function
    macro_rules
    manager
    messages
    around
    no_implicit_prelude
    options
    other_edition
    other_name
    own_parts
    parameters
    patterns
    plain_calls
    plain_functions
    re_export
    replies
    route_patterns
    route_forms
    shadowed_names
    strict_lints
    visibility
    words_of_the_runtime
}

#[test]
fn every_program_is_run() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/bin");
    let files = folder.read_dir().expect("the folder of the programs");
    let there: BTreeSet<String> = files
        .map(|file| file.expect("a file").path())
        .map(|path| path.file_stem().expect("a name").to_string_lossy().into_owned())
        .collect();
    let run: BTreeSet<String> = PROGRAMS.iter().map(|&name| name.to_owned()).collect();
    assert_eq!(there, run, "a program stands here and in `Cargo.toml`");
}

fn run(program: &str) {
    let output = Command::new(program).output().expect("a program that was built");
    let printed = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}\n{printed}", output.status);
}
