//! What a function is called in every build, where its symbol has the marks of one.

/// The symbol with `*` for what another compiler, another version or another link changes.
pub(super) fn pattern(symbol: &str) -> String {
    // What link-time optimization made its own: `.llvm.1234`, `.65`.
    let (name, is_copy) = match symbol.find('.') {
        Some(end) if !symbol.starts_with("_ZN") => (&symbol[..end], true),
        _ => (symbol, false),
    };
    let mut pattern = match name {
        _ if name.starts_with("_ZN") => unhashed(name),
        _ if name.starts_with("_R") => undisambiguated(name),
        _ => unversioned(name),
    };
    if is_copy {
        pattern.push('*');
    }
    pattern
}

/// A legacy symbol ends with a hash: `17h`, 16 digits, `E`, and after it the mark of a copy.
fn unhashed(name: &str) -> String {
    match name.rfind("17h") {
        Some(hash) => format!("{}*", &name[..hash + 3]),
        None => name.to_owned(),
    }
}

/// A symbol of the newer kind has a mark for each crate: `Cs1234_5alloc`.
fn undisambiguated(name: &str) -> String {
    let mut parts = name.split("Cs");
    let mut pattern = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let mark = part.find('_').filter(|end| is_mark(&part[..*end]));
        pattern.push_str("Cs");
        match mark {
            Some(end) => {
                pattern.push('*');
                pattern.push_str(&part[end..]);
            }
            None => pattern.push_str(part),
        }
    }
    pattern
}

fn is_mark(text: &str) -> bool {
    (8..=12).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// aws-lc's functions are called after its version.
fn unversioned(name: &str) -> String {
    let prefix = "aws_lc_";
    let version = name.strip_prefix(prefix).map(|rest| {
        let digits = |c: char| c.is_ascii_digit() || c == '_';
        format!("{prefix}*_{}", rest.trim_start_matches(digits))
    });
    version.unwrap_or_else(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::pattern;

    #[test]
    fn a_function_is_called_the_same_in_every_build() {
        let named = [
            ("_ZN4auth4main17h0123456789abcdefE", "_ZN4auth4main17h*"),
            (
                "_ZN81_$LT$auth_core..cache..CachedSource$GT$3get17h0123456789abcdefE.llvm.42",
                "_ZN81_$LT$auth_core..cache..CachedSource$GT$3get17h*",
            ),
            (
                "_RNvCslNYArtu3iFV_5alloc3fmtCsjrHSEGnQ3l9_3std.65",
                "_RNvCs*_5alloc3fmtCs*_3std*",
            ),
            ("aws_lc_0_47_0_SHA256_Init", "aws_lc_*_SHA256_Init"),
            ("main", "main"),
        ];
        for (symbol, name) in named {
            assert_eq!(pattern(symbol), name);
        }
    }
}
