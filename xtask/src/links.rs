//! `cargo xtask links`: where the links of our Markdown lead. Those inside must lead somewhere, which `tidy` sees to as well;
//! those outside are listed, for whoever looks whether they still do.

use crate::Task;
use crate::root::root;
use crate::step::Outcome;
use crate::workspace::{self, File};

pub(crate) const TASK: Task = Task {
    name: "links",
    takes: "",
    does: "where the links of our Markdown lead: those inside must lead somewhere, those outside are listed",
    run,
};

fn run(_: &[String]) -> Outcome {
    let files = workspace::files("")?;
    let outside: Vec<_> = pages(&files)
        .flat_map(|file| links(&file.text).map(move |link| (&file.path, link)))
        .filter(|(_, link)| is_outside(link.target))
        .collect();
    for (path, link) in &outside {
        println!("{path}:{}: {}", link.line, link.target);
    }
    let broken = broken(&files);
    match broken.is_empty() {
        true => Ok(format!(
            "{} links lead outside, and those inside lead somewhere",
            outside.len()
        )),
        false => Err(broken.join("\n  ")),
    }
}

/// Links inside that lead nowhere.
pub(crate) fn broken(files: &[File]) -> Vec<String> {
    let mut found = Vec::new();
    for file in pages(files) {
        for link in links(&file.text).filter(|link| !is_outside(link.target)) {
            if let Some(why) = wrong(file, &link, files) {
                found.push(format!(
                    "{}:{}: `{}` {why}",
                    file.path, link.line, link.target
                ));
            }
        }
    }
    found
}

/// What is written in Markdown.
pub(crate) fn pages(files: &[File]) -> impl Iterator<Item = &File> {
    files.iter().filter(|file| file.path.ends_with(".md"))
}

fn wrong(file: &File, link: &Link<'_>, files: &[File]) -> Option<&'static str> {
    let path = link.path(&file.path);
    let (_, heading) = link.target.split_once('#').unwrap_or_default();
    if package(&file.path).is_some_and(|package| !path.starts_with(package)) {
        return Some("leads out of the package, where its readers can't follow");
    }
    if heading.is_empty() {
        return (!root().join(&path).exists()).then_some("is not there");
    }
    let Some(page) = files.iter().find(|page| page.path == path) else {
        return Some("is not there");
    };
    let mut headings = lines(&page.text).filter(|(_, line)| line.starts_with('#'));
    let is_there = headings.any(|(_, line)| slug(line) == heading);
    (!is_there).then_some("is a heading that is not there")
}

/// The package in which a page goes out: what people read in a registry, in documentation and beside a program.
fn package(page: &str) -> Option<&str> {
    let rest = page.strip_prefix("crates/")?;
    let end = "crates/".len() + rest.find('/')?;
    Some(&page[..=end])
}

/// The path that `target` means on the page at `from`.
fn resolved(from: &str, target: &str) -> String {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// What a heading is called in a link.
fn slug(heading: &str) -> String {
    let text = heading.trim_start_matches('#').trim().to_lowercase();
    let kept = text
        .chars()
        .filter(|c| c.is_alphanumeric() || " -_".contains(*c));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

/// A link, and on which line it stands.
pub(crate) struct Link<'a> {
    line: usize,
    pub(crate) target: &'a str,
}

impl Link<'_> {
    /// The path that it means on the page at `from`, if it leads inside.
    pub(crate) fn path(&self, from: &str) -> String {
        match self.target.split('#').next() {
            None | Some("") => from.to_owned(),
            Some(target) => resolved(from, target),
        }
    }
}

/// Whether it leads out of the workspace.
pub(crate) fn is_outside(target: &str) -> bool {
    target.contains("://") || target.starts_with("mailto:")
}

/// The links of a page, outside of code: `[…](target)`, `[…]: target` and `<https://…>`.
pub(crate) fn links(text: &str) -> impl Iterator<Item = Link<'_>> {
    lines(text).flat_map(|(line, text)| {
        let named = text
            .strip_prefix('[')
            .and_then(|text| text.split_once("]: "));
        let named = named.map(|(_, target)| target.trim());
        let plain = text.split('`').step_by(2);
        let direct = plain.clone().flat_map(|text| {
            let starts = text.split("](").skip(1);
            starts.filter_map(|text| text.split(')').next())
        });
        let bare = plain.flat_map(|text| {
            let starts = text.split('<').skip(1);
            starts.filter_map(|text| text.split_once('>').map(|(target, _)| target))
        });
        let all: Vec<_> = direct
            .chain(bare.filter(|it| is_outside(it)))
            .chain(named)
            .collect();
        all.into_iter().map(move |target| Link { line, target })
    })
}

/// The lines outside of blocks of code, with their numbers.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut is_code = false;
    (1..).zip(text.lines()).filter(move |(_, line)| {
        let is_fence = line.trim_start().starts_with("```");
        is_code ^= is_fence;
        !is_code && !is_fence
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(path: &str, text: &str) -> File {
        File {
            path: path.to_owned(),
            text: text.to_owned(),
        }
    }

    #[test]
    fn a_link_that_leads_nowhere_is_named_with_its_line() {
        let files = [
            page(
                "docs/a.md",
                "# A\n\n[b](b.md#the-second-one) [c](gone.md) `[x](y)`\n```\n[z](z)\n```\n",
            ),
            page(
                "docs/b.md",
                "# B\n\n## The `second` one?\n\n[a](#b) [a](#c) [there](../Cargo.toml)\n",
            ),
            page(
                "crates/auth-x/README.md",
                "# X\n\n[RULES.md] [up](../../Cargo.toml)\n\n[RULES.md]: RULES.md\n",
            ),
        ];
        assert_eq!(
            broken(&files),
            [
                "docs/a.md:3: `gone.md` is not there",
                "docs/b.md:5: `#c` is a heading that is not there",
                "crates/auth-x/README.md:3: `../../Cargo.toml` leads out of the package, where its readers can't follow",
                "crates/auth-x/README.md:5: `RULES.md` is not there",
            ]
        );
    }

    #[test]
    fn what_leads_outside_is_found_however_it_is_written() {
        let text = "[a](https://a.example) <https://b.example>\n`<https://no.example>`\n[c]: https://c.example\n";
        let targets: Vec<_> = links(text).map(|link| (link.line, link.target)).collect();
        assert_eq!(
            targets,
            [
                (1, "https://a.example"),
                (1, "https://b.example"),
                (3, "https://c.example")
            ]
        );
        assert!(targets.iter().all(|(_, target)| is_outside(target)));
    }
}
