//! [`Credential`]: what an application proves itself by.

use std::sync::Arc;

use auth_core::assertion::GivenAssertion;
use auth_core::session::Secret;
use auth_core::{ClientAuth, Io};

#[cfg(feature = "certificate")]
use super::certificate::Certificate;

/// What an application proves itself by. `Debug` shows no secret.
#[derive(Clone, Debug)]
pub struct Credential(Kind);

#[derive(Clone, Debug)]
enum Kind {
    Secret(Arc<dyn Secret>),
    #[cfg(feature = "certificate")]
    Certificate(Certificate),
    Assertion(Arc<dyn Secret>),
}

impl Credential {
    /// For whom an assertion of another issuer is in the public cloud: what a federated credential has unless it says
    /// otherwise.
    pub const AUDIENCE: &str = "api://AzureADTokenExchange";

    /// A client secret: its value, not its id. It goes into the body of each request.
    pub fn secret(secret: impl Secret + 'static) -> Self {
        Self(Kind::Secret(Arc::new(secret)))
    }

    /// A certificate that is registered for the application: its key signs each request.
    #[cfg(feature = "certificate")]
    pub fn certificate(certificate: Certificate) -> Self {
        Self(Kind::Certificate(certificate))
    }

    /// An assertion of another issuer that the application trusts (workload identity federation). It is asked for anew
    /// for each request: a [`FileSecret`](auth_core::session::FileSecret) reads its file again, as Kubernetes wants it;
    /// in a GitHub workflow it is a [`GitHubAssertion`](auth_core::assertion::GitHubAssertion) for [`Credential::AUDIENCE`].
    pub fn assertion(assertion: impl Secret + 'static) -> Self {
        Self(Kind::Assertion(Arc::new(assertion)))
    }

    /// The client with this id that authenticates so.
    pub fn client(&self, id: impl Into<String>, io: &Io) -> ClientAuth {
        let id = id.into();
        match &self.0 {
            Kind::Secret(secret) => ClientAuth::body(id, secret.clone()),
            #[cfg(feature = "certificate")]
            Kind::Certificate(certificate) => {
                let signer = certificate.signer(&id, io);
                ClientAuth::assertion(id, Arc::new(signer))
            }
            Kind::Assertion(assertion) => {
                let given = GivenAssertion::new(assertion.clone(), io);
                ClientAuth::assertion(id, Arc::new(given))
            }
        }
    }
}
