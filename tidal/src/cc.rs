//! `tidal cc`: gcc or clang, linking statically with Tidal.

use std::env;
use std::path::Path;
use std::process::{Command, ExitStatus};

use anyhow::{Context, Result, bail};

use crate::toolchain::{CLANG_FIXED_OPTIONS, CLANG_LINK_OPTIONS, Runtime, link_arguments};

/// Which language's driver to start.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Driver {
    /// `gcc`, or what `TIDAL_CC` names.
    C,
    /// `g++`, or what `TIDAL_CXX` names.
    Cxx,
}

impl Driver {
    /// The variable that names another compiler, and the default.
    pub fn variable_and_default(self) -> (&'static str, &'static str) {
        match self {
            Driver::C => ("TIDAL_CC", "gcc"),
            Driver::Cxx => ("TIDAL_CXX", "g++"),
        }
    }

    fn program(self) -> String {
        let (variable, default) = self.variable_and_default();
        env::var(variable).unwrap_or_else(|_| default.into())
    }
}

/// What `-shared` is answered with: a linker would say something about sections.
pub const NO_SHARED_OBJECTS: &str =
    "no shared objects: what is linked with Tidal is static (configure scripts take --disable-shared)";

/// Options of gcc whose next argument is not an input.
const TAKE_A_VALUE: [&str; 15] = [
    "-o",
    "-I",
    "-L",
    "-D",
    "-U",
    "-l",
    "-x",
    "-include",
    "-isystem",
    "-idirafter",
    "-iquote",
    "-MF",
    "-MT",
    "-MQ",
    "-T",
];

/// Runs the compiler and gives its exit status.
pub fn run(driver: Driver, arguments: &[String]) -> Result<ExitStatus> {
    check_inputs(arguments)?;
    if arguments.iter().any(|a| a == "-shared") {
        bail!("{NO_SHARED_OBJECTS}");
    }
    let runtime = Runtime::ensure()?;
    let program = driver.program();
    let mut command = Command::new(&program);
    // A link that says for itself how it wants to be is left so.
    if !arguments.iter().any(|a| ["-static", "-static-pie", "-r"].contains(&a.as_str())) {
        command.arg("-static");
    }
    if program.contains("clang") {
        command.args(["-Wno-unused-command-line-argument", CLANG_LINK_OPTIONS]);
        if !arguments.iter().any(|a| a == "-static-pie") {
            command.arg(CLANG_FIXED_OPTIONS);
        }
    }
    command.args(link_arguments(&runtime)).args(arguments);
    command.status().with_context(|| {
        let (variable, _) = driver.variable_and_default();
        format!("cannot start `{program}`; install it or name another compiler in {variable}")
    })
}

/// Says in one line which source or object file is missing, where compilers take several.
fn check_inputs(arguments: &[String]) -> Result<()> {
    let mut skip = false;
    for argument in arguments {
        if skip {
            skip = false;
            continue;
        }
        skip = TAKE_A_VALUE.contains(&argument.as_str());
        let path = Path::new(argument);
        let is_input = !argument.starts_with('-')
            && path
                .extension()
                .is_some_and(|e| ["c", "cc", "cpp", "cxx", "s", "S", "o", "a"].iter().any(|x| e == *x));
        if is_input && !path.exists() {
            bail!("{argument}: no such file");
        }
    }
    if arguments.is_empty() {
        bail!("no input files; try: tidal cc hello.c -o hello");
    }
    Ok(())
}
