//! The restartable sequences of the slow paths. The caller of each has seen the gate open; each works on the row of the
//! CPU it runs on, and finds a row without anything where that CPU has none.

use core::arch::asm;

use super::{HOT, Kind, LAST_CLASS, LISTS, NO_LINK, ROOM, ROW_SHIFT, ROWS_BY_CID, ROWS_BY_CPU, TABLE_AT};
use crate::glue::{CPU_ID, MM_CID, RSEQ_CS, SIGNATURE};

/// Makes the sequence the running one and the row's address be in `t`; leaves for 65 where there is no row. Begins with a
/// line that sets the results to what is true then.
macro_rules! enter_row {
    ($results:literal) => {
        concat!(
            "63: ",
            $results,
            "\nlea {t}, [rip + 60b]\n",
            "mov fs:[{cs}], {t}\n",
            "61: mov {t:e}, fs:[{cid}]\n",
            tidal_rt::rseq_inject!(1),
            "\ncmp {t:e}, [{hot} + {rows_by_cid}]\n",
            "jb 66f\n",
            "mov {t:e}, fs:[{cpu}]\n",
            "cmp {t:e}, [{hot} + {rows_by_cpu}]\n",
            "jae 65f\n",
            "66: shl {t:e}, {row}\n",
            "add {t}, [{hot} + {table}]\n",
            tidal_rt::rseq_inject!(2),
        )
    };
}

/// Ends a sequence behind its commit, with the abort handler that begins it anew.
macro_rules! leave_row {
    () => {
        concat!("62: jmp 65f\n", tidal_rt::rseq_signature!(), "\n64: jmp 63b\n65:")
    };
}

/// A sequence: its lines between entering the row and leaving it, then operands of its own.
macro_rules! sequence {
    ($results:literal, [$($line:expr),+], $($operands:tt)+) => {
        asm!(
            malloc_rseq_descriptor!(),
            enter_row!($results),
            $($line,)+
            leave_row!(),
            t = out(reg) _,
            hot = in(reg) &HOT,
            cs = const RSEQ_CS,
            cid = const MM_CID,
            rows_by_cid = const ROWS_BY_CID,
            cpu = const CPU_ID,
            rows_by_cpu = const ROWS_BY_CPU,
            table = const TABLE_AT,
            row = const ROW_SHIFT,
            sig = const SIGNATURE,
            $($operands)+,
            options(nostack),
        )
    };
}

/// `object = list; list = rest of it; room + 1`: the object, or 0. An error is an object whose link is none.
pub(crate) fn pop(class: usize, secret: u64) -> Result<usize, usize> {
    let object: usize;
    let rest: u64;
    // SAFETY: the sequence stores the room and, last, one word of the running CPU's row. It reads a free object, or one
    // that was free a moment ago: spans are never unmapped.
    unsafe {
        sequence!(
            "xor {object:e}, {object:e}\nxor {rest:e}, {rest:e}",
            [
                "mov {object}, [{t} + {class}*8 + {lists}]",
                "test {object}, {object}",
                "jz 65f",
                "mov {rest}, {secret}",
                "xor {rest}, {object}",
                "xor {rest}, [{object}]",
                "test [{hot} + {no_link}], {rest}",
                "jnz 65f",
                "inc word ptr [{t} + {class}*8 + {room}]",
                tidal_rt::rseq_inject!(3),
                "mov [{t} + {class}*8 + {lists}], {rest}"
            ],
            object = out(reg) object,
            rest = out(reg) rest,
            class = in(reg) class,
            secret = in(reg) secret,
            lists = const LISTS,
            room = const ROOM,
            no_link = const NO_LINK
        );
    }
    if rest & crate::word::NO_LINK == 0 { Ok(object) } else { Err(object) }
}

/// `if room { room - 1; rest of object = list; list = object }`, and whether there was. The object is the caller's.
pub(crate) fn push(class: usize, object: usize, secret: u64) -> bool {
    let refused: u64;
    // SAFETY: as in `pop`; the object's word may be written again after a restart.
    unsafe {
        sequence!(
            "mov {refused:e}, 1",
            [
                "cmp word ptr [{t} + {class}*8 + {room}], 0",
                "jle 65f",
                "dec word ptr [{t} + {class}*8 + {room}]",
                "mov {refused}, [{t} + {class}*8 + {lists}]",
                "xor {refused}, {object}",
                "xor {refused}, {secret}",
                "mov [{object}], {refused}",
                tidal_rt::rseq_inject!(3),
                "mov {refused:e}, 0",
                "mov [{t} + {class}*8 + {lists}], {object}"
            ],
            refused = out(reg) refused,
            object = in(reg) object,
            class = in(reg) class,
            secret = in(reg) secret,
            lists = const LISTS,
            room = const ROOM
        );
    }
    refused == 0
}

/// `value = word; word = 0`, of a class's words of a kind.
pub(crate) fn take(kind: Kind, class: usize) -> usize {
    let value: usize;
    // SAFETY: the sequence stores one word of the running CPU's row, last.
    unsafe {
        sequence!(
            "xor {value:e}, {value:e}",
            [
                "mov {value}, [{t} + {at}]",
                "test {value}, {value}",
                "jz 65f",
                "mov qword ptr [{t} + {at}], 0"
            ],
            value = out(reg) value,
            at = in(reg) kind as usize + class * 8
        );
    }
    value
}

/// `if there is no room { list = none }`: the list, or 0.
pub(crate) fn take_full_list(class: usize) -> usize {
    let list: usize;
    // SAFETY: as in `take`.
    unsafe {
        sequence!(
            "xor {list:e}, {list:e}",
            [
                "cmp word ptr [{t} + {class}*8 + {room}], 0",
                "jg 65f",
                "mov {list}, [{t} + {class}*8 + {lists}]",
                "test {list}, {list}",
                "jz 65f",
                "mov qword ptr [{t} + {class}*8 + {lists}], 0"
            ],
            list = out(reg) list,
            class = in(reg) class,
            lists = const LISTS,
            room = const ROOM
        );
    }
    list
}

/// `if word is 0 { word = value }`, of a class's words of a kind, and whether it was.
pub(crate) fn put(kind: Kind, class: usize, value: usize) -> bool {
    let refused: u32;
    // SAFETY: as in `take`.
    unsafe {
        sequence!(
            "mov {refused:e}, 1",
            [
                "cmp qword ptr [{t} + {at}], 0",
                "jne 65f",
                tidal_rt::rseq_inject!(3),
                "mov {refused:e}, 0",
                "mov [{t} + {at}], {value}"
            ],
            refused = out(reg) refused,
            value = in(reg) value,
            at = in(reg) kind as usize + class * 8
        );
    }
    refused == 0
}

/// `if list is empty { room; list = head }`, and whether it was.
pub(crate) fn put_list(class: usize, head: usize, room: usize) -> bool {
    let refused: u32;
    // SAFETY: as in `pop`.
    unsafe {
        sequence!(
            "mov {refused:e}, 1",
            [
                "cmp qword ptr [{t} + {class}*8 + {lists}], 0",
                "jne 65f",
                "mov [{t} + {class}*8 + {room_at}], {room:x}",
                tidal_rt::rseq_inject!(3),
                "mov {refused:e}, 0",
                "mov [{t} + {class}*8 + {lists}], {head}"
            ],
            refused = out(reg) refused,
            head = in(reg) head,
            room = in(reg) room,
            class = in(reg) class,
            lists = const LISTS,
            room_at = const ROOM
        );
    }
    refused == 0
}

/// Takes the object that was freed last, if there is one: its class and its address.
pub(crate) fn take_last() -> Option<(usize, usize)> {
    let (class, object): (usize, usize);
    // SAFETY: as in `take`.
    unsafe {
        sequence!(
            "xor {object:e}, {object:e}",
            [
                "mov {object}, [{t} + {lists}]",
                "mov {class:e}, [{t} + {last_class}]",
                "test {object}, {object}",
                "jz 65f",
                "mov qword ptr [{t} + {lists}], 0"
            ],
            class = out(reg) class,
            object = out(reg) object,
            lists = const LISTS,
            last_class = const LAST_CLASS
        );
    }
    (object != 0).then_some((class, object))
}
