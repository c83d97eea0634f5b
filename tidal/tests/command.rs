//! The `tidal` command as a user meets it: what it says, and its exit status.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tidal::toolchain::source_root;

fn scratch(name: &str) -> PathBuf {
    let folder = source_root().expect("the checkout").join("target/tidal/command").join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder");
    folder
}

fn tidal(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tidal")).args(args).current_dir(folder).output().expect("starts")
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn hello(folder: &Path) {
    fs::write(
        folder.join("hello.c"),
        "#include <stdio.h>\nint main(void) { return printf(\"hi\\n\") != 3; }\n",
    )
    .expect("written");
}

fn runs(program: &Path) {
    let output = Command::new(program).output().expect("starts");
    assert!(output.status.success(), "{}", output.status);
    assert_eq!(output.stdout, b"hi\n");
}

#[test]
fn a_missing_source_is_one_line_and_a_failure() {
    let folder = scratch("missing");
    let output = tidal(&folder, &["cc", "nowhere.c", "-o", "x"]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(stderr(&output), "tidal: nowhere.c: no such file\n");
}

#[test]
fn an_undefined_function_is_named() {
    let folder = scratch("undefined");
    fs::write(folder.join("u.c"), "void no_such_function(void);\nint main(void) { no_such_function(); }\n")
        .expect("written");
    let output = tidal(&folder, &["cc", "u.c", "-o", "u"]);
    assert!(!output.status.success());
    assert!(stderr(&output).contains("undefined reference to `no_such_function'"), "{}", stderr(&output));
    assert!(!folder.join("u").exists());
}

#[test]
fn a_shared_object_is_refused_in_one_line() {
    let folder = scratch("shared");
    hello(&folder);
    let output = tidal(&folder, &["cc", "-shared", "-fPIC", "hello.c", "-o", "hello.so"]);
    assert_eq!(output.status.code(), Some(1));
    let said = stderr(&output);
    assert!(said.starts_with("tidal: no shared objects") && said.lines().count() == 1, "{said}");
}

#[test]
fn a_prefix_that_cannot_be_written_is_one_line() {
    let folder = scratch("prefix");
    fs::write(folder.join("file"), "").expect("written");
    let output = tidal(&folder, &["install", "--prefix", "file/below"]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        stderr(&output),
        "tidal: cannot write to file/below/lib/tidal: Not a directory (os error 20)\n"
    );
}

#[test]
fn an_installed_compiler_wrapper_links_by_itself() {
    let folder = scratch("installed");
    hello(&folder);
    let output = tidal(&folder, &["install", "--prefix", "p"]);
    assert!(output.status.success(), "{}", stderr(&output));
    let prefix = folder.join("p");
    assert!(prefix.join("include/ktls.h").exists());
    let wrapper = prefix.join("bin/tidal-cc");
    for (name, options) in [
        ("plain", &[][..]),
        ("debug", &["-g", "-O0"]),
        ("fast", &["-O3"]),
        ("native", &["-O2", "-march=native"]),
        ("pie", &["-static-pie", "-fPIE"]),
        ("lto", &["-O2", "-flto"]),
        ("guarded", &["-O2", "-fstack-protector-all", "-D_FORTIFY_SOURCE=2"]),
    ] {
        let program = folder.join(name);
        let output = Command::new(&wrapper)
            .args(options)
            .arg(folder.join("hello.c"))
            .arg("-o")
            .arg(&program)
            .output()
            .expect("the wrapper starts");
        assert!(output.status.success(), "{name}: {}", stderr(&output));
        runs(&program);
    }
    by_clang(&folder, &wrapper);
    let lib = prefix.join("lib/tidal");
    let output = Command::new("gcc")
        .arg("-static")
        .arg(format!("-B{}", lib.display()))
        .arg(format!("-L{}", lib.display()))
        .arg(folder.join("hello.c"))
        .arg("-o")
        .arg(folder.join("by-gcc"))
        .output()
        .expect("gcc starts");
    assert!(output.status.success(), "{}", stderr(&output));
    runs(&folder.join("by-gcc"));
}

/// clang reads no specs file, and takes start objects by other names. A program of its kind is no larger for that.
fn by_clang(folder: &Path, wrapper: &Path) {
    if Command::new("clang").arg("--version").output().is_err() {
        println!("skipped: clang is not installed");
        return;
    }
    for (name, options) in [("clang", &["-s"][..]), ("clang-pie", &["-s", "-static-pie", "-fPIE"])] {
        let program = folder.join(name);
        let output = Command::new(wrapper)
            .env("TIDAL_CC", "clang")
            .args(options)
            .arg(folder.join("hello.c"))
            .arg("-o")
            .arg(&program)
            .output()
            .expect("the wrapper starts");
        assert!(output.status.success(), "{name}: {}", stderr(&output));
        runs(&program);
        let bytes = fs::metadata(&program).expect("linked").len();
        assert!(bytes < 60_000, "{name}: {bytes} bytes");
    }
}

#[test]
fn doctor_names_kernel_and_tools() {
    let output = tidal(&scratch("doctor"), &["doctor"]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{text}{}", stderr(&output));
    for word in ["rseq", "provider", "membarrier", "vDSO", "gcc"] {
        assert!(text.contains(word), "no {word} in:\n{text}");
    }
}

#[test]
fn without_gcc_the_package_is_named() {
    let folder = scratch("no-gcc");
    hello(&folder);
    let mut command = Command::new(env!("CARGO_BIN_EXE_tidal"));
    let output = command
        .args(["cc", "hello.c"])
        .current_dir(&folder)
        .env("PATH", "/nowhere")
        .output()
        .expect("starts");
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(stderr(&output), "tidal: `gcc` is not installed; on Debian or Ubuntu: apt-get install gcc\n");
}
