//! Inserts lines into source files at anchors that must be there exactly once, so that a change applies to a newer point
//! release or is refused, never misplaced. The format is described in `tests/kernel/linux/hooks`.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

/// What happens at the anchor.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Place {
    Before,
    After,
    Replace,
    Remove,
}

/// One change of one file.
#[derive(PartialEq, Eq, Debug)]
struct Hook {
    file: String,
    place: Place,
    anchor: String,
    text: String,
}

/// The changes that a hooks file asks for.
#[derive(Default, Debug)]
pub struct Hooks {
    hooks: Vec<Hook>,
    /// Lines `! NAME`: the checks that must fail with this change.
    pub must_fail: Vec<String>,
    /// Line `? NAME`: the provider that Tidal must choose on a kernel with this change.
    pub provider: Option<String>,
}

impl Hooks {
    /// Reads a hooks file.
    pub fn read(path: &Path) -> Result<Self> {
        let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        Self::parse(&text).with_context(|| format!("in {}", path.display()))
    }

    fn parse(text: &str) -> Result<Self> {
        let mut result = Hooks::default();
        for (number, line) in text.lines().enumerate() {
            let last = result.hooks.last_mut();
            match (line.split_at_checked(1), last) {
                (None, _) | (Some(("#", _)), _) => {}
                (Some(("@", head)), _) => result.hooks.push(parse_head(head)?),
                (Some(("!", name)), _) => result.must_fail.push(name.trim().to_owned()),
                (Some(("?", name)), _) => result.provider = Some(name.trim().to_owned()),
                (Some(("=", rest)), Some(hook)) => push_line(&mut hook.anchor, rest),
                (Some(("+", rest)), Some(hook)) => push_line(&mut hook.text, rest),
                _ => bail!("line {}: neither `@`, `=`, `+`, `!`, `?` nor a comment: {line}", number + 1),
            }
        }
        Ok(result)
    }

    /// The changed texts of all files that are touched, each read by `original` once.
    pub fn apply(
        &self,
        texts: &mut BTreeMap<String, String>,
        original: impl Fn(&str) -> Result<String>,
    ) -> Result<()> {
        for hook in &self.hooks {
            let text = match texts.remove(&hook.file) {
                Some(text) => text,
                None => original(&hook.file)?,
            };
            texts.insert(hook.file.clone(), hook.apply(&text)?);
        }
        Ok(())
    }
}

fn parse_head(head: &str) -> Result<Hook> {
    let Some((file, place)) = head.trim().split_once(' ') else { bail!("`@` needs a file and a place") };
    let place = match place {
        "before" => Place::Before,
        "after" => Place::After,
        "replace" => Place::Replace,
        "remove" => Place::Remove,
        _ => bail!("unknown place `{place}`"),
    };
    Ok(Hook { file: file.to_owned(), place, anchor: String::new(), text: String::new() })
}

fn push_line(to: &mut String, line: &str) {
    to.push_str(line);
    to.push('\n');
}

impl Hook {
    fn apply(&self, source: &str) -> Result<String> {
        let at = self.find(source)?;
        let end = at + self.anchor.len();
        let (kept, insert) = match self.place {
            Place::Before => (at..at, &self.text),
            Place::After => (end..end, &self.text),
            Place::Replace | Place::Remove => (at..end, &self.text),
        };
        let mut result = source.to_owned();
        result.replace_range(kept, insert);
        Ok(result)
    }

    /// Where the anchor's whole lines are.
    fn find(&self, source: &str) -> Result<usize> {
        let at_line_start = |at: usize| at == 0 || source.as_bytes()[at - 1] == b'\n';
        let mut places = source.match_indices(&self.anchor).map(|(at, _)| at).filter(|at| at_line_start(*at));
        match (self.anchor.is_empty(), places.next(), places.count()) {
            (false, Some(at), 0) => Ok(at),
            (_, None, _) => bail!("{}: the anchor is not there: {}", self.file, self.anchor.trim()),
            (_, _, more) => {
                bail!("{}: the anchor is there {} times: {}", self.file, more + 1, self.anchor.trim())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(hooks: &str, source: &str) -> Result<String> {
        let mut texts = BTreeMap::new();
        Hooks::parse(hooks)?.apply(&mut texts, |_| Ok(source.to_owned()))?;
        Ok(texts.remove("f.c").expect("f.c is touched"))
    }

    #[test]
    fn places() {
        let source = "a\n\tb\nc\n";
        assert_eq!(change("@ f.c after\n=\tb\n+x\n+y\n", source).unwrap(), "a\n\tb\nx\ny\nc\n");
        assert_eq!(change("@ f.c before\n=a\n+x\n", source).unwrap(), "x\na\n\tb\nc\n");
        assert_eq!(change("@ f.c replace\n=\tb\n=c\n+x\n", source).unwrap(), "a\nx\n");
        assert_eq!(change("@ f.c remove\n=c\n", source).unwrap(), "a\n\tb\n");
    }

    #[test]
    fn hooks_build_on_each_other() {
        assert_eq!(
            change("@ f.c after\n=a\n+b\n\n# then\n@ f.c after\n=b\n+c\n", "a\n").unwrap(),
            "a\nb\nc\n"
        );
    }

    #[test]
    fn an_anchor_is_whole_lines_and_there_once() {
        for source in ["b\n", "a\na\n", "xa\n", "ax\n", ""] {
            let error = change("@ f.c after\n=a\n+x\n", source).unwrap_err().to_string();
            assert!(error.starts_with("f.c: the anchor is "), "{error}");
        }
        assert!(change("@ f.c after\n+x\n", "a\n").is_err(), "a hook without anchor");
    }

    #[test]
    fn malformed_files_are_refused() {
        for text in ["=a\n", "@ f.c\n", "@ f.c beside\n", "@ f.c after\nx\n"] {
            assert!(Hooks::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_a_change_leads_to() {
        let hooks = Hooks::parse("! one\n! two\n? mainline\n").unwrap();
        assert_eq!(
            (hooks.must_fail, hooks.provider),
            (vec!["one".into(), "two".into()], Some("mainline".into()))
        );
    }
}
