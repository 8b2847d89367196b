//! A service that checks who calls it, and asks another API in the caller's name.

use std::env;
use std::error::Error;
use std::sync::Arc;

use auth_core::{
    ApiClient, CachedSource, Callers, ClientAuth, ErrorKind, Io, Provider, TokenEndpoint,
    TokenExchange,
};
use auth_verify::{Issuer, RequireToken, Verified, Verifier, rule};
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use secrecy::SecretString;
use serde_json::Value;
use url::Url;

struct Stock {
    url: Url,
    callers: Callers,
    io: Io,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let set = |name: &str| env::var(name).map_err(|_| format!("{name} is not set"));
    let (issuer, io) = (set("ISSUER")?, Io::new());
    let secret = SecretString::from(set("CLIENT_SECRET")?);
    let provider = Provider::new(&issuer, io.clone())?;
    let endpoint = TokenEndpoint::discovered(provider, ClientAuth::basic("orders", secret));
    let callers = Callers::new(10_000, {
        let io = io.clone();
        move |caller| {
            let grant = TokenExchange::new(endpoint.clone(), caller)?;
            Ok(CachedSource::new(
                grant.with_parameter("audience", "stock"),
                io.clone(),
            ))
        }
    });
    let url = set("STOCK_URL")?.parse()?;
    let verifier = Verifier::new(Issuer::discovered(&issuer, "orders", io.clone())?);
    let app = Router::new()
        .route("/orders", get(orders))
        .layer(RequireToken::new(verifier, rule!(any_scope["read"])))
        .with_state(Arc::new(Stock { url, callers, io }));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("http://{}", listener.local_addr()?);
    axum::serve(listener, app).await?;
    Ok(())
}

async fn orders(
    State(stock): State<Arc<Stock>>,
    caller: Verified,
) -> Result<Json<Value>, StatusCode> {
    let asked = stock.ask(&caller).await;
    // Why is for who runs this, and not for who calls.
    asked.map(Json).map_err(|error| {
        eprintln!("{error}");
        match error.kind() {
            ErrorKind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::BAD_GATEWAY,
        }
    })
}

impl Stock {
    async fn ask(&self, caller: &Verified) -> auth_core::Result<Value> {
        let source = self.callers.source(caller.caller(&self.io)?)?;
        let api = ApiClient::new(self.url.clone(), Arc::new(source), self.io.clone());
        api.json("whoami").await
    }
}
