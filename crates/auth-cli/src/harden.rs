//! What the operating system must not do with our memory, which holds tokens.

/// How large a core dump might be before.
#[cfg(unix)]
static BEFORE: std::sync::OnceLock<rustix::process::Rlimit> = std::sync::OnceLock::new();

/// No core dump, and on Linux no debugger of the same user either. Best effort: a system that does not
/// let us is no reason to refuse work.
pub(crate) fn harden() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, getrlimit};
        BEFORE.get_or_init(|| getrlimit(Resource::Core));
        limit(|before| (Some(0), before));
    }
    #[cfg(any(target_os = "linux", target_os = "android"))]
    {
        use rustix::process::{DumpableBehavior, set_dumpable_behavior};
        let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    }
}

/// Nobody can take that back, which is right for all but [`soften`].
pub(crate) fn harden_for_good() {
    #[cfg(unix)]
    limit(|_| (Some(0), Some(0)));
}

/// Gives a program that takes the place of this one what this one was started with.
#[cfg(unix)]
pub(crate) fn soften() {
    if let Some(before) = BEFORE.get() {
        limit(|most| (before.current, most));
    }
}

/// Limits core dumps to what `change` makes of the most that they might be before.
#[cfg(unix)]
fn limit(change: impl FnOnce(Option<u64>) -> (Option<u64>, Option<u64>)) {
    use rustix::process::{Resource, Rlimit, setrlimit};
    let most = BEFORE.get().and_then(|before| before.maximum);
    let (current, maximum) = change(most);
    let _ = setrlimit(Resource::Core, Rlimit { current, maximum });
}

#[cfg(all(test, any(target_os = "linux", target_os = "android")))]
mod tests {
    use rustix::process::{
        DumpableBehavior, Resource, Rlimit, dumpable_behavior, getrlimit, setrlimit,
    };

    use super::*;

    #[test]
    fn nobody_gets_to_see_the_memory_until_another_program_takes_the_place() {
        let maximum = getrlimit(Resource::Core).maximum;
        let limit = Rlimit {
            current: maximum,
            maximum,
        };
        setrlimit(Resource::Core, limit).unwrap();
        harden();
        let hardened = getrlimit(Resource::Core);
        assert_eq!((hardened.current, hardened.maximum), (Some(0), maximum));
        assert_eq!(dumpable_behavior().unwrap(), DumpableBehavior::NotDumpable);
        soften();
        assert_eq!(getrlimit(Resource::Core), limit);
    }
}
