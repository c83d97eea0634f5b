//! The restartable sequences: restarts forced at each step, the locks' instruction counts, and where functions begin.

use std::process::Command;

use tidal::toolchain::{Libc, Program, source_root};
use tidal::tools;
use tidal_tests::{output_folder, runtime};

/// Instructions of the uncontended biased path, from the entry to `ret`. No branch of it is taken.
const COUNTS: [(&str, usize); 3] =
    [("pthread_mutex_lock", 12), ("pthread_mutex_trylock", 12), ("pthread_mutex_unlock", 12)];

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

/// What runs most: by where it lies alone it would take a third longer or not, as other code comes and goes.
const ALIGNED: [&str; 6] =
    ["malloc", "free", "calloc", "pthread_mutex_lock", "pthread_mutex_unlock", "pthread_mutex_trylock"];

#[test]
fn fast_paths_begin_at_a_cache_line() {
    let program = output_folder().join("cache-lines");
    let source = program.with_extension("c");
    let declared: String = ALIGNED.iter().map(|name| format!("extern char {name}[];\n")).collect();
    let used = ALIGNED.join(", ");
    // An odd number of bytes of the program's own, so that chance does not align what follows.
    let text = format!(
        "{declared}__asm__(\".text\\n.byte 0x90\");\nchar *volatile used[] = {{{used}}};\nint main(void) {{ return !used[0]; }}\n"
    );
    std::fs::write(&source, text).expect("a source");
    let mut wanted = Program::new(&source, &program);
    wanted.arguments.extend(["-fno-builtin", "-w"].map(String::from));
    wanted.compile(&Libc::Tidal(runtime().clone())).expect("it links");
    let output = tools::run(Command::new("nm").arg(&program)).expect("nm");
    let text = String::from_utf8_lossy(&output).into_owned();
    for name in ALIGNED {
        let line = text.lines().find(|line| line.split_whitespace().nth(2) == Some(name));
        let address = line.and_then(|line| u64::from_str_radix(line.split_whitespace().next()?, 16).ok());
        let address = address.unwrap_or_else(|| panic!("no {name} in the program"));
        assert!(address.is_multiple_of(64), "{name} begins at {address:#x}");
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
