//! The vfork suite of `tests/vfork`, and children killed in the middle of what they do. `tidal vfork` shows more.

use std::process::Command;
use std::sync::Mutex;

use tidal::refuse::Refused;
use tidal::toolchain::Libc;
use tidal::vfork::{Verdict, check_kill, checks, sample_kill};

const ITERATIONS: u32 = 60;

/// The tests build the same programs, so they take turns.
static TURN: Mutex<()> = Mutex::new(());

fn run_suite(without: &[&str]) {
    let _turn = TURN.lock();
    let libc = Libc::Tidal(tidal_tests::runtime().clone());
    let without: Vec<Refused> = without.iter().map(|n| n.parse().expect("a known call")).collect();
    let failures: Vec<String> = checks()
        .expect("the suite's sources")
        .iter()
        .filter_map(|check| match check.run(&libc, ITERATIONS, &without).expect("a program runs") {
            Verdict::Passed(_) => None,
            verdict => Some(format!("{} ({}): {verdict:?}", check.name, check.what)),
        })
        .collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn suite() {
    run_suite(&[]);
}

#[test]
fn suite_without_rseq_membarrier_clone3() {
    run_suite(&["rseq", "membarrier", "clone3"]);
}

#[test]
fn suite_where_a_sandbox_forbids_rseq_membarrier_clone3() {
    run_suite(&["rseq=EPERM", "membarrier=EPERM", "clone3=EPERM"]);
}

#[test]
fn children_killed_anywhere_harm_nobody() {
    let libc = Libc::Tidal(tidal_tests::runtime().clone());
    // Every instruction is tried by `tidal vfork --kill`; a prime stride visits other ones than loops repeat.
    let scenarios = check_kill(&libc, &[], 23).unwrap_or_else(|e| panic!("{e:#}"));
    assert!(scenarios.iter().all(|s| s.points > 1));
}

/// The same tool finds the damage where there is some.
#[test]
fn children_killed_in_glibcs_printf_leave_its_lock() {
    let library = Command::new("gcc").arg("-print-file-name=libc.a").output().expect("gcc");
    if !String::from_utf8_lossy(&library.stdout).starts_with('/') {
        println!("SKIPPED: no static glibc here");
        return;
    }
    let scenarios =
        sample_kill(&Libc::Glibc, &["fprintf".to_owned()], 97).unwrap_or_else(|e| panic!("{e:#}"));
    assert!(scenarios.iter().any(|s| s.hangs > 0), "{scenarios:?}");
}
