//! What `libc.a` exports, header by header, as a page.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use crate::toolchain::{Runtime, source_root};
use crate::tools;

/// Prints the page `docs/symbols.md`.
pub fn print() -> Result<()> {
    print!("{}", page(&Runtime::ensure()?.lib.join("libc.a"), &source_root()?.join("tests/headers/all.h"))?);
    Ok(())
}

/// The page for an archive, and for the headers that a file includes.
pub fn page(archive: &Path, includes: &Path) -> Result<String> {
    let declared = declared_functions(includes)?;
    let public = public_headers(includes)?;
    let (mut headers, mut data, mut others) = (BTreeMap::<&str, Vec<&str>>::new(), vec![], vec![]);
    let symbols = exported(archive)?;
    for (name, kind) in &symbols {
        match (kind, declared.get(name)) {
            (Kind::Data, _) => data.push(name.as_str()),
            (Kind::Function, Some(file)) => {
                let header = public.get(file).map_or(file.as_str(), String::as_str);
                headers.entry(header).or_default().push(name);
            }
            (Kind::Function, None) => others.push(name.as_str()),
        }
    }
    let mut page = format!(
        "# What `libc.a` exports\n\n\
        Made by `tidal symbols`; a test holds it against the archive. {} names; what is not here fails to link, with its name.\n",
        symbols.len()
    );
    for (header, names) in headers {
        section(&mut page, &format!("`<{header}>`"), &names);
    }
    section(&mut page, "Data", &data);
    section(&mut page, "Behind the headers' macros and inline functions, and called by compilers", &others);
    Ok(page)
}

fn section(page: &mut String, title: &str, names: &[&str]) {
    let _ = write!(page, "\n## {title}\n\n");
    let mut column = 0;
    for (i, name) in names.iter().enumerate() {
        let end = if i + 1 == names.len() { "\n" } else { "," };
        if column > 0 && column + name.len() > 115 {
            page.push('\n');
            column = 0;
        } else if column > 0 {
            page.push(' ');
        }
        let _ = write!(page, "`{name}`{end}");
        column += name.len() + 4;
    }
}

enum Kind {
    Function,
    Data,
}

/// The global symbols of an archive that C can name.
fn exported(archive: &Path) -> Result<BTreeMap<String, Kind>> {
    let output = tools::run(Command::new("nm").args(["-g", "--defined-only"]).arg(archive))?;
    let parse = |line: &str| -> Option<(String, Kind)> {
        let mut words = line.split_whitespace().skip(1);
        let kind = if "VDBR".contains(words.next()?) { Kind::Data } else { Kind::Function };
        let name = words.next()?;
        // Rust's own, of naked functions.
        (!name.starts_with("_ZN") && !name.starts_with("_R")).then(|| (name.to_owned(), kind))
    };
    Ok(String::from_utf8(output)?.lines().filter_map(parse).collect())
}

/// Where each function is declared: the file, from gcc's own list of prototypes.
pub fn declared_functions(includes: &Path) -> Result<BTreeMap<String, String>> {
    let list = tools::run(
        Command::new("gcc")
            .args(["-D_GNU_SOURCE", "-fsyntax-only", "-w", "-aux-info", "/dev/stdout"])
            .arg(includes),
    )?;
    // `/* /usr/include/unistd.h:371:NC */ extern ssize_t read (int, void *, size_t);`
    let parse = |line: &str| -> Option<(String, String)> {
        let (place, prototype) = line.strip_prefix("/* ")?.split_once(" */ ")?;
        let (header, _) = place.split_once(':')?;
        // The name stands before the first parenthesis that a space precedes and that is not `(*`.
        let at = prototype.match_indices(" (").find(|(i, _)| !prototype[i + 2..].starts_with('*'))?.0;
        let name = prototype[..at].rsplit([' ', '*', '(']).next()?;
        Some((name.to_owned(), short(header).to_owned()))
    };
    Ok(String::from_utf8(list)?.lines().filter_map(parse).collect())
}

/// A header's path as programs include it.
fn short(path: &str) -> &str {
    let path = path.trim_start_matches("/usr/include/");
    path.split_once("linux-gnu/").map_or(path, |(_, rest)| rest)
}

/// For each file that a file includes, also indirectly, the header that a program includes for what it declares: the
/// file itself if it is named here, else the nearest such header that includes it.
fn public_headers(includes: &Path) -> Result<HashMap<String, String>> {
    let text =
        std::fs::read_to_string(includes).with_context(|| format!("cannot read {}", includes.display()))?;
    let named: BTreeSet<&str> =
        text.lines().filter_map(|line| line.strip_prefix("#include <")?.strip_suffix('>')).collect();
    let output = tools::run(Command::new("gcc").args(["-D_GNU_SOURCE", "-E"]).arg(includes))?;
    let (mut found, mut inside) = (HashMap::new(), Vec::<String>::new());
    for line in String::from_utf8(output)?.lines().filter(|line| line.starts_with("# ")) {
        // `# 27 "/usr/include/stdio.h" 1 3 4`: 1 enters a file, 2 returns to one.
        let mut parts = line.splitn(3, '"').skip(1);
        let (Some(path), Some(flags)) = (parts.next(), parts.next()) else { continue };
        if flags.starts_with(" 2") {
            inside.pop();
        } else if flags.starts_with(" 1") {
            let file = short(path);
            let outer = inside.last().cloned().unwrap_or_default();
            let public = if named.contains(file) || outer.is_empty() { file.to_owned() } else { outer };
            found.entry(file.to_owned()).or_insert_with(|| public.clone());
            inside.push(public);
        }
    }
    Ok(found)
}
