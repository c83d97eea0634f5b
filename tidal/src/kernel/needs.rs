//! What building and booting a kernel takes of the host.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::tools::{GCC, Tool};

/// QEMU. `/dev/kvm` is not used: where it exists it may still not boot a guest.
pub const QEMU: Tool = Tool { program: "qemu-system-x86_64", package: "qemu-system-x86" };

const MAKE: Tool = Tool { program: "make", package: "make" };

const BUILD_TOOLS: [Tool; 7] = [
    GCC,
    MAKE,
    Tool { program: "flex", package: "flex" },
    Tool { program: "bison", package: "bison" },
    Tool { program: "bc", package: "bc" },
    Tool { program: "xz", package: "xz-utils" },
    Tool { program: "tar", package: "tar" },
];

/// The host lacks packages; the tests are skipped, visibly and with an exit status of their own.
#[derive(Debug)]
pub struct Missing {
    /// Debian's names.
    pub packages: Vec<&'static str>,
}

impl std::error::Error for Missing {}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let packages = self.packages.join(" ");
        write!(f, "packages are missing; on Debian 12: apt-get install --no-install-recommends {packages}")
    }
}

fn all_there(packages: Vec<&'static str>) -> Result<(), Missing> {
    if packages.is_empty() { Ok(()) } else { Err(Missing { packages }) }
}

/// The kernel's source: Debian's package, or what `TIDAL_KERNEL_SOURCE` names.
pub fn tarball() -> PathBuf {
    std::env::var_os("TIDAL_KERNEL_SOURCE")
        .map_or_else(|| "/usr/src/linux-source-6.1.tar.xz".into(), PathBuf::from)
}

/// Fails unless a kernel can be built here.
pub fn check_for_build() -> Result<(), Missing> {
    let mut packages: Vec<_> = BUILD_TOOLS.iter().filter(|t| t.find().is_none()).map(|t| t.package).collect();
    if !Path::new("/usr/include/gelf.h").exists() {
        packages.push("libelf-dev");
    }
    if !tarball().exists() {
        packages.push("linux-source-6.1");
    }
    all_there(packages)
}

/// Fails unless a built kernel can be booted here.
pub fn check_for_boot() -> Result<(), Missing> {
    all_there([GCC, QEMU].iter().filter(|t| t.find().is_none()).map(|t| t.package).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_what_to_type() {
        let text = Missing { packages: vec!["flex", "bison"] }.to_string();
        assert!(text.ends_with("apt-get install --no-install-recommends flex bison"), "{text}");
    }
}
