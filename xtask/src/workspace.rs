//! The workspace, as cargo and the file system see it.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::root::root;
use crate::step::Step;

/// A member of the workspace.
#[derive(Default)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) description: String,
    pub(crate) keywords: Vec<String>,
    pub(crate) categories: Vec<String>,
    pub(crate) readme: Option<String>,
    pub(crate) license: Option<String>,
    /// Whether it has docs.rs document all of its features.
    pub(crate) is_documented: bool,
    /// Whether others can build on it; else it is a program.
    pub(crate) is_library: bool,
    /// Whether registries get it.
    pub(crate) is_published: bool,
    /// Its folder, relative to the root, with `/` between the parts.
    pub(crate) folder: String,
    pub(crate) dependencies: Vec<Dependency>,
    pub(crate) benches: Vec<String>,
    pub(crate) features: Vec<String>,
    /// What its features turn on: features of its own, and of what it depends on.
    pub(crate) turns_on: Vec<String>,
    /// The oldest Rust that compiles it, where it says so.
    pub(crate) rust_version: Option<String>,
}

/// A line of a package's dependencies.
#[derive(Default)]
pub(crate) struct Dependency {
    pub(crate) name: String,
    /// `dependency`, `dev-dependency` or `build-dependency`.
    pub(crate) kind: String,
    /// The features that are always on; `default` stands for its defaults.
    pub(crate) features: Vec<String>,
    /// Which versions will do; `*` is every one.
    pub(crate) requirement: String,
    /// Whether it lies in a folder here.
    pub(crate) has_path: bool,
    pub(crate) is_from_git: bool,
}

/// A text file of the workspace.
pub(crate) struct File {
    /// Its path relative to the root, with `/` between the parts.
    pub(crate) path: String,
    pub(crate) text: String,
}

/// The folder in which cargo puts what it builds.
pub(crate) fn target() -> Result<PathBuf, String> {
    Ok(text(&metadata()?["target_directory"]).into())
}

/// The members.
pub(crate) fn packages() -> Result<Vec<Package>, String> {
    Ok(list(&metadata()?["packages"]).map(package).collect())
}

/// The members of another workspace, in a folder below the root.
pub(crate) fn packages_in(folder: &str) -> Result<Vec<Package>, String> {
    let step = Step::cargo("metadata --no-deps --format-version 1 --manifest-path");
    let metadata = read(step.with([root().join(folder).join("Cargo.toml")]))?;
    Ok(list(&metadata["packages"]).map(package).collect())
}

/// The members and all that they depend on.
pub(crate) fn all_packages() -> Result<Vec<Package>, String> {
    let metadata = read(Step::cargo("metadata --format-version 1"))?;
    Ok(list(&metadata["packages"]).map(package).collect())
}

/// Every text file below `folder` (empty: the root), in order of path. What is built, and hidden
/// folders other than our own, are left out.
pub(crate) fn files(folder: &str) -> Result<Vec<File>, String> {
    let mut files = Vec::new();
    collect(&root().join(folder), &mut files)
        .map_err(|error| format!("{folder} can't be read: {error}"))?;
    files.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(files)
}

fn collect(folder: &Path, files: &mut Vec<File>) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if entry.file_type()?.is_dir() {
            let ours = !name.starts_with('.') || OUR_HIDDEN.contains(&&*name);
            if ours && name != "target" && name != "__pycache__" {
                collect(&path, files)?;
            }
        } else if name == ".git" {
            // A worktree has a file of this name, which says where its repository is.
            continue;
        } else if let Ok(text) = fs::read_to_string(&path) {
            files.push(File {
                path: relative(&path),
                text,
            });
        }
    }
    Ok(())
}

fn metadata() -> Result<Value, String> {
    read(Step::cargo("metadata --no-deps --format-version 1"))
}

fn read(step: Step) -> Result<Value, String> {
    let answer = step.output()?;
    serde_json::from_str(&answer).map_err(|error| format!("cargo metadata can't be read: {error}"))
}

fn package(value: &Value) -> Package {
    let manifest = Path::new(text(&value["manifest_path"]));
    let benches = list(&value["targets"]).filter(|target| target["kind"][0] == "bench");
    Package {
        name: text(&value["name"]).to_owned(),
        version: text(&value["version"]).to_owned(),
        description: text(&value["description"]).to_owned(),
        keywords: texts(&value["keywords"]),
        categories: texts(&value["categories"]),
        readme: value["readme"].as_str().map(str::to_owned),
        license: value["license"].as_str().map(str::to_owned),
        is_documented: value["metadata"]["docs"]["rs"]["all-features"] == true,
        is_library: list(&value["targets"]).any(|target| target["kind"][0] == "lib"),
        // `publish = false` is an empty list of registries.
        is_published: value["publish"].is_null(),
        folder: relative(manifest.parent().unwrap_or(manifest)),
        dependencies: list(&value["dependencies"]).map(dependency).collect(),
        benches: benches
            .map(|target| text(&target["name"]).to_owned())
            .collect(),
        features: value["features"]
            .as_object()
            .into_iter()
            .flat_map(|all| all.keys().cloned())
            .collect(),
        turns_on: value["features"]
            .as_object()
            .into_iter()
            .flat_map(|all| all.values().flat_map(texts))
            .collect(),
        rust_version: value["rust_version"].as_str().map(str::to_owned),
    }
}

fn dependency(value: &Value) -> Dependency {
    let mut features = texts(&value["features"]);
    if value["uses_default_features"] == true {
        features.push("default".to_owned());
    }
    Dependency {
        features,
        requirement: text(&value["req"]).to_owned(),
        has_path: value["path"].is_string(),
        is_from_git: text(&value["source"]).starts_with("git+"),
        name: text(&value["name"]).to_owned(),
        kind: match value["kind"].as_str() {
            Some(kind) => format!("{kind}-dependency"),
            None => "dependency".to_owned(),
        },
    }
}

fn relative(path: &Path) -> String {
    let path = path.strip_prefix(root()).unwrap_or(path);
    path.to_string_lossy().replace('\\', "/")
}

fn texts(value: &Value) -> Vec<String> {
    list(value).map(|value| text(value).to_owned()).collect()
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

const OUR_HIDDEN: [&str; 3] = [".cargo", ".ci", ".config"];
