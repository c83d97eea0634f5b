//! The C programs of `tests/c`, one `#[test]` for each folder.

macro_rules! areas {
    ($($area:ident)*) => { $(
        #[test]
        fn $area() {
            tidal_tests::check_area(stringify!($area));
        }
    )* };
}

areas! {
    cxx
    getopt
    search
    patterns
    os
    ktls
    mutex
    malloc
    start
    process
    pthread
    stdio
    stdlib
    stress
    string
    time
    wchar
}
