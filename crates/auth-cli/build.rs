//! Tells the program which build it is, packs its relocations where the C library unpacks them (glibc since 2.36): two thirds of
//! a megabyte less to read at each start; and lays side by side what each start runs, where the linker can: three megabytes less.

use std::env;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::{Command, Stdio};

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    tell_build();
    let target = env::var("TARGET").unwrap_or_default().to_uppercase();
    println!(
        "cargo::rerun-if-env-changed=CARGO_TARGET_{}_LINKER",
        target.replace(['-', '.'], "_")
    );
    if unpacks_relocations() {
        println!("cargo::rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
    }
    println!("cargo::rerun-if-changed={ORDER}");
    println!("cargo::rerun-if-env-changed=RUSTFLAGS");
    if let Some(order) = order() {
        println!("cargo::rustc-link-arg-bins={order}");
    }
}

/// What `auth version` says beside the version: for which target, by which compiler, and of which revision of the source.
fn tell_build() {
    println!("cargo::rerun-if-env-changed=AUTH_BUILD_REVISION");
    let target = env::var("TARGET").unwrap_or_default();
    println!("cargo::rustc-env=AUTH_BUILD_TARGET={target}");
    let compiler = env::var_os("RUSTC").unwrap_or_else(|| OsString::from("rustc"));
    let said = Command::new(compiler).arg("--version").output();
    let said = said.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    let said = said.unwrap_or_default();
    println!("cargo::rustc-env=AUTH_BUILD_RUSTC={}", said.trim());
    // A package says of which revision it is; a checkout would rebuild the program at each commit to know.
    let package = std::fs::read_to_string(".cargo_vcs_info.json").unwrap_or_default();
    let packaged = package.split("\"sha1\": \"").nth(1);
    let packaged = packaged.and_then(|rest| rest.split('"').next());
    if env::var_os("AUTH_BUILD_REVISION").is_none()
        && let Some(revision) = packaged
    {
        println!("cargo::rustc-env=AUTH_BUILD_REVISION={revision}");
    }
}

/// Whether the program is built for this machine in the usual way, and its C library says that it does.
fn unpacks_relocations() -> bool {
    if !is("CARGO_CFG_TARGET_OS", "linux")
        || !is("CARGO_CFG_TARGET_ENV", "gnu")
        || env::var_os("HOST") != env::var_os("TARGET")
        // Whoever brings a linker of their own may have another C library in mind, an older one of the same name.
        || env::var_os("RUSTC_LINKER").is_some()
    {
        return false;
    }
    let compiler = env::var_os("CC").unwrap_or_else(|| OsString::from("cc"));
    let mut find = Command::new(compiler);
    let Ok(found) = find.arg("-print-file-name=libc.so.6").output() else {
        return false;
    };
    let library = PathBuf::from(String::from_utf8_lossy(&found.stdout).trim());
    std::fs::read(library).is_ok_and(|bytes| {
        bytes
            .windows(MARK.len())
            .any(|window| window == MARK.as_bytes())
    })
}

/// What tells the linker in which order the functions lie, for a release and where it can: GNU's and LLVM's can, gold and mold
/// can't. A program of nothing, linked the same way, shows it.
fn order() -> Option<String> {
    if !is("PROFILE", "release") || !is("CARGO_CFG_TARGET_OS", "linux") {
        return None;
    }
    let folder = env::var("CARGO_MANIFEST_DIR").ok()?;
    let order = format!("-T{folder}/{ORDER}");
    let mut link = Command::new(env::var_os("RUSTC")?);
    link.arg("--target").arg(env::var_os("TARGET")?);
    if let Some(linker) = env::var_os("RUSTC_LINKER") {
        let mut flag = OsString::from("linker=");
        flag.push(linker);
        link.arg("-C").arg(flag);
    }
    let flags = env::var("CARGO_ENCODED_RUSTFLAGS").unwrap_or_default();
    link.args(flags.split('\u{1f}').filter(|flag| !flag.is_empty()));
    link.arg("-C").arg(format!("link-arg={order}"));
    let nothing = PathBuf::from(env::var_os("OUT_DIR")?).join("nothing.rs");
    std::fs::write(&nothing, "fn main() {}\n").ok()?;
    link.arg("-o").arg(nothing.with_extension("linked"));
    link.arg(nothing).stderr(Stdio::null());
    link.status()
        .is_ok_and(|status| status.success())
        .then_some(order)
}

/// Written by `cargo xtask order`.
const ORDER: &str = "order.ld";

fn is(name: &str, value: &str) -> bool {
    env::var_os(name).is_some_and(|found| found == value)
}

/// The version that a C library with this skill defines, and a program that needs it asks for.
const MARK: &str = "GLIBC_ABI_DT_RELR";
