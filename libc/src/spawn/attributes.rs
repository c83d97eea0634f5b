//! `posix_spawnattr_t`.

use core::ffi::{c_int, c_short};
use core::mem::size_of;

use tidal_rt::signal::Mask;

bitflags::bitflags! {
    /// `POSIX_SPAWN_` flags.
    #[derive(Clone, Copy)]
    #[repr(transparent)]
    pub struct Flags: c_short {
        /// Effective ids become the real ones.
        const RESETIDS = 0x01;
        /// The process group is set.
        const SETPGROUP = 0x02;
        /// Signals of a set get their default action.
        const SETSIGDEF = 0x04;
        /// The signal mask is set.
        const SETSIGMASK = 0x08;
        /// Scheduling parameters are set.
        const SETSCHEDPARAM = 0x10;
        /// Policy and parameters are set.
        const SETSCHEDULER = 0x20;
        /// Accepted; it is what happens anyway.
        const USEVFORK = 0x40;
        /// The child starts a session.
        const SETSID = 0x80;
        /// The child starts in a control group.
        const SETCGROUP = 0x100;
    }
}

/// C's `sigset_t`: the kernel's 64 signals, and room.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct SignalSet {
    pub(super) mask: Mask,
    room: [u64; 15],
}

/// `posix_spawnattr_t` as the header has it.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Attributes {
    pub(super) flags: Flags,
    pub(super) group: c_int,
    pub(super) default: SignalSet,
    pub(super) blocked: SignalSet,
    pub(super) priority: c_int,
    pub(super) policy: c_int,
    /// A descriptor of the control group; glibc 2.39 took this field from the room.
    pub(super) cgroup: c_int,
    room: [c_int; 15],
}

const _: () = assert!(size_of::<SignalSet>() == 128 && size_of::<Attributes>() == 336);

impl Attributes {
    pub(super) const NONE: Attributes = Attributes {
        flags: Flags::empty(),
        group: 0,
        default: SignalSet { mask: Mask::EMPTY, room: [0; 15] },
        blocked: SignalSet { mask: Mask::EMPTY, room: [0; 15] },
        priority: 0,
        policy: 0,
        cgroup: 0,
        room: [0; 15],
    };

    /// Attributes that set signals: those with the default action, and those blocked.
    pub(crate) fn with_signals(flags: Flags, default: Mask, blocked: Mask) -> Self {
        let mut attributes = Attributes { flags, ..Attributes::NONE };
        attributes.default.mask = default;
        attributes.blocked.mask = blocked;
        attributes
    }
}

/// Default attributes.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn posix_spawnattr_init(attributes: *mut Attributes) -> c_int {
    // SAFETY: the caller gives memory for them.
    unsafe { attributes.write(Attributes::NONE) };
    0
}

/// The end of attributes; they hold nothing.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub extern "C" fn posix_spawnattr_destroy(_attributes: *mut Attributes) -> c_int {
    0
}

macro_rules! attribute {
    ($what:literal, $get:ident, $set:ident, $field:ident: $type:ty) => {
        #[doc = concat!("Reads ", $what, ".")]
        ///
        /// Signal-safe: yes. Vfork-safe: yes.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $get(attributes: *const Attributes, value: *mut $type) -> c_int {
            // SAFETY: initialised attributes, and room for the value, by contract.
            unsafe { value.write((*attributes).$field) };
            0
        }

        #[doc = concat!("Sets ", $what, ".")]
        ///
        /// Signal-safe: yes. Vfork-safe: yes.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $set(attributes: *mut Attributes, value: *const $type) -> c_int {
            // SAFETY: initialised attributes, and a value, by contract.
            unsafe { (*attributes).$field = *value };
            0
        }
    };
}

attribute!("the signals that get their default action", posix_spawnattr_getsigdefault,
    posix_spawnattr_setsigdefault, default: SignalSet);
attribute!("the child's signal mask", posix_spawnattr_getsigmask, posix_spawnattr_setsigmask, blocked: SignalSet);
attribute!("the child's priority (`struct sched_param`)", posix_spawnattr_getschedparam,
    posix_spawnattr_setschedparam, priority: c_int);

/// Reads the child's process group.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn posix_spawnattr_getpgroup(
    attributes: *const Attributes,
    value: *mut c_int,
) -> c_int {
    // SAFETY: initialised attributes, and room for the value, by contract.
    unsafe { value.write((*attributes).group) };
    0
}

/// Sets the child's process group, 0 for one of its own.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn posix_spawnattr_setpgroup(attributes: *mut Attributes, group: c_int) -> c_int {
    // SAFETY: initialised attributes, by contract.
    unsafe { (*attributes).group = group };
    0
}

/// Reads the flags.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn posix_spawnattr_getflags(
    attributes: *const Attributes,
    value: *mut c_short,
) -> c_int {
    // SAFETY: initialised attributes, and room for the value, by contract.
    unsafe { value.write((*attributes).flags.bits()) };
    0
}

/// Sets the flags.
///
/// # Errors
/// `EINVAL` for a bit that means nothing.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn posix_spawnattr_setflags(attributes: *mut Attributes, value: c_short) -> c_int {
    let Some(flags) = Flags::from_bits(value) else { return tidal_rt::Errno::EINVAL.0 };
    // SAFETY: initialised attributes, by contract.
    unsafe { (*attributes).flags = flags };
    0
}

/// Reads the control group's descriptor.
///
/// Source: glibc 2.39. Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn posix_spawnattr_getcgroup_np(
    attributes: *const Attributes,
    value: *mut c_int,
) -> c_int {
    // SAFETY: initialised attributes, and room for the value, by contract.
    unsafe { value.write((*attributes).cgroup) };
    0
}

/// Sets the descriptor of the control group (version 2) that the child starts in, if the flags say so.
///
/// Source: glibc 2.39. Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn posix_spawnattr_setcgroup_np(attributes: *mut Attributes, cgroup: c_int) -> c_int {
    // SAFETY: initialised attributes, by contract.
    unsafe { (*attributes).cgroup = cgroup };
    0
}

/// Reads the scheduling policy.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn posix_spawnattr_getschedpolicy(
    attributes: *const Attributes,
    value: *mut c_int,
) -> c_int {
    // SAFETY: initialised attributes, and room for the value, by contract.
    unsafe { value.write((*attributes).policy) };
    0
}

/// Sets the scheduling policy.
///
/// # Errors
/// `EINVAL` for another than `SCHED_OTHER`, `SCHED_FIFO`, `SCHED_RR`.
///
/// Signal-safe: yes. Vfork-safe: yes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn posix_spawnattr_setschedpolicy(attributes: *mut Attributes, policy: c_int) -> c_int {
    const SCHED_RR: c_int = 2;
    if !(0..=SCHED_RR).contains(&policy) {
        return tidal_rt::Errno::EINVAL.0;
    }
    // SAFETY: initialised attributes, by contract.
    unsafe { (*attributes).policy = policy };
    0
}
