//! [`Parameters`]: what a request says beyond what its grant needs.

use super::Form;

/// Parameters that are no secret. A name may have several values: `resource` (RFC 8707 §2) and `audience` (RFC 8693 §2.1)
/// ask for one token for all of them.
///
/// They are sent in the order in which they were given, and are another question in another one: no RFC gives it a meaning,
/// but servers that know one value alone take the first, or the last. What repeats a pair says nothing, and is left out.
#[derive(Clone, Debug, Default)]
pub(crate) struct Parameters(Vec<(String, String)>);

impl Parameters {
    pub(crate) fn add(&mut self, name: impl Into<String>, value: impl Into<String>) {
        let pair = (name.into(), value.into());
        if !self.0.contains(&pair) {
            self.0.push(pair);
        }
    }

    pub(crate) fn pairs(&self) -> &[(String, String)] {
        &self.0
    }

    /// `form` with all of them.
    pub(crate) fn added_to(&self, form: Form) -> Form {
        let pairs = self.pairs().iter();
        pairs.fold(form, |form, (name, value)| form.with(name, value))
    }

    /// `form` with those whose names it has not got.
    pub(super) fn filled_into(&self, form: Form) -> Form {
        let mut missing = self.clone();
        missing.0.retain(|(name, _)| form.get(name).is_none());
        missing.added_to(form)
    }

    /// The same in an order that says nothing of that of the names.
    pub(crate) fn by_name(&self) -> Vec<(String, String)> {
        let mut pairs = self.0.clone();
        pairs.sort_by(|(one, _), (other, _)| one.cmp(other));
        pairs
    }

    /// The same as parts of a key, of which each has a name of its own: the first value of a parameter has the parameter's,
    /// the others have their number behind it, after a blank, which no parameter's name has (RFC 6749 §8.2).
    pub(crate) fn parts(&self) -> impl Iterator<Item = (String, &str)> {
        self.0.iter().enumerate().map(|(at, (name, value))| {
            let earlier = self.0.iter().take(at);
            let part = match earlier.filter(|(other, _)| other == name).count() {
                0 => name.clone(),
                count => format!("{name} {}", count + 1),
            };
            (part, value.as_str())
        })
    }
}
