//! Any format, with arguments that suit it: Tidal's printf prints what the host's prints.
#![no_main]

use core::ffi::c_void;

use libfuzzer_sys::fuzz_target;
use tidal_fuzz::stdio::printf::engine;
use tidal_fuzz::stdio::printf::sink::Sink;
use tidal_fuzz::stdio::printf::spec::{Amount, Cursor, Kind, Spec};
use tidal_fuzz::variadic::VaList;
use tidal_fuzz::with_list;

unsafe extern "C" {
    fn vsnprintf(into: *mut u8, size: usize, format: *const u8, list: *mut VaList) -> i32;
}

/// More is not compared: a width of two billion takes its time.
const MOST: u32 = 3000;

unsafe fn put(target: *mut c_void, bytes: &[u8]) -> bool {
    // SAFETY: the vector below.
    unsafe { (*target.cast::<Vec<u8>>()).extend_from_slice(bytes) };
    true
}

/// Whether both must do the same with a specification, and the host survives it.
fn suits(spec: &Spec) -> bool {
    let small = |amount| !matches!(amount, Amount::Fixed(n) if n > MOST);
    let known = b"diouxXcspaAeEfFgGm%".contains(&spec.conversion);
    let wide = matches!(spec.conversion, b'c' | b's') && spec.length as u8 > 2;
    known
        && !wide
        && spec.position == 0
        && small(spec.width)
        && small(spec.precision)
        && !(spec.conversion == b'%' || spec.conversion == b'm' || spec.conversion == b'p')
}

fuzz_target!(|input: (&[u8], [u64; 24])| {
    let (text, values) = input;
    let mut format: Vec<u8> = text.iter().copied().filter(|&b| b != 0 && b != b'\'' && b != b'I').collect();
    format.push(0);
    // The arguments, as the format asks for them.
    let string = b"a string to be printed\0";
    let (mut words, mut next, mut floats, mut count) = (Vec::new(), 0, [0u64; 16], 0);
    let mut take = || {
        next += 1;
        values[(next - 1) % values.len()]
    };
    let mut cursor = Cursor(format.as_ptr());
    while cursor.peek() != 0 {
        if !cursor.take(b'%') {
            cursor.bump();
            continue;
        }
        if cursor.take(b'%') {
            continue;
        }
        let Ok(spec) = cursor.spec() else { return };
        if !suits(&spec) {
            return;
        }
        for amount in [spec.width, spec.precision] {
            match amount {
                Amount::Argument(0) => words.push((take() as i32 % 100) as u64),
                Amount::Argument(_) => return,
                _ => {}
            }
        }
        match spec.kind() {
            _ if spec.conversion == b's' => words.push(string.as_ptr() as u64),
            Kind::Int | Kind::Long => words.push(take()),
            Kind::Double if count < 8 => {
                floats[2 * count] = take();
                count += 1;
            }
            // Beyond the registers, and long doubles of any bits, are the C tests' matter.
            _ => return,
        }
    }
    words.push(0);
    let mut ours: Vec<u8> = Vec::new();
    let our_result = with_list(&words, &floats, |list| {
        // SAFETY: `put` takes the vector; the list suits the format.
        unsafe {
            let mut sink = Sink::new(put, (&raw mut ours).cast(), None);
            engine::format(&mut sink, format.as_ptr(), list)
        }
    });
    let mut theirs = vec![0u8; 1 << 20];
    let their_result = with_list(&words, &floats, |list| {
        // SAFETY: as above.
        unsafe { vsnprintf(theirs.as_mut_ptr(), theirs.len(), format.as_ptr(), list) }
    });
    assert_eq!(our_result, their_result, "{:?}", String::from_utf8_lossy(&format));
    if their_result >= 0 {
        theirs.truncate(their_result as usize);
        assert!(ours == theirs, "{:?}: {:?} {:?}", String::from_utf8_lossy(&format), ours, theirs);
    }
});
