//! The realms of Destination Earth.

use crate::client::Client;
use crate::realm::{Realm, Theme};
use crate::user::User;

impl Realm {
    /// The realms of Destination Earth: `desp`, where `people` have accounts and the eight services their clients;
    /// `highway` and `dedl` (the Data Lake), which trust it and trade its tokens. They are at the real ones' paths, and
    /// browsers are sent back to the real services, which nobody has to fetch.
    ///
    /// ```
    /// # use auth_testkit::{Realm, Server, TestClock, User};
    /// let server = Server::new(TestClock::new());
    /// let bob = User::new("bob", "pw").with_totp("a secret of twenty b");
    /// for realm in Realm::destination_earth([User::new("ada", "pw"), bob]) {
    ///     server.add_realm(realm);
    /// }
    /// let platform = server.url("/realms/desp");
    /// let highway = server.url("/sso/auth/realms/highway");
    /// let data_lake = server.url("/auth/realms/dedl");
    /// ```
    pub fn destination_earth(people: impl IntoIterator<Item = User>) -> [Self; 3] {
        let clients = SERVICES.iter().fold(Self::new("desp"), |realm, service| {
            let (client, redirect) = *service;
            realm.with_client(Client::public(client).with_redirect(redirect))
        });
        // The marks of its pages are those of the classic theme.
        let platform = people
            .into_iter()
            .fold(clients.with_theme(Theme::Classic), Self::with_user);
        let trader = |name: &str, base: &str, alias: &str, client: &str| {
            Self::new(name)
                .with_base(base)
                .with_broker(alias, "desp")
                .with_client(Client::public(client).with_exchange())
        };
        [
            platform,
            trader("highway", "/sso/auth", "DESP_IAM_PROD", "highway-public"),
            trader("dedl", "/auth", "desp-oidc", "hda-public"),
        ]
    }
}

/// The client of each service, and where it sends browsers back to.
const SERVICES: [(&str, &str); 8] = [
    ("edh-public", "https://cacheb.dcms.destine.eu/"),
    ("dea_client", "https://dea.destine.eu/"),
    ("hda-broker-public", "https://broker.eden.destine.eu/"),
    ("dedl-hda", "https://hda.data.destination-earth.eu/stac"),
    (
        "highway-public",
        "https://highway.esa.int/sso/auth/realms/highway/broker/DESP_IAM_PROD/endpoint",
    ),
    ("insula-public", "https://insula.destine.eu/"),
    (
        "polytope-api-public",
        "https://polytope.lumi.apps.dte.destination-earth.eu/",
    ),
    ("streaming-fe", "https://streamer.destine.eu/"),
];
