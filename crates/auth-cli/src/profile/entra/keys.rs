//! [`OtherKeys`]: the keys of a tenant that is not Microsoft's, such as the emulator's.

use std::time::Duration;

use auth_core::http::Body;
use auth_core::{BoxFuture, Error, Io, Result};
use auth_verify::KeySource;
use http::Request;
use serde_json::Value;
use url::Url;

/// The keys at `url`, which belong to the tenant whatever owner they name: its tokens go by Microsoft's names, and its
/// keys by its own address.
#[derive(Debug)]
pub(super) struct OtherKeys {
    pub(super) url: Url,
    pub(super) io: Io,
}

impl OtherKeys {
    async fn fetched(&self) -> Result<Vec<u8>> {
        let request = Request::get(self.url.as_str())
            .body(Body::empty())
            .map_err(|_| Error::config("the keys of the tenant have no usable address"))?;
        let answer = self.io.fetch(request, DEADLINE).await?;
        let status = answer.status();
        let unusable = || {
            Error::unavailable(format!("the keys of the tenant can't be had: {status}"))
                .with_status(status.as_u16())
        };
        let keys = serde_json::from_slice(answer.body()).ok();
        let mut keys: Value = keys.filter(|_| status.is_success()).ok_or_else(unusable)?;
        for key in keys["keys"].as_array_mut().into_iter().flatten() {
            key.as_object_mut().and_then(|key| key.remove("issuer"));
        }
        Ok(keys.to_string().into_bytes())
    }
}

impl KeySource for OtherKeys {
    fn jwks(&self) -> BoxFuture<'_, Result<Vec<u8>>> {
        Box::pin(self.fetched())
    }
}

const DEADLINE: Duration = Duration::from_secs(10);
