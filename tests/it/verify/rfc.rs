//! The examples of RFC 7515 (appendix A) and RFC 8037 (appendix A), from their text.

use auth_verify::{Algorithm, KeySet, SharedSecrets};
use serde_json::{Value, json};

use super::forge::b64;

const CLAIMS: &str =
    "{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}";

#[track_caller]
fn assert_signed(jwk: &Value, header: &str, payload: &str, signature: &str) {
    let set = KeySet::from_jwks(json!({ "keys": [jwk] }).to_string()).unwrap();
    let token = format!("{}.{}.{signature}", b64(header), b64(payload));
    let read = set.check_document(&token, &Algorithm::ALL).unwrap();
    assert_eq!(read, payload.as_bytes());
    let altered = format!("{}.{}.{signature}", b64(header), b64(format!("{payload} ")));
    assert!(set.check_document(&altered, &Algorithm::ALL).is_err());
}

#[test]
fn rfc7515_a_1_hs256() {
    let key = json!({
        "kty": "oct", "alg": "HS256",
        "k": "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow",
    });
    let secrets = SharedSecrets::from_jwks(&key.to_string().into()).unwrap();
    let header = "{\"typ\":\"JWT\",\r\n \"alg\":\"HS256\"}";
    let signature = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    let token = format!("{}.{}.{signature}", b64(header), b64(CLAIMS));
    assert_eq!(secrets.check(&token).unwrap(), CLAIMS.as_bytes());
}

#[test]
fn rfc7515_a_2_rs256() {
    let key = json!({
        "kty": "RSA", "e": "AQAB",
        "n": "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d\
              4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBY\
              UsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmou\
              dF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ",
    });
    let signature = "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8\
        W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Q\
        e7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6Lbg\
        GY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";
    assert_signed(&key, r#"{"alg":"RS256"}"#, CLAIMS, signature);
}

#[test]
fn rfc7515_a_3_es256() {
    let key = json!({
        "kty": "EC", "crv": "P-256",
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    });
    let signature =
        "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
    assert_signed(&key, r#"{"alg":"ES256"}"#, CLAIMS, signature);
}

#[test]
fn rfc7515_a_4_es512() {
    let key = json!({
        "kty": "EC", "crv": "P-521",
        "x": "AekpBQ8ST8a8VcfVOTNl353vSrDCLLJXmPk06wTjxrrjcBpXp5EOnYG_NjFZ6OvLFV1jSfS9tsz4qUxcWceqwQGk",
        "y": "ADSmRA43Z1DSNx_RvcLI87cdL07l6jQyyBXMoxVg_l2Th-x3S1WDhjDly79ajL4Kkd0AZMaZmh9ubmf63e3kyMj2",
    });
    let signature = "AdwMgeerwtHoh-l192l60hp9wAHZFVJbLfD_UxMi70cwnZOYaRI1bKPWROc-mZZqwqT2SI-KGDKB34XO0aw_7Xdt\
        AG8GaSwFKdCAPZgoXD2YBJZCPEX3xKpRwcdOO8KpEHwJjyqOgzDO7iKvU8vcnwNrmxYbSW9ERBXukOXolLzeO_Jn";
    assert_signed(&key, r#"{"alg":"ES512"}"#, "Payload", signature);
}

#[test]
fn rfc7515_a_5_a_document_without_a_signature_is_refused() {
    let key = super::forge::Forge::ed25519("k").jwk();
    let set = KeySet::from_jwks(json!({ "keys": [key] }).to_string()).unwrap();
    let token = format!("{}.{}.", b64(r#"{"alg":"none"}"#), b64(CLAIMS));
    assert!(set.check_document(&token, &Algorithm::ALL).is_err());
}

#[test]
fn rfc8037_a_4_ed25519() {
    let key = json!({
        "kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
    });
    let signature =
        "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
    assert_signed(
        &key,
        r#"{"alg":"EdDSA"}"#,
        "Example of Ed25519 signing",
        signature,
    );
}
