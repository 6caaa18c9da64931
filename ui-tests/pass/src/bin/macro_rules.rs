//! Handlers out of a macro.

#![deny(warnings)]

use manager_runtime::prelude::*;

/// A handler whose name, message and reply come from whoever calls the macro.
macro_rules! constant {
    ($name:ident, $message:ty, $reply:expr) => {
        #[handler]
        async fn $name(_: $message) -> &'static str {
            $reply
        }
    };
    // With a name of the macro's own for the parameter, and options.
    ($name:ident as $text:literal, $replicas:literal) => {
        #[handler(name = $text, replicas = $replicas)]
        async fn $name(text: String) -> String {
            let text = text + stringify!($name);
            text
        }
    };
}

constant!(one, String, "one");
constant!(two, Json<u32>, "two");
constant!(three as "third", 3);

macro_rules! messages {
    ($($name:ident { $($field:ident: $kind:ty),* })*) => {
        $(
            #[message]
            struct $name { $($field: $kind),* }
        )*
    };
}

messages! {
    Sum { a: i64, b: i64 }
    Total { total: i64 }
}

macro_rules! counter {
    ($name:ident) => {
        #[derive(Default)]
        struct $name(u64);

        #[handler]
        impl $name {
            async fn run(&mut self, sum: Sum) -> Total {
                self.0 += 1;
                Total { total: (sum.a + sum.b) * self.0 as i64 }
            }
        }
    };
}

counter!(CountsUp);

/// The body comes from outside: it sees the parameter that came with it.
macro_rules! with_body {
    ($name:ident($($parameter:pat => $kind:ty),*) -> $reply:ty $body:block) => {
        #[handler]
        async fn $name($($parameter: $kind),*) -> $reply $body
    };
}

with_body!(length(ctx => Context, text => String) -> Result<Json<usize>> {
    let one = ctx.call::<one>(text.clone()).await?;
    Ok(Json(one.len() + text.len()))
});

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let running = Manager::new_default().without_http().spawn().await?;
    let ctx = running.context();
    assert_eq!(ctx.call::<one>(String::new()).await?, "one");
    assert_eq!(ctx.call::<two>(2).await?, "two");
    assert_eq!(ctx.call::<three>("is ".to_owned()).await?, "is three");
    assert_eq!(ctx.publish("third", "is ").await?.text()?, "is three");
    assert_eq!(ctx.call::<CountsUp>(Sum { a: 1, b: 2 }).await?.total, 3);
    assert_eq!(ctx.call::<length>("four".to_owned()).await?, 7);
    running.stop().await
}
