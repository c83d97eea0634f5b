//! Small programs stay small: a program carries only what it uses.

use std::fs;

use tidal::toolchain::{Libc, Program};
use tidal_tests::{output_folder, runtime};

/// Bytes of a program, stripped.
fn size(name: &str, body: &str) -> u64 {
    let folder = output_folder();
    let source = folder.join(format!("size-{name}.c"));
    let text = format!(
        "#include <stdio.h>\nint main(int argc, char **argv) {{ (void)argv; {body} return argc != 1; }}\n"
    );
    fs::write(&source, text).expect("written");
    let mut program = Program::new(&source, folder.join(format!("size-{name}")));
    program.arguments.push("-s".into());
    program.compile(&Libc::Tidal(runtime().clone())).unwrap_or_else(|e| panic!("{e:#}"));
    fs::metadata(&program.output).expect("linked").len()
}

#[test]
fn a_program_that_puts_is_at_most_16_kib() {
    let bytes = size("puts", "puts(\"hello, world\");");
    assert!(bytes <= 16 * 1024, "{bytes} bytes");
}

#[test]
fn one_that_prints_numbers_is_at_most_40_kib() {
    let bytes = size("printf", "printf(\"%s %d %g\\n\", argv[0], argc, argc / 3.0);");
    assert!(bytes <= 40 * 1024, "{bytes} bytes");
}
