//! What other programs call it: a word that is none of ours, and the one that was meant.

/// What to do instead of `typed`, a command or an option (without its value) that there is not. `is_behind` says whether it
/// stands behind a command of ours.
pub(crate) fn meant(typed: &str, is_behind: impl Fn(&str) -> bool) -> Option<&'static str> {
    let plain = typed.to_ascii_lowercase().replace('_', "-");
    let own = OF_ONE.iter().find(|(_, words, _)| words.contains(&&*plain));
    if let Some((command, _, meant)) = own {
        // What another command has is no help.
        if is_behind(command) || plain.starts_with('-') {
            return is_behind(command).then_some(*meant);
        }
    }
    let row = TABLE.iter().find(|(words, _)| words.contains(&&*plain));
    row.map(|(_, meant)| *meant)
}

/// Words behind one command, and what is meant by them there.
const OF_ONE: &[(&str, &[&str], &str)] = &[
    (
        "config",
        &["get", "profile"],
        "`auth config show PROFILE` shows a profile",
    ),
    (
        "request",
        &["--method", "--request", "-x"],
        "the method stands before the path: `auth request PROFILE POST PATH`",
    ),
];

const TABLE: &[(&[&str], &str)] = &[
    (&["auth"], "write one `auth` only"),
    (
        &[
            "access-token",
            "account",
            "get",
            "get-access-token",
            "get-token",
            "identity-token",
            "print-access-token",
            "print-identity-token",
            "tokens",
        ],
        "`auth token PROFILE` prints a token, `auth status` says which are kept",
    ),
    (
        &["list", "list-profiles", "ls", "profile"],
        "`auth profiles` lists the profiles",
    ),
    (
        &["show", "info"],
        "`auth status` shows the logins, `auth config show PROFILE` a profile",
    ),
    (
        &["view", "current-context"],
        "`auth config show PROFILE` shows a profile",
    ),
    (
        &["add", "edit", "new", "set"],
        "`auth profiles add NAME` writes a profile; `auth config path` names the file, to be edited",
    ),
    (
        &["delete", "rm"],
        "`auth profiles remove NAME` takes a profile out, `auth logout PROFILE` ends a login",
    ),
    (
        &["activate", "set-context", "use", "use-context"],
        "`auth switch PROFILE NAME` chooses a login",
    ),
    (
        &["log-in", "setup-git", "sign-in", "signin"],
        "`auth login PROFILE` logs in",
    ),
    (
        &["log-out", "revoke", "sign-out", "signout"],
        "`auth logout PROFILE` ends a login",
    ),
    (
        &["refresh", "renew"],
        "`auth token PROFILE --refresh` renews a token",
    ),
    (&["run"], "`auth exec PROFILE -- COMMAND` runs a program"),
    (
        &["api", "call", "curl", "fetch"],
        "`auth request PROFILE PATH` asks an API",
    ),
    (
        &["configure", "setup"],
        "`auth init` writes a first profile",
    ),
    (
        &["env", "export"],
        "`auth token PROFILE --format env` writes a line for a shell",
    ),
    (
        &["can-i", "decode", "introspect", "validate"],
        "`auth inspect` shows what a token says, `auth verify` checks it",
    ),
    (
        &["check"],
        "`auth config check` looks for mistakes, `auth doctor` for everything else",
    ),
    (
        &["k8s", "kubectl"],
        "`auth kubernetes PROFILE` is kubectl's plugin",
    ),
    (
        &["--profile", "-p"],
        "a profile is named without an option: `auth token PROFILE`",
    ),
    (
        &["--host", "--hostname", "--tenant"],
        "the profile says where: see `auth profiles`",
    ),
    (
        &[
            "--client-id",
            "--client-secret",
            "--issuer",
            "--password",
            "--resource",
            "--secret",
            "--token-url",
        ],
        "the profile says so, and where its secrets are: see `auth profiles add --help`",
    ),
    (
        &[
            "--with-token",
            "--access-token",
            "--refresh-token",
            "--token",
        ],
        "a token is never given as an argument: name its file in the profile",
    ),
    (
        &["--user", "--username", "-u"],
        "several logins of a profile are told apart by `--account NAME`",
    ),
    (
        &["--json", "--output", "-o"],
        "`auth token` has `--format json`, what shows a list `--json`",
    ),
    (&["--device", "--use-device-code"], "write `--device-code`"),
    (&["--launch-browser", "--web"], "write `--browser`"),
    (
        &["--no-launch-browser"],
        "write `--no-browser`, or `--device-code`",
    ),
    (
        &["--force", "--force-refresh", "--no-cache"],
        "leave it out; `auth token PROFILE --refresh` renews a token",
    ),
    (&["--ttl", "--validity"], "write `--min-ttl`"),
    (
        &["--quiet", "--silent", "-q"],
        "leave it out: where all is well nothing more is said",
    ),
    (
        &["--debug", "--log-level", "--trace"],
        "write `-v`, or `-vv` for more",
    ),
    (&["-s"], "write `--scope`"),
    (
        &["--insecure", "--no-verify-ssl", "-k"],
        "name the certificate to trust with `--ca-file`",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_of_another_program_leads_to_ours() {
        for (typed, part) in [
            ("print-access-token", "auth token"),
            ("Get_Token", "auth token"),
            ("ls", "auth profiles"),
            ("--hostname", "auth profiles"),
            ("-X", "before the path"),
            ("--client_secret", "where its secrets are"),
        ] {
            let behind = |command: &str| command == "request";
            assert!(meant(typed, behind).unwrap().contains(part), "{typed}");
        }
        assert_eq!(meant("banana", |_| true), None);
        assert_eq!(meant("-X", |command| command == "profiles"), None);
        let of_config = meant("get", |command| command == "config").unwrap();
        assert!(of_config.contains("config show"), "{of_config}");
    }

    #[test]
    fn no_word_is_in_two_rows() {
        let mut words: Vec<_> = TABLE.iter().flat_map(|(words, _)| *words).collect();
        let count = words.len();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), count);
    }
}
