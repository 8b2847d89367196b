//! [`Flow`]: one run of the program, and all of them.

use serde_json::json;

/// One run of the program.
pub(super) struct Flow {
    pub(super) line: Vec<&'static str>,
    /// How it may end.
    pub(super) ends: &'static [i32],
    pub(super) stdout: Stdout,
    pub(super) stdin: Option<String>,
    /// Somebody who enters the code, or follows the address, that is shown.
    pub(super) person: bool,
}

/// What stdout is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Stdout {
    /// A secret that was asked for.
    Secret,
    /// Anything but one.
    Plain,
}

impl Flow {
    pub(super) fn new(line: &[&'static str]) -> Self {
        Self {
            line: line.to_vec(),
            ends: &[0],
            stdout: Stdout::Plain,
            stdin: None,
            person: false,
        }
    }

    pub(super) fn asked(line: &[&'static str]) -> Self {
        let stdout = Stdout::Secret;
        Self {
            stdout,
            ..Self::new(line)
        }
    }

    fn person(line: &[&'static str]) -> Self {
        let person = true;
        Self {
            person,
            ..Self::new(line)
        }
    }

    fn with_stdin(self, text: &str) -> Self {
        let stdin = Some(text.to_owned());
        Self { stdin, ..self }
    }

    fn ending(self, ends: &'static [i32]) -> Self {
        Self { ends, ..self }
    }
}

/// Every command, and every flow that gets a token: at `host`, where `token` is one and `import` a file with some.
pub(super) fn all(host: &str, token: &str, import: &str) -> Vec<Flow> {
    let mut flows = vec![
        Flow::new(&["init", "--no-interaction"]).ending(&[4]),
        Flow::new(&["doctor", "lab"]),
        Flow::new(&["doctor", "lab", "--json"]),
        Flow::new(&["version"]),
        Flow::new(&["config", "path"]),
        Flow::new(&["config", "check"]).ending(&[0, 2]),
        Flow::new(&[
            "profiles",
            "add",
            "more",
            "--kind",
            "oidc",
            "--issuer",
            "https://a.b",
        ]),
        Flow::new(&["profiles", "show", "more"]),
        Flow::new(&["profiles", "remove", "more"]),
    ];
    flows.extend([
        Flow::asked(&["token", "lab", "--refresh"]),
        Flow::asked(&["token", "lab", "--format", "env"]),
        Flow::asked(&["token", "lab", "--format", "curl"]),
        Flow::asked(&["token", "lab", "--format", "netrc"]),
        Flow::new(&["token", "lab", "--format", "github"]).ending(&[2]),
        // What else than the token that it is given the program knows.
        Flow::new(&["exec", "-vv", "lab", "--", "sh", "-c", LOOK]),
        Flow::new(&["exec", "-vv", "lab", "--", "no-such-program"]).ending(&[127]),
        Flow::asked(&["kubernetes", "lab"]),
        Flow::asked(&["git-credential", "lab", "get"])
            .with_stdin(&format!("protocol=https\nhost={host}\n")),
        Flow::new(&["git-credential", "lab", "erase"]).with_stdin(&format!(
            "protocol=https\nhost={host}\npassword={}\n",
            token
        )),
        Flow::new(&["git-credential", "lab", "store"])
            .with_stdin(&format!("password={}\r\n", token))
            .ending(&[2]),
        Flow::asked(&["docker-credential", "lab", "get"]).with_stdin(host),
        Flow::new(&["docker-credential", "lab", "store"])
            .with_stdin(&json!({ "Secret": token }).to_string())
            .ending(&[2]),
        Flow::asked(&["bazel-credential", "lab", "get"])
            .with_stdin(&json!({ "uri": format!("https://{host}/") }).to_string()),
        Flow::asked(&["token", "lab", "--format", "json"]),
        Flow::asked(&["token", "ada"]),
        Flow::asked(&["token", "kept", "--refresh"]),
        Flow::asked(&["token", "signer"]),
        Flow::asked(&["token", "reader"]),
        Flow::asked(&["token", "account"]),
        Flow::asked(&["token", "job"]),
        Flow::asked(&["token", "disruptive"]),
        Flow::asked(&["token", "azure"]),
        Flow::asked(&["token", "cacheb"]),
        Flow::person(&["login", "person", "--device-code"]),
        Flow::person(&["login", "person", "--browser"]),
        Flow::person(&["login", "entra", "--device-code"]),
        Flow::asked(&["token", "person", "--refresh"]),
        Flow::asked(&["token", "traded"]),
        Flow::asked(&["kubernetes", "person"]),
        Flow::new(&["whoami", "person"]),
        Flow::new(&["whoami", "lab"]),
        Flow::new(&["request", "person", "whoami"]),
        Flow::new(&["request", "lab", "whoami"]),
        Flow::new(&["netrc", "cacheb", "--file", "netrc"]),
        Flow::asked(&["desp", "-s", "cacheb", "-p"]),
        Flow::person(&[
            "offline-token",
            "person",
            "--device-code",
            "--output",
            "made",
        ]),
        Flow::new(&["import", "taken", "-"]).with_stdin(import),
        Flow::new(&["verify", "--profile", "lab", "--audience", "api"]).with_stdin(token),
        Flow::new(&[
            "verify",
            "--profile",
            "lab",
            "--audience",
            "api",
            "--introspect",
        ])
        .with_stdin(token),
        Flow::new(&["verify", "--profile", "lab", "--audience", "no"])
            .with_stdin(token)
            .ending(&[3]),
        Flow::new(&["inspect"]).with_stdin(token),
        Flow::new(&["status"]),
        Flow::new(&["status", "--json"]),
        Flow::new(&["profiles"]),
        Flow::new(&["profiles", "--json"]),
        Flow::new(&["config", "show", "lab"]),
        Flow::new(&["config", "show", "traded", "--json"]),
        Flow::new(&["completions", "bash"]),
        Flow::new(&["demo"]),
        Flow::new(&["emulator", "--port", "no"]).ending(&[2]),
        Flow::asked(&["token", "wrong"]).ending(&[3]),
        Flow::asked(&["kubernetes", "person"]),
        Flow::new(&["switch", "person"]),
        Flow::new(&["logout", "person"]),
        Flow::new(&["logout", "--all"]),
    ]);
    flows
}

/// A program's environment and arguments, without the token that it was given.
const LOOK: &str = "unset AUTH_TOKEN; env; tr '\\0' ' ' < /proc/$$/cmdline";
