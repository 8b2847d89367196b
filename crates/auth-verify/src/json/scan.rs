//! The one pass over a JSON text: it finds the members of an object and refuses what is ambiguous.
//!
//! Our own, because no library does all of it in one pass (unique names at every level, a bound on the
//! depth, no lone surrogates, nothing copied), and a second pass is what checking a token can't
//! afford (BENCHMARKS.md). Its tests hold it against `serde_json`, and so does `cargo xtask fuzz`.

mod name;
mod scanner;

use std::borrow::Cow;

pub(super) use self::name::{Name, Span};
use self::scanner::Scanner;

/// The deepest that anything may nest, the object itself included.
const DEPTH: usize = 32;

/// Goes through the members of the object that `text` is: name and where the value stands. `None` if it is
/// not one strict object and nothing else; whether its own names are unique is for the caller to see.
pub(super) fn each_strict_member(text: &str, mut each: impl FnMut(Name, Span)) -> Option<()> {
    // So that every place in it fits into a `Span`.
    u32::try_from(text.len()).ok()?;
    let mut scanner = Scanner::strict(text, DEPTH);
    scanner.blanks();
    scanner.object(|scanner, name| {
        let value = scanner.nested(Scanner::value)?;
        each(name, value);
        Some(())
    })?;
    scanner.end()
}

/// Goes through the members of a value that was scanned as part of another one.
pub(super) fn each_member<'a>(
    value: &'a str,
    mut each: impl FnMut(Cow<'a, str>, &'a str) -> Option<()>,
) -> Option<()> {
    Scanner::again(value).object(|scanner, name| {
        let inside = scanner.value()?;
        each(name.read(value), inside.within(value))
    })
}

/// Goes through the elements of a value that was scanned as part of another one.
pub(super) fn each_element<'a>(
    value: &'a str,
    mut each: impl FnMut(&'a str) -> Option<()>,
) -> Option<()> {
    Scanner::again(value).list(|scanner| each(scanner.value()?.within(value)))
}

/// Whether no two have the same name.
pub(super) fn is_unique<'a, T>(
    all: &'a [T],
    tag: impl Fn(&'a T) -> u64,
    name: impl Fn(&'a T) -> &'a str,
) -> bool {
    if all.len() <= FEW {
        // One bit for each tag seen so far: where it is not set, nothing before has the same name.
        let mut seen = 0;
        return all.iter().enumerate().all(|(at, one)| {
            let own = tag(one);
            let bit = bit(own);
            let is_new = seen & bit == 0
                || !all[..at]
                    .iter()
                    .any(|other| tag(other) == own && name(other) == name(one));
            seen |= bit;
            is_new
        });
    }
    let mut names: Vec<&str> = all.iter().map(name).collect();
    names.sort_unstable();
    names.windows(2).all(|pair| pair[0] != pair[1])
}

/// The length of a name, how it begins and how it ends, in a form that is compared at once. Two names with
/// the same tag may differ.
#[inline]
pub(super) fn tag(name: &str) -> u64 {
    let name = name.as_bytes();
    let length = name.len() as u64;
    match (name.first_chunk(), name.last_chunk()) {
        (Some(first), Some(last)) => {
            let (first, last) = (u32::from_le_bytes(*first), u32::from_le_bytes(*last));
            (u64::from(first) | u64::from(last) << 32) ^ length << 56
        }
        _ => name
            .iter()
            .fold(length, |tag, &byte| tag << 8 | u64::from(byte)),
    }
}

/// One bit for a tag. In a few dozen tags, most that are not there have a bit that none of them has.
#[inline]
pub(super) fn bit(tag: u64) -> u64 {
    // An odd number without a pattern (2⁶⁴ over the golden ratio) lets each bit of the tag count.
    1 << (tag.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 58)
}

/// So few names are compared each with each faster than they are sorted.
const FEW: usize = 32;

#[cfg(test)]
mod tests {
    use super::super::reference;
    use super::*;

    fn members(text: &str) -> Option<reference::Members<'_>> {
        let mut members = Vec::new();
        each_strict_member(text, |name, value| {
            members.push((name.read(text), value.within(text)));
        })?;
        is_unique(&members, |(name, _)| tag(name), |(name, _)| name).then_some(members)
    }

    #[test]
    fn an_object_is_taken_apart() {
        let text = r#" {"b":[1,{"x":null}],"a\u0062":"\ud83d\ude00", "a" : -1.5e3 } "#;
        let members = members(text).unwrap();
        let shown: Vec<_> = members
            .iter()
            .map(|(name, value)| (&**name, *value))
            .collect();
        assert_eq!(
            shown,
            [
                ("b", r#"[1,{"x":null}]"#),
                ("ab", r#""\ud83d\ude00""#),
                ("a", "-1.5e3"),
            ]
        );
        let mut elements = Vec::new();
        let all = each_element(r#"[1, "a" ,[2,3],{}]"#, |element| {
            elements.push(element);
            Some(())
        });
        assert_eq!(
            (all, elements),
            (Some(()), vec!["1", "\"a\"", "[2,3]", "{}"])
        );
        for other in ["{}", "1", "\"[]\"", "null"] {
            assert_eq!(each_element(other, |_| Some(())), None);
        }
        for other in ["[]", "1", "\"{}\"", "null"] {
            assert_eq!(each_member(other, |_, _| Some(())), None);
        }
    }

    #[test]
    fn rule_7_what_is_ambiguous_is_refused() {
        let deep = |depth: usize| {
            let (open, close) = ("[".repeat(depth - 1), "]".repeat(depth - 1));
            format!(r#"{{"a":{open}{close}}}"#)
        };
        assert!(members(&deep(32)).is_some());
        let many = |last: &str| {
            let names: Vec<_> = (0..100).map(|at| format!("\"n{at}\":0")).collect();
            format!("{{{},\"{last}\":0}}", names.join(","))
        };
        assert!(members(&many("n100")).is_some());
        for bad in [
            &*deep(33),
            &deep(100_000),
            &many("n50"),
            &format!(r#"{{"x":{}}}"#, many("n0")),
            r#"{"a":1,"a":1}"#,
            r#"{"a":1,"\u0061":1}"#,
            r#"{"x":{"a":1,"b":{"a":2},"a":1}}"#,
            r#"{"x":[{"a":1,"\u0061":1}]}"#,
            r#"{"a":1e999}"#,
            r#"{"a":[1e999]}"#,
            r#"{"a":NaN}"#,
            r#"{"a":"\ud800"}"#,
            r#"{"a":"\udc00\ud800"}"#,
            r#"{"a":"\ud800\u0061"}"#,
            r#"{"\ud800":1}"#,
            "{\"a\":\"\n\"}",
            r#"{"a":"\x"}"#,
            r#"{"a":"\u00g0"}"#,
            r#"{"a":1}x"#,
            r#"{"a":1}{}"#,
            r#"{"a":01}"#,
            r#"{"a":-}"#,
            r#"{"a":1.}"#,
            r#"{"a":1e}"#,
            r#"{"a":+1}"#,
            r#"{"a":.5}"#,
            r#"{"a":1,}"#,
            r#"{,"a":1}"#,
            r#"{"a":[1,]}"#,
            r#"{"a" 1}"#,
            r#"{a:1}"#,
            r#"{"a":tru}"#,
            r#"{"a":truex}"#,
            r#"{"a":1"#,
            r#"{"a":"#,
            "{\"a\":\"",
            "{",
            "[]",
            "1",
            "",
            "\u{a0}{}",
            "\u{feff}{}",
        ] {
            assert!(members(bad).is_none(), "{}", &bad[..bad.len().min(60)]);
            assert!(
                reference::members(bad).is_none(),
                "{}",
                &bad[..bad.len().min(60)]
            );
        }
    }

    #[test]
    fn rule_7_the_same_name_at_different_levels_is_fine() {
        assert!(members(r#"{"a":{"a":[{"a":1},{"a":2}]},"A":3}"#).is_some());
        assert!(members("\t{\r\n}  ").is_some());
        // The same length, beginning and end.
        let alike =
            r#"{"abcd1wxyz":1,"abcd2wxyz":2,"x":{"abcd3wxyz":3,"abcd4wxyz":4},"":5,"\u0000":6}"#;
        assert!(members(alike).is_some());
        assert!(members(&format!(r#"{{"a":{}}}"#, "9".repeat(300))).is_some());
        assert!(
            members(r#"{"a":[0,-0,1.5E+2,true,false,null,"\"\\\/\b\f\n\r\t\u00e9é"]}"#).is_some()
        );
    }

    /// Texts that were spoiled, one after the other, from a seed: what `serde_json` reads, and reads unambiguously, we
    /// read in the same way; nothing else. How many are read.
    fn spoiled_texts_are_read_alike(seed: u64, mut goes_on: impl FnMut(u32) -> bool) -> u32 {
        let base = r#"{"iss":"https:\/\/a.b","aud":["x","\ud83d\ude00"],"exp":1.5e3,"n":-0.25,"t":true,
            "o":{"roles":["a","b"],"p":{"q":null,"r":[{},[]]}},"e\u0065":"\\\"","f":false,"z":12345678901234567890}"#;
        let mut state = seed;
        let mut random = |below: usize| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            usize::try_from(state >> 11).unwrap() % below
        };
        let telling = b"{}[]\",:\\u0d8e+-.tfn1 \n";
        let (mut accepted, mut round) = (0, 0);
        while goes_on(round) {
            round += 1;
            let mut bytes = base.as_bytes().to_vec();
            for _ in 0..=random(3) {
                let at = random(bytes.len());
                match random(4) {
                    0 => bytes[at] = telling[random(telling.len())],
                    1 => drop(bytes.remove(at)),
                    2 => bytes.insert(at, telling[random(telling.len())]),
                    _ => {
                        let end = (at + random(12)).min(bytes.len());
                        let part = bytes[at..end].to_vec();
                        let to = random(bytes.len());
                        bytes.splice(to..to, part);
                    }
                }
            }
            let Ok(text) = String::from_utf8(bytes) else {
                continue;
            };
            let (ours, theirs) = (members(&text), reference::members(&text));
            let sorted = |members: Option<reference::Members<'_>>| {
                members.map(|mut members| {
                    members.sort();
                    format!("{members:?}")
                })
            };
            accepted += u32::from(ours.is_some());
            assert_eq!(sorted(ours), sorted(theirs), "seed {seed:#x}: {text}");
        }
        accepted
    }

    #[test]
    fn rule_67_spoiled_texts_are_read_as_serde_json_reads_them() {
        let accepted = spoiled_texts_are_read_alike(0x5eed_0005, |round| round < 60_000);
        assert!(accepted > 3_000, "{accepted}");
    }

    /// The same from another seed each time, for half a minute.
    #[test]
    #[ignore = "cargo xtask fuzz runs it"]
    fn rule_67_for_half_a_minute_spoiled_texts_are_read_as_serde_json_reads_them() {
        use auth_core::clock::{Clock as _, SystemClock};
        let mut seed = [0; 8];
        aws_lc_rs::rand::fill(&mut seed).unwrap();
        let clock = SystemClock::new();
        let end = clock.now().monotonic + std::time::Duration::from_secs(30);
        let seed = u64::from_le_bytes(seed) | 1;
        let accepted = spoiled_texts_are_read_alike(seed, |_| clock.now().monotonic < end);
        assert!(accepted > 0, "seed {seed:#x}");
    }
}
