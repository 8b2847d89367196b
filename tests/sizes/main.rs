//! Small programs, one for each crate, whose sizes `cargo xtask packages size` compares. It compiles each alone; here they
//! are together, so that they keep compiling.

mod azure;
mod core;
mod desp;
mod jwt_bearer;
mod keycloak;
mod verify;

fn main() -> auth_core::Result<()> {
    core::main()?;
    jwt_bearer::main()?;
    verify::main()?;
    keycloak::main()?;
    azure::main()?;
    desp::main()
}
