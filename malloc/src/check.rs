//! The heap walked from end to end, and its invariants proved: for tests, and for `TIDAL_MALLOC=check`.

use core::sync::atomic::Ordering::{Acquire, Relaxed};

use crate::class::{self, COUNT, GRANULE};
use crate::collect;
use crate::large;
use crate::magazine;
use crate::pagemap::{self, Entry};
use crate::report;
use crate::runs;
use crate::span;
use crate::stack::for_each_object;
use crate::supply::CENTRAL;
use crate::word::Object;

/// Takes every free object there is out of its list, checks it and puts it back; checks spans, large blocks and kept
/// pages. Other threads may go on meanwhile: what they hold right now is not seen. False if another thread is collecting
/// or this is a vfork child, so that nothing was checked.
///
/// A violation ends the program with one line.
pub fn check() -> bool {
    collect::exclusively(walk).is_some()
}

pub(crate) fn walk(secret: u64) {
    collect::empty_cpus(secret);
    magazine::dissolve(secret);
    for class in 1..COUNT {
        check_class(class, secret);
    }
    check_large();
}

fn check_class(class: usize, secret: u64) {
    let stack = &CENTRAL[class];
    let all = stack.pop_all();
    collect::for_each_chain(all, secret, |chain| {
        if Object::new(chain, secret).length() > class::chain(class) {
            report::invariant("a chain is too long, at ", chain);
        }
        for_each_object(chain, secret, |object| check_object(object, class));
    });
    // Everything was found once. Marked free again, it goes back.
    collect::for_each_chain(all, secret, |chain| {
        let mut at = chain;
        while at != 0 {
            let object = Object::new(at, secret);
            object.taint();
            if let Some(entry) = Entry::of(at & !(class::span(class) - 1)) {
                entry.found().store(0, Relaxed);
            }
            at = object.rest();
        }
        stack.push_chain(chain, Object::new(chain, secret).length(), secret);
    });
}

fn check_object(object: Object, class: usize) {
    let address = object.address();
    if pagemap::class_at(address) != class {
        report::invariant("a free object is in the wrong class, at ", address);
    }
    let start = address & !(class::span(class) - 1);
    let index = (address - start) / class::size(class);
    let (carving, next) = span::carving(class);
    if !(address - start).is_multiple_of(class::size(class))
        || index < class::first(class)
        || index >= class::capacity(class)
        || (start == carving && index >= next)
    {
        report::invariant("a free object is where no object is, at ", address);
    }
    // What is seen is tainted, so that seeing it again would be noticed; its chain's links stay readable.
    object.taint();
    if let Some(entry) = Entry::of(start)
        && entry.found().fetch_add(1, Relaxed) as usize >= class::capacity(class)
    {
        report::invariant("a span has more free objects than objects, at ", address);
    }
}

fn check_large() {
    let mut end = 0;
    pagemap::for_each(|granule, entry| {
        let word = entry.large().load(Acquire);
        if word == 0 {
            return;
        }
        let (start, its_end) = large::extent(granule, word);
        if start < end || entry.class().load(Relaxed) != 0 || start >= granule + GRANULE {
            report::invariant("a large block overlaps something, at ", start);
        }
        end = its_end;
    });
    runs::check();
}
