//! Points of Ed25519 that are no public keys (RFC 8032 §5.1.3, RFC 7748 §7).

/// Whether 32 bytes may be a public key: they spell their point in the one way that there is, and it is not
/// one of the eight points of small order. Under those, signatures hold that nobody made.
pub(super) fn is_sound(point: &[u8; 32]) -> bool {
    let mut y = *point;
    // The sign of the other coordinate; points come in pairs that differ in it alone.
    y[31] &= 0x7f;
    is_reduced(&y) && !SMALL_ORDER.contains(&y)
}

/// Whether a number is below 2²⁵⁵ − 19, the prime of the field.
fn is_reduced(number: &[u8; 32]) -> bool {
    let largest = number[31] == 0x7f && number[1..31].iter().all(|&byte| byte == 0xff);
    !largest || number[0] < 0xed
}

/// The `y` of each point whose order divides eight, least byte first: of order 4 (0), of order 1 (1), of
/// order 2 (−1), and the two of order 8, which solve 121665 y⁴ − 243332 y² + 121666 = 0.
const SMALL_ORDER: [[u8; 32]; 5] = [
    [0; 32],
    with_ends(1, 0, 0),
    with_ends(0xec, 0xff, 0x7f),
    [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98,
        0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53,
        0xfc, 0x05,
    ],
    [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67,
        0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac,
        0x03, 0x7a,
    ],
];

const fn with_ends(first: u8, between: u8, last: u8) -> [u8; 32] {
    let mut number = [between; 32];
    number[0] = first;
    number[31] = last;
    number
}
