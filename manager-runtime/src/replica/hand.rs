//! Makes a handler of a hand-written [`Base`].

use std::future::Future;
use std::marker::PhantomData;

use crate::base::Base;
use crate::context::{Context, Parts, with_current};
use crate::error::{Error, Result};
use crate::handler::{Building, Handler, Key, Message, Needs, Parameters, Place, Spec, Values};

/// Stands for a hand-written handler wherever a [`Handler`] is asked for. It has no typed callers.
pub(crate) struct ByHand<T>(PhantomData<fn() -> T>);

/// The parameters of [`Base::run`]: who called, and the message as text.
pub(crate) struct SourceAndText;

impl Parameters for SourceAndText {
    type Message = String;
    type Values = (Context, String);
    const MESSAGES: usize = 1;

    async fn collect(
        parts: &mut Parts<'_>,
        message: Option<<String as Message>::Value>,
    ) -> Result<(Context, String)> {
        Ok((parts.context(), message.unwrap_or_default()))
    }

    fn needs(_: &mut Needs) {}
}

impl<T: Base> Handler for ByHand<T> {
    type Replica = T;
    type Parameters = SourceAndText;
    type Output = Result<String, Error>;
    // Only the options are used; the name comes with `add_handler`.
    const SPEC: Spec = Spec::new("", Place::new("", 0, 0, ""));

    fn key() -> &'static Key {
        // Shared by all hand-written handlers, which no typed call can name.
        static KEY: Key = Key::new();
        &KEY
    }

    async fn build(building: &Building) -> Result<T> {
        let context = &building.context;
        Ok(T::new(context.bus().clone(), context.state().clone()))
    }

    fn handle(
        replica: &mut T,
        (context, data): Values<Self>,
    ) -> impl Future<Output = Self::Output> + Send {
        let source = context.source().to_string();
        // `Base` has no context: what it calls through the bus finds the chain and the deadline here.
        with_current(context.frame, async move {
            replica.run(source, data).await.map_err(Error::from_boxed)
        })
    }
}
