use std::env;
use std::path::Path;

use auth_core::session::FileSecret;
use auth_core::{Error, Io, Result};
use auth_jwt_bearer::preset::disruptive_technologies::Credentials;
use secrecy::SecretString;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let variable = |name: &str| env::var(name).ok().map(SecretString::from);
    let read = async |path: &Path| FileSecret::new(path).read().await;
    let credentials = Credentials::from_environment(variable, read).await?;
    let project = env::args()
        .nth(1)
        .ok_or_else(|| Error::config("name a project"))?;
    for sensor in poller::Sensors::new(&credentials, Io::new())?
        .of(&project)
        .await?
    {
        println!("{} {}", sensor.name, sensor.temperature);
    }
    Ok(())
}
