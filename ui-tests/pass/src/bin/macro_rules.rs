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

/// Routes whose method, pattern and middleware come from whoever calls the macro.
macro_rules! route {
    ($name:ident: $method:ident $path:literal $(with $with:ident)? $(, $option:ident)*) => {
        #[handler($method = $path $(, with = [$with])? $(, $option)*)]
        async fn $name() -> &'static str {
            $path
        }
    };
    ($name:ident: $text:literal $path:literal) => {
        #[handler(method($text, [$path, "/more"]))]
        async fn $name() -> &'static str {
            $path
        }
    };
}

route!(shown: get "/shown" with noted);
route!(made: post "/made", private);
route!(locked: "LOCK" "/locked/{{rest}}");

macro_rules! noted {
    ($name:ident $(, $option:ident)*) => {
        #[middleware($($option),*)]
        async fn $name(request: Request, next: Next) -> Result<Response> {
            let response = next.run(request).await;
            response
        }
    };
    // With a body and parameters from outside.
    ($name:ident($($parameter:ident: $kind:ty),*) $body:block) => {
        #[middleware]
        async fn $name($($parameter: $kind),*) -> Result<Response> $body
    };
}

noted!(noted);
noted!(noted_all, global);
noted!(noted_with(request: Request, next: Next, ctx: Context) {
    ctx.state().increment("noted", 1)?;
    next.run(request).await
});

macro_rules! page {
    ($name:ident, $status:literal, $text:expr) => {
        #[catcher($status)]
        async fn $name(_: Caught) -> &'static str {
            $text
        }
    };
}

page!(not_found, 404, "nothing");
page!(not_allowed, 405, "no");

macro_rules! error {
    ($name:ident { $($variant:ident($kind:ident, $text:literal)),* }) => {
        #[derive(Debug, HandlerError)]
        enum $name {
            $(#[error(kind = $kind, $text)] $variant(u64),)*
        }
    };
}

error!(ShopError { NoOrder(NotFound, "no order {0}"), Paid(Conflict, "{0} is paid") });

#[handler(post = "/order", with = [noted_with])]
async fn order(Json(id): Json<u64>) -> Result<(), ShopError> {
    Err(if id == 0 { ShopError::NoOrder(id) } else { ShopError::Paid(id) })
}

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
    assert_eq!(ctx.call::<shown>(()).await?, "/shown");
    assert_eq!(ctx.call::<made>(()).await?, "/made");
    assert_eq!(ctx.call::<locked>(()).await?, "/locked/{{rest}}");
    assert_eq!(ctx.call::<order>(5).await.unwrap_err().message(), "5 is paid");
    running.stop().await
}
