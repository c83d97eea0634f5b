//! Debuggers and tracers work on static programs: gdb, strace, valgrind.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};
use std::sync::OnceLock;

use tidal::toolchain::{Libc, LinkMode, Program};
use tidal_tests::{output_folder, runtime};

/// A program whose functions cannot be inlined into one another.
const SOURCE: &str = r#"
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

__attribute__((noinline)) int inner(int n) { write(1, "in\n", 3); return n + 1; }
__attribute__((noinline)) int middle(int n) { return inner(n) * 2; }
int compare(const void *a, const void *b) { return *(const int *)a - *(const int *)b; }

int main(int argc, char **argv)
{
    int numbers[] = {3, 1, 2};
    (void)argv;
    qsort(numbers, 3, sizeof *numbers, compare);
    printf("%d %d\n", middle(argc), numbers[0]);
    return 0;
}
"#;

/// The program, built once: the tests run it at the same time, and a file that is being written cannot be run.
fn program(mode: LinkMode) -> PathBuf {
    static STATIC: OnceLock<PathBuf> = OnceLock::new();
    static STATIC_PIE: OnceLock<PathBuf> = OnceLock::new();
    let cell = match mode {
        LinkMode::Static => &STATIC,
        LinkMode::StaticPie => &STATIC_PIE,
    };
    cell.get_or_init(|| build(mode)).clone()
}

fn build(mode: LinkMode) -> PathBuf {
    let folder = output_folder();
    let source = folder.join(format!("debugged-{mode:?}.c"));
    fs::write(&source, SOURCE).expect("written");
    let mut program = Program::new(&source, folder.join(format!("debugged-{mode:?}")));
    program.mode = mode;
    program.arguments = vec!["-g".into(), "-O1".into()];
    program.compile(&Libc::Tidal(runtime().clone())).unwrap_or_else(|e| panic!("{e:#}"));
    program.output
}

fn output_of(command: &mut Command) -> Output {
    let name = command.get_program().to_string_lossy().into_owned();
    command
        .output()
        .unwrap_or_else(|e| panic!("cannot start {name}: {e}; on Debian or Ubuntu: apt-get install {name}"))
}

fn gdb(program: &PathBuf, stop: &str) -> String {
    let commands =
        ["set confirm off", &format!("break {stop}"), "run", "backtrace -past-main -past-entry", "continue"];
    let mut command = Command::new("gdb");
    command.args(["-batch", "-nx"]);
    for c in commands {
        command.args(["-ex", c]);
    }
    let output = output_of(command.arg(program));
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[test]
fn gdb_stops_at_breakpoints_and_sees_through_main_to_start() {
    for mode in [LinkMode::Static, LinkMode::StaticPie] {
        let said = gdb(&program(mode), "inner");
        let frames = ["#0  inner", " in middle", " in main", " in _start"];
        let mut rest = said.as_str();
        for frame in frames {
            let at = rest.find(frame).unwrap_or_else(|| panic!("{mode:?}: no `{frame}` in\n{said}"));
            rest = &rest[at..];
        }
        assert!(said.contains("exited normally"), "{mode:?}:\n{said}");
    }
}

#[test]
fn gdb_unwinds_from_a_callback_through_the_library() {
    let said = gdb(&program(LinkMode::Static), "compare");
    for frame in ["#0  compare", "qsort", " in main"] {
        assert!(said.contains(frame), "no `{frame}` in\n{said}");
    }
}

#[test]
fn strace_shows_few_calls_before_main() {
    let output = output_of(Command::new("strace").arg("-f").arg(program(LinkMode::Static)));
    let log = String::from_utf8_lossy(&output.stderr).into_owned();
    let before: Vec<&str> = log.lines().take_while(|l| !l.starts_with("write(1, \"in")).collect();
    assert!(output.status.success() && log.contains("rseq("), "{log}");
    // execve, arch_prctl, set_tid_address, rseq, mprotect.
    assert!(before.len() <= 6, "{}", before.join("\n"));
}

#[test]
fn valgrind_runs_it() {
    let output = output_of(Command::new("valgrind").arg("--tool=none").arg(program(LinkMode::Static)));
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.contains("4 1"), "{said}");
}
