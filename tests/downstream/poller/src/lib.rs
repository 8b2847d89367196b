//! Reads the sensors of a project.

use std::sync::Arc;

use auth_core::{ApiClient, Io, Result};
use auth_jwt_bearer::preset::disruptive_technologies::Credentials;
use serde::Deserialize;

/// The sensors that a service account may see.
pub struct Sensors(ApiClient);

#[derive(Debug, Deserialize, PartialEq)]
pub struct Sensor {
    pub name: String,
    pub temperature: f64,
}

#[derive(Deserialize)]
struct Page {
    devices: Vec<Sensor>,
}

impl Sensors {
    pub fn new(credentials: &Credentials, io: Io) -> Result<Self> {
        let source = credentials.service_account(io.clone())?.source();
        Ok(Self(ApiClient::new(
            credentials.api_url().clone(),
            Arc::new(source),
            io,
        )))
    }

    pub async fn of(&self, project: &str) -> Result<Vec<Sensor>> {
        let page: Page = self.0.json(&format!("projects/{project}/devices")).await?;
        Ok(page.devices)
    }
}
