//! `<unistd.h>`.

pub mod brk;
pub mod closefrom;
pub mod confstr;
pub mod credentials;
pub mod directory;
pub mod exec;
pub mod file;
pub mod fork;
pub mod identity;
pub mod io;
pub mod login;
pub mod pathconf;
pub mod sleep;
pub mod sysconf;
pub mod system;
pub mod terminal;
