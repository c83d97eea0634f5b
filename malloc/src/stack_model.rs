//! Every interleaving of small programs on an abstract [`crate::stack::Stack`]: loads, reads of objects' words and the
//! compare-and-swap are steps of their own, and a task may die after any of them. Whoever owns a popped object scribbles
//! over it, as programs do.
//!
//! The model's words are plain numbers: object 0 is none, tags count up. What it shows is that no object is ever owned
//! twice, and that a finished run has every object either owned, or in the stack, or with a dead task.

use std::collections::HashSet;

const OBJECTS: usize = 4;
/// What an owner writes over an object's words: names of objects that it would be fatal to believe.
const SCRIBBLE: usize = 3;

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Op {
    PopOne,
    PopChain,
    /// Pushes what the task popped first.
    PushOne,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
struct Task {
    program: Vec<Op>,
    /// Within the operation: 0 at its start, then steps taken.
    at: usize,
    tag: usize,
    top: usize,
    rest: usize,
    next: usize,
    owned: Vec<usize>,
    dead: bool,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct World {
    top: usize,
    tag: usize,
    /// Word 0 and word 1 of each object.
    words: [(usize, usize); OBJECTS + 1],
    tasks: Vec<Task>,
}

impl World {
    /// One step of a task.
    fn step(&mut self, n: usize) {
        let (top, tag) = (self.top, self.tag);
        let task = &mut self.tasks[n];
        let op = task.program[0];
        match (op, task.at) {
            (_, 0) => task.tag = tag,
            (_, 1) => {
                task.top = top;
                if top == 0 && op != Op::PushOne {
                    return self.done(n);
                }
            }
            (_, 2) => task.rest = self.words[task.top].0,
            (_, 3) => task.next = self.words[task.top].1,
            (Op::PushOne, 4) => {
                let Some(&object) = task.owned.first() else { return self.done(n) };
                // Chains of at most two: one is extended, a full one is followed.
                let extend = task.top != 0 && task.rest == 0;
                self.words[object] = if extend { (task.top, task.next) } else { (0, task.top) };
            }
            (_, 4) => {}
            _ => return self.compare_and_swap(n, op),
        }
        self.tasks[n].at += 1;
    }

    fn compare_and_swap(&mut self, n: usize, op: Op) {
        let task = &mut self.tasks[n];
        if (self.top, self.tag) != (task.top, task.tag) {
            task.at = 0;
            return;
        }
        self.tag += 1;
        let mut taken = Vec::new();
        match op {
            Op::PushOne => self.top = task.owned.remove(0),
            Op::PopOne => {
                taken.push(task.top);
                self.top = if task.rest == 0 { task.next } else { task.rest };
            }
            Op::PopChain => {
                self.top = task.next;
                taken.push(task.top);
                if task.rest != 0 {
                    taken.push(task.rest);
                }
            }
        }
        for object in taken {
            self.words[object] = (SCRIBBLE, SCRIBBLE);
            self.tasks[n].owned.push(object);
        }
        self.done(n);
    }

    fn done(&mut self, n: usize) {
        self.tasks[n].program.remove(0);
        self.tasks[n].at = 0;
    }

    /// Objects in the stack and with tasks: each at most once.
    fn check(&self) {
        let mut seen = [0; OBJECTS + 1];
        for &object in self.tasks.iter().flat_map(|t| &t.owned) {
            seen[object] += 1;
        }
        let mut chain = self.top;
        while chain != 0 {
            let mut object = chain;
            while object != 0 {
                seen[object] += 1;
                assert!(seen[object] == 1, "object {object} is in two places: {self:?}");
                object = self.words[object].0;
            }
            chain = self.words[chain].1;
        }
        assert!(seen.iter().all(|&n| n <= 1), "an object has two owners: {self:?}");
        // What a dead task owned stays its own; nothing else is ever lost.
        assert_eq!(seen.iter().sum::<usize>(), OBJECTS, "an object is lost: {self:?}");
    }
}

fn explore(world: World, seen: &mut HashSet<World>) {
    world.check();
    if !seen.insert(world.clone()) {
        return;
    }
    for n in 0..world.tasks.len() {
        if world.tasks[n].dead || world.tasks[n].program.is_empty() {
            continue;
        }
        let mut next = world.clone();
        next.step(n);
        explore(next, seen);
        // The last task stands for a vfork child: it may be killed here.
        if n + 1 == world.tasks.len() {
            let mut killed = world.clone();
            killed.tasks[n].dead = true;
            explore(killed, seen);
        }
    }
}

/// Two chains, 1-2 and 3-4, and every pair of short programs.
#[test]
fn no_interleaving_breaks_the_stack() {
    let programs: [&[Op]; 5] = [
        &[Op::PopOne, Op::PopOne, Op::PushOne],
        &[Op::PopOne, Op::PushOne, Op::PopChain],
        &[Op::PopChain, Op::PushOne, Op::PushOne],
        &[Op::PopChain, Op::PopOne, Op::PushOne],
        &[Op::PopOne, Op::PushOne, Op::PopOne],
    ];
    let mut states = 0;
    for first in programs {
        for second in programs {
            let task = |program: &[Op]| Task { program: program.to_vec(), ..Task::default() };
            let words = [(0, 0), (2, 3), (0, 3), (4, 0), (0, 0)];
            let mut seen = HashSet::new();
            explore(World { top: 1, tag: 0, words, tasks: vec![task(first), task(second)] }, &mut seen);
            states += seen.len();
        }
    }
    assert!(states > 10_000, "only {states} states");
}

/// The model can tell: without the tag, a late compare-and-swap hands out an object twice.
#[test]
#[should_panic(expected = "object")]
fn without_tags_the_model_finds_the_fault() {
    let task = |program: &[Op]| Task { program: program.to_vec(), ..Task::default() };
    let words = [(0, 0), (2, 3), (0, 3), (4, 0), (0, 0)];
    let mut world = World {
        top: 1,
        tag: 0,
        words,
        tasks: vec![task(&[Op::PopOne]), task(&[Op::PopOne, Op::PopOne, Op::PushOne])],
    };
    // The first task reads top and words; the second takes both objects and gives the first one back; then the first
    // goes on with what it read, the tag being as it was.
    (0..5).for_each(|_| world.step(0));
    while !world.tasks[1].program.is_empty() {
        world.step(1);
    }
    world.tag = world.tasks[0].tag;
    world.step(0);
    world.check();
}
