//! `tsearch` and relatives: AVL trees, whose depth is at most 1.44 times the least.
//!
//! Programs see nodes: the first word of one is the element's address.

use core::ffi::{c_int, c_void};
use core::ptr::null_mut;

use super::Compare;
use crate::heap;

/// A node. Its address does not change as long as its element is in the tree.
#[repr(C)]
pub struct Node {
    element: *const c_void,
    children: [*mut Node; 2],
    /// Of the subtree, 1 for a leaf.
    height: u8,
}

/// The deepest tree that fits into memory: 1.44 × 59 bits of nodes.
const DEEPEST: usize = 88;

fn height(node: *const Node) -> i32 {
    // SAFETY: null or a node.
    if node.is_null() { 0 } else { unsafe { (*node).height.into() } }
}

/// Makes the heights of the children of `*place` differ by one at most, when they differ by two at most.
unsafe fn balance(place: *mut *mut Node) {
    // SAFETY: `*place` is a node, and so are the children that are the higher ones.
    unsafe {
        let node = *place;
        let [left, right] = (*node).children;
        let lean = height(right) - height(left);
        if lean.abs() < 2 {
            (*node).height = 1 + height(left).max(height(right)) as u8;
            return;
        }
        let side = usize::from(lean > 0);
        let child = (*node).children[side];
        let (inner, outer) = ((*child).children[1 - side], (*child).children[side]);
        if height(inner) > height(outer) {
            rotate(&raw mut (*node).children[side], 1 - side);
        }
        rotate(place, side);
    }
}

/// Brings the child on `side` of `*place` up to its place.
unsafe fn rotate(place: *mut *mut Node, side: usize) {
    // SAFETY: both are nodes.
    unsafe {
        let node = *place;
        let child = (*node).children[side];
        (*node).children[side] = (*child).children[1 - side];
        (*child).children[1 - side] = node;
        for changed in [node, child] {
            let [left, right] = (*changed).children;
            (*changed).height = 1 + height(left).max(height(right)) as u8;
        }
        *place = child;
    }
}

/// The places from the root to where `key` is, or would be. The last may be empty.
struct Path {
    places: [*mut *mut Node; DEEPEST],
    length: usize,
}

impl Path {
    unsafe fn to(key: *const c_void, root: *mut *mut Node, compare: Compare) -> Path {
        let mut path = Path { places: [null_mut(); DEEPEST], length: 0 };
        let mut place = root;
        // SAFETY: places hold null or nodes; the program's function gets its key and an element.
        unsafe {
            loop {
                path.push(place);
                if (*place).is_null() {
                    return path;
                }
                place = match compare(key, (**place).element) {
                    0 => return path,
                    order => &raw mut (**place).children[usize::from(order > 0)],
                };
            }
        }
    }

    fn push(&mut self, place: *mut *mut Node) {
        self.places[self.length] = place;
        self.length += 1;
    }

    fn last(&self) -> *mut *mut Node {
        self.places[self.length - 1]
    }

    /// Balances all nodes of the path but those from `end` on, from the bottom up.
    unsafe fn balance(&self, end: usize) {
        for place in self.places[..end].iter().rev() {
            // SAFETY: the places before the end hold nodes.
            unsafe { balance(*place) };
        }
    }
}

/// The node of the element that is equal to `key`, which is inserted if there is none. Null for want of memory.
///
/// Signal-safe: no. Vfork-safe: yes.
/// Source: POSIX, tsearch(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tsearch(key: *const c_void, root: *mut *mut Node, compare: Compare) -> *mut Node {
    if root.is_null() {
        return null_mut();
    }
    // SAFETY: `root` is the place of a tree's root.
    unsafe {
        let path = Path::to(key, root, compare);
        let place = path.last();
        if !(*place).is_null() {
            return *place;
        }
        let Some(memory) = heap::allocate(size_of::<Node>()) else { return null_mut() };
        let node = memory.as_ptr().cast::<Node>();
        node.write(Node { element: key, children: [null_mut(); 2], height: 1 });
        *place = node;
        path.balance(path.length - 1);
        node
    }
}

/// The node of the element that is equal to `key`, or null.
///
/// Signal-safe: yes. Vfork-safe: yes.
/// Source: POSIX, tfind(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tfind(key: *const c_void, root: *const *mut Node, compare: Compare) -> *mut Node {
    // SAFETY: `root` is null or the place of a tree's root; the path only reads.
    unsafe { if root.is_null() { null_mut() } else { *Path::to(key, root.cast_mut(), compare).last() } }
}

/// Takes out the element that is equal to `key`: its node's parent (the place of the root, if it was the root), or null
/// if there is none.
///
/// Signal-safe: no. Vfork-safe: yes.
/// Source: POSIX, tdelete(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tdelete(key: *const c_void, root: *mut *mut Node, compare: Compare) -> *mut c_void {
    if root.is_null() {
        return null_mut();
    }
    // SAFETY: `root` is the place of a tree's root.
    unsafe {
        let mut path = Path::to(key, root, compare);
        let place = path.last();
        let node = *place;
        if node.is_null() {
            return null_mut();
        }
        let parent = match path.length {
            1 => root.cast(),
            length => (*path.places[length - 2]).cast(),
        };
        let depth = path.length;
        if (*node).children.iter().any(|child| child.is_null()) {
            let [left, right] = (*node).children;
            *place = if left.is_null() { right } else { left };
            path.balance(depth - 1);
        } else {
            // The next node takes this one's place: its address stays valid, unlike after copying the element.
            let mut next = &raw mut (*node).children[1];
            path.push(next);
            while !(**next).children[0].is_null() {
                next = &raw mut (**next).children[0];
                path.push(next);
            }
            let successor = *next;
            *next = (*successor).children[1];
            (*successor).children = (*node).children;
            *place = successor;
            // The place below is now in the successor.
            path.places[depth] = &raw mut (*successor).children[1];
            path.balance(path.length - 1);
        }
        heap::release(node);
        parent
    }
}

/// `VISIT`: when a node is shown.
#[repr(i32)]
#[derive(Clone, Copy)]
enum Visit {
    Preorder,
    Postorder,
    Endorder,
    Leaf,
}

unsafe fn walk(node: *const Node, level: c_int, show: &mut impl FnMut(*const Node, c_int, c_int)) {
    // SAFETY: `node` is a node; children are null or nodes.
    unsafe {
        let [left, right] = (*node).children;
        if left.is_null() && right.is_null() {
            return show(node, Visit::Leaf as c_int, level);
        }
        show(node, Visit::Preorder as c_int, level);
        if !left.is_null() {
            walk(left, level + 1, show);
        }
        show(node, Visit::Postorder as c_int, level);
        if !right.is_null() {
            walk(right, level + 1, show);
        }
        show(node, Visit::Endorder as c_int, level);
    }
}

/// Shows all nodes: inner ones three times, before, between and after their children, leaves once.
///
/// Signal-safe: no. Vfork-safe: yes.
/// Source: POSIX, twalk(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn twalk(
    root: *const Node,
    action: Option<unsafe extern "C" fn(*const c_void, c_int, c_int)>,
) {
    if let Some(action) = action.filter(|_| !root.is_null()) {
        // SAFETY: `root` is a tree, and the action is the program's.
        unsafe { walk(root, 0, &mut |node, visit, level| action(node.cast(), visit, level)) };
    }
}

/// [`twalk`] with an argument of the program's instead of the level.
///
/// Signal-safe: no. Vfork-safe: yes.
/// Source: twalk_r(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn twalk_r(
    root: *const Node,
    action: Option<unsafe extern "C" fn(*const c_void, c_int, *mut c_void)>,
    argument: *mut c_void,
) {
    if let Some(action) = action.filter(|_| !root.is_null()) {
        // SAFETY: `root` is a tree, and the action is the program's.
        unsafe { walk(root, 0, &mut |node, visit, _| action(node.cast(), visit, argument)) };
    }
}

/// Gives all nodes back, and shows each element to `release` first.
///
/// Signal-safe: no. Vfork-safe: yes.
/// Source: tdestroy(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tdestroy(root: *mut Node, release: unsafe extern "C" fn(*mut c_void)) {
    if root.is_null() {
        return;
    }
    // SAFETY: `root` is a tree that nobody uses any more.
    unsafe {
        for child in (*root).children {
            tdestroy(child, release);
        }
        release((*root).element.cast_mut());
        heap::release(root);
    }
}
