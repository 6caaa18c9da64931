//! Programs that must not compile, with every word that the compiler says; programs that must, and
//! run. `TRYBUILD=overwrite` writes the expected texts anew.

#[test]
fn programs() {
    let programs = trybuild::TestCases::new();
    programs.compile_fail("fail/**/*.rs");
    programs.pass("pass/**/*.rs");
}
