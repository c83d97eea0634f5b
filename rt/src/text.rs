//! Texts of the start path, apart from all others.
//!
//! The compiler puts string constants of the whole runtime into one section, and a program that uses one of them carries
//! all. These, which every program uses, have a section of their own.

/// `start_text!("…")`: a `&'static CStr` in the start path's section.
#[macro_export]
macro_rules! start_text {
    ($text:literal) => {{
        #[unsafe(link_section = ".rodata.tidal_start")]
        static TEXT: [u8; $text.len() + 1] = $crate::text::with_nul($text);
        // SAFETY: the last byte is the only NUL.
        unsafe { ::core::ffi::CStr::from_bytes_with_nul_unchecked(&TEXT) }
    }};
}

/// The text and a NUL, as an array of its length plus one.
pub const fn with_nul<const N: usize>(text: &str) -> [u8; N] {
    assert!(text.len() + 1 == N);
    let mut bytes = [0; N];
    let mut at = 0;
    while at + 1 < N {
        assert!(text.as_bytes()[at] != 0, "a NUL inside a C string");
        bytes[at] = text.as_bytes()[at];
        at += 1;
    }
    bytes
}
