//! Packs the program's relocations where the C library unpacks them (glibc since 2.36): two thirds of a megabyte
//! less to read at each start.

use std::env;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let target = env::var("TARGET").unwrap_or_default().to_uppercase();
    println!(
        "cargo::rerun-if-env-changed=CARGO_TARGET_{}_LINKER",
        target.replace(['-', '.'], "_")
    );
    if unpacks_relocations() {
        println!("cargo::rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
    }
}

/// Whether the program is built for this machine in the usual way, and its C library says that it does.
fn unpacks_relocations() -> bool {
    let is = |name: &str, value: &str| env::var_os(name).is_some_and(|found| found == value);
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

/// The version that a C library with this skill defines, and a program that needs it asks for.
const MARK: &str = "GLIBC_ABI_DT_RELR";
