//! One boot under QEMU. `/init` ends the machine with a byte at the isa-debug-exit port: QEMU's exit status is twice
//! that byte plus one, so 1 says "all passed", 3 "something failed", and anything else that the guest never got there.

use std::io::Read;
use std::path::Path;
use std::process::{Child, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use super::needs::QEMU;

/// How a boot ended.
pub struct Boot {
    /// Everything on the serial console.
    pub console: String,
    /// How, if not by the guest's own wish: the time limit, a crash.
    pub end: End,
}

/// Ways to end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum End {
    /// `/init` reports that everything passed.
    Passed,
    /// `/init` reports failures.
    Failed,
    /// Stopped at the time limit.
    TimeLimit,
    /// QEMU ended by itself: a panic, or it could not start.
    Crashed,
}

/// Boots `image` with `cpus` CPUs. The programs inside learn from the environment which provider they must find.
pub fn boot(image: &Path, initramfs: &Path, cpus: u32, provider: &str, limit: Duration) -> Result<Boot> {
    let mut qemu = QEMU.command();
    qemu.args(["-M", "pc", "-accel", "tcg", "-cpu", "max", "-m", "256"]);
    qemu.args(["-nodefaults", "-no-user-config", "-display", "none", "-no-reboot", "-serial", "stdio"]);
    qemu.args(["-device", "isa-debug-exit,iobase=0xf4,iosize=1"]);
    // Without ACPI the MP table lists one CPU for each package.
    qemu.args(["-smp", &format!("{cpus},sockets={cpus}")]);
    qemu.arg("-kernel").arg(image).arg("-initrd").arg(initramfs);
    // On a busy host the emulated timer may miss the moment in which the kernel looks whether it ticks at all, and the
    // kernel panics: hence no_timer_check. What it does not know it hands to /init as environment.
    let line = "console=ttyS0 panic=-1 reboot=t loglevel=4 no_timer_check";
    qemu.args(["-append", &format!("{line} TIDAL_EXPECTED_PROVIDER={provider}")]);
    qemu.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = qemu.spawn().context("cannot start qemu-system-x86_64")?;
    let (stdout, stderr) = (child.stdout.take().expect("piped"), child.stderr.take().expect("piped"));
    let (stdout, stderr) = (thread::spawn(move || read_all(stdout)), thread::spawn(move || read_all(stderr)));
    let end = wait(&mut child, limit)?.map_or(End::TimeLimit, judge);
    let mut console = stdout.join().expect("a reader that does not panic");
    console += &stderr.join().expect("a reader that does not panic");
    Ok(Boot { console, end })
}

fn read_all(mut from: impl Read) -> String {
    let mut bytes = Vec::new();
    let _ = from.read_to_end(&mut bytes);
    String::from_utf8_lossy(&bytes).replace('\r', "")
}

fn wait(child: &mut Child, limit: Duration) -> Result<Option<ExitStatus>> {
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if start.elapsed() > limit {
            child.kill()?;
            child.wait()?;
            return Ok(None);
        }
        thread::sleep(Duration::from_millis(20));
    }
}

fn judge(status: ExitStatus) -> End {
    match status.code() {
        Some(1) => End::Passed,
        Some(3) => End::Failed,
        _ => End::Crashed,
    }
}
