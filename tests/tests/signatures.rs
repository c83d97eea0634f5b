//! Every exported function has the parameters and the result that the system's headers declare.

use std::fs;
use std::path::PathBuf;

use tidal::toolchain::{self, source_root};
use tidal_tests::signatures::{declared_functions, defined_functions, header_signatures};

#[test]
fn exported_functions_are_as_the_headers_declare_them() {
    let root = source_root().expect("the checkout");
    let work: PathBuf = root.join("target/tidal/signatures");
    fs::create_dir_all(&work).expect("a folder");
    let includes = root.join("tests/headers/all.h");
    let object = toolchain::debug_object().unwrap_or_else(|e| panic!("{e:#}"));
    let defined = defined_functions(&object).expect("rustc's debugging information");
    let declared = declared_functions(&includes, &work).unwrap_or_else(|e| panic!("{e:#}"));
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
