//! One record.

use core::ffi::c_int;
use core::mem::offset_of;

/// Values of `ut_type`.
const RUN_LVL: i16 = 1;
const OLD_TIME: i16 = 4;
const INIT_PROCESS: i16 = 5;
const LOGIN_PROCESS: i16 = 6;
pub const USER_PROCESS: i16 = 7;
pub const DEAD_PROCESS: i16 = 8;

/// `struct utmp` and `struct utmpx`. Texts that fill their field have no NUL.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Record {
    pub kind: i16,
    gap: i16,
    pub pid: c_int,
    pub line: [u8; 32],
    pub id: [u8; 4],
    pub user: [u8; 32],
    pub host: [u8; 256],
    exit: [i16; 2],
    session: i32,
    pub seconds: i32,
    pub microseconds: i32,
    address: [i32; 4],
    reserved: [u8; 20],
}

const _: () = assert!(size_of::<Record>() == 384 && offset_of!(Record, seconds) == 340);

impl Record {
    pub fn empty() -> Self {
        // SAFETY: all zeros is an empty record.
        unsafe { core::mem::zeroed() }
    }

    fn is_process(&self) -> bool {
        (INIT_PROCESS..=DEAD_PROCESS).contains(&self.kind)
    }

    /// Whether `getutid` can look for its kind.
    pub fn has_kind(&self) -> bool {
        (RUN_LVL..=DEAD_PROCESS).contains(&self.kind)
    }

    /// Whether this is the record that `id` stands for.
    pub fn is_of(&self, id: &Record) -> bool {
        if (RUN_LVL..=OLD_TIME).contains(&id.kind) {
            return self.kind == id.kind;
        }
        let named = self.id[0] != 0 && id.id[0] != 0;
        self.is_process()
            && id.is_process()
            && if named { text(&self.id) == text(&id.id) } else { text(&self.line) == text(&id.line) }
    }

    /// Whether this is a login on the terminal of `other`.
    pub fn is_login_on(&self, other: &Record) -> bool {
        matches!(self.kind, LOGIN_PROCESS | USER_PROCESS) && text(&self.line) == text(&other.line)
    }
}

/// A field's text: up to its first NUL.
pub fn text(field: &[u8]) -> &[u8] {
    field.split(|byte| *byte == 0).next().unwrap_or(field)
}

/// Puts a text into a field, as far as it fits.
pub fn set(field: &mut [u8], text: &[u8]) {
    field.fill(0);
    let length = text.len().min(field.len());
    field[..length].copy_from_slice(&text[..length]);
}
