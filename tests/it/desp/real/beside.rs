//! destinepyauth beside us: the same cases, and those on pages that no realm of the testkit has.

use std::cell::Cell;

use super::platform::{Platform, person};
use crate::desp::beside::case::{CASE, Look, Who, cases};
use crate::desp::beside::table::Table;
use crate::desp::beside::{both, compare, compare_many};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask conformance desp-keycloak"]
async fn what_differs_from_destinepyauth_at_keycloak_is_in_the_table() {
    let sides = both();
    let cases = cases();
    let named = |case: usize, run: usize| format!("beside-{case}-{run}");
    let mut people = Vec::new();
    for (number, case) in cases.iter().enumerate() {
        people.extend((0..3).filter_map(|run| person(&named(number, run), case.who)));
    }
    people.extend((0..2).filter_map(|run| person(&named(cases.len(), run), Who::WithPassword)));
    let platform = Platform::at_hand(people).await;
    let mut table = Table::of("Keycloak");
    for look in [Look::Classic, Look::V2, Look::Base, Look::German] {
        platform.show(look).await;
        let mut those = cases.iter().enumerate();
        while let Some((number, case)) = those.find(|(_, case)| case.theme == look) {
            let mut places = Vec::new();
            for run in 0..3 {
                places.push(platform.place_for(case, &named(number, run)).await);
            }
            eprintln!("{}", case.words);
            table.extend(compare(&sides, case, places.try_into().ok().unwrap()).await);
        }
    }
    platform.show(Look::Classic).await;
    let run = Cell::new(0);
    let open = async || {
        let user = named(cases.len(), run.replace(run.get() + 1));
        platform.place_for(&CASE, &user).await
    };
    compare_many(&mut table, &sides, open).await;
    table.check();
}
