//! `tidal doctor`: what this machine and its kernel offer, and what Tidal makes of it.

use std::ffi::CStr;
use std::fs;

use anyhow::Result;
use tidal_rt::provider::layout::Layout;

use crate::tools::{self, Tool};

/// One finding.
struct Line {
    what: &'static str,
    found: String,
    means: String,
}

/// Prints the findings. Fails where Tidal cannot build here.
pub fn doctor() -> Result<()> {
    println!("Kernel");
    for line in kernel() {
        print_line(&line);
    }
    println!("\nTools");
    let mut missing = false;
    for (tool, means) in [
        (tools::GCC, "compiles and links"),
        (tools::AR, "makes libc.a"),
        (tools::MUSL_GCC, "a peer to compare with; optional"),
    ] {
        let found = tool.find();
        missing |= found.is_none() && tool.program != tools::MUSL_GCC.program;
        print_line(&Line {
            what: tool.program,
            found: found.map_or_else(|| install_hint(tool), |p| p.display().to_string()),
            means: means.into(),
        });
    }
    if let Err(e) = tools::require_headers() {
        println!("  {e}");
        missing = true;
    }
    if missing {
        anyhow::bail!("something that Tidal needs is missing; see above");
    }
    Ok(())
}

fn install_hint(tool: Tool) -> String {
    format!("missing: apt-get install {}", tool.package)
}

fn print_line(line: &Line) {
    println!("  {:<22} {:<38} {}", line.what, line.found, line.means);
}

fn kernel() -> Vec<Line> {
    let release = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let mut lines = vec![
        Line { what: "release", found: release.trim().into(), means: String::new() },
        rseq(),
        provider(),
        membarrier(),
    ];
    lines.push(vdso());
    lines
}

/// `AT_RSEQ_FEATURE_SIZE` and `AT_RSEQ_ALIGN` of `<linux/auxvec.h>`, which libc headers do not have yet.
const AT_RSEQ_FEATURE_SIZE: u64 = 27;
const AT_RSEQ_ALIGN: u64 = 28;

fn rseq() -> Line {
    // SAFETY: reads the auxiliary vector.
    let (size, align) = unsafe { (libc::getauxval(AT_RSEQ_FEATURE_SIZE), libc::getauxval(AT_RSEQ_ALIGN)) };
    // An unregistration of nothing: EINVAL where rseq is there, ENOSYS or EPERM where it is not.
    // SAFETY: the kernel looks at no memory for it.
    unsafe { libc::syscall(libc::SYS_rseq, 0usize, 0, 1, 0) };
    let error = std::io::Error::last_os_error();
    if error.raw_os_error() != Some(libc::EINVAL) {
        let means = "gate stays shut: ordinary lock and malloc paths".into();
        return Line { what: "rseq", found: format!("none ({error})"), means };
    }
    let fields = match size {
        0..=20 => "cpu_id",
        21..=24 => "cpu_id, node_id",
        25..=28 => "cpu_id, node_id, mm_cid",
        _ => "cpu_id, node_id, mm_cid and more",
    };
    let found = if size == 0 { "32 bytes".into() } else { format!("{size} bytes, aligned to {align}") };
    Line { what: "rseq", found, means: format!("{fields}; biased mutexes and per-CPU malloc caches") }
}

/// `RSEQ_FLAG_GET_KTLS_LAYOUT` of the RFC.
const GET_KTLS_LAYOUT: i32 = 1 << 1;

fn provider() -> Line {
    let mut layout = Layout::default();
    // SAFETY: the structure is live and as the RFC has it; a mainline kernel says EINVAL without looking.
    let answer =
        unsafe { libc::syscall(libc::SYS_rseq, &raw mut layout, size_of::<Layout>(), GET_KTLS_LAYOUT, 0) };
    let what = "provider";
    if answer != 0 {
        return Line { what, found: "mainline".into(), means: "each thread registers its own area".into() };
    }
    let offer = format!("{} bytes, aligned to {}", layout.size, layout.alignment);
    match (Layout { offset: 0, ..layout }).area() {
        Ok(area) => {
            let means = match area.tid {
                Some(_) => "the kernel keeps TID and CPU right, in vfork children too",
                None => "the kernel keeps the CPU right; gate shut in vfork children",
            };
            Line { what, found: format!("ktls: {offer}"), means: means.into() }
        }
        Err(reason) => {
            let means = format!("not KTLS's {offer}: {}", reason.to_string_lossy());
            Line { what, found: "mainline".into(), means }
        }
    }
}

/// `MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ` of `<linux/membarrier.h>`.
const PRIVATE_EXPEDITED_RSEQ: i64 = 1 << 7;

fn membarrier() -> Line {
    // SAFETY: MEMBARRIER_CMD_QUERY takes no memory.
    let commands = unsafe { libc::syscall(libc::SYS_membarrier, 0, 0, 0) };
    let (found, means) = if commands < 0 {
        (format!("none ({})", std::io::Error::last_os_error()), "mutexes are not biased")
    } else if commands & PRIVATE_EXPEDITED_RSEQ != 0 {
        ("private expedited rseq".into(), "biased mutexes can be revoked")
    } else {
        ("without rseq command".into(), "mutexes are not biased")
    };
    Line { what: "membarrier", found, means: means.into() }
}

fn vdso() -> Line {
    // SAFETY: reads the auxiliary vector.
    let image = unsafe { libc::getauxval(libc::AT_SYSINFO_EHDR) };
    let names = [c"__vdso_clock_gettime", c"__vdso_getcpu", c"__vdso_getrandom"];
    let found: Vec<&str> = if image == 0 {
        Vec::new()
    } else {
        names
            .into_iter()
            .filter(|n| vdso_has(image, n))
            .map(|n| &n.to_str().unwrap_or_default()[7..])
            .collect()
    };
    let means = "without a system call".into();
    Line { what: "vDSO", found: if found.is_empty() { "none".into() } else { found.join(", ") }, means }
}

/// Whether the vDSO's string table has a name. Its image is two pages or so; symbols follow the header.
fn vdso_has(image: u64, name: &CStr) -> bool {
    use object::{Object, ObjectSymbol};
    let maps = fs::read_to_string("/proc/self/maps").unwrap_or_default();
    let Some(line) = maps.lines().find(|l| l.ends_with("[vdso]")) else { return false };
    let Some((start, end)) = line.split(' ').next().and_then(|r| r.split_once('-')) else { return false };
    let (Ok(start), Ok(end)) = (usize::from_str_radix(start, 16), usize::from_str_radix(end, 16)) else {
        return false;
    };
    if start as u64 != image {
        return false;
    }
    // SAFETY: the kernel's own list of mappings says that the vDSO lies there; it never goes away.
    let bytes = unsafe { std::slice::from_raw_parts(std::ptr::with_exposed_provenance(start), end - start) };
    let Ok(file) = object::File::parse(bytes) else { return false };
    file.dynamic_symbols().any(|s| s.name_bytes() == Ok(name.to_bytes()))
}
