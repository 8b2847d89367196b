//! `cargo xtask book`: our documentation as one book, in the order in which its contents, `docs/README.md`, name the pages.

use std::fs;
use std::path::Path;

use crate::Task;
use crate::links::{self, is_outside, links};
use crate::root::root;
use crate::step::Outcome;
use crate::tool::Tool;
use crate::workspace::{self, File};

pub(crate) const TASK: Task = Task {
    name: "book",
    takes: "",
    does: "the documentation as a book for the browser, in the order of docs/README.md",
    run,
};

fn run(_: &[String]) -> Outcome {
    let files = workspace::files("")?;
    let place = workspace::target()?.join("book");
    if place.exists() {
        fs::remove_dir_all(&place).map_err(|error| failed(&place, &error))?;
    }
    let source = place.join("src");
    put(&source.join("SUMMARY.md"), &summary(&files))?;
    for page in links::pages(&files) {
        bind(page, &files, &source)?;
    }
    let settings = root().join("docs/book.toml");
    let text = fs::read_to_string(&settings).map_err(|error| failed(&settings, &error))?;
    put(&place.join("book.toml"), &text)?;
    Tool("mdbook@0.5.4")
        .step_built_with(&["--no-default-features", "--features", "search"])?
        .with(["build"])
        .with([&place])
        .run()?;
    Ok(format!("{}", place.join("book/index.html").display()))
}

/// Pages that the contents do not name.
pub(crate) fn forgotten(files: &[File]) -> Vec<String> {
    let summary = summary(files);
    let pages = links::pages(files).map(|page| &page.path);
    let forgotten = pages.filter(|path| !summary.contains(&format!("]({path})")));
    forgotten
        .map(|path| format!("{CONTENTS}: say what {path} is for"))
        .collect()
}

/// What mdBook reads: the cover, the contents, and what those name, below the headings that it stands under there. A page
/// that is named twice stands where it was named first.
fn summary(files: &[File]) -> String {
    let Some(contents) = files.iter().find(|file| file.path == CONTENTS) else {
        return String::new();
    };
    let named = |page: &File| format!("[{}]({})", title(page), page.path);
    let cover = files.iter().filter(|file| file.path == COVER);
    let mut lines: Vec<_> = cover.chain([contents]).map(named).collect();
    for line in contents.text.lines() {
        if let Some(part) = line.strip_prefix("## ") {
            lines.push(format!("\n# {part}\n"));
        }
        for link in links(line) {
            let path = link.path(CONTENTS);
            let page = links::pages(files).find(|page| page.path == path);
            let line = page.map(named).unwrap_or_default();
            if !line.is_empty() && !lines.iter().any(|known| known.ends_with(&line)) {
                lines.push(format!("- {line}"));
            }
        }
    }
    lines.join("\n") + "\n"
}

fn title(page: &File) -> &str {
    let heading = page.text.lines().find_map(|line| line.strip_prefix("# "));
    heading.unwrap_or(&page.path)
}

/// Puts a page into the book, with the files that it leads to. A folder has a page, its README.
fn bind(page: &File, files: &[File], source: &Path) -> Result<(), String> {
    let mut text = page.text.clone();
    for link in links(&page.text).filter(|link| !is_outside(link.target)) {
        let path = link.path(&page.path);
        let there = root().join(&path);
        if there.is_dir() {
            let readme = format!("{path}/README.md");
            if !files.iter().any(|page| page.path == readme) {
                return Err(format!("{}: the folder `{path}` has no page", page.path));
            }
            let target = link.target;
            text = text.replace(&format!("]({target})"), &format!("]({target}/README.md)"));
        } else if !path.ends_with(".md") && there.exists() {
            let content = fs::read_to_string(&there).map_err(|error| failed(&there, &error))?;
            put(&source.join(&path), &content)?;
        }
    }
    put(&source.join(&page.path), &text)
}

fn put(path: &Path, text: &str) -> Result<(), String> {
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder).map_err(|error| failed(folder, &error))?;
    fs::write(path, text).map_err(|error| failed(path, &error))
}

fn failed(path: &Path, error: &std::io::Error) -> String {
    format!("{}: {error}", path.display())
}

/// The page on which a reader of the book begins.
const COVER: &str = "README.md";

const CONTENTS: &str = "docs/README.md";

#[cfg(test)]
mod tests {
    use super::*;

    fn pages(contents: &str) -> Vec<File> {
        let pages = [
            ("README.md", "# auth\n"),
            ("docs/README.md", contents),
            ("docs/tutorial.md", "# The first token\n"),
            ("CHANGELOG.md", "# 1.0\n"),
        ];
        let pages = pages.map(|(path, text)| File {
            path: path.to_owned(),
            text: text.to_owned(),
        });
        pages.into()
    }

    #[test]
    fn the_book_has_the_order_of_the_contents() {
        let contents = "# The documentation\n\n## To try it\n\n- [it](tutorial.md#a), [more](https://a.example)\n\n\
            ## To do it\n\n| a | [b](../README.md), [c](tutorial.md), [d](../LICENSE-MIT), [e](../CHANGELOG.md) |\n";
        assert_eq!(
            summary(&pages(contents)),
            "[auth](README.md)\n[The documentation](docs/README.md)\n\n# To try it\n\n\
            - [The first token](docs/tutorial.md)\n\n# To do it\n\n- [1.0](CHANGELOG.md)\n"
        );
    }

    #[test]
    fn a_page_that_the_contents_do_not_name_is_named() {
        assert_eq!(
            forgotten(&pages("# The documentation\n\n[it](../CHANGELOG.md)\n")),
            ["docs/README.md: say what docs/tutorial.md is for"]
        );
    }
}
