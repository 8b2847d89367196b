//! Where a program runs, told by variables.

use auth_core::ErrorKind;

use crate::world::World;

#[tokio::test(start_paused = true)]
async fn the_first_place_that_the_variables_fit_is_taken() {
    let world = World::new();
    let endpoint = ("IDENTITY_ENDPOINT", "http://127.0.0.1:41/msi/token");
    let himds = (
        "IDENTITY_ENDPOINT",
        "http://localhost:40342/metadata/identity/oauth2/token",
    );
    let old = ("MSI_ENDPOINT", "http://localhost:50342/oauth2/token");
    let mut said = Vec::new();
    for (variables, files) in [
        (vec![], vec![]),
        (
            vec![("IDENTITY_ENDPOINT", ""), ("IDENTITY_HEADER", "")],
            vec![],
        ),
        (
            vec![("AZURE_POD_IDENTITY_AUTHORITY_HOST", "http://127.0.0.1:9/")],
            vec![],
        ),
        (vec![endpoint, ("IDENTITY_HEADER", "h")], vec![]),
        (
            vec![endpoint, ("IDENTITY_HEADER", "h"), old, ("MSI_SECRET", "s")],
            vec![],
        ),
        (
            vec![endpoint, ("IDENTITY_HEADER", "h"), ("IMDS_ENDPOINT", "x")],
            vec!["/opt/azcmagent/bin/himds"],
        ),
        (
            vec![himds, ("IMDS_ENDPOINT", "http://localhost:40342")],
            vec![],
        ),
        (vec![], vec!["/opt/azcmagent/bin/himds"]),
        (vec![old], vec![]),
    ] {
        said.push(format!(
            "{:?}",
            world.surroundings(&variables, &files).unwrap()
        ));
    }
    insta::assert_snapshot!(said.join("\n"));
    assert_eq!(world.server.requests().len(), 0);
}

#[tokio::test(start_paused = true)]
async fn what_is_half_set_or_not_supported_is_said() {
    let world = World::new();
    let endpoint = ("IDENTITY_ENDPOINT", "http://127.0.0.1:41/msi/token");
    let header = ("IDENTITY_HEADER", "can4ry");
    let mut said = Vec::new();
    for variables in [
        vec![endpoint],
        vec![header],
        vec![("MSI_SECRET", "can4ry")],
        vec![("IDENTITY_ENDPOINT", "can4ry"), header],
        vec![("IDENTITY_ENDPOINT", "http://a.b/can4ry"), header],
        vec![("AZURE_POD_IDENTITY_AUTHORITY_HOST", "can4ry")],
        vec![endpoint, header, ("IDENTITY_SERVER_THUMBPRINT", "can4ry")],
        vec![
            ("MSI_ENDPOINT", "http://localhost:1/"),
            ("MSI_SECRET", "can4ry"),
        ],
    ] {
        let error = world.surroundings(&variables, &[]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config, "{variables:?}");
        said.push(error.to_string());
    }
    let said = said.join("\n");
    assert!(!said.contains("can4ry"), "{said}");
    insta::assert_snapshot!(said);
}
