//! `<wchar.h>`: wide characters, which are Unicode code points here, apart from `wcsftime`.

pub mod charset;
pub mod compare;
pub mod convert;
pub mod copy;
pub mod format;
pub mod number;
pub mod scan;
pub mod search;
pub mod state;
pub mod stream;
pub mod strings;
pub mod width;

/// `wchar_t`, kept unsigned: it holds code points.
pub type Wide = u32;
