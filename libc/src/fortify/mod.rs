//! What `_FORTIFY_SOURCE` makes of calls with a buffer whose size the compiler knows: the size comes along, and what
//! does not fit ends the program before it happens. The copying functions of `<string.h>` are in `string::fortify`.

pub mod files;
pub mod format;
pub mod percent_n;
pub mod stream;
pub mod wide;

use crate::string::fortify::__chk_fail;

/// Ends the program unless `n` units fit into `room`.
#[inline(always)]
pub(crate) fn fits(n: usize, room: usize) {
    if n > room {
        __chk_fail();
    }
}

/// Defines checked functions: `name(args) -> type { needed, room => call }`.
macro_rules! checked {
    ($abi:literal: $($name:ident($($arg:ident: $type:ty),* $(,)?) -> $ret:ty { $n:expr, $room:expr => $call:expr })*) => { $(
        #[doc = concat!("`", stringify!($call), "`, ended by SIGABRT if `", stringify!($n), "` exceeds `", stringify!($room), "`.")]
        ///
        /// Signal-safe, Vfork-safe: as the function itself.
        #[unsafe(no_mangle)]
        pub unsafe extern $abi fn $name($($arg: $type),*) -> $ret {
            // SAFETY: the function's own contract; what the check reads, the function reads too.
            unsafe {
                $crate::fortify::fits($n as usize, $room);
                $call
            }
        }
    )* };
}

use checked;
