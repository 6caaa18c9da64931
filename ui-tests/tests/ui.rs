//! Programs that must not compile, with every word that the compiler says, and programs that must,
//! and run. `TRYBUILD=overwrite` writes the expected texts anew.

/// Apart from the others, because trybuild compiles them in one go only if none of them is to run.
#[test]
fn programs_that_must_not_compile() {
    trybuild::TestCases::new().compile_fail("fail/**/*.rs");
}

#[test]
fn programs_that_must_compile() {
    trybuild::TestCases::new().pass("pass/**/*.rs");
}
