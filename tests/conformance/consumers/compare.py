"""Programs that other people wrote have a token of `auth`, each in its own way, at a server that knows good ones.

Run by `cargo xtask conformance consumers`, which says where everything is.
"""

import base64
import json
import os
import shutil
import ssl
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path

AUTH = os.environ["AUTH_PROGRAM"]
BIN = Path(os.environ["AUTH_GO_PROGRAMS"])
CA = os.environ["AUTH_TLS_AUTHORITY"]
HERE = Path(__file__).parent
PORT = os.environ["AUTH_CONSUMERS_PORT"]
SERVER = f"localhost:{PORT}"
HOME = Path(tempfile.mkdtemp(prefix="auth-consumers-"))
ENV = {
    "HOME": str(HOME),
    "PATH": f"{HOME}/bin:{Path(sys.executable).parent}:{os.environ['PATH']}",
    "AUTH_LAB_HOSTS": SERVER,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_SSL_CAINFO": CA,
    "CURL_CA_BUNDLE": CA,
}


def run(*words, said="", code=0, **more):
    """What a program writes to stdout, and to stderr where it fails."""
    ended = subprocess.run(words, input=said, env={**ENV, **more}, cwd=HOME, capture_output=True, text=True)
    shown = f"{words}: {ended.returncode}\n{ended.stdout}{ended.stderr}"
    assert (ended.returncode == 0) == (code == 0), shown
    return ended.stdout if code == 0 else ended.stdout + ended.stderr


def auth(*words, **more):
    return run("auth", *words, **more)


def token():
    return auth("token", "lab").strip()


def ask(path, body=None):
    context = ssl.create_default_context(cafile=CA)
    with urllib.request.urlopen(f"https://{SERVER}{path}", body, context=context) as answer:
        return answer.read()


def kubeconfig(**exec_more):
    """A cluster whose user is `auth kubernetes lab`."""
    user = {
        "apiVersion": "client.authentication.k8s.io/v1",
        "command": "auth",
        "args": ["kubernetes", "lab"],
        "interactiveMode": "Never",
        **exec_more,
    }
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "lab",
        "clusters": [{"name": "lab", "cluster": {"server": f"https://{SERVER}", "certificate-authority": CA}}],
        "contexts": [{"name": "lab", "context": {"cluster": "lab", "user": "lab"}}],
        "users": [{"name": "lab", "user": {"exec": user}}],
    }
    path = HOME / "kubeconfig"
    path.write_text(json.dumps(config))
    return str(path)


def client_go():
    for version in ["v1", "v1beta1"]:
        config = kubeconfig(apiVersion=f"client.authentication.k8s.io/{version}", provideClusterInfo=True)
        assert run(BIN / "kubernetes", config) == "greenhouse\n"
    # What client-go shows of a plugin that fails.
    said = run(BIN / "kubernetes", kubeconfig(args=["kubernetes", "nobody"]), code=1)
    assert "exit code 2" in said and "there is no profile `nobody`" in said, said


def kubectl():
    if shutil.which("kubectl") is None:
        return "kubectl is missing"
    said = run("kubectl", "--kubeconfig", kubeconfig(), "get", "namespaces", "--output=name")
    assert said == "namespace/greenhouse\n", said
    said = run("kubectl", "--kubeconfig", kubeconfig(args=["kubernetes", "nobody"]), "get", "namespaces", code=1)
    assert "there is no profile `nobody`" in said, said


def docker():
    helper = "docker-credential-lab"
    for server in [SERVER, f"https://{SERVER}", f"https://{SERVER}/v2/"]:
        assert run(BIN / "docker", helper, server) == f"oauth2 {token()}\n"
    assert run(BIN / "docker", helper, "index.docker.io") == "none\n"
    assert run(BIN / "docker", helper, f"http://{SERVER}") == "none\n"
    assert run(BIN / "docker", helper) == f"{SERVER} oauth2\n"
    said = run(BIN / "docker", helper, SERVER, AUTH_CONFIG="/nowhere", code=1)
    assert "/nowhere" in said, said


def git():
    work = HOME / "work"
    bare = HOME / "repositories/lab.git"
    run("git", "init", "--quiet", "--bare", str(bare))
    run("git", "init", "--quiet", str(work))
    commit = ["-c", "user.name=ada", "-c", "user.email=ada@example.org", "commit", "--quiet", "--allow-empty", "-m", "first"]
    run("git", "-C", str(work), *commit)
    run("git", "-C", str(work), "push", "--quiet", str(bare), "HEAD:refs/heads/main")
    address = f"https://{SERVER}/git/lab.git"
    helper = f"credential.https://{SERVER}.helper"
    run("git", "config", "--global", helper, "!auth git-credential lab")
    filled = run("git", "credential", "fill", said=f"url={address}\n")
    assert f"username=oauth2\npassword={token()}\n" in filled, filled
    ask("/seen")
    run("git", "clone", "--quiet", "--branch", "main", address, str(HOME / "clone"))
    assert "Basic" in json.loads(ask("/seen"))
    # The helper by its name alone, as `git-credential-lab`.
    run("git", "config", "--global", helper, "lab")
    assert "refs/heads/main" in run("git", "ls-remote", address)
    # A token that the server refuses is erased, and the next one is new.
    before = token()
    ask("/refuse", before.encode())
    run("git", "ls-remote", address, code=128)
    assert token() != before
    assert "refs/heads/main" in run("git", "ls-remote", address)
    # Another host gets nothing, and git does not wait for anybody.
    said = run("git", "-c", "credential.helper=lab", "credential", "fill", said="url=https://localhost:1/x\n", code=128)
    assert "could not read Username" in said, said


def git_authtype():
    """git 2.46 or newer; by hand, since many systems have an older one."""
    asked = f"capability[]=authtype\ncapability[]=state\nprotocol=https\nhost={SERVER}\nwwwauth[]=Bearer\n\n"
    said = auth("git-credential", "lab", "get", said=asked)
    answer = dict(line.split("=", 1) for line in said.splitlines())
    assert answer["capability[]"] == "authtype" and answer["ephemeral"] == "1", said
    header = f"{answer['authtype']} {answer['credential']}"
    assert run("curl", "--silent", "--config", "-", said=f'url = "https://{SERVER}/file"\nheader = "Authorization: {header}"\n') == "the file\n"


def curl():
    config = auth("token", "lab", "--format", "curl")
    ask("/seen")
    assert run("curl", "--silent", "--fail", "--config", "-", f"https://{SERVER}/file", said=config) == "the file\n"
    (HOME / "netrc").write_text(auth("token", "lab", "--format", "netrc", "--host", "localhost"))
    words = ["--netrc-file", str(HOME / "netrc"), f"https://{SERVER}/file"]
    assert run("curl", "--silent", "--fail", *words) == "the file\n"
    assert json.loads(ask("/seen")) == ["Bearer", "Basic"]


def python_netrc():
    import netrc

    user, _, password = netrc.netrc(HOME / "netrc").authenticators("localhost")
    assert (user, password) == ("anonymous", token())


def uv():
    """uv is a helper of the same protocol: both answers have the same shape."""
    request = json.dumps({"uri": f"https://{SERVER}/file"})
    run("uv", "--quiet", "auth", "login", f"https://{SERVER}", "--token", "-", said=token())
    theirs = json.loads(run("uv", "--preview-features", "auth-helper", "auth", "helper", "--protocol=bazel", "get", said=request))
    ours = json.loads(run("bazel-credential-lab", "get", said=request))
    for answer in [theirs, ours]:
        [value] = answer["headers"]["Authorization"]
        scheme, _, credential = value.partition(" ")
        if scheme == "Basic":
            credential = base64.b64decode(credential).decode().partition(":")[2]
        assert credential == token(), value
    assert set(ours) - set(theirs) == {"expires"}


def main():
    (HOME / "bin").mkdir()
    for name in ["auth", "docker-credential-lab", "git-credential-lab", "bazel-credential-lab"]:
        (HOME / "bin" / name).symlink_to(AUTH)
    (HOME / "repositories").mkdir()
    emulator = subprocess.Popen([AUTH, "emulator", "--dir", HOME / "emulator"], env=ENV, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    for line in emulator.stdout:
        name, _, value = line.removeprefix("export ").strip().partition("=")
        ENV[name] = value.strip("'")
    config = (HOME / "emulator/config.toml").read_text()
    [api, *_] = [line.split('"')[1] for line in config.splitlines() if line.startswith("api = ")]
    words = [sys.executable, HERE / "server.py", PORT, os.environ["AUTH_TLS_CERTIFICATE"], os.environ["AUTH_TLS_KEY"]]
    surroundings = {**os.environ, "LAB_API": api, "GIT_PROJECT_ROOT": str(HOME / "repositories")}
    server = subprocess.Popen(words, env=surroundings, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout.readline() == "ready\n"
        for consumer in [client_go, kubectl, docker, git, git_authtype, curl, python_netrc, uv]:
            why = consumer()
            print(f"{consumer.__name__:<14} {f'skipped: {why}' if why else 'passed'}", flush=True)
    finally:
        server.kill()
        emulator.kill()
        shutil.rmtree(HOME, ignore_errors=True)


main()
