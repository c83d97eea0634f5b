//! Any format over any text: Tidal's scanf stays within the memory it is given, and stores integers as the host does.
#![no_main]

use core::ffi::c_void;

use libfuzzer_sys::fuzz_target;
use tidal_fuzz::stdio::printf::spec::Cursor;
use tidal_fuzz::stdio::scanf::engine;
use tidal_fuzz::stdio::scanf::source::Source;
use tidal_fuzz::stdio::scanf::spec::Spec;
use tidal_fuzz::stdio::write::EOF;
use tidal_fuzz::variadic::VaList;
use tidal_fuzz::with_list;

unsafe extern "C" {
    #[link_name = "__isoc99_vsscanf"]
    fn vsscanf(text: *const u8, format: *const u8, list: *mut VaList) -> i32;
}

unsafe fn peek(target: *mut c_void) -> i32 {
    // SAFETY: a pointer into a C string.
    match unsafe { **target.cast::<*const u8>() } {
        0 => EOF,
        byte => i32::from(byte),
    }
}

unsafe fn take(target: *mut c_void) {
    // SAFETY: as above, before the NUL.
    unsafe { *target.cast::<*const u8>() = (*target.cast::<*const u8>()).add(1) };
}

const PLACES: usize = 16;
const ROOM: usize = 4096;

/// How many values a format stores, if neither it nor the host's reading of it is undefined; and whether the host reads
/// numbers with a point, of which it reads some otherwise than ISO C has it.
fn examine(format: &[u8]) -> Option<(usize, bool)> {
    let (mut stored, mut floats) = (0, false);
    let mut cursor = Cursor(format.as_ptr());
    while cursor.peek() != 0 {
        if !cursor.take(b'%') {
            cursor.bump();
            continue;
        }
        if cursor.take(b'%') {
            continue;
        }
        let spec = Spec::read(&mut cursor);
        if spec.position != 0 || spec.allocates || spec.is_wide() && b"cs[CS".contains(&spec.conversion) {
            return None;
        }
        match spec.conversion {
            b'd' | b'i' | b'u' | b'o' | b'x' | b'X' | b'c' | b's' => {}
            b'n' if !spec.suppressed => {}
            b'a' | b'A' | b'e' | b'E' | b'f' | b'F' | b'g' | b'G' => floats = true,
            b'[' => {
                cursor.take(b'^');
                cursor.take(b']');
                let mut closed = false;
                while cursor.peek() != 0 && !closed {
                    // What a range from high to low means is anybody's guess.
                    closed = cursor.peek() == b']';
                    if cursor.peek() == b'-' {
                        return None;
                    }
                    cursor.bump();
                }
                if !closed {
                    return None;
                }
            }
            _ => return None,
        }
        stored += usize::from(!spec.suppressed);
    }
    Some((stored, floats))
}

fn scan(text: &[u8], format: &[u8], ours: bool) -> (i32, Vec<Vec<u8>>) {
    let mut places = vec![vec![0u8; ROOM]; PLACES];
    let words: Vec<u64> = places.iter_mut().map(|place| place.as_mut_ptr() as u64).collect();
    let result = with_list(&words, &[0; 16], |list| {
        let mut at = text.as_ptr();
        // SAFETY: C strings, and as many places as the format stores to, each with room for the whole text.
        unsafe {
            if ours {
                let mut source = Source::new(peek, take, (&raw mut at).cast(), false);
                engine::scan(&mut source, format.as_ptr(), list)
            } else {
                vsscanf(text.as_ptr(), format.as_ptr(), list)
            }
        }
    });
    (result, places)
}

fuzz_target!(|input: (&[u8], &[u8])| {
    let string = |bytes: &[u8]| -> Vec<u8> {
        bytes.iter().copied().filter(|&b| b != 0).take(ROOM - 8).chain([0]).collect()
    };
    let (text, mut format) = (string(input.0), string(input.1));
    format.retain(|&b| !matches!(b, b'\'' | b'I' | b'm' | b'a' | b'$'));
    let Some((stored, floats)) = examine(&format) else { return };
    if stored > PLACES {
        return;
    }
    let ours = scan(&text, &format, true);
    if !floats {
        let theirs = scan(&text, &format, false);
        let of = (String::from_utf8_lossy(&text), String::from_utf8_lossy(&format));
        assert_eq!(ours.0, theirs.0, "{of:?}");
        for i in 0..ours.0.max(0) as usize {
            assert!(ours.1[i] == theirs.1[i], "{of:?}: {i}: {:?} {:?}", &ours.1[i][..40], &theirs.1[i][..40]);
        }
    }
});
