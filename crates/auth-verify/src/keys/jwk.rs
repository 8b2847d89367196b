//! Public keys as JSON Web Keys (RFC 7517, RFC 7518 §6, RFC 8037 §2).

use aws_lc_rs::signature::{ParsedPublicKey, RsaPublicKeyComponents};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use super::key::Key;
use super::{certificate, ed25519, roca};
use crate::Algorithm;
use crate::json::{Json, Object};
use crate::jws::KEY_ID_LIMIT;

/// Why an entry of a key set is not used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unusable {
    /// It is for something else, or of a kind that is not known here. Nothing is wrong with it.
    Foreign(&'static str),
    /// It is damaged or too weak.
    Bad(&'static str),
    /// It holds the private half.
    Private,
}

/// How entries are read.
#[derive(Clone, Default)]
pub(super) struct Reading {
    /// What an RSA key is for that names no algorithm; RS256 if nobody says.
    pub(super) rsa: Vec<Algorithm>,
    /// Whether a certificate alone is a key.
    pub(super) in_certificates: bool,
}

/// Reads one entry, as the key that it is for each of its algorithms, of which there is at least one.
pub(super) fn read(entry: &Object, reading: &Reading) -> Result<Vec<Key>, Unusable> {
    let usual = [Algorithm::Rs256];
    let rsa = match reading.rsa.is_empty() {
        true => &usual[..],
        false => &reading.rsa,
    };
    let first = read_for(entry, rsa[0], reading.in_certificates)?;
    let names_one = entry.get("alg").is_some_and(|alg| !alg.is_null());
    if names_one || !first.algorithm.is_rsa() {
        return Ok(vec![first]);
    }
    let others = rsa[1..].iter();
    let others = others.map(|other| read_for(entry, *other, reading.in_certificates));
    std::iter::once(Ok(first)).chain(others).collect()
}

fn read_for(entry: &Object, rsa: Algorithm, in_certificates: bool) -> Result<Key, Unusable> {
    let jwk = Jwk(entry);
    if PRIVATE.iter().any(|name| jwk.get(name).is_some()) {
        return Err(Unusable::Private);
    }
    if jwk.is_certificate_alone() {
        return match in_certificates {
            true => read_for(&jwk.unpacked()?, rsa, false),
            false => Err(Unusable::Bad(CERTIFICATE_ALONE)),
        };
    }
    jwk.ensure_verifies()?;
    let kind = jwk.text("kty")?.ok_or(Unusable::Bad("no kty"))?;
    let named = match jwk.text("alg")? {
        Some(name) => Some(Algorithm::of_name(&name).ok_or(Unusable::Foreign(FOREIGN_ALGORITHM))?),
        None => None,
    };
    let (algorithm, public, length) = match &*kind {
        "RSA" => jwk.rsa(named.unwrap_or(rsa))?,
        "EC" => jwk.ec()?,
        "OKP" => jwk.ed25519()?,
        _ => return Err(Unusable::Foreign("its kind (`kty`) is not known here")),
    };
    if named.is_some_and(|named| named != algorithm) {
        return Err(Unusable::Bad("the algorithm is not that of the key"));
    }
    let id = jwk.text("kid")?;
    if id.as_ref().is_some_and(|id| id.len() > KEY_ID_LIMIT) {
        return Err(Unusable::Bad("the kid is too long"));
    }
    Ok(Key {
        id: id.map(Into::into),
        algorithm,
        issuer: jwk.text("issuer")?.map(Into::into),
        public,
        length,
    })
}

struct Jwk<'a>(&'a Object);

type Parts = (Algorithm, ParsedPublicKey, usize);

impl<'a> Jwk<'a> {
    /// What is `null` is not there.
    fn get(&self, name: &str) -> Option<Json<'a>> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    fn text(&self, name: &str) -> Result<Option<std::borrow::Cow<'a, str>>, Unusable> {
        match self.get(name).map(Json::text) {
            None => Ok(None),
            Some(Some(text)) => Ok(Some(text)),
            Some(None) => Err(Unusable::Bad("a member is not a string")),
        }
    }

    fn bytes(&self, name: &str) -> Result<Vec<u8>, Unusable> {
        let text = self
            .text(name)?
            .ok_or(Unusable::Bad("a member is missing"))?;
        URL_SAFE_NO_PAD
            .decode(&*text)
            .map_err(|_| Unusable::Bad("a member is not base64url"))
    }

    /// Whether it has a certificate and no key of its own.
    fn is_certificate_alone(&self) -> bool {
        self.get("x5c").is_some()
            && ["n", "e", "x", "y", "k"]
                .iter()
                .all(|name| self.get(name).is_none())
    }

    /// The same entry with the key of its certificate, the first of the chain.
    fn unpacked(&self) -> Result<Object, Unusable> {
        let bad = Unusable::Bad("there is no key in its certificate");
        let chain = self.get("x5c").and_then(Json::texts).ok_or(bad)?;
        let mut whole = chain
            .first()
            .and_then(|first| certificate::key(first))
            .ok_or(bad)?;
        for name in ["kid", "alg", "use", "issuer", "kty"] {
            match (self.text(name)?, &whole[name]) {
                (None, _) => {}
                (Some(said), Value::String(real)) if *said != **real => {
                    return Err(Unusable::Bad("its certificate holds a key of another kind"));
                }
                (Some(said), _) => whole[name] = said.into(),
            }
        }
        if let Some(operations) = self.get("key_ops") {
            whole["key_ops"] = operations.texts().ok_or(bad)?.into();
        }
        Object::parse(whole.to_string().into_bytes()).ok_or(bad)
    }

    /// `use` and `key_ops` must permit what we do (RFC 7517 §4.2, §4.3).
    fn ensure_verifies(&self) -> Result<(), Unusable> {
        if self.text("use")?.is_some_and(|purpose| purpose != "sig") {
            return Err(Unusable::Foreign("it is not for signatures (`use`)"));
        }
        let Some(operations) = self.get("key_ops") else {
            return Ok(());
        };
        let operations = operations
            .texts()
            .ok_or(Unusable::Bad("key_ops is no list"))?;
        // An empty list permits as much as none.
        match operations.is_empty() || operations.iter().any(|one| one == "verify") {
            true => Ok(()),
            false => Err(Unusable::Foreign(
                "it is not for checking signatures (`key_ops`)",
            )),
        }
    }

    fn rsa(&self, algorithm: Algorithm) -> Result<Parts, Unusable> {
        let parameters = algorithm
            .rsa()
            .ok_or(Unusable::Bad("the algorithm is not that of the key"))?;
        let (n, e) = (self.bytes("n")?, self.bytes("e")?);
        let (n, e) = (without_zeros(&n), without_zeros(&e));
        let bits = n.len() * 8 - n.first().map_or(0, |first| first.leading_zeros() as usize);
        if !(2048..=8192).contains(&bits) {
            return Err(Unusable::Bad("an RSA key has 2048 to 8192 bits"));
        }
        if n.last().is_none_or(|last| last % 2 == 0) {
            return Err(Unusable::Bad("an RSA modulus is odd"));
        }
        if e.len() > 4 || e.last().is_none_or(|last| last % 2 == 0) || e == [1] {
            return Err(Unusable::Bad(
                "an RSA exponent is odd, above 1 and below 2^32",
            ));
        }
        if roca::is_marked(n) {
            return Err(Unusable::Bad(
                "the RSA key can be factored (CVE-2017-15361)",
            ));
        }
        let public = RsaPublicKeyComponents { n, e }.to_parsed_public_key(parameters);
        let public = public.map_err(|_| Unusable::Bad("not an RSA key"))?;
        Ok((algorithm, public, n.len()))
    }

    fn ec(&self) -> Result<Parts, Unusable> {
        let curve = self.text("crv")?.ok_or(Unusable::Bad("no crv"))?;
        let (algorithm, parameters, length) =
            Algorithm::curve(&curve).ok_or(Unusable::Foreign(FOREIGN_CURVE))?;
        let (x, y) = (self.bytes("x")?, self.bytes("y")?);
        if x.len() != length || y.len() != length {
            return Err(Unusable::Bad(
                "a coordinate is not as long as those of its curve",
            ));
        }
        let point = [&[4], &x[..], &y[..]].concat();
        let public = ParsedPublicKey::new(parameters, point);
        let public = public.map_err(|_| Unusable::Bad("the point is not on its curve"))?;
        Ok((algorithm, public, algorithm.signature_length(0)))
    }

    fn ed25519(&self) -> Result<Parts, Unusable> {
        if self.text("crv")?.is_none_or(|curve| curve != "Ed25519") {
            return Err(Unusable::Foreign(FOREIGN_CURVE));
        }
        let x = self.bytes("x")?;
        let x =
            <[u8; 32]>::try_from(x).map_err(|_| Unusable::Bad("an Ed25519 key has 32 bytes"))?;
        if !ed25519::is_sound(&x) {
            return Err(Unusable::Bad(
                "anybody can sign for the Ed25519 key, or it is spelled oddly",
            ));
        }
        let public = ParsedPublicKey::new(Algorithm::ed25519(), x);
        let public = public.map_err(|_| Unusable::Bad("not an Ed25519 key"))?;
        let algorithm = Algorithm::EdDsa;
        Ok((algorithm, public, algorithm.signature_length(0)))
    }
}

fn without_zeros(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|&&byte| byte == 0).count();
    &number[zeros..]
}

const FOREIGN_ALGORITHM: &str = "its algorithm (`alg`) is none that tokens are signed with here";
const FOREIGN_CURVE: &str = "its curve (`crv`) is none that tokens are signed with here";

const CERTIFICATE_ALONE: &str = "a certificate alone is no key: `Keys::with_keys_in_certificates` takes it, or \
    `--keys-in-certificates` in the program";

/// What a published key must not have.
const PRIVATE: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];
