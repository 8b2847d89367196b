//! [`Rounds`]: what one call costs, beside a floor that is measured in the same moments.

use std::time::Instant;

/// Subjects that take turns, so that a busy machine spoils all of them alike.
pub struct Rounds<'a> {
    subjects: Vec<(&'a str, Subject<'a>)>,
    calls: usize,
    rounds: usize,
}

/// Makes so many calls.
type Subject<'a> = Box<dyn Fn(usize) + 'a>;

/// What one subject cost.
pub struct Cost<'a> {
    pub name: &'a str,
    /// The median of the rounds that count.
    pub nanoseconds: f64,
    /// Against the first subject, in the median round.
    pub ratio: f64,
}

impl<'a> Rounds<'a> {
    /// Measures against `floor`, which makes so many calls.
    pub fn against(name: &'a str, floor: impl Fn(usize) + 'a) -> Self {
        let rounds = Self {
            subjects: Vec::new(),
            calls: CALLS,
            rounds: ROUNDS,
        };
        rounds.with(name, floor)
    }

    /// Measures this too.
    #[must_use]
    pub fn with(mut self, name: &'a str, subject: impl Fn(usize) + 'a) -> Self {
        self.subjects.push((name, Box::new(subject)));
        self
    }

    /// Makes so many calls in each turn, for subjects that take microseconds.
    #[allow(dead_code, reason = "not every bench has such subjects")]
    #[must_use]
    pub fn with_calls(self, calls: usize) -> Self {
        Self { calls, ..self }
    }

    /// Takes so many turns, on a machine that may be busy for seconds.
    #[allow(dead_code, reason = "not every bench is so sensitive")]
    #[must_use]
    pub fn with_rounds(self, rounds: usize) -> Self {
        Self { rounds, ..self }
    }

    /// Lets each have its turns, and returns the costs in the order of the subjects. What counts is the
    /// quarter of the rounds in which all of them together were quickest: the machine was its own then.
    pub fn run(&self) -> Vec<Cost<'a>> {
        let all = WARM_UP + self.rounds;
        let mut rounds: Vec<Vec<f64>> = (0..all).map(|_| self.round()).collect();
        rounds.drain(..WARM_UP);
        let whole = |round: &Vec<f64>| round.iter().sum::<f64>();
        rounds.sort_by(|one, other| whole(one).total_cmp(&whole(other)));
        rounds.truncate(self.rounds.div_ceil(4));
        let of = |index: usize, base: fn(&[f64]) -> f64| {
            median(rounds.iter().map(|round| round[index] / base(round)))
        };
        let names = self.subjects.iter().map(|(name, _)| *name).enumerate();
        names
            .map(|(index, name)| Cost {
                name,
                nanoseconds: of(index, |_| 1.0),
                ratio: of(index, |round| round[0]),
            })
            .collect()
    }

    fn round(&self) -> Vec<f64> {
        let costs = self.subjects.iter().map(|(_, subject)| {
            let start = Instant::now();
            subject(self.calls);
            start.elapsed().as_secs_f64() * 1e9 / self.calls as f64
        });
        costs.collect()
    }
}

/// Prints costs as a table.
pub fn print(costs: &[Cost<'_>]) {
    for cost in costs {
        let Cost {
            name,
            nanoseconds,
            ratio,
        } = cost;
        println!("{name:<36} {nanoseconds:>8.0} ns {ratio:>8.2} ×");
    }
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

const WARM_UP: usize = 5;
const ROUNDS: usize = 101;
const CALLS: usize = 20_000;
