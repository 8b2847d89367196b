//! The numbers in the errors of Entra ID (`AADSTS50076: …`), and what to do about each. Its documentation says that no
//! program should decide by them: they choose advice, as every text of a server does.

/// What to do about the error whose number is in `text`, the lower case of a description.
pub(super) fn advice(text: &str) -> Option<&'static str> {
    let (_, rest) = text.split_once("aadsts")?;
    let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let number: u32 = rest[..digits].parse().ok()?;
    let row = TABLE.iter().find(|(numbers, _)| numbers.contains(&number));
    row.map(|(_, advice)| *advice)
}

const TABLE: &[(&[u32], &str)] = &[
    (&[50126], "check the user name and the password"),
    (
        &[50034],
        "check the user name and the tenant: it does not know this user",
    ),
    (
        &[50053],
        "wait until the account is no longer locked, or ask whoever runs the tenant",
    ),
    (
        &[50055],
        "set a new password in a browser, then log in again",
    ),
    (
        &[50057],
        "ask whoever runs the server to enable the account",
    ),
    (
        &[50072, 50074, 50076, 50078, 50079, 50158],
        "log in again for this tenant and this scope: more than a password is wanted",
    ),
    (
        &[50005, 50097, 53000, 53001, 53002, 53003, 530003],
        "log in with the browser of a device that the organisation manages: its rules (Conditional Access) allow no \
         other, and often no device code",
    ),
    (
        &[65001, 90094],
        "log in again and consent; where only an administrator may, they do so at \
         https://login.microsoftonline.com/<tenant>/adminconsent?client_id=<client id>",
    ),
    (&[65004], "log in again and consent: it was declined"),
    (
        &[700016],
        "check the client id, and that the application is registered in this tenant",
    ),
    (
        &[90002, 50059],
        "check the tenant: give its id or a domain of it, in the cloud that it is in",
    ),
    (
        &[500011, 50001],
        "check the name of the API: this tenant knows no such resource",
    ),
    (
        &[7000215],
        "give the client secret's value: most often its id was given instead",
    ),
    (&[7000222], "make a new client secret: this one has expired"),
    (
        &[700027],
        "register this certificate for the application, or a new one: `openssl x509 -in cert.pem -noout -enddate` shows \
         when it ends",
    ),
    (
        &[700024],
        "set this machine's clock (NTP); where the assertion comes from a file, see that something renews it",
    ),
    (
        &[7000218],
        "give the application's secret or certificate, or let the registration allow public client flows",
    ),
    (
        &[70021, 700211, 700212, 700213],
        "make issuer, subject and audience of the application's federated credential those of the assertion, letter by \
         letter",
    ),
    (
        &[700082, 700084, 50173, 70008, 70043, 50132, 50133],
        "log in again: the login has ended",
    ),
    (
        &[50011, 500113],
        "add http://localhost to the registration, as a redirect URI for mobile and desktop applications",
    ),
    (
        &[70011, 1002012],
        "check the scope: a program that asks for itself asks for <resource>/.default",
    ),
    (
        &[28000],
        "ask for the scopes of one API at a time: a token is for one",
    ),
    (
        &[90009],
        "name the application by its client id alone: <client id>/.default",
    ),
    (
        &[70018, 70019, 70020],
        "log in again, and enter the code in time",
    ),
    (
        &[50196],
        "keep the token for as long as it works: the program asks over and over",
    ),
    (
        &[50105, 501051],
        "have the user or the application assigned to the application that is asked for, by whoever runs the tenant",
    ),
    (
        &[9002325, 9002326, 9002327],
        "register a client for mobile and desktop applications: this one is for pages in a browser (SPA) only",
    ),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{TABLE, advice};

    #[test]
    fn a_number_counts_whole_and_each_once() {
        let say = |number: &str| advice(&format!("aadsts{number}: text. trace id: x"));
        assert!(say("7000215").unwrap().contains("secret's value"));
        assert!(say("700021").is_none() && say("70002155").is_none() && say("").is_none());
        assert!(advice("no number").is_none() && advice("aadsts99999999999").is_none());
        let numbers: Vec<u32> = TABLE
            .iter()
            .flat_map(|(numbers, _)| *numbers)
            .copied()
            .collect();
        let different: BTreeSet<u32> = numbers.iter().copied().collect();
        assert_eq!(different.len(), numbers.len());
    }
}
