//! The runtime as files that gcc links: `crt1.o`, `rcrt1.o`, `libc.a` and its empty companions.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::archive;
use super::start_object::START_OBJECTS;
use crate::tools;

/// Libraries whose contents are in `libc.a`; programs ask for them by name all the same.
const EMPTY: [&str; 9] = ["m", "pthread", "dl", "rt", "util", "crypt", "resolv", "anl", "xnet"];

/// What gcc reads on finding it in a `-B` folder. Functions that a program does not use are left out of it. Code and
/// constants share pages, and a program at fixed addresses has no read-only-after-start part: each segment and each
/// `mprotect` costs about 2 % of starting and ending a small program. A static-pie, which is made for hardening, keeps it;
/// `-Wl,-z,relro,-z,separate-code` on the command line brings both back.
///
/// gcc that reads a specs file leaves out what it else adds at its start: the unwinder's archive, the table by which the
/// unwinder finds frames, and what becomes of `-march=native`.
const SPECS: &str = "*link:\n+ %{!r:--gc-sections %{!fuse-ld=gold:-z noseparate-code} %{!static-pie:-z norelro} --eh-frame-hdr}\n\n\
    *libgcc:\n-lgcc -lgcc_eh\n\n\
    *cc1_cpu:\n%{march=native:%>march=native %:local_cpu_detect(arch 64) \
    %{!mtune=*:%>mtune=native %:local_cpu_detect(tune 64)}} \
    %{mtune=native:%>mtune=native %:local_cpu_detect(tune 64)}\n\n\
    *startfile:\n%{static-pie:rcrt1.o%s;:crt1.o%s} crti.o%s \
    %{static-pie:crtbeginS.o%s;static:crtbeginT.o%s;:crtbegin.o%s}\n\n";

/// The same for clang, which reads no specs.
pub const CLANG_LINK_OPTIONS: &str = "-Wl,--gc-sections,-z,noseparate-code";

/// More of the same, for programs at fixed addresses.
pub const CLANG_FIXED_OPTIONS: &str = "-Wl,-z,norelro";
/// The environment variable with further flags for rustc.
const FLAGS: &str = "TIDAL_RUSTFLAGS";
/// What Tidal is for.
const TARGET: &str = "x86_64-unknown-linux-gnu";

/// A built runtime.
#[derive(Clone, Debug)]
pub struct Runtime {
    /// The folder to give to gcc as `-B` and `-L`.
    pub lib: PathBuf,
    /// The folder with `ktls.h`, and with what Tidal adds to headers of the system's.
    pub include: PathBuf,
}

/// The checkout that this command was built from.
pub fn source_root() -> Result<PathBuf> {
    let root = env::var_os("TIDAL_SOURCE").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a member of the workspace").to_owned(),
        PathBuf::from,
    );
    if !root.join("libc/Cargo.toml").exists() {
        bail!("Tidal's source is not at {}; set TIDAL_SOURCE to a checkout", root.display());
    }
    Ok(root)
}

impl Runtime {
    /// Builds the runtime if it is not up to date, in the checkout's `target/tidal`; with further flags for rustc from
    /// `TIDAL_RUSTFLAGS` (coverage, for fuzzing), in `target/tidal-flags`.
    pub fn ensure() -> Result<Runtime> {
        tools::GCC.require()?;
        tools::require_headers()?;
        let root = source_root()?;
        let target = root.join(if has_flags() { "target/tidal-flags" } else { "target/tidal" });
        fs::create_dir_all(&target).with_context(|| format!("cannot make {}", target.display()))?;
        // Test processes and commands may build at the same time.
        let lock = fs::File::create(target.join(".lock"))?;
        lock.lock()?;
        let runtime =
            Runtime { lib: target.join("prefix/lib/tidal"), include: target.join("prefix/include") };
        let staticlib = build_staticlib(&root, &target, "runtime")?;
        let archive = runtime.lib.join("libc.a");
        let sources = START_OBJECTS.map(|o| root.join("crt/objects").join(o.source));
        if is_newer(&staticlib, &archive) || sources.iter().any(|s| is_newer(s, &archive)) {
            runtime.assemble(&root, &target, &staticlib)?;
        }
        fs::write(runtime.lib.join("specs"), SPECS)?;
        tools::copy_files(&root.join("libc/include"), &runtime.include)?;
        Ok(runtime)
    }

    fn assemble(&self, root: &Path, target: &Path, staticlib: &Path) -> Result<()> {
        fs::create_dir_all(&self.lib)?;
        for object in &START_OBJECTS {
            object.build(root, &self.lib)?;
        }
        for name in EMPTY {
            archive::empty(&self.lib.join(format!("lib{name}.a")))?;
        }
        let fresh = target.join("libc.a");
        archive::make(staticlib, &target.join("members"), &fresh)?;
        // Last, and at once: its date says that everything is there.
        fs::rename(fresh, self.lib.join("libc.a"))?;
        Ok(())
    }
}

fn is_newer(a: &Path, b: &Path) -> bool {
    let date = |p: &Path| fs::metadata(p).and_then(|m| m.modified());
    match (date(a), date(b)) {
        (Ok(a), Ok(b)) => a > b,
        _ => true,
    }
}

/// Cargo, without what an outer cargo has set for itself.
pub fn cargo() -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    // Settings of an outer cargo are not meant for the runtime.
    for (name, _) in env::vars_os() {
        let n = name.to_string_lossy();
        if n.starts_with("CARGO_PROFILE_") || n.starts_with("CARGO_ENCODED_") || n == "RUSTC_WRAPPER" {
            command.env_remove(name);
        }
    }
    command
}

/// Tidal in one object compiled without optimisation, with all its debugging information: for tests that read it.
pub fn debug_object() -> Result<Vec<u8>> {
    let root = source_root()?;
    let target = root.join("target/tidal");
    fs::create_dir_all(&target)?;
    let staticlib = build_staticlib(&root, &target, "inspect")?;
    archive::main_member(&fs::read(staticlib)?)
}

fn build_staticlib(root: &Path, target: &Path, profile: &str) -> Result<PathBuf> {
    let args = "rustc --quiet --package tidal-libc --features archive --crate-type staticlib --profile";
    let mut command = cargo();
    command.current_dir(root).args(args.split(' ')).arg(profile);
    let mut output = target.to_owned();
    if has_flags() {
        // With a target named, build scripts get none of them.
        command.args(["--target", TARGET]);
        output.push(TARGET);
    }
    tools::run(
        command
            .env("CARGO_TARGET_DIR", target)
            .env_remove("RUSTFLAGS")
            .env("CARGO_ENCODED_RUSTFLAGS", rustflags().join("\x1f")),
    )
    .context("cannot build Tidal's libc.a")?;
    Ok(output.join(profile).join("libtidal_libc.a"))
}

fn has_flags() -> bool {
    env::var_os(FLAGS).is_some_and(|flags| !flags.is_empty())
}

fn rustflags() -> Vec<String> {
    // Debuggers, C++ exceptions and cancellation unwind through C functions of Tidal's.
    let mut flags = vec!["-Cforce-unwind-tables=yes".to_owned()];
    // Where crates lie on this machine is nobody's business, and each program carries the names of sources.
    let cargo_home = env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| Some(PathBuf::from(env::var_os("HOME")?).join(".cargo")));
    if let Some(registries) = cargo_home.and_then(|h| fs::read_dir(h.join("registry/src")).ok()) {
        flags.extend(registries.flatten().map(|r| format!("--remap-path-prefix={}/=", r.path().display())));
    }
    flags.extend(env::var(FLAGS).unwrap_or_default().split_whitespace().map(str::to_owned));
    flags
}
