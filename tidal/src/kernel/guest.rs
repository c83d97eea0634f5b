//! What runs inside: `/init`, the checks, and a list of programs, in an initramfs.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::cpio::Archive;
use super::kernel_tests;
use crate::tools::{self, GCC};

/// Without a libc: nobody but the check itself may register an rseq area.
const FREESTANDING: [&str; 14] = [
    "-O2",
    "-static",
    "-no-pie",
    "-nostdlib",
    "-ffreestanding",
    "-fno-builtin",
    "-fno-stack-protector",
    "-fno-tree-loop-distribute-patterns",
    "-fno-asynchronous-unwind-tables",
    "-fcf-protection=none",
    "-Wall",
    "-Wextra",
    "-Wno-missing-field-initializers",
    "-Werror",
];

/// The host's own programs that Tidal's tests start, with the libraries that Debian's need; links are followed.
const HOST_FILES: [&str; 6] = [
    "/bin/sh",
    "/bin/cat",
    "/bin/rm",
    "/usr/bin/true",
    "/lib64/ld-linux-x86-64.so.2",
    "/lib/x86_64-linux-gnu/libc.so.6",
];

const PASSWD: &[u8] = b"root:x:0:0:root:/tmp:/bin/sh\n";

/// The name of the program that is the checks on the kernel.
pub const CHECKS: &str = "checks";

/// Where the table counts the program that kills vfork children on their way.
pub const KILL: &str = "kill";

/// A program that `/init` runs.
pub struct GuestProgram {
    /// Its name in the table: Tidal's programs are `AREA/NAME`. Its file is called the same, with a hyphen.
    pub name: String,
    /// Time limit inside the guest, which is slower than the host; 0 for a file that another program starts.
    pub seconds: u32,
    /// Whether it writes to the console; else it is heard only if it fails.
    pub console: bool,
    /// The executable on the host.
    pub executable: PathBuf,
    /// Its arguments.
    pub arguments: Vec<String>,
}

/// Compiles `/init` and the checks into `folder`; gives `/init` and the program that is the checks.
pub fn compile_checks(folder: &Path) -> Result<(PathBuf, GuestProgram)> {
    let guest = kernel_tests()?.join("guest");
    let init = folder.join("init");
    compile(&[guest.join("init.c"), guest.join("sys.c")], &init)?;
    let mut sources = vec![guest.join("sys.c")];
    for entry in fs::read_dir(guest.join("checks")).context("cannot list the checks")? {
        sources.push(entry?.path());
    }
    sources.retain(|source| source.extension().is_some_and(|e| e == "c"));
    sources.sort();
    let executable = folder.join("checks");
    compile(&sources, &executable)?;
    Ok((
        init,
        GuestProgram { name: CHECKS.into(), seconds: 600, console: true, executable, arguments: Vec::new() },
    ))
}

/// Compiles the program that kills vfork children on their way; it needs `victim` beside it.
pub fn compile_stepper(folder: &Path) -> Result<GuestProgram> {
    let guest = kernel_tests()?.join("guest");
    let executable = folder.join("stepper");
    compile(&[guest.join("stepper.c"), guest.join("sys.c")], &executable)?;
    // Every 37th instruction of the first 2000: a prime, so that loops are not always cut at the same place.
    let arguments = ["/bin/victim", "37", "2000"].map(str::to_owned).to_vec();
    Ok(GuestProgram {
        name: format!("{KILL}/every-37th-instruction"),
        seconds: 600,
        console: true,
        executable,
        arguments,
    })
}

fn compile(sources: &[PathBuf], output: &Path) -> Result<()> {
    tools::run(GCC.command().args(FREESTANDING).args(sources).arg("-o").arg(output)).map(drop)
}

/// The initramfs.
pub fn archive<'a>(init: &Path, programs: impl Iterator<Item = &'a GuestProgram>) -> Result<Vec<u8>> {
    let mut archive = Archive::default();
    for directory in
        ["bin", "dev", "etc", "lib", "lib/x86_64-linux-gnu", "lib64", "proc", "sys", "tmp", "usr", "usr/bin"]
    {
        archive.directory(directory);
    }
    for file in HOST_FILES {
        archive.program(&file[1..], &read(Path::new(file))?);
    }
    archive.file("etc/passwd", PASSWD);
    // The kernel opens it before anything is mounted.
    archive.device("dev/console", 5, 1);
    archive.program("init", &read(init)?);
    let mut list = String::new();
    for program in programs {
        let file = format!("bin/{}", program.name.replace('/', "-"));
        archive.program(&file, &read(&program.executable)?);
        let arguments: String = program.arguments.iter().map(|argument| format!(" {argument}")).collect();
        if program.seconds == 0 {
            continue;
        }
        let output = if program.console { "console" } else { "quiet" };
        list += &format!("{} {} {output} /{file}{arguments}\n", program.name, program.seconds);
    }
    archive.file("programs", list.as_bytes());
    Ok(archive.finish())
}

fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}
