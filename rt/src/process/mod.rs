//! New processes: vfork, fork, spawn, clone; and what parent and child share while they share memory.
//!
//! A vfork child runs on its parent's block while the parent sleeps. Nearly all of the block belongs to the thread of
//! control, which the child continues, and is right in both. The rest is switched by [`vfork_protocol`]:
//!
//! | word | in the child | put back by the parent |
//! |---|---|---|
//! | `tid` | the child's, written by the kernel before its first instruction; [`identity::adopt`](crate::identity::adopt)ed | yes |
//! | gate | the provider's word: shut with a mainline kernel, which has unregistered the child | yes, as it was |
//! | flags, depth, ancestors | VFORKED, one deeper, the parent's TID added | yes |
//! | `unlock_id` | nobody: unlocks are noted | yes |
//! | robust list | none yet; the child registers a head of its own | yes |
//! | cancellation | off, by the VFORKED flag: a request is for the parent | by the flag |
//! | `errno` | the parent's, the child's own from then on | yes |
//! | `rseq_cs` | as it is | cleared |
//! | held locks | the child notes what it takes | released if the child left them |
//! | `lock_id`, `pthread_self`, TLS, locale, … | the same: one thread of control | nothing to do |
//!
//! All signals are blocked from before the switch until each side has its own words in place, so no handler sees a
//! word of the other side. What the parent needs afterwards it keeps in **registers**, which the kernel saves per task:
//! the stack below the caller's frame is the child's to overwrite, and memory elsewhere would limit nesting.

mod clone;
mod fork;
mod spawn;
mod vfork;
mod vfork_protocol;

pub use clone::{Entry, clone};
pub use fork::fork;
pub use spawn::{Child, Job, Wishes, clear_handlers, spawn};
pub use vfork::vfork;
