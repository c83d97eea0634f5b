//! `<wchar.h>`: wide characters, which are Unicode code points here, apart from streams and `wcsftime`.

pub mod compare;
pub mod convert;
pub mod copy;
pub mod number;
pub mod search;
pub mod state;
pub mod strings;
pub mod width;

/// `wchar_t`, kept unsigned: it holds code points.
pub type Wide = u32;
