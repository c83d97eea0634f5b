//! The examples do what they say.

use std::process::Command;

fn says(program: &str, text: &str) {
    let output = Command::new(program).output().expect("it starts");
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{program}: {}\n{out}{err}", output.status);
    assert!(format!("{out}{err}").contains(text), "no `{text}` in\n{out}{err}");
}

#[test]
fn locks() {
    says(env!("CARGO_BIN_EXE_locks"), "400000 increments by four threads");
}

#[test]
fn threads() {
    says(env!("CARGO_BIN_EXE_threads"), "nothing was lost");
}
