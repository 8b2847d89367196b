//! What a key is for that does not say so: as the issuer's metadata have it, or whoever configures it.

use auth_core::Provider;
use auth_testkit::Fault;
use auth_verify::{Algorithm, Bearer, Issuer, Keys, Verifier};
use serde_json::{Value, json};

use super::forge::Forge;
use crate::world::World;

const OPENID: &str = "/.well-known/openid-configuration";

const OF_RSA: [&str; 5] = ["RS384", "RS512", "PS256", "PS384", "PS512"];

struct Signed {
    world: World,
    forge: Forge,
}

impl Signed {
    /// An issuer whose key names no algorithm, and whose metadata name these.
    fn with(forge: Forge, named: Value) -> Self {
        let world = World::new();
        let mut jwk = forge.jwk();
        jwk.as_object_mut().unwrap().remove("alg");
        let set = json!({ "keys": [jwk] }).to_string();
        let keys = Fault::status(200).with_body("application/json", set);
        world.server.fault("/jwks", keys.always());
        let fault = Fault::member("id_token_signing_alg_values_supported", named);
        world.server.fault(OPENID, fault.always());
        Self { world, forge }
    }

    fn provider(&self) -> Provider {
        Provider::new(self.world.server.issuer(), self.world.io()).unwrap()
    }

    /// Why its ID token is refused, if it is.
    async fn refusal(&self, keys: Keys) -> Option<String> {
        let issuer = self.world.server.issuer();
        let now = self.world.clock_seconds();
        let claims =
            json!({ "iss": issuer, "aud": "desktop", "sub": "ada", "exp": now + 60, "iat": now });
        let token = self.forge.token(&claims);
        let checked = Issuer::id_tokens(&issuer, "desktop", keys).unwrap();
        let verifier = Verifier::new(checked).with_clock(self.world.io().clock().clone());
        let outcome = verifier.verify(Bearer::new(&token)).await;
        outcome.err().map(|rejection| rejection.to_string())
    }
}

impl World {
    fn clock_seconds(&self) -> u64 {
        use auth_core::clock::Clock as _;
        let since = self.clock.now().wall.duration_since(std::time::UNIX_EPOCH);
        since.unwrap().as_secs()
    }
}

#[tokio::test(start_paused = true)]
async fn an_rsa_key_without_an_algorithm_is_for_those_of_the_issuers_metadata() {
    for name in OF_RSA {
        let forge = || Forge::rsa("k").with_algorithm(name);
        let signed = Signed::with(forge(), json!(["none", "HS256", "RS256", name]));
        let keys = Keys::discovered(signed.provider());
        assert_eq!(signed.refusal(keys.clone()).await, None, "{name}");
        assert_eq!((keys.stats().keys, keys.stats().left_out), (1, 0));
        // Who does not say so is not believed, and the message has what came.
        for other in [json!(["RS256"]), json!([]), Value::Null, json!(["none"])] {
            let signed = Signed::with(forge(), other.clone());
            let said = signed.refusal(Keys::discovered(signed.provider())).await;
            let said = said.unwrap_or_else(|| panic!("{name} {other}"));
            assert!(said.contains("algorithm") && said.contains(name), "{said}");
            // But whoever configures it may.
            let algorithm: Algorithm = name.parse().unwrap();
            let keys = Keys::discovered(signed.provider()).with_rsa_algorithm(algorithm);
            assert_eq!(signed.refusal(keys.unwrap()).await, None, "{name} {other}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_key_that_names_its_algorithm_or_has_a_curve_is_for_that_whatever_the_metadata_say() {
    for forge in [Forge::p384("k"), Forge::p521("k"), Forge::ed25519("k")] {
        let name = forge.algorithm;
        let signed = Signed::with(forge, json!(["RS256"]));
        assert_eq!(
            signed.refusal(Keys::discovered(signed.provider())).await,
            None,
            "{name}"
        );
    }
    for name in OF_RSA {
        let forge = Forge::rsa("k").with_algorithm(name);
        let jwk = forge.jwk();
        let signed = Signed::with(forge, json!(["RS256"]));
        signed.world.server.clear_faults();
        let set = json!({ "keys": [jwk] }).to_string();
        let keys = Fault::status(200).with_body("application/json", set);
        signed.world.server.fault("/jwks", keys.always());
        assert_eq!(
            signed.refusal(Keys::discovered(signed.provider())).await,
            None,
            "{name}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn an_allowed_list_is_told_where_another_one_came() {
    let signed = Signed::with(Forge::rsa("k").with_algorithm("PS512"), json!(["PS512"]));
    let issuer = signed.world.server.issuer();
    let now = signed.world.clock_seconds();
    let claims =
        json!({ "iss": issuer, "aud": "desktop", "sub": "ada", "exp": now + 60, "iat": now });
    let only = Issuer::id_tokens(&issuer, "desktop", Keys::discovered(signed.provider())).unwrap();
    let only = only
        .with_algorithms([Algorithm::Rs256, Algorithm::Es256])
        .unwrap();
    let verifier = Verifier::new(only).with_clock(signed.world.io().clock().clone());
    let token = signed.forge.token(&claims);
    let said = verifier
        .verify(Bearer::new(&token))
        .await
        .unwrap_err()
        .to_string();
    assert!(
        said.contains("PS512, and allowed is RS256, ES256"),
        "{said}"
    );
}
