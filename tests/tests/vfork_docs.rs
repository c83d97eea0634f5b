//! Every C function that the vfork suite calls has a `Vfork-safe:` line, which the suite then backs. And the number of the
//! suite's programs in `docs/vfork.md` is right.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use tidal::toolchain::source_root;

const LINE: &str = "Vfork-safe: ";

fn files(folder: &Path, extensions: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(files(&path, extensions));
        } else if path.extension().is_some_and(|e| extensions.iter().any(|x| e == *x)) {
            found.push(path);
        }
    }
    found
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|w| !w.is_empty())
}

/// The names that the suite's programs call. A comment's words do no harm: what counts is also a function of Tidal's.
fn called(root: &Path) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for file in files(&root.join("tests/vfork"), &["c", "h"]) {
        let text = fs::read_to_string(file).expect("a source");
        for (at, _) in text.match_indices('(') {
            let before = text[..at].trim_end();
            let start = before.rfind(|c: char| !c.is_alphanumeric() && c != '_').map_or(0, |p| p + 1);
            names.insert(before[start..].to_owned());
        }
    }
    names
}

/// What the documentation of an item says: the text from the blank line before it down to its name.
fn paragraph<'a>(lines: &[&'a str], at: usize) -> impl Iterator<Item = &'a str> {
    lines[..=at].iter().rev().take_while(|l| !l.trim().is_empty()).copied()
}

/// The macro whose call a line lies in: `name! {` at the start of a line, which ends with a brace at the start of one.
fn macro_around<'a>(lines: &[&'a str], at: usize) -> Option<&'a str> {
    let opens = |l: &&&'a str| l.ends_with('{') && l.contains("! ") && !l.starts_with([' ', '/']);
    let closed = lines[..at].iter().rposition(|l| l.starts_with('}')).unwrap_or(0);
    lines[closed..at].iter().rev().find(opens).and_then(|l| l.split('!').next())
}

/// Macros that write the line for what they define, or call one that does.
fn writing_macros(sources: &[String]) -> BTreeSet<String> {
    let mut bodies: BTreeMap<&str, &str> = BTreeMap::new();
    for text in sources {
        for part in text.split("macro_rules! ").skip(1) {
            let end = part.find("\n}").unwrap_or(part.len());
            bodies.insert(words(part).next().unwrap_or_default(), &part[..end]);
        }
    }
    let mut known = BTreeSet::new();
    loop {
        let before = known.len();
        for (name, body) in &bodies {
            if body.contains(LINE) || words(body).any(|w| known.contains(w)) {
                known.insert((*name).to_owned());
            }
        }
        if known.len() == before {
            return known;
        }
    }
}

#[test]
fn what_the_suite_calls_says_whether_it_is_vfork_safe() {
    let root = source_root().expect("the checkout");
    let called = called(&root);
    let sources: Vec<String> = files(&root.join("libc/src"), &["rs"])
        .iter()
        .chain(&files(&root.join("crt/src"), &["rs"]))
        .map(|f| fs::read_to_string(f).expect("a source"))
        .collect();
    let writing = writing_macros(&sources);
    // A name may be mentioned in many places; the one that defines it has the line.
    let mut defined: BTreeMap<&str, bool> = BTreeMap::new();
    for text in &sources {
        let lines: Vec<&str> = text.lines().collect();
        for (at, line) in lines.iter().enumerate().filter(|(_, l)| !l.trim_start().starts_with("//")) {
            let exports = line.contains("fn ") || macro_around(&lines, at).is_some();
            for name in words(line).filter(|w| exports && called.contains(*w)) {
                let said = paragraph(&lines, at).any(|l| l.contains(LINE))
                    || macro_around(&lines, at).is_some_and(|m| writing.contains(m));
                let a_function = [format!("\"C\" fn {name}("), format!("\"C-unwind\" fn {name}(")];
                let exported = a_function.iter().any(|f| line.contains(f.as_str()))
                    && paragraph(&lines, at).any(|l| l.contains("no_mangle"));
                if exported || (said && macro_around(&lines, at).is_some()) {
                    *defined.entry(name).or_default() |= said;
                }
            }
        }
    }
    assert!(defined.len() > 100, "only {} functions of the suite were found", defined.len());
    let silent: Vec<&&str> = defined.iter().filter(|d| !d.1).map(|d| d.0).collect();
    assert!(silent.is_empty(), "no `{LINE}` line: {silent:?}");
}

#[test]
fn the_page_knows_how_many_programs_there_are() {
    let root = source_root().expect("the checkout");
    let programs = tidal::vfork::checks().expect("the suite").len();
    let page = fs::read_to_string(root.join("docs/vfork.md")).expect("the page");
    for said in [format!("# {programs} programs, "), format!("Tidal {programs} of {programs},")] {
        assert!(page.contains(&said), "docs/vfork.md does not say `{said}`");
    }
}
