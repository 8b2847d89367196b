//! A request's header.

#![no_main]

use auth_verify::BearerHeader;
use http::{HeaderMap, HeaderValue};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|value: &[u8]| {
    let Ok(value) = HeaderValue::from_bytes(value) else {
        return;
    };
    let mut headers = HeaderMap::new();
    headers.insert("authorization", value.clone());
    headers.insert("x-identity", value);
    let raw = BearerHeader::raw("x-identity").expect("a name");
    if raw.read(&headers).is_ok() {
        assert!(!headers["x-identity"].as_bytes().contains(&b' '));
    }
    for place in [BearerHeader::authorization(), raw] {
        if place.read(&headers).is_ok() {
            let text = headers["authorization"]
                .to_str()
                .expect("what is accepted is ASCII");
            let words = text.split(' ').filter(|word| !word.is_empty());
            assert!(words.count() <= 2 && !text.ends_with(' ') && !text.contains(','));
        }
    }
});
