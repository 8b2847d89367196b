//! MSAL and azure-identity beside us, at the testkit's Entra ID: what each sends, flow by flow. `cargo xtask conformance
//! azure` runs it; alone it is left out.

mod crowd;
mod destiny;
mod ours;
mod pectus;
mod place;
mod seen;
mod theirs;

use std::collections::{BTreeMap, BTreeSet};

use self::place::Place;
use self::seen::Seen;
use self::theirs::{Peer, Python};

/// What is compared, with the clients that can do it.
const FLOWS: [(&str, &[Peer]); 9] = [
    ("secret", &BOTH),
    ("certificate", &BOTH),
    ("assertion", &BOTH),
    ("browser", &BOTH),
    ("device", &BOTH),
    ("refresh", &[Peer::Msal]),
    ("another", &BOTH),
    ("claims", &BOTH),
    ("behalf", &BOTH),
];

const BOTH: [Peer; 2] = [Peer::Msal, Peer::Identity];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a server: cargo xtask conformance azure"]
async fn what_differs_from_msal_and_azure_identity_is_in_the_table() {
    let python = Python::at_hand();
    let mut rows = BTreeSet::new();
    for (flow, peers) in FLOWS {
        let ours = ours::run(&Place::open().await, flow).await;
        let mut all = BTreeMap::from([("ours", ours)]);
        for peer in peers {
            let place = Place::open().await;
            let theirs = python.run(&place, *peer, flow).await;
            let ours = &all["ours"];
            assert_eq!(theirs.result, ours.result, "{flow} of {peer:?}");
            assert!(ours.count <= theirs.count, "{flow}: {ours:?} {theirs:?}");
            all.insert(peer.name(), theirs);
        }
        rows.extend(differences(flow, &all));
    }
    let table = include_str!("../../docs/entra.md");
    let named = table.lines().filter(|line| line.starts_with("| "));
    let is_row = |line: &&str| {
        FLOWS
            .iter()
            .any(|(flow, _)| line.starts_with(&format!("| {flow} |")))
    };
    let named: BTreeSet<String> = named.filter(is_row).map(str::to_owned).collect();
    let list = |rows: Vec<&String>| rows.into_iter().cloned().collect::<Vec<_>>().join("\n");
    let (new, gone) = (rows.difference(&named), named.difference(&rows));
    let (new, gone) = (list(new.collect()), list(gone.collect()));
    assert!(
        new.is_empty() && gone.is_empty(),
        "not in the table:\n{new}\nin the table and not seen:\n{gone}"
    );
}

/// A row for each request of a flow in which not all send the same.
fn differences(flow: &str, all: &BTreeMap<&'static str, Seen>) -> Vec<String> {
    let requests: BTreeSet<_> = all.values().flat_map(|seen| seen.requests.keys()).collect();
    let row = |request: &String| {
        let sent: BTreeMap<_, _> = all
            .iter()
            .map(|(name, seen)| (*name, seen.requests.get(request)))
            .collect();
        let mut known = sent.values().flatten();
        let first: BTreeSet<String> = BTreeSet::clone(known.next()?);
        let common = known.fold(first, |common, items| &common & items);
        let cell = |name: &str| match sent.get(name) {
            None => "–".to_owned(),
            Some(None) => "not asked".to_owned(),
            Some(Some(items)) => {
                let own: Vec<_> = items.difference(&common).cloned().collect();
                own.join(", ")
            }
        };
        let cells = ["msal", "identity", "ours"].map(cell);
        let differs = cells.iter().any(|cell| !cell.is_empty() && cell != "–");
        differs.then(|| format!("| {flow} | {request} | {} |", cells.join(" | ")))
    };
    requests.into_iter().filter_map(row).collect()
}
