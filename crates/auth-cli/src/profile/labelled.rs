//! [`Labelled`]: a grant under the name that the person wants, and which names there are.

use auth_core::error::Untrusted;
use auth_core::session::{Held, TokenSet};
use auth_core::store::{SessionKey, StoreKey, TokenStore};
use auth_core::{BoxFuture, Grant, Result};

/// A grant whose tokens are kept under a key of the program's choice.
#[derive(Debug)]
pub(crate) struct Labelled {
    key: StoreKey,
    grant: Box<dyn Grant>,
}

impl Labelled {
    pub(crate) fn new(key: StoreKey, grant: impl Grant + 'static) -> Self {
        let grant = Box::new(grant);
        Self { key, grant }
    }
}

#[warn(clippy::missing_trait_methods)]
impl Grant for Labelled {
    fn key(&self) -> StoreKey {
        self.key.clone()
    }

    fn is_user(&self, configured: &str, account: &str) -> bool {
        self.grant.is_user(configured, account)
    }

    fn origin(&self) -> BoxFuture<'_, Option<String>> {
        self.grant.origin()
    }

    fn settled(&self) -> BoxFuture<'_, ()> {
        self.grant.settled()
    }

    fn exchange<'a>(&'a self, held: &'a Held) -> BoxFuture<'a, Result<TokenSet>> {
        self.grant.exchange(held)
    }
}

/// The names under which other logins of the same client at the same issuer are kept.
pub(crate) async fn labels_beside(store: &dyn TokenStore, session: &SessionKey) -> Vec<String> {
    // What can't be listed can't be named.
    let all = store.list().await.unwrap_or_default();
    let beside = all.iter().filter(|other| {
        other.issuer() == session.issuer()
            && other.client() == session.client()
            && other.account() != session.account()
    });
    let mut labels: Vec<String> = beside.map(|other| other.account().to_owned()).collect();
    labels.sort_unstable();
    labels.dedup();
    labels
}

/// `advice`, and which names there are to choose from.
pub(crate) fn say_kept(advice: String, labels: &[String]) -> String {
    let named = |label: &String| match label.as_str() {
        "default" => "without --account".to_owned(),
        label => format!("--account {}", Untrusted::new(label).with_limit(100)),
    };
    match labels {
        [] => advice,
        labels => {
            let names: Vec<String> = labels.iter().map(named).collect();
            format!("{advice}; kept: {}", names.join(", "))
        }
    }
}
