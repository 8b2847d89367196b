//! Laws of the netrc grammar, over every text of a few pieces.

use super::*;

const HOST: &str = "h.example";

fn set_to(text: &[u8], password: &str) -> Result<Text, Flaw> {
    set(text, HOST, "anonymous", password)
}

fn of(text: Result<Text, Flaw>) -> String {
    String::from_utf8(text.unwrap().to_vec()).unwrap()
}

/// What a reader finds that takes the last exact entry, as Python does.
fn last(text: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
    let netrc = Netrc::parse(text).unwrap();
    let mut entries = netrc.entries.iter().rev();
    let entry = entries.find(|entry| entry.is_exactly_of(text, HOST))?;
    Some(values(text, entry))
}

/// What a reader finds that takes the first entry that fits, as curl does.
fn first(text: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
    let netrc = Netrc::parse(text).unwrap();
    let mut entries = netrc.entries.iter();
    let entry = entries.find(|entry| entry.host.is_none() || entry.is_of(text, HOST))?;
    Some(values(text, entry))
}

fn values(text: &[u8], entry: &Entry) -> (Vec<u8>, Vec<u8>) {
    let last = |words: &[Word]| words.last().map(|word| word.value(text).to_vec());
    let (login, password) = (last(&entry.logins), last(&entry.passwords));
    (login.unwrap_or_default(), password.unwrap_or_default())
}

/// Everybody else's entries.
fn others(text: &[u8]) -> Vec<(Vec<u8>, Vec<u8>, Vec<u8>)> {
    let netrc = Netrc::parse(text).unwrap();
    let entries = netrc.entries.iter();
    let others = entries.filter(|entry| !entry.is_of(text, HOST));
    others
        .map(|entry| {
            let name = entry.host.as_ref().map(|host| host.value(text).to_vec());
            let (login, password) = values(text, entry);
            (name.unwrap_or_default(), login, password)
        })
        .collect()
}

fn count(text: &[u8]) -> usize {
    let netrc = Netrc::parse(text).unwrap();
    let entries = netrc.entries.iter();
    entries.filter(|entry| entry.is_of(text, HOST)).count()
}

fn check(text: &[u8]) {
    let shown = String::from_utf8_lossy(text).into_owned();
    let Ok(netrc) = Netrc::parse(text) else {
        // Refused, whatever is asked for, and never changed.
        assert!(set_to(text, "new").is_err() && remove(text, HOST, &|_| true).is_err());
        return;
    };
    let mut end = 0;
    for entry in &netrc.entries {
        assert!(end <= entry.span.start, "{shown:?}");
        end = entry.span.end;
    }
    // Parsed and printed, it is the same.
    assert_eq!(**Edits::new(text).made(), *text, "{shown:?}");

    let after = set_to(text, "new").unwrap();
    let now = String::from_utf8_lossy(&after).into_owned();
    let found = (b"anonymous".to_vec(), b"new".to_vec());
    assert_eq!(last(&after), Some(found.clone()), "{shown:?} {now:?}");
    assert_eq!(first(&after), Some(found), "{shown:?} {now:?}");
    assert_eq!(count(&after), 1, "{shown:?} {now:?}");
    assert_eq!(others(&after), others(text), "{shown:?} {now:?}");
    assert_eq!(set_to(&after, "new").unwrap(), after, "{shown:?} {now:?}");
    let longer = replace(
        &after,
        HOST,
        &|token| token.expose_secret() == "new",
        "newer",
    );
    assert_eq!(longer.unwrap(), Some(set_to(text, "newer").unwrap()));
    assert_eq!(replace(&after, HOST, &|_| false, "x"), Ok(None));
    assert_eq!(remove(&after, HOST, &|_| false), Ok(None));

    let gone = remove(&after, HOST, &|_| true).unwrap().unwrap();
    assert_eq!(count(&gone), 0, "{shown:?}");
    assert_eq!(others(&gone), others(text), "{shown:?}");
    let whole = text.is_empty() || text.ends_with(b"\n");
    let in_macro = netrc.macros.last() == Some(&text.len());
    let after_entry = netrc
        .default
        .is_none_or(|at| starts_line(text, before_blanks(text, at)));
    if count(text) == 0 && whole && !in_macro && after_entry {
        assert_eq!(*gone, *text, "what was added is gone and nothing else");
    }
}

/// Calls `check` with every text of up to `length` pieces.
fn every(pieces: &[&[u8]], length: usize, text: &mut Vec<u8>) {
    check(text);
    if length == 0 {
        return;
    }
    for piece in pieces {
        let end = text.len();
        text.extend_from_slice(piece);
        every(pieces, length - 1, text);
        text.truncate(end);
    }
}

#[test]
fn whatever_stands_in_a_file_one_entry_changes_and_nothing_else() {
    let pieces: [&[u8]; 13] = [
        b"machine a.example login b password c\n",
        b"machine h.example\n  login x\n  password \"q \\\" s\"\n",
        b"machine h.example password p machine z login q\r\n",
        b"machine \"h.example\"login l password \"p\"#c\n",
        b"default login d password e\n",
        b"macdef n\n put x\n",
        b"\n",
        b"machine H.Example account k # note\n",
        b"machine h.example.org\n\tlogin l\n\tpassword p\n",
        b" default\n",
        b"macdef m\n cd /\n machine h.example\n\n",
        b"# machine h.example\n",
        b"login \xe9\xff\n",
    ];
    every(&pieces, 3, &mut Vec::new());
    every(&pieces[..7], 4, &mut Vec::new());
}

#[test]
fn whatever_words_follow_each_other_a_file_is_changed_rightly_or_refused() {
    let pieces: [&[u8]; 12] = [
        b"machine",
        b"h.example",
        b"login",
        b"password",
        b"default",
        b"macdef",
        b"#",
        b"\"",
        b"\\",
        b" ",
        b"\n",
        b"\xff",
    ];
    every(&pieces, 4, &mut Vec::new());
    // Longer ones, at random but always the same.
    let mut state = 1u64;
    for _ in 0..10_000 {
        let mut text = b"machine ".to_vec();
        for _ in 0..14 {
            state = state
                .wrapping_mul(6364136223846793005)
                .wrapping_add(1442695040888963407);
            let pick = usize::try_from(state >> 33).unwrap() % (pieces.len() + 4);
            text.extend_from_slice(pieces.get(pick).copied().unwrap_or(b" "));
        }
        check(&text);
    }
}

#[test]
fn a_new_entry_looks_as_everybody_writes_it_and_stands_before_the_default() {
    let entry = "machine h.example\n    login anonymous\n    password new\n";
    assert_eq!(of(set_to(b"", "new")), entry);
    let other = "machine a login b password c\n";
    assert_eq!(
        of(set_to(other.as_bytes(), "new")),
        format!("{other}\n{entry}")
    );
    assert_eq!(
        of(set_to(b"machine a login b password c", "new")),
        format!("{other}\n{entry}")
    );
    let default = "default login d password e\n";
    let text = format!("{other}{default}");
    assert_eq!(
        of(set_to(text.as_bytes(), "new")),
        format!("{other}{entry}{default}")
    );
    let open = "macdef m\n cd /\n";
    assert_eq!(
        of(set_to(open.as_bytes(), "new")),
        format!("{open}\n{entry}")
    );
}

#[test]
fn an_entry_keeps_its_shape_and_its_comments() {
    let text = b"machine h.example login me # mine\n  account z\n\tpassword \"old one\" # secret\n";
    assert_eq!(
        of(set_to(text, "new")),
        "machine h.example login anonymous # mine\n  account z\n\tpassword new # secret\n"
    );
    assert_eq!(
        of(set_to(b"machine h.example\n", "new")),
        "machine h.example login anonymous password new\n"
    );
}

#[test]
fn w2_a_host_that_only_begins_the_same_is_another() {
    let text = b"machine h.example.org login a password b\nmachine xh.example login a password b\n";
    let after = set_to(text, "new").unwrap();
    assert!(after.starts_with(text));
    assert_eq!(count(&after), 1);
}

#[test]
fn words_that_programs_would_split_are_put_in_quotes() {
    for (value, written) in [
        ("plain-._~+/=", "plain-._~+/="),
        ("a b", "\"a b\""),
        ("a\"b\\c", "\"a\\\"b\\\\c\""),
        ("#a", "\"#a\""),
        ("a#b", "a#b"),
        ("", "\"\""),
        ("é", "\"é\""),
    ] {
        let after = of(set_to(b"", value));
        assert!(after.ends_with(&format!("password {written}\n")), "{after}");
        let found = last(after.as_bytes()).unwrap();
        assert_eq!(found.1, value.as_bytes());
    }
    assert_eq!(set_to(b"", "a\nb"), Err(Flaw::Value("password")));
    assert_eq!(set(b"", "a\0", "l", "p"), Err(Flaw::Value("host")));
}

#[test]
fn what_is_no_netrc_is_told_by_its_line() {
    for (text, line, why) in [
        ("machine", 1, "a machine without a name"),
        ("machine a\n\nlogin", 3, "a word without its value"),
        ("# x\nlogin a", 2, "a word that belongs to no machine"),
        ("macdef", 1, "a macro without a name"),
        (
            "machine a password b c",
            1,
            "a word that is none of netrc's",
        ),
        ("machine a\\", 1, "a backslash with nothing behind it"),
        (
            "machine a\npassword \"b\nmachine c",
            2,
            "a quote that does not end",
        ),
    ] {
        let flaw = Netrc::parse(text.as_bytes()).err();
        assert_eq!(flaw, Some(Flaw::Line(line, why)), "{text}");
    }
}
