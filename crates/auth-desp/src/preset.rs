//! The published facts of Destination Earth, as data.
//!
//! Sources: the services' own client `destinepyauth` 1.3.1, `destinelab` 1.14 and `polytope-examples`.

use std::fmt;
use std::str::FromStr;

use auth_core::error::Untrusted;
use auth_core::{Error, Io, Result};

use crate::platform::Platform;
use crate::service::{Exchange, Service};

/// The platform's identity server.
pub const IAM_URL: &str = "https://auth.destine.eu";

/// Its realm.
pub const REALM: &str = "desp";

/// The identity server of the Data Lake (DEDL), and its realm.
pub const DATA_LAKE: (&str, &str) = ("https://identity.data.destination-earth.eu/auth", "dedl");

/// The role in a token of the Data Lake with which data of the Digital Twins can be had.
pub const DIGITAL_TWIN_ROLE: &str = "DPAD_Direct_Access";

/// The data bridges that take the token of [`Published::Polytope`]: name and host.
pub const DATA_BRIDGES: [(&str, &str); 3] = [
    ("lumi", "polytope.lumi.apps.dte.destination-earth.eu"),
    ("mn5", "polytope.mn5.apps.dte.destination-earth.eu"),
    (
        "leonardo",
        "polytope.leonardo.apps.dte.destination-earth.eu",
    ),
];

/// The platform. No I/O.
///
/// # Errors
/// None in fact; it is the published one.
pub fn platform(io: Io) -> Result<Platform> {
    Platform::new(IAM_URL, REALM, io)
}

/// The Data Lake's realm, where a job has a [service account](Platform::service_account). No I/O.
///
/// # Errors
/// None in fact; it is the published one.
pub fn data_lake(io: Io) -> Result<Platform> {
    Platform::new(DATA_LAKE.0, DATA_LAKE.1, io)
}

/// The services that the platform publishes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Published {
    /// CacheB, data for `xarray` and `zarr`, which find its token in a netrc file.
    Cacheb,
    /// DEA.
    Dea,
    /// The broker of EDEN.
    Eden,
    /// Harmonised Data Access of the Data Lake.
    Hda,
    /// Highway.
    Highway,
    /// Insula.
    Insula,
    /// Polytope, whose client finds the token in a file.
    Polytope,
    /// The streamer.
    Streamer,
}

impl Published {
    /// All of them, by name.
    pub const ALL: [Self; 8] = [
        Self::Cacheb,
        Self::Dea,
        Self::Eden,
        Self::Hda,
        Self::Highway,
        Self::Insula,
        Self::Polytope,
        Self::Streamer,
    ];

    /// What people call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cacheb => "cacheb",
            Self::Dea => "dea",
            Self::Eden => "eden",
            Self::Hda => "hda",
            Self::Highway => "highway",
            Self::Insula => "insula",
            Self::Polytope => "polytope",
            Self::Streamer => "streamer",
        }
    }

    /// The facts.
    pub fn service(self) -> Service {
        let (client, redirect) = match self {
            Self::Cacheb => ("edh-public", "https://cacheb.dcms.destine.eu/"),
            Self::Dea => ("dea_client", "https://dea.destine.eu/"),
            Self::Eden => ("hda-broker-public", "https://broker.eden.destine.eu/"),
            Self::Hda => ("dedl-hda", "https://hda.data.destination-earth.eu/stac"),
            Self::Highway => (
                "highway-public",
                "https://highway.esa.int/sso/auth/realms/highway/broker/DESP_IAM_PROD/endpoint",
            ),
            Self::Insula => ("insula-public", "https://insula.destine.eu/"),
            Self::Polytope => (
                "polytope-api-public",
                "https://polytope.lumi.apps.dte.destination-earth.eu/",
            ),
            Self::Streamer => ("streaming-fe", "https://streamer.destine.eu/"),
        };
        let service = Service::new(self.to_string(), client, redirect).expect(PUBLISHED);
        let service = match self {
            Self::Cacheb | Self::Polytope => service.with_scopes(["openid", "offline_access"]),
            _ => service,
        };
        match self.exchange() {
            Some(exchange) => service.with_exchange(exchange),
            None => service,
        }
    }

    fn exchange(self) -> Option<Exchange> {
        let (url, client, alias) = match self {
            Self::Hda => (
                "https://identity.data.destination-earth.eu/auth/realms/dedl/protocol/openid-connect/token",
                "hda-public",
                "desp-oidc",
            ),
            Self::Highway => (
                "https://highway.esa.int/sso/auth/realms/highway/protocol/openid-connect/token",
                "highway-public",
                "DESP_IAM_PROD",
            ),
            _ => return None,
        };
        Some(Exchange::new(url, client, client, alias).expect(PUBLISHED))
    }
}

impl fmt::Display for Published {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Published {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let found = Self::ALL.into_iter().find(|one| one.name() == text);
        found.ok_or_else(|| {
            let names = Self::ALL.map(Self::name).join(", ");
            Error::config(format!("DestinE has no service {}", Untrusted::new(text)))
                .with_advice(format!("choose one of {names}"))
        })
    }
}

const PUBLISHED: &str = "a published URL is a URL";
