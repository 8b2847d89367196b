//! An OCI image that Docker, Podman and Kubernetes run: what `Dockerfile` says, made by umoci and skopeo.

mod recipe;

use std::fs;
use std::path::Path;

use self::recipe::{Recipe, Word};
use super::missing::{Trouble, require};
use super::profile::Profile;
use super::{failed, folder, musl};
use crate::release::notices::{self, NOTICES};
use crate::root::root;
use crate::step::Step;

pub(super) fn build(profile: Profile) -> Result<String, Trouble> {
    for program in ["umoci", "skopeo"] {
        require(program, program)?;
    }
    if !Path::new(CERTIFICATES).exists() {
        return Err(Trouble::Missing(format!(
            "{CERTIFICATES}: run `apt-get install ca-certificates`"
        )));
    }
    let place = folder()?.join("image");
    if place.exists() {
        fs::remove_dir_all(&place).map_err(|error| failed(&place, &error))?;
    }
    let context = place.join("context");
    lay_out(&context, &musl::program(musl::X86, profile)?)?;
    let recipe = Recipe::read(&root().join("Dockerfile"))?;
    let layout = place.join("layout");
    make(&recipe, &context, &layout)?;
    let archive = place.join("auth.oci.tar");
    Step::new("skopeo")
        .with(["copy", "--quiet", "--insecure-policy"])
        .with([
            format!("oci:{}:latest", layout.display()),
            format!("oci-archive:{}:latest", archive.display()),
        ])
        .run()?;
    try_out(&recipe, &archive, &place)?;
    let size = fs::metadata(&archive)
        .map_err(|error| failed(&archive, &error))?
        .len();
    Ok(format!(
        "{}, {} KiB, tried",
        archive.display(),
        size.div_ceil(1024)
    ))
}

/// What this machine trusts, which Debian keeps as Mozilla does.
const CERTIFICATES: &str = "/etc/ssl/certs/ca-certificates.crt";

/// The files that the recipe copies.
fn lay_out(context: &Path, program: &Path) -> Result<(), String> {
    let home = context.join("nobody");
    fs::create_dir_all(&home).map_err(|error| failed(&home, &error))?;
    for (from, name) in [
        (program, "auth"),
        (Path::new(CERTIFICATES), "ca-certificates.crt"),
    ] {
        fs::copy(from, context.join(name)).map_err(|error| failed(from, &error))?;
    }
    let licences = context.join("licenses");
    fs::create_dir_all(&licences).map_err(|error| failed(&licences, &error))?;
    for name in ["LICENSE-APACHE", "LICENSE-MIT"] {
        let from = root().join(name);
        fs::copy(&from, licences.join(name)).map_err(|error| failed(&from, &error))?;
    }
    let notices = licences.join(NOTICES);
    fs::write(&notices, notices::of_program(musl::X86)?).map_err(|error| failed(&notices, &error))
}

/// The image, as a folder.
fn make(recipe: &Recipe, context: &Path, layout: &Path) -> Result<(), String> {
    let image = format!("{}:latest", layout.display());
    let umoci = |arguments: &[&str]| Step::new("umoci").with(arguments);
    umoci(&["init", "--layout"]).with([layout]).run()?;
    umoci(&["new", "--image", &image]).run()?;
    for word in &recipe.0 {
        match word {
            Word::Copy { from, to, owner } => {
                let (user, group) = owner.split_once(':').unwrap_or((owner, owner));
                umoci(&["insert", "--image", &image])
                    .with([format!("--uid-map={user}:{}:1", id("-u")?)])
                    .with([format!("--gid-map={group}:{}:1", id("-g")?)])
                    .with([context.join(from)])
                    .with([to])
                    .run()?;
            }
            Word::Env(pair) => umoci(&["config", "--image", &image, "--config.env", pair]).run()?,
            Word::User(user) => {
                umoci(&["config", "--image", &image, "--config.user", user]).run()?
            }
            Word::Entry(program) => {
                umoci(&["config", "--image", &image, "--config.entrypoint", program]).run()?;
            }
        }
    }
    Ok(())
}

/// Whose the files are that we have made.
fn id(which: &str) -> Result<String, String> {
    Ok(Step::new("id").with([which]).output()?.trim().to_owned())
}

/// Unpacks the image again, and runs it as a container would.
fn try_out(recipe: &Recipe, archive: &Path, place: &Path) -> Result<(), String> {
    let again = place.join("again");
    let bundle = place.join("bundle");
    Step::new("skopeo")
        .with(["copy", "--quiet", "--insecure-policy"])
        .with([
            format!("oci-archive:{}:latest", archive.display()),
            format!("oci:{}:latest", again.display()),
        ])
        .run()?;
    Step::new("umoci")
        .with(["unpack", "--rootless", "--image"])
        .with([format!("{}:latest", again.display())])
        .with([&bundle])
        .run()?;
    let root = bundle.join("rootfs");
    let run = |arguments: &[&str]| {
        let mut step = Step::new("unshare")
            .with(["--map-root-user", "chroot"])
            .with([&root]);
        for word in &recipe.0 {
            match word {
                Word::Env(pair) => {
                    let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
                    step = step.with_env(name, value);
                }
                Word::Entry(program) => step = step.with([program]),
                Word::Copy { .. } | Word::User(_) => {}
            }
        }
        step.with(arguments).says()
    };
    for arguments in [&["--version"][..], &["demo"], &["profiles"]] {
        let (is_good, said) = run(arguments)?;
        if !is_good {
            return Err(format!(
                "the image's `auth {}` failed: {said}",
                arguments.join(" ")
            ));
        }
    }
    Ok(())
}
