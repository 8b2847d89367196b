//! A server with the routes of an Open Pectus aggregator, and its decisions about who sees what.
//!
//! Settings come from `ENABLE_AZURE_AUTHENTICATION`, `AZURE_DIRECTORY_TENANT_ID` and
//! `AZURE_APPLICATION_CLIENT_ID`, as with the aggregator. `PECTUS_KEYS_URL` fetches keys from
//! somewhere else than Entra ID (for trying it out, with http on loopback), `PECTUS_PORT` is 9800.
//!
//! ```console
//! $ cargo run -p auth-verify --example pectus --features axum
//! $ curl http://127.0.0.1:9800/auth/config
//! $ curl -H "X-Identity: $TOKEN" http://127.0.0.1:9800/api/recent_runs/
//! ```

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "an example is a program: it reads its environment and prints"
)]

use std::env;
use std::net::Ipv4Addr;
use std::process::ExitCode;
use std::sync::Arc;

use auth_core::Io;
use auth_verify::preset::open_pectus::{Settings, User};
use auth_verify::{Keys, Rejection, RequireToken, Rule, Verified, Verifier};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::middleware::map_response;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};

/// A run, and the roles of which its viewer needs one. None: everybody may.
struct Run {
    id: &'static str,
    required_roles: &'static [&'static str],
}

const RUNS: [Run; 3] = [
    Run {
        id: "open",
        required_roles: &[],
    },
    Run {
        id: "operators",
        required_roles: &["Operator", "Admin"],
    },
    Run {
        id: "daemons",
        required_roles: &["Daemon"],
    },
];

#[tokio::main]
async fn main() -> ExitCode {
    match serve().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn serve() -> Result<(), Box<dyn std::error::Error>> {
    let settings = Settings::from_environment(|name| env::var(name).ok())?;
    let runs = Router::new()
        .route("/api/recent_runs/", get(list))
        .route("/api/recent_runs/{id}", get(show));
    let runs = match &settings {
        Some(settings) => {
            let door = RequireToken::new(verifier(settings)?, Rule::authenticated());
            runs.layer(door).layer(map_response(explain))
        }
        None => {
            println!("warning: nobody is asked for a token");
            runs
        }
    };
    let config = Settings::config(settings.as_ref());
    let open = Router::new()
        .route(
            "/auth/config",
            get(async |State(config): State<Arc<Value>>| Json((*config).clone())),
        )
        .with_state(Arc::new(config));
    let port = env::var("PECTUS_PORT").map_or(Ok(9800), |port| port.parse());
    let port: u16 = port.map_err(|_| "PECTUS_PORT is not the number of a port")?;
    let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    println!("http://{}", listener.local_addr()?);
    axum::serve(listener, open.merge(runs)).await?;
    Ok(())
}

fn verifier(settings: &Settings) -> Result<Verifier, Box<dyn std::error::Error>> {
    let (io, mut entra) = (Io::new(), settings.entra()?);
    if let Ok(url) = env::var("PECTUS_KEYS_URL") {
        entra = entra.with_keys(Keys::at(url.parse()?, io.clone())?);
    }
    Ok(settings.verifier_of(entra, io)?)
}

async fn list(caller: Option<Verified>) -> Json<Value> {
    let user = user(caller);
    let visible = RUNS.iter().filter(|run| user.may(run.required_roles));
    Json(visible.map(|run| json!({ "run_id": run.id })).collect())
}

async fn show(caller: Option<Verified>, Path(id): Path<String>) -> Response {
    let user = user(caller);
    match RUNS.iter().find(|run| run.id == id) {
        None => StatusCode::NOT_FOUND.into_response(),
        Some(run) if user.may(run.required_roles) => {
            Json(json!({ "run_id": run.id, "user": user.name })).into_response()
        }
        Some(run) => {
            let missing = User::missing_roles(run.required_roles);
            (StatusCode::FORBIDDEN, Json(missing)).into_response()
        }
    }
}

fn user(caller: Option<Verified>) -> User {
    caller.as_ref().map_or_else(User::anonymous, User::of)
}

/// The aggregator's words for a refusal.
async fn explain(answer: Response) -> Response {
    let Some(rejection) = answer.extensions().get::<Rejection>() else {
        return answer;
    };
    let detail = match rejection.is_transient() {
        true => "The keys of the identity provider can't be fetched",
        false => "Could not validate token in X-Identity header",
    };
    let (head, _) = answer.into_parts();
    (head.status, head.headers, Json(json!({ "detail": detail }))).into_response()
}
