//! Kernel images, built once per set of inputs.
//!
//! ```text
//! CACHE/images/NAME-INPUTS-VERSION.bzImage   INPUTS: hash of change, fragments, compiler; VERSION: of the source
//! CACHE/VERSION/source, source-NAME          trees, see `source`
//! CACHE/VERSION/build/NAME                   object files, so that a small change compiles little
//! ```
//! Only `images` is needed to boot: a CI that keeps it needs neither source nor build tools.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};

use super::hooks::Hooks;
use super::variant::Variant;
use super::{kernel_tests, needs, source};
use crate::main_job::with_spinner;
use crate::tools::{self, GCC};

/// One kernel that is wanted.
pub struct Wanted {
    /// Which.
    pub variant: Variant,
    /// A file of `linux/mutations` or `linux/layouts`: a further change.
    pub change: Option<PathBuf>,
}

/// A kernel that can be booted.
pub struct Kernel {
    /// Which.
    pub wanted: Wanted,
    /// Its bzImage.
    pub image: PathBuf,
}

/// Where kernels are kept: `TIDAL_KERNEL_CACHE`, or `target/kernel` in the checkout.
pub fn cache() -> Result<PathBuf> {
    let cache = match std::env::var_os("TIDAL_KERNEL_CACHE") {
        Some(folder) => PathBuf::from(folder),
        None => crate::toolchain::source_root()?.join("target/kernel"),
    };
    fs::create_dir_all(&cache).with_context(|| format!("cannot create {}", cache.display()))?;
    cache.canonicalize().with_context(|| format!("cannot use {}", cache.display()))
}

impl Wanted {
    /// As in messages and file names.
    pub fn name(&self) -> String {
        match self.change.as_deref().and_then(Path::file_name) {
            Some(change) => format!("{}.{}", self.variant.name(), change.display()),
            None => self.variant.name().to_owned(),
        }
    }

    /// The kernel with its image, which may take minutes: then a line says so.
    pub fn kernel(self, jobs: usize) -> Result<Kernel> {
        let start = Instant::now();
        let image = with_spinner(&format!("kernel {}", self.name()), || self.image(jobs))?;
        if start.elapsed() > Duration::from_secs(5) {
            println!("kernel {} built in {} s", self.name(), start.elapsed().as_secs());
        }
        Ok(Kernel { wanted: self, image })
    }

    /// The image, built if it is not in the cache; `jobs` is `make`'s `-j`.
    fn image(&self, jobs: usize) -> Result<PathBuf> {
        let cache = cache()?;
        if let Some(image) = self.cached(&cache)? {
            return Ok(image);
        }
        needs::check_for_build()?;
        let _alone = lock(&cache)?;
        // Another process may have built it while this one waited.
        match self.cached(&cache)? {
            Some(image) => Ok(image),
            None => self.build(&cache, jobs),
        }
    }

    /// With the source package installed, only its version will do; without it, any.
    fn cached(&self, cache: &Path) -> Result<Option<PathBuf>> {
        let mut prefix = format!("{}-{}-", self.name(), self.inputs()?);
        if needs::tarball().exists() {
            prefix = format!("{prefix}{}.", source::version()?);
        }
        Ok(images(cache).into_iter().find(|image| file_name(image).starts_with(&prefix)))
    }

    /// Hash of what the image is made of, apart from the kernel's source.
    fn inputs(&self) -> Result<String> {
        let tests = kernel_tests()?;
        let mut files: Vec<PathBuf> =
            self.variant.fragments().iter().map(|name| tests.join("config").join(name)).collect();
        files.extend(self.variant.new_files().iter().map(|(file, _)| tests.join(file)));
        files.extend(self.variant.hooks().map(|file| tests.join(file)));
        files.extend(self.change.clone());
        let mut hash = Sha256::new();
        for file in files {
            let content = fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
            hash.update(content.len().to_le_bytes());
            hash.update(content);
        }
        hash.update(tools::run(GCC.command().arg("--version"))?);
        Ok(hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect())
    }

    fn build(&self, cache: &Path, jobs: usize) -> Result<PathBuf> {
        let version = source::version()?;
        let folder = cache.join(&version);
        fs::create_dir_all(&folder)?;
        let change = self.change.as_deref().map(Hooks::read).transpose()?;
        let tree = source::tree(&folder, self.variant, change.as_ref())?;
        let objects = folder.join("build").join(self.variant.name());
        fs::create_dir_all(&objects)?;
        configure(&tree, &objects, self.variant)?;
        let log = cache.join(format!("{}.build.log", self.name()));
        make(&tree, &objects, jobs, &log)?;
        self.store(cache, &objects.join("arch/x86/boot/bzImage"), &version)
    }

    /// Into the cache, in place of images of the same name from other inputs.
    fn store(&self, cache: &Path, built: &Path, version: &str) -> Result<PathBuf> {
        let folder = cache.join("images");
        fs::create_dir_all(&folder)?;
        let same_name = |image: &PathBuf| file_name(image).rsplitn(4, '-').nth(3) == Some(&self.name());
        for old in images(cache).iter().filter(|image| same_name(image)) {
            fs::remove_file(old)?;
        }
        let image = folder.join(format!("{}-{}-{version}.bzImage", self.name(), self.inputs()?));
        let unfinished = image.with_extension("unfinished");
        fs::copy(built, &unfinished).with_context(|| format!("cannot read {}", built.display()))?;
        fs::rename(unfinished, &image)?;
        Ok(image)
    }
}

fn images(cache: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(cache.join("images")).into_iter().flatten();
    entries.flatten().map(|e| e.path()).filter(|p| p.extension().is_some_and(|e| e == "bzImage")).collect()
}

fn file_name(path: &Path) -> &str {
    path.file_name().and_then(|name| name.to_str()).unwrap_or_default()
}

/// Two builds in one tree would destroy each other.
fn lock(cache: &Path) -> Result<File> {
    let file = File::create(cache.join("lock"))?;
    file.lock().context("cannot lock the kernel cache")?;
    Ok(file)
}

/// `.config` from tinyconfig and the fragments; left alone, with its date, if it would be the same.
fn configure(tree: &Path, objects: &Path, variant: Variant) -> Result<()> {
    let fragments = kernel_tests()?.join("config");
    let wanted: Vec<String> = variant
        .fragments()
        .iter()
        .map(|name| fs::read_to_string(fragments.join(name)).with_context(|| format!("cannot read {name}")))
        .collect::<Result<_>>()?;
    let stamp = objects.join("tidal.fragments");
    if objects.join(".config").exists() && fs::read_to_string(&stamp).is_ok_and(|old| old == wanted.concat())
    {
        return Ok(());
    }
    make_command(tree, objects, &["tinyconfig"])?;
    tools::run(
        Command::new("scripts/kconfig/merge_config.sh")
            .args(["-m", "-O"])
            .arg(objects)
            .arg(objects.join(".config"))
            .args(variant.fragments().iter().map(|name| fragments.join(name)))
            .current_dir(tree),
    )?;
    make_command(tree, objects, &["olddefconfig"])?;
    check_config(&fs::read_to_string(objects.join(".config"))?, &wanted.concat())?;
    fs::write(stamp, wanted.concat())?;
    Ok(())
}

/// Kconfig drops what it cannot have without a word; a fragment's last line on an option must have come true.
fn check_config(config: &str, fragments: &str) -> Result<()> {
    let mut wanted = std::collections::BTreeMap::new();
    for line in fragments.lines() {
        if let Some(option) = option_of(line) {
            wanted.insert(option, line);
        }
    }
    for (option, line) in wanted {
        let set = config.lines().any(|l| l == line);
        let absent = !config.lines().any(|l| option_of(l) == Some(option));
        if !(set || absent && line.starts_with('#')) {
            bail!("Kconfig did not take `{line}`");
        }
    }
    Ok(())
}

fn option_of(line: &str) -> Option<&str> {
    match line.strip_prefix("# ") {
        Some(rest) => rest.strip_suffix(" is not set").filter(|option| option.starts_with("CONFIG_")),
        None => line.split_once('=').map(|(option, _)| option).filter(|option| option.starts_with("CONFIG_")),
    }
}

fn make_command(tree: &Path, objects: &Path, arguments: &[&str]) -> Result<()> {
    let mut make = Command::new("make");
    make.arg("-C").arg(tree).arg(format!("O={}", objects.display())).args(arguments);
    tools::run(without_our_variables(&mut make)).map(drop)
}

fn make(tree: &Path, objects: &Path, jobs: usize, log: &Path) -> Result<()> {
    let output = File::create(log).with_context(|| format!("cannot write {}", log.display()))?;
    let mut make = Command::new("make");
    make.arg("-C").arg(tree).arg(format!("O={}", objects.display()));
    make.arg(format!("-j{jobs}")).arg("bzImage").stdout(output.try_clone()?).stderr(output);
    let status = without_our_variables(&mut make).status().context("cannot start make")?;
    if !status.success() {
        bail!("the kernel did not build; see {}", log.display());
    }
    Ok(())
}

/// An enclosing `make`'s flags and a caller's `ARCH` are not for the kernel.
fn without_our_variables(command: &mut Command) -> &mut Command {
    ["MAKEFLAGS", "MAKELEVEL", "ARCH", "CROSS_COMPILE", "KBUILD_OUTPUT"]
        .iter()
        .fold(command, |command, name| command.env_remove(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kconfig_must_have_taken_each_option() {
        let config = "CONFIG_A=y\n# CONFIG_B is not set\n";
        for taken in ["CONFIG_A=y\n", "# CONFIG_B is not set\n", "# CONFIG_GONE is not set\n", "# text\n"] {
            assert!(check_config(config, taken).is_ok(), "{taken}");
        }
        for dropped in ["CONFIG_B=y\n", "CONFIG_GONE=y\n", "# CONFIG_A is not set\n"] {
            assert!(check_config(config, dropped).is_err(), "{dropped}");
        }
        assert!(check_config(config, "CONFIG_B=y\n# CONFIG_B is not set\n").is_ok(), "the last line counts");
    }

    #[test]
    fn names() {
        let change = Some(PathBuf::from("linux/mutations/exec-keeps-offset"));
        assert_eq!(Wanted { variant: Variant::Ktls, change }.name(), "ktls.exec-keeps-offset");
        assert_eq!(Wanted { variant: Variant::NoRseq, change: None }.name(), "no-rseq");
    }
}
