//! Every exported function has the parameters and the result that the system's headers declare, and stands in the list.

use std::fs;
use std::path::PathBuf;

use tidal::symbols::{self, declared_functions};
use tidal::toolchain::{self, source_root};
use tidal_tests::runtime;
use tidal_tests::signatures::{defined_functions, header_signatures};

#[test]
fn exported_functions_are_as_the_headers_declare_them() {
    let root = source_root().expect("the checkout");
    let work: PathBuf = root.join("target/tidal/signatures");
    fs::create_dir_all(&work).expect("a folder");
    let includes = root.join("tests/headers/all.h");
    let object = toolchain::debug_object().unwrap_or_else(|e| panic!("{e:#}"));
    let defined = defined_functions(&object).expect("rustc's debugging information");
    let declared = declared_functions(&includes).unwrap_or_else(|e| panic!("{e:#}"));
    let names: Vec<&str> = defined.keys().filter(|n| declared.contains_key(*n)).map(String::as_str).collect();
    assert!(names.len() > 10, "only {} exported functions are declared in headers", names.len());
    let expected = header_signatures(&includes, &names, &work).unwrap_or_else(|e| panic!("{e:#}"));
    let mut wrong = Vec::new();
    for name in &names {
        let (ours, theirs) = (&defined[*name], &expected[*name]);
        // Variadic functions are assembly: nothing tells what they take.
        if !theirs.variadic && !theirs.fits(ours) {
            wrong.push(format!("{name} of <{}>: declared {theirs:?}, defined {ours:?}", declared[*name]));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), names.len(), wrong.join("\n"));
}

#[test]
fn the_list_of_exported_names_is_current() {
    let root = source_root().expect("the checkout");
    let page = symbols::page(&runtime().lib.join("libc.a"), &root.join("tests/headers/all.h"))
        .unwrap_or_else(|e| panic!("{e:#}"));
    let stored = fs::read_to_string(root.join("docs/symbols.md")).unwrap_or_default();
    let differs = page.lines().zip(stored.lines()).find(|(new, old)| new != old);
    assert!(page == stored, "cargo run -- symbols > docs/symbols.md brings it up to date; {differs:?}");
}
