//! Programs that must not compile, with every word that the compiler says. `TRYBUILD=overwrite` writes
//! the expected texts anew.

#[test]
fn programs_that_must_not_compile() {
    trybuild::TestCases::new().compile_fail("fail/**/*.rs");
}
