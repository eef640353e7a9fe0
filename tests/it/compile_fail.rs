//! Programs that must not compile, with what the compiler says about them.

#[test]
fn mistakes_that_the_types_catch() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/compile_fail/*.rs");
}
