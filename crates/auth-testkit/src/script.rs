//! The faults that wait for their requests.

use std::collections::{HashMap, VecDeque};

use crate::fault::Fault;

/// A queue of faults for each path.
#[derive(Default)]
pub(crate) struct Script(HashMap<String, VecDeque<(Fault, Option<usize>)>>);

impl Script {
    pub(crate) fn add(&mut self, path: &str, fault: Fault) {
        let left = fault.repeats();
        let queue = self.0.entry(path.to_owned()).or_default();
        queue.push_back((fault, left));
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// The fault for a request that arrives now.
    pub(crate) fn next(&mut self, path: &str) -> Option<Fault> {
        let queue = self.0.get_mut(path)?;
        queue.retain(|(_, left)| *left != Some(0));
        let (fault, left) = queue.front_mut()?;
        if let Some(left) = left {
            *left -= 1;
        }
        Some(fault.clone())
    }
}
