//! The mark of RSA keys from a broken generator (ROCA, CVE-2017-15361): they can be factored.

/// Whether a modulus has the mark: modulo many small primes it is a power of 65537, which happens to
/// one sound key in a hundred million.
pub(super) fn is_marked(modulus: &[u8]) -> bool {
    PRIMES.iter().all(|&prime| {
        let rest = modulus
            .iter()
            .fold(0, |rest, &byte| (rest * 256 + u32::from(byte)) % prime);
        let mut power = 1;
        for _ in 1..prime {
            power = power * (65_537 % prime) % prime;
            if power == rest {
                return true;
            }
        }
        false
    })
}

/// The odd primes up to 167.
const PRIMES: [u32; 38] = [
    3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97,
    101, 103, 107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167,
];

#[cfg(test)]
mod tests {
    use super::is_marked;

    #[test]
    fn rule_15_a_power_of_65537_is_marked_and_its_neighbour_is_not() {
        // 65537^16 has 257 bits; as a number modulo each prime it is a power by definition.
        let mut power: Vec<u8> = vec![1];
        for _ in 0..16 {
            let mut sum = vec![0; power.len() + 2];
            for (at, byte) in power.iter().rev().enumerate() {
                sum[at] += u32::from(*byte);
                sum[at + 2] += u32::from(*byte);
            }
            for at in 0..sum.len() {
                let carry = sum[at] / 256;
                sum[at] %= 256;
                if carry > 0 {
                    match sum.get_mut(at + 1) {
                        Some(next) => *next += carry,
                        None => sum.push(carry),
                    }
                }
            }
            power = sum
                .iter()
                .rev()
                .map(|&byte| u8::try_from(byte).unwrap())
                .collect();
        }
        assert!(is_marked(&power));
        *power.last_mut().unwrap() ^= 2;
        assert!(!is_marked(&power));
    }
}
