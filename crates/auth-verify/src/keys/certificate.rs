//! [`key`]: the public key in a certificate, as a JSON Web Key.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

/// The members of the key in a certificate (RFC 5280 §4.1) that stands in `x5c` (RFC 7517 §4.7). Nothing else of the
/// certificate is looked at: it is a key in another dress, and is believed because of where it was published.
pub(super) fn key(x5c: &str) -> Option<Value> {
    let der = STANDARD.decode(x5c).ok()?;
    let certificate = element(&der, SEQUENCE)?.0;
    let mut rest = element(certificate, SEQUENCE)?.0;
    if let Some((_version, after)) = element(rest, VERSION) {
        rest = after;
    }
    // Serial number, algorithm of the signature, issuer, validity, subject.
    for tag in [INTEGER, SEQUENCE, SEQUENCE, SEQUENCE, SEQUENCE] {
        rest = element(rest, tag)?.1;
    }
    let (algorithm, rest) = element(element(rest, SEQUENCE)?.0, SEQUENCE)?;
    let (kind, parameters) = element(algorithm, OBJECT)?;
    let (unused, bits) = element(rest, BITS)?.0.split_first()?;
    match (kind, *unused) {
        (RSA, 0) => {
            let (n, rest) = element(element(bits, SEQUENCE)?.0, INTEGER)?;
            let (e, _) = element(rest, INTEGER)?;
            Some(json!({ "kty": "RSA", "n": text(n), "e": text(e) }))
        }
        (EC, 0) => {
            let curve = element(parameters, OBJECT)?.0;
            let (_, name) = CURVES.into_iter().find(|(id, _)| *id == curve)?;
            // Uncompressed.
            let point = bits.strip_prefix(&[4])?;
            let (x, y) = point.split_at_checked(point.len() / 2)?;
            Some(json!({ "kty": "EC", "crv": name, "x": text(x), "y": text(y) }))
        }
        (ED25519, 0) => Some(json!({ "kty": "OKP", "crv": "Ed25519", "x": text(bits) })),
        _ => None,
    }
}

fn text(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The content of the DER element (X.690 §8.1) that `der` begins with, and what follows the element.
fn element(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (&[first, length], rest) = der.split_first_chunk()?;
    let (length, rest) = match length {
        0..0x80 => (usize::from(length), rest),
        _ => {
            let (digits, rest) = rest.split_at_checked(usize::from(length & 0x7f))?;
            let length = digits.iter().try_fold(0_usize, |sum, &digit| {
                sum.checked_mul(256)?.checked_add(digit.into())
            })?;
            (length, rest)
        }
    };
    (first == tag).then(|| rest.split_at_checked(length))?
}

const INTEGER: u8 = 0x02;
const BITS: u8 = 0x03;
const OBJECT: u8 = 0x06;
const SEQUENCE: u8 = 0x30;
const VERSION: u8 = 0xa0;

/// `rsaEncryption` (RFC 8017 §C).
const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];

/// `id-ecPublicKey` (RFC 5480 §2.1.1).
const EC: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];

/// `id-Ed25519` (RFC 8410 §3).
const ED25519: &[u8] = &[0x2b, 0x65, 0x70];

/// RFC 5480 §2.1.1.1.
const CURVES: [(&[u8], &str); 3] = [
    (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07], "P-256"),
    (&[0x2b, 0x81, 0x04, 0x00, 0x22], "P-384"),
    (&[0x2b, 0x81, 0x04, 0x00, 0x23], "P-521"),
];
