//! RFC 6238, its vectors and its limits.

use insta::assert_snapshot;

use super::*;

fn totp(text: &str) -> Result<Totp> {
    Totp::from_text(&text.into())
}

fn at(seconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
}

fn code_at(totp: &Totp, seconds: u64) -> String {
    let code = totp.code(totp.step(at(seconds)));
    code.expose_secret().to_owned()
}

/// The seed of the RFC, as long as the hash.
fn seed(length: usize) -> Totp {
    let digits = b"1234567890".repeat(7);
    Totp::new(SecretSlice::from(digits[..length].to_vec()))
}

#[test]
fn rfc6238_appendix_b() {
    let vectors = [
        (59, "94287082", "46119246", "90693936"),
        (1_111_111_109, "07081804", "68084774", "25091201"),
        (1_111_111_111, "14050471", "67062674", "99943326"),
        (1_234_567_890, "89005924", "91819424", "93441116"),
        (2_000_000_000, "69279037", "90698825", "38618901"),
        (20_000_000_000, "65353130", "77737706", "47863826"),
    ];
    let devices = [
        (20, Algorithm::Sha1),
        (32, Algorithm::Sha256),
        (64, Algorithm::Sha512),
    ]
    .map(|(length, hash)| {
        let eight = seed(length).with_algorithm(hash).with_digits(8);
        eight.unwrap()
    });
    for (time, sha1, sha256, sha512) in vectors {
        for (device, code) in devices.iter().zip([sha1, sha256, sha512]) {
            assert_eq!(code_at(device, time), code, "{device:?} {time}");
            let six = device.clone().with_digits(6).unwrap();
            assert_eq!(code_at(&six, time), code[2..], "{device:?} {time}");
        }
    }
}

#[test]
fn a_secret_is_read_as_people_copy_it() {
    let canonical = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
    for text in [
        canonical,
        "gezdgnbvgy3tqojqgezdgnbvgy3tqojq",
        "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ",
        "  gezd-gnbv-gy3t-qojq-gezd-gnbv-gy3t-qojq\n",
        "otpauth://totp/x?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ",
        "OTPAUTH://TOTP/x?issuer=y&SECRET=gezd%20gnbvgy3tqojqgezdgnbvgy3tqojq&image=z",
    ] {
        assert_eq!(code_at(&totp(text).unwrap(), 59), "287082", "{text}");
    }
    // "foo" has padding in canonical base32.
    let plain = totp("MZXW6").unwrap();
    for padded in ["MZXW6===", "mzxw 6=== ", "MZXW7==="] {
        assert_eq!(code_at(&totp(padded).unwrap(), 59), code_at(&plain, 59));
    }
}

#[test]
fn an_otpauth_address_says_how_codes_are_made() {
    let text = "otpauth://totp/DESP:ada%20l%2Bx@example.org?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZA\
                &algorithm=SHA256&digits=8&period=60";
    let device = totp(text).unwrap();
    assert_eq!(device.label(), Some("DESP:ada l+x@example.org"));
    assert_eq!(device.step(at(119)), 1);
    assert_eq!(code_at(&device, 119), "46119246");
    assert_eq!(totp("otpauth://totp?secret=MZXW6").unwrap().label(), None);
}

#[test]
fn what_is_no_secret_is_told_in_one_line_without_it() {
    let message = |text: &str| totp(text).unwrap_err().to_string();
    assert_snapshot!(message(""), @"the TOTP secret is empty; give the base32 key or the otpauth:// address that was shown at set-up");
    assert_snapshot!(message(" == "), @"the TOTP secret is empty; give the base32 key or the otpauth:// address that was shown at set-up");
    assert_snapshot!(message("canary018"), @"the TOTP secret has something in it that is no base32 (A to Z and 2 to 7); give the base32 key or the otpauth:// address that was shown at set-up");
    assert_snapshot!(message("MZX=W6Y"), @"the TOTP secret has something in it that is no base32 (A to Z and 2 to 7); give the base32 key or the otpauth:// address that was shown at set-up");
    assert_snapshot!(message("MZXW6A"), @"the TOTP secret has a length that no base32 has; give the base32 key or the otpauth:// address that was shown at set-up");
    assert_snapshot!(message("otpauth://hotp/x?secret=MZXW6&counter=1"), @"the TOTP secret counts its codes (hotp), where time makes them (totp); give the base32 key or the otpauth:// address that was shown at set-up");
    assert_snapshot!(message("otpauth://totp/x"), @"the TOTP secret has no secret in its address; give the base32 key or the otpauth:// address that was shown at set-up");
    assert_snapshot!(message("otpauth:x"), @"the TOTP secret is no otpauth address of kind totp; give the base32 key or the otpauth:// address that was shown at set-up");
    assert_snapshot!(message("otpauth://totp/x?secret=MZXW6&digits=six"), @"the TOTP secret has no number as its digits; give the base32 key or the otpauth:// address that was shown at set-up");
    assert_snapshot!(message("otpauth://totp/x?secret=MZXW6&digits=7"), @"a one-time code of 7 digits is not known; six and eight digits are");
    assert_snapshot!(message("otpauth://totp/x?secret=MZXW6&period=0"), @"one-time codes of 0 seconds are not known; give the period in seconds, 30 as a rule");
    assert_snapshot!(message("otpauth://totp/x?secret=MZXW6&algorithm=MD5"), @"one-time codes are not made with MD5; SHA1, SHA256 and SHA512 are known");
}

#[test]
fn a_device_never_shows_its_secret() {
    let device = totp("otpauth://totp/phone?secret=MZXW6YTBOI").unwrap();
    let shown = format!("{device:?} {device:#?}");
    assert!(shown.contains("phone") && !shown.contains("MZXW6YTBOI"));
    assert!(
        !shown.contains("foobar") && !shown.contains("102"),
        "{shown}"
    );
}

#[test]
fn no_step_is_used_twice_and_nobody_waits_for_two_periods() {
    let device = seed(20);
    for now in 3_000_000..3_000_090 {
        let step = device.step(at(now));
        let free = Turn {
            step,
            pause: Duration::ZERO,
        };
        assert_eq!(device.turn(at(now), None), free);
        for last in [0, step - 1, step + 2, u64::MAX] {
            assert_eq!(device.turn(at(now), Some(last)), free, "{now} {last}");
        }
        for last in [step, step + 1] {
            let turn = device.turn(at(now), Some(last));
            assert_eq!(turn.step, last + 1);
            assert!(turn.pause > Duration::ZERO && turn.pause <= Duration::from_secs(60));
            let then = at(now) + turn.pause;
            assert_eq!(device.step(then), turn.step, "{now} {last}");
            assert_eq!(device.turn(then, Some(last)).pause, Duration::ZERO);
        }
    }
}

#[test]
fn times_before_1970_and_steps_without_end_do_not_panic() {
    let device = seed(20);
    let before = SystemTime::UNIX_EPOCH - Duration::from_secs(1);
    assert_eq!(device.turn(before, None).step, 0);
    assert_eq!(device.code(u64::MAX).expose_secret().len(), 6);
    assert_eq!(device.turn(before, Some(u64::MAX)).step, 0);
}

#[test]
fn the_servers_date_moves_our_clock_by_the_least_that_explains_it() {
    let date = httpdate::fmt_http_date(at(1000));
    let seen = |sent: u64, received: u64| {
        let drift = Drift::seen(&date, at(sent), at(received));
        let then = drift.server_time(at(5000));
        then.duration_since(at(0)).unwrap().as_secs()
    };
    // In step: the date lies between, or within its second.
    for (sent, received) in [(1000, 1000), (999, 1002), (1001, 1001), (990, 1000)] {
        assert_eq!(seen(sent, received), 5000, "{sent} {received}");
    }
    assert_eq!(seen(880, 900), 5100, "the server is ahead");
    assert_eq!(seen(1101, 1120), 4900, "the server is behind");
    // A slow answer does not look like a drift.
    assert_eq!(seen(700, 1600), 5000);
    for unreadable in ["", "yesterday", "Thu, 99 Jan 1970 00:00:00 GMT"] {
        let drift = Drift::seen(unreadable, at(0), at(9));
        assert_eq!(drift, Drift::default());
    }
}
