//! `tidal install --prefix P`: the runtime where any build system finds it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use anyhow::{Context, Result};

use crate::cc::{Driver, NO_SHARED_OBJECTS};
use crate::toolchain::{CLANG_FIXED_OPTIONS, CLANG_LINK_OPTIONS, Runtime};
use crate::tools;

/// Installs the runtime below `prefix` and prints what to type next.
pub fn install(prefix: &Path) -> Result<()> {
    // Before minutes of building: may we write there at all?
    let lib = prefix.join("lib/tidal");
    make_folder(&lib)?;
    let prefix = prefix.canonicalize().with_context(|| format!("cannot use {}", prefix.display()))?;
    let (lib, include, bin) = (prefix.join("lib/tidal"), prefix.join("include"), prefix.join("bin"));
    let pkgconfig = prefix.join("lib/pkgconfig");
    for folder in [&include, &bin, &pkgconfig] {
        make_folder(folder)?;
    }
    let runtime = Runtime::ensure()?;
    tools::copy_files(&runtime.lib, &lib)?;
    tools::copy_files(&runtime.include, &include)?;
    for (name, driver) in [("tidal-cc", Driver::C), ("tidal-c++", Driver::Cxx)] {
        write_script(&bin.join(name), &wrapper(&lib, &include, driver))?;
    }
    // What cmake looks for beside a compiler of these names, to archive objects of `-flto`.
    for tool in ["gcc-ar", "gcc-nm", "gcc-ranlib"] {
        write_script(&bin.join(format!("tidal-{tool}")), &format!("#!/bin/sh\nexec {tool} \"$@\"\n"))?;
    }
    write(&pkgconfig.join("tidal.pc"), &pkg_config(&prefix))?;
    print!("{}", advice(&prefix));
    Ok(())
}

fn make_folder(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("cannot write to {}", folder.display()))?;
    let probe = folder.join(".tidal-probe");
    fs::write(&probe, "").with_context(|| format!("cannot write to {}", folder.display()))?;
    fs::remove_file(probe)?;
    Ok(())
}

fn write(path: &Path, text: &str) -> Result<()> {
    fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}

fn write_script(path: &Path, text: &str) -> Result<()> {
    write(path, text)?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755))
        .with_context(|| format!("cannot make {} executable", path.display()))
}

/// A compiler as `CC=` takes one.
fn wrapper(lib: &Path, include: &Path, driver: Driver) -> String {
    let (variable, default) = driver.variable_and_default();
    let (lib, include) = (lib.display(), include.display());
    format!(
        r#"#!/bin/sh
# Links statically with Tidal. {variable} names another compiler than {default}.
compiler=${{{variable}:-{default}}}
link=-static
fixed={CLANG_FIXED_OPTIONS}
for argument do
    case $argument in
    -static | -r) link= ;;
    -static-pie) link= fixed= ;;
    -shared) echo "tidal-cc: {NO_SHARED_OBJECTS}" >&2; exit 1 ;;
    esac
done
clang=
case $compiler in
*clang*) clang="-Wno-unused-command-line-argument {CLANG_LINK_OPTIONS} $fixed" ;;
esac
exec $compiler $link $clang "-B{lib}" "-L{lib}" "-isystem{include}" "$@"
"#
    )
}

fn pkg_config(prefix: &Path) -> String {
    format!(
        "prefix={}\nlibdir=${{prefix}}/lib/tidal\nincludedir=${{prefix}}/include\n\nName: tidal\n\
         Description: libc runtime on the KTLS block, linked statically\nVersion: {}\n\
         Cflags: -isystem${{includedir}}\nLibs: -static -B${{libdir}} -L${{libdir}}\n",
        prefix.display(),
        env!("CARGO_PKG_VERSION")
    )
}

fn advice(prefix: &Path) -> String {
    let p = prefix.display();
    format!(
        "Tidal is installed in {p}.\n\n\
         One program:    {p}/bin/tidal-cc hello.c -o hello\n\
         By gcc itself:  gcc -static -B{p}/lib/tidal -L{p}/lib/tidal -I{p}/include hello.c -o hello\n\
         configure:      CC={p}/bin/tidal-cc CXX={p}/bin/tidal-c++ ./configure\n\
         cmake:          cmake -DCMAKE_C_COMPILER={p}/bin/tidal-cc -DCMAKE_CXX_COMPILER={p}/bin/tidal-c++\n\
         pkg-config:     PKG_CONFIG_PATH={p}/lib/pkgconfig pkg-config --cflags --libs tidal\n\
         cargo:          RUSTFLAGS=\"-Ctarget-feature=+crt-static -Lnative={p}/lib/tidal -Clink-arg=-B{p}/lib/tidal\" \\\n\
         \x20               cargo build --target x86_64-unknown-linux-gnu\n"
    )
}
