//! Whose a group is.

use std::fs::read_to_string;

/// Whether a group is somebody's own: nobody else is in it, so that its rights are those of its owner. Many systems give
/// each user such a group.
pub(super) fn is_private(gid: u32) -> bool {
    let read = |path| read_to_string(path).unwrap_or_default();
    let uid = rustix::process::geteuid().as_raw();
    is_private_by(&read("/etc/group"), &read("/etc/passwd"), gid, uid)
}

/// What it is called, or its number.
pub(super) fn name(gid: u32) -> String {
    let groups = read_to_string("/etc/group").unwrap_or_default();
    let found = entries(&groups).find(|entry| has_id(entry, gid));
    let name = found.and_then(|entry| entry.first().map(|name| (*name).to_owned()));
    name.unwrap_or_else(|| gid.to_string())
}

fn is_private_by(groups: &str, users: &str, gid: u32, uid: u32) -> bool {
    let own = entries(users).find(|entry| has_id(entry, uid));
    let own = own
        .and_then(|entry| entry.first().copied())
        .unwrap_or_default();
    let is_us = |name: &str| name == own || name == "root";
    let mut known = entries(groups)
        .filter(|entry| has_id(entry, gid))
        .peekable();
    if known.peek().is_none() {
        // A directory service has it. Groups of one user have the number of the user.
        return gid == uid;
    }
    let others = |entry: Vec<&str>| {
        let members = entry.get(3).copied().unwrap_or_default().split(',');
        let mut members = members.filter(|name| !name.is_empty());
        members.any(|name| !is_us(name))
    };
    let has_others = known.any(others);
    // Root's own has system accounts without a login beside it.
    let is_main_of_others = gid != 0
        && entries(users)
            .filter(|entry| entry.get(3).is_some_and(|id| *id == gid.to_string()))
            .any(|entry| entry.first().is_some_and(|name| !is_us(name)));
    !has_others && !is_main_of_others
}

fn entries(file: &str) -> impl Iterator<Item = Vec<&str>> {
    file.lines().map(|line| line.trim().split(':').collect())
}

/// Whether the third field, which is the number in both files, is `id`.
fn has_id(entry: &[&str], id: u32) -> bool {
    entry.get(2).is_some_and(|text| *text == id.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    const USERS: &str = "root:x:0:0:root:/:/bin/sh\nsync:x:5:0:sync:/:/bin/sync\n\
        ada:x:1000:1000::/:/bin/sh\nbob:x:1001:100::/:/bin/sh\ncat:x:1002:100::/:/bin/sh\n";
    const GROUPS: &str = "root:x:0:\nusers:x:100:\nada:x:1000:\nlab:x:2000:ada,bob\nsolo:x:2001:ada\nboth:x:2002:ada,root\n";

    #[test]
    fn a_group_is_private_if_nobody_else_is_in_it() {
        let ada = |gid| is_private_by(GROUPS, USERS, gid, 1000);
        for (gid, is) in [
            (1000, true),
            (2001, true),
            (2002, true),
            (0, true),
            (2000, false),
            (100, false),
            (3000, false),
        ] {
            assert_eq!(ada(gid), is, "{gid}");
        }
        assert!(
            !is_private_by(GROUPS, USERS, 100, 1001),
            "two people have it as their main group"
        );
        assert!(
            !is_private_by(GROUPS, USERS, 1000, 1001),
            "it is another one's"
        );
        assert!(
            is_private_by(GROUPS, USERS, 4000, 4000),
            "a directory service's"
        );
    }
}
