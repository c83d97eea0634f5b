//! The locks' restartable sequences: restarts forced at each step, and the fast paths' instruction counts.

use std::process::Command;

use tidal::toolchain::source_root;
use tidal::tools;
use tidal_tests::runtime;

/// Instructions of the uncontended biased path, from the entry to `ret`. No branch of it is taken.
const COUNTS: [(&str, usize); 3] =
    [("pthread_mutex_lock", 10), ("pthread_mutex_trylock", 10), ("pthread_mutex_unlock", 14)];

#[test]
fn fast_paths_have_the_instructions_that_the_table_says() {
    let archive = runtime().lib.join("libc.a");
    for (name, expected) in COUNTS {
        let output = tools::run(
            Command::new("objdump")
                .args(["-d", "--no-show-raw-insn"])
                .arg(format!("--disassemble={name}"))
                .arg(&archive),
        )
        .expect("objdump");
        let text = String::from_utf8_lossy(&output).into_owned();
        let body =
            text.split_once(&format!("<{name}>:\n")).unwrap_or_else(|| panic!("no {name} in libc.a")).1;
        let count = body.lines().take_while(|line| !line.trim_end().ends_with("ret")).count() + 1;
        assert_eq!(count, expected, "{name}");
        assert!(!body.lines().take(count).any(|line| line.contains("lock ")), "{name} has a LOCK prefix");
    }
}

#[test]
fn restarts_at_every_step_do_no_harm() {
    let root = source_root().expect("a checkout");
    let target = root.join("target/tidal");
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let args = ["build", "--quiet", "--release", "--package", "tidal-inject"];
    tools::run(Command::new(cargo).args(args).current_dir(&root).env("CARGO_TARGET_DIR", &target))
        .expect("the program builds");
    for _ in 0..3 {
        tools::run(&mut Command::new(target.join("release/tidal-inject"))).expect("it ends well");
    }
}
