//! What pages quote of the program's errors is what it says today.

use std::path::Path;

/// The texts that a page explains: before the colon of each point below `When it does not work`, and in the first column of a
/// table of what is said.
fn quoted(page: &str) -> Vec<String> {
    let (_, rest) = page
        .split_once("\n## When it does not work\n")
        .unwrap_or_default();
    let section = rest.split("\n## ").next().unwrap_or_default();
    let points = section.lines().filter_map(|line| line.strip_prefix("- "));
    let (_, rest) = page.split_once("\n| what it says |").unwrap_or_default();
    let rows = rest
        .lines()
        .skip(2)
        .map_while(|line| line.strip_prefix("| "));
    let heads = points
        .map(head)
        .chain(rows.filter_map(|row| row.split(" | ").next()));
    let texts = heads.flat_map(texts);
    // What is no error of ours: a command, or what kubectl says.
    let others = ["auth ", "python ", "error: You must be logged in"];
    let is_ours = |text: &String| !others.iter().any(|start| text.starts_with(start));
    texts.filter(is_ours).collect()
}

/// What stands before the first colon that is not part of a quotation.
fn head(point: &str) -> &str {
    let mut is_quoted = false;
    let end = point.char_indices().find(|(place, letter)| {
        is_quoted ^= *letter == '`';
        !is_quoted && *letter == ':' && *place > 0
    });
    end.map_or(point, |(place, _)| &point[..place])
}

/// What is quoted in Markdown; two backticks around a text that has one.
fn texts(head: &str) -> Vec<String> {
    let mut texts = Vec::new();
    let mut rest = head;
    while let Some(start) = rest.find('`') {
        let fence = rest[start..]
            .split(|letter| letter != '`')
            .next()
            .unwrap_or_default();
        let inner = &rest[start + fence.len()..];
        let Some(end) = inner.find(fence) else { break };
        texts.push(inner[..end].trim().to_owned());
        rest = &inner[end + fence.len()..];
    }
    texts
}

/// The texts of the sources, with `…` for what differs from time to time, and those of what was reviewed.
struct Known {
    patterns: Vec<Vec<String>>,
    shown: String,
    /// The numbers of Entra ID for which there is advice.
    numbers: Vec<String>,
}

impl Known {
    fn read() -> Self {
        let root = super::root();
        let table = root.join("crates/auth-core/src/error/hint/numbered.rs");
        let table = std::fs::read_to_string(table).unwrap();
        let numbers = table.split(|letter: char| !letter.is_ascii_digit());
        let mut known = Self {
            patterns: Vec::new(),
            shown: String::new(),
            numbers: numbers.map(str::to_owned).collect(),
        };
        let crates = std::fs::read_dir(root.join("crates")).unwrap();
        let crates = crates.map(|each| each.unwrap().path());
        for each in crates.filter(|each| each.is_dir()) {
            known.take(&each.join("src"), &["rs", "snap"]);
        }
        // What a test says itself is nothing that the program says.
        known.take(&root.join("crates/auth-cli/tests/cli"), &["snap"]);
        known
    }

    /// Reads the files below that end so.
    fn take(&mut self, directory: &Path, ends: &[&str]) {
        for entry in std::fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            let end = path.extension().and_then(|end| end.to_str());
            match end.filter(|end| ends.contains(end)) {
                Some("rs") => {
                    let text = std::fs::read_to_string(&path).unwrap();
                    self.patterns.extend(literals(&text));
                }
                Some("snap") => self.shown += &std::fs::read_to_string(&path).unwrap(),
                _ if path.is_dir() => self.take(&path, ends),
                _ => {}
            }
        }
    }

    /// Whether the program, or a server that it quotes, says this, in which `…` stands for anything.
    fn says(&self, text: &str) -> bool {
        text.split('…')
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .all(|part| {
                if let Some(number) = part.strip_prefix("AADSTS") {
                    return self.numbers.iter().any(|known| known == number);
                }
                let said = |pattern: &Vec<String>| is_within(pattern, part);
                self.shown.contains(part) || self.patterns.iter().any(said)
            })
    }
}

/// The literals of a source file, each in the pieces between its `{}`.
fn literals(text: &str) -> Vec<Vec<String>> {
    let (mut literals, mut letters) = (Vec::new(), text.chars().peekable());
    while let Some(letter) = letters.next() {
        match letter {
            '\'' if letters.peek() == Some(&'"') => drop(letters.next()),
            '"' => {}
            _ => continue,
        }
        if letter != '"' {
            continue;
        }
        let mut literal = String::new();
        while let Some(letter) = letters.next() {
            match letter {
                '"' => break,
                '\\' => match letters.next() {
                    Some('\n') => {
                        while letters.next_if(|letter| letter.is_whitespace()).is_some() {}
                    }
                    Some(other) => literal.push(other),
                    None => break,
                },
                _ => literal.push(letter),
            }
        }
        let pieces = literal
            .split('{')
            .enumerate()
            .map(|(place, piece)| match place {
                0 => piece.to_owned(),
                _ => piece
                    .split_once('}')
                    .map_or(piece, |(_, rest)| rest)
                    .to_owned(),
            });
        literals.push(pieces.collect());
    }
    literals
}

/// Whether `text` is a part of what a literal becomes: as it stands, or with something of its own between the pieces.
fn is_within(pieces: &[String], text: &str) -> bool {
    if pieces.iter().any(|piece| piece.contains(text)) {
        return true;
    }
    let fixed: usize = pieces.iter().map(String::len).sum();
    let (mut rest, mut pieces) = (text, pieces.iter().filter(|piece| !piece.trim().is_empty()));
    // Half of it at least is the program's own.
    fixed * 2 >= text.len()
        && fixed > 8
        && pieces.all(
            |piece| match rest.split_once(piece.trim_matches([' ', ':', ';'])) {
                Some((_, after)) => {
                    rest = after;
                    true
                }
                None => false,
            },
        )
}

#[test]
fn each_error_that_a_page_explains_is_one_that_is_said_today() {
    let known = Known::read();
    let (mut count, mut unknown) = (0, Vec::new());
    for page in super::all_pages() {
        let text = std::fs::read_to_string(&page).unwrap();
        for quoted in quoted(&text) {
            count += 1;
            if !known.says(&quoted) {
                unknown.push(format!("{}: {quoted}", page.display()));
            }
        }
    }
    assert!(
        unknown.is_empty(),
        "nothing says this:\n{}",
        unknown.join("\n")
    );
    assert!(count > 30, "{count}");
}

#[test]
fn each_system_has_a_page_with_its_first_data_its_jobs_and_what_may_go_wrong() {
    let docs = super::root().join("docs");
    for page in ["entra", "disruptive", "provena", "desp", "pectus"] {
        let text = std::fs::read_to_string(docs.join(format!("{page}.md"))).unwrap();
        for part in ["The first data", "Unattended use", "When it does not work"] {
            assert!(text.contains(&format!("\n## {part}\n")), "{page}: {part}");
        }
        assert!(quoted(&text).len() > 3, "{page}");
    }
}

#[test]
fn what_nobody_says_is_found() {
    let known = Known::read();
    assert!(known.says("nobody is logged in for profile `somebody`"));
    assert!(known.says("… ended on …, and nobody has renewed it"));
    assert!(!known.says("nobody was logged in for profile `somebody`"));
    assert!(!known.says("some text that stands nowhere"));
    let page =
        "\n## When it does not work\n\n- `a: b`, or `` c `d` ``: e `f`\n- g: h\n\n## i\n- `j`: k\n";
    assert_eq!(quoted(page), ["a: b", "c `d`"]);
}
