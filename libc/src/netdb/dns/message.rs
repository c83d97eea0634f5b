//! What goes to a name server and what comes back (RFC 1035, 4).

use tidal_rt::vdso;

const INTERNET: u16 = 1;
const HEADER: usize = 12;
/// The longest name in its encoded form.
const NAME_MAX: usize = 255;
/// The longest label.
const LABEL_MAX: u8 = 63;
/// The bits that tell a pointer from a label's length; one of them alone means nothing.
const POINTER: u8 = 0xc0;

/// The longest question.
pub const QUESTION: usize = HEADER + NAME_MAX + 4;

/// A question, ready to send.
pub struct Question {
    bytes: [u8; QUESTION],
    length: usize,
}

impl Question {
    /// Encodes a name, in parts; nothing if it cannot be one.
    pub fn of(name: &[&[u8]], kind: u16) -> Option<Self> {
        let mut this = Question { bytes: [0; QUESTION], length: HEADER };
        let mut id = [0u8; 2];
        // SAFETY: the buffer is live.
        let got = unsafe { tidal_rt::syscall!(__NR_getrandom, id.as_mut_ptr(), 2usize, 0u32) };
        if got != Ok(2) {
            id = (vdso::clock_gettime(0).unwrap_or_default().tv_nsec as u16).to_ne_bytes();
        }
        this.bytes[..2].copy_from_slice(&id);
        // Recursion desired, one question.
        this.bytes[2] = 1;
        this.bytes[5] = 1;
        for part in name {
            for label in part.split(|&b| b == b'.') {
                if label.is_empty()
                    || label.len() > LABEL_MAX.into()
                    || this.length + label.len() + 2 > HEADER + NAME_MAX
                {
                    return None;
                }
                this.bytes[this.length] = label.len() as u8;
                this.bytes[this.length + 1..=this.length + label.len()].copy_from_slice(label);
                this.length += label.len() + 1;
            }
        }
        this.bytes[this.length] = 0;
        this.bytes[this.length + 1..this.length + 3].copy_from_slice(&kind.to_be_bytes());
        this.bytes[this.length + 3..this.length + 5].copy_from_slice(&INTERNET.to_be_bytes());
        this.length += 5;
        Some(this)
    }

    pub fn bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }

    /// Whether a message answers this question: same number, an answer, same question.
    pub fn is_answered_by(&self, message: &[u8]) -> bool {
        message.len() >= self.length
            && message[..2] == self.bytes[..2]
            && message[2] & 0x80 != 0
            && message[HEADER..self.length].eq_ignore_ascii_case(&self.bytes[HEADER..self.length])
    }
}

/// Skips a name in a message; where it ends.
fn skip_name(message: &[u8], mut at: usize) -> Option<usize> {
    loop {
        match *message.get(at)? {
            0 => return Some(at + 1),
            length @ 1..=LABEL_MAX => at += usize::from(length) + 1,
            pointer if pointer & POINTER == POINTER => return Some(at + 2),
            _ => return None,
        }
    }
}

/// Whether a byte may be in a host's name. The rest could mean something to whoever prints the name or passes it on.
fn is_of_host(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-_".contains(&byte)
}

/// Reads a host's name, following pointers, into text with dots; its length. Others than hosts' are none.
pub fn read_name(message: &[u8], mut at: usize, text: &mut [u8; 256]) -> Option<usize> {
    let mut length = 0;
    // More pointers than labels fit would be a loop.
    for _ in 0..128 {
        match *message.get(at)? {
            0 => return (length > 0 && text[0] != b'-').then_some(length),
            pointer if pointer & POINTER == POINTER => {
                at = usize::from(pointer & 0x3f) << 8 | usize::from(*message.get(at + 1)?);
            }
            label @ 1..=LABEL_MAX => {
                let label = message.get(at + 1..at + 1 + usize::from(label))?;
                let dot = usize::from(length > 0);
                let end = length + dot + label.len();
                if end > 253 || !label.iter().all(|byte| is_of_host(*byte)) {
                    return None;
                }
                if dot == 1 {
                    text[length] = b'.';
                }
                text[length + dot..end].copy_from_slice(label);
                length = end;
                at += label.len() + 1;
            }
            _ => return None,
        }
    }
    None
}

/// Calls `each` with type, place and contents of every answer record.
pub fn records(message: &[u8], mut each: impl FnMut(u16, usize, &[u8])) -> Option<()> {
    let count = |at: usize| usize::from(u16::from_be_bytes([message[at], message[at + 1]]));
    let mut at = HEADER;
    for _ in 0..count(4) {
        at = skip_name(message, at)? + 4;
    }
    for _ in 0..count(6) {
        at = skip_name(message, at)?;
        let fixed = message.get(at..at + 10)?;
        let kind = u16::from_be_bytes([fixed[0], fixed[1]]);
        let length = usize::from(u16::from_be_bytes([fixed[8], fixed[9]]));
        let data = message.get(at + 10..at + 10 + length)?;
        each(kind, at + 10, data);
        at += 10 + length;
    }
    Some(())
}
