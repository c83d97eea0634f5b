//! The kernels under test: one with the KTLS change, three without.

use clap::ValueEnum;

/// One way to build the kernel.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Variant {
    /// With the KTLS change
    Ktls,
    /// As Debian ships it
    Unpatched,
    /// Unpatched, CONFIG_RSEQ off
    NoRseq,
    /// Unpatched but for Kconfig, CONFIG_MEMBARRIER off
    NoMembarrier,
}

impl Variant {
    /// All, in the order of the table's columns.
    pub const ALL: [Variant; 4] = [Variant::Ktls, Variant::Unpatched, Variant::NoRseq, Variant::NoMembarrier];

    /// As on the command line and in file names.
    pub fn name(self) -> &'static str {
        match self {
            Variant::Ktls => "ktls",
            Variant::Unpatched => "unpatched",
            Variant::NoRseq => "no-rseq",
            Variant::NoMembarrier => "no-membarrier",
        }
    }

    /// Files of `tests/kernel` to copy into the source tree, and where to.
    pub fn new_files(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Variant::Ktls => &[("linux/ktls.c", "kernel/ktls.c"), ("linux/ktls.h", "include/linux/ktls.h")],
            _ => &[],
        }
    }

    /// The file of `tests/kernel` with the changes of this kernel's own tree, if it is not Debian's.
    pub fn hooks(self) -> Option<&'static str> {
        match self {
            Variant::Ktls => Some("linux/hooks"),
            Variant::NoMembarrier => Some("linux/no-membarrier.hooks"),
            Variant::Unpatched | Variant::NoRseq => None,
        }
    }

    /// Files of `tests/kernel/config`, merged in this order.
    pub fn fragments(self) -> &'static [&'static str] {
        match self {
            Variant::Ktls | Variant::Unpatched => &["base.config"],
            Variant::NoRseq => &["base.config", "no-rseq.config"],
            Variant::NoMembarrier => &["base.config", "no-membarrier.config"],
        }
    }

    /// What the checks must find when they probe this kernel; else a missing feature would pass as "n/a".
    pub fn expected_features(self) -> &'static str {
        match self {
            Variant::Ktls => "ktls=1 rseq=1 membarrier=1",
            Variant::Unpatched => "ktls=0 rseq=1 membarrier=1",
            Variant::NoRseq => "ktls=0 rseq=0 membarrier=1",
            Variant::NoMembarrier => "ktls=0 rseq=1 membarrier=0",
        }
    }

    /// The provider that Tidal must choose on it.
    pub fn provider(self) -> &'static str {
        if self == Variant::Ktls { "ktls" } else { "mainline" }
    }
}
