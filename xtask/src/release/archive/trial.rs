//! An archive as somebody takes it apart.

use std::path::Path;

use super::container::Container;
use super::{Archive, emptied};
use crate::step::Step;

impl Archive<'_> {
    /// Whether it is as plain as it should be, its sums hold, and the program in it, which `run` runs, works.
    pub(crate) fn try_out(
        &self,
        archive: &Path,
        run: &dyn Fn(&Path) -> Step,
    ) -> Result<(), String> {
        let file = archive.file_name().unwrap_or_default().to_string_lossy();
        let sums = |list: &str, within: &Path| {
            let check = Step::new("sha256sum").with(["--check", "--quiet", "--strict"]);
            check.with([list]).within(within).run()
        };
        sums(&format!("{file}.sha256"), self.place)?;
        let place = self.place.join("unpacked");
        emptied(&place)?;
        let container = Container::of(&file);
        container.ensure_plain(archive)?;
        container.unpack(archive, &place)?;
        let name = file.strip_suffix(container.ending()).unwrap_or_default();
        let folder = place.join(name.trim_end_matches('.'));
        sums("SHA256SUMS", &folder)?;
        let asked = |argument| {
            let step = run(&folder.join(container.program())).with([argument]);
            let step = step.with_env("AUTH_CONFIG", place.join("config.toml"));
            step.with_env("AUTH_STORE", place.join("store")).output()
        };
        let said = asked("--version")?;
        if said.trim() != format!("auth {}", self.version) {
            let said = said.trim();
            return Err(format!(
                "{file}: the program calls itself `{said}`, not `auth {}`",
                self.version
            ));
        }
        asked("demo").map(drop)
    }
}
