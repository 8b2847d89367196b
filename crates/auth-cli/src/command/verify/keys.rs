//! Where the keys of `auth verify` come from, and how they are read.

use auth_core::error::Untrusted;
use auth_core::{Error, Io, Result};
use auth_verify::Keys;
use url::Url;

use crate::args::VerifyArgs;

/// The keys of `--jwks`.
pub(super) async fn given(io: &Io, args: &VerifyArgs) -> Result<Option<Keys>> {
    let keys = match args.jwks.as_deref() {
        None => return Ok(None),
        Some(place) if place.contains("://") => {
            let url = Url::parse(place).map_err(|_| Error::config("--jwks is no URL"))?;
            Keys::at(url, io.clone())?
        }
        Some(path) => {
            let about = tokio::fs::metadata(path).await;
            about.map_err(|error| {
                let shown = Untrusted::new(path);
                Error::config(format!("the key file {shown} can't be read: {error}"))
                    .with_advice("check the path and who may read it")
            })?;
            Keys::file(path)
        }
    };
    read_as_asked(keys, args).map(Some)
}

/// Keys, with what the arguments allow of them.
pub(super) fn read_as_asked(keys: Keys, args: &VerifyArgs) -> Result<Keys> {
    let keys = match args.loose_key_ids {
        true => keys.with_loose_ids()?,
        false => keys,
    };
    let keys = match args.rsa_algorithm {
        Some(algorithm) => keys
            .with_rsa_algorithm(algorithm)
            .map_err(|error| error.context("--rsa-algorithm"))?,
        None => keys,
    };
    match args.keys_in_certificates {
        true => keys.with_keys_in_certificates(),
        false => Ok(keys),
    }
}

/// Keys that are found by no metadata have no other host, and those that are not given are the vendor's.
pub(super) fn ensure_usual(args: &VerifyArgs, given: Option<&Keys>) -> Result<()> {
    let is_usual =
        !args.loose_key_ids && !args.keys_in_certificates && args.rsa_algorithm.is_none();
    match args.keys_host.is_empty() && (given.is_some() || is_usual) {
        true => Ok(()),
        false => Err(Error::config(
            "--keys-host, --loose-key-ids, --rsa-algorithm and --keys-in-certificates mean nothing for keys at the usual place of this kind",
        )
        .with_advice("leave them out, or give the place of the keys with --jwks")),
    }
}
