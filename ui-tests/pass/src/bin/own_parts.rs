//! Parameters of the program's own.

#![deny(warnings)]

use manager_runtime::{Needs, Parameter, Part, Parts, prelude::*, role};

struct Caller(String);

impl Parameter for Caller {
    type Role = role::Part;
}

impl Part for Caller {
    async fn part(parts: &mut Parts<'_>) -> Result<Self> {
        Ok(Caller(parts.context().source().to_string()))
    }
}

/// Generic, and made of what the program provides.
struct Length<T>(usize, std::marker::PhantomData<T>);

impl<T: AsRef<str> + Send + Sync + 'static> Parameter for Length<T> {
    type Role = role::Part;
}

impl<T: AsRef<str> + Send + Sync + 'static> Part for Length<T> {
    async fn part(parts: &mut Parts<'_>) -> Result<Self> {
        let text = parts.resource::<T>()?;
        Ok(Length((*text).as_ref().len(), std::marker::PhantomData))
    }

    fn needs(needs: &mut Needs) {
        needs.resource::<T>();
    }
}

#[handler]
async fn whoami(Caller(name): Caller, length: Length<String>, text: String) -> String {
    format!("{name} {} {text}", length.0)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let running = Manager::new_default().provide("four".to_owned()).without_http().spawn().await?;
    let reply = running.context().call::<whoami>("text".to_owned()).await?;
    assert_eq!(reply, "program 4 text");
    running.stop().await
}
