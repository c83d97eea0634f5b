//! Running a program as if the kernel lacked some system calls: a seccomp filter answers them with an error.

use std::os::unix::process::CommandExt;
use std::process::Command;
use std::str::FromStr;

use anyhow::{Result, bail};

/// A system call that programs must do without.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Refused {
    number: u32,
    errno: u32,
}

/// The calls whose absence Tidal has a fallback for, by name.
const KNOWN: [(&str, libc::c_long); 5] = [
    ("rseq", libc::SYS_rseq),
    ("membarrier", libc::SYS_membarrier),
    ("clone3", libc::SYS_clone3),
    ("getrandom", libc::SYS_getrandom),
    ("close_range", libc::SYS_close_range),
];

impl Refused {
    /// The call of this name, answered with `ENOSYS`, as a kernel without it does.
    pub fn missing(name: &str) -> Result<Refused> {
        Self::with(name, libc::ENOSYS)
    }

    /// The call of this name, answered with `EPERM`, as container runtimes do.
    pub fn forbidden(name: &str) -> Result<Refused> {
        Self::with(name, libc::EPERM)
    }

    fn with(name: &str, errno: i32) -> Result<Refused> {
        match KNOWN.iter().find(|k| k.0 == name) {
            Some(&(_, number)) => Ok(Refused { number: number as u32, errno: errno as u32 }),
            None => bail!("`{name}` is not one of: {}", KNOWN.map(|k| k.0).join(", ")),
        }
    }
}

/// `NAME` for a missing call, `NAME=ENOSYS` or `NAME=EPERM`.
impl FromStr for Refused {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Refused> {
        match text.split_once('=') {
            None => Refused::missing(text),
            Some((name, "ENOSYS")) => Refused::missing(name),
            Some((name, "EPERM")) => Refused::forbidden(name),
            Some((_, other)) => bail!("`{other}` is neither ENOSYS nor EPERM"),
        }
    }
}

/// Makes `command` start its program without some calls; children inherit that.
pub fn refuse(command: &mut Command, refused: &[Refused]) {
    if refused.is_empty() {
        return;
    }
    let filter = filter(refused);
    // SAFETY: between fork and exec the child makes two system calls on memory that was ready before.
    unsafe {
        command.pre_exec(move || install(&filter));
    }
}

fn filter(refused: &[Refused]) -> Vec<libc::sock_filter> {
    let statement = |code: u32, k: u32| libc::sock_filter { code: code as u16, jt: 0, jf: 0, k };
    // `struct seccomp_data` begins with the call's number.
    let mut program = vec![statement(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, 0)];
    for r in refused {
        let equal = (libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K) as u16;
        program.push(libc::sock_filter { code: equal, jt: 0, jf: 1, k: r.number });
        program.push(statement(libc::BPF_RET | libc::BPF_K, libc::SECCOMP_RET_ERRNO | r.errno));
    }
    program.push(statement(libc::BPF_RET | libc::BPF_K, libc::SECCOMP_RET_ALLOW));
    program
}

fn install(filter: &[libc::sock_filter]) -> std::io::Result<()> {
    let program = libc::sock_fprog { len: filter.len() as u16, filter: filter.as_ptr().cast_mut() };
    // SAFETY: no pointers.
    if unsafe { libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) } != 0 {
        return Err(std::io::Error::last_os_error());
    }
    // SAFETY: the program is live and that long.
    if unsafe { libc::prctl(libc::PR_SET_SECCOMP, libc::SECCOMP_MODE_FILTER, &raw const program) } != 0 {
        return Err(std::io::Error::last_os_error());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::{Refused, refuse};

    #[test]
    fn a_refused_call_fails_in_the_program() {
        // `true` still runs where rseq is missing; that the filter is there, /proc says.
        let mut command = Command::new("grep");
        command.args(["Seccomp:\\s*2", "/proc/self/status"]);
        refuse(&mut command, &[Refused::missing("rseq").unwrap()]);
        assert!(command.output().unwrap().status.success());
    }

    #[test]
    fn unknown_names_are_refused_themselves() {
        assert!(Refused::missing("nonsense").is_err());
        assert!("rseq=EIO".parse::<Refused>().is_err());
    }

    #[test]
    fn the_error_may_be_named() {
        assert_eq!("rseq".parse::<Refused>().unwrap(), Refused::missing("rseq").unwrap());
        assert_eq!("rseq=EPERM".parse::<Refused>().unwrap(), Refused::forbidden("rseq").unwrap());
    }
}
