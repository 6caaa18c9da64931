//! Calls between handlers: by type, where the compiler checks both ends, and by name, where it cannot.

use manager_runtime::prelude::*;

/// What a text looks like.
#[message]
pub struct Facts {
    /// How many words it has.
    pub words: usize,
    /// Its longest word.
    pub longest: String,
}

/// Looks at a text.
#[handler(replicas = 4)]
async fn facts(text: String) -> Facts {
    let words = text.split_whitespace();
    let longest = words.clone().max_by_key(|word| word.len()).unwrap_or_default().to_owned();
    Facts { words: words.count(), longest }
}

/// Says it in a sentence.
#[handler]
async fn describe(ctx: Context, text: String) -> Result<String> {
    // The request has to be a `String`, and `facts` is a `Facts`. The value moves; no JSON is made.
    let facts = ctx.call::<facts>(text.clone()).await?;

    // By name the payload is text, bytes, `Json(..)` or a message, and the reply is read as asked for.
    let same: Facts = ctx.publish("facts", text).await?.json()?;
    debug_assert_eq!(facts.words, same.words);

    Ok(format!("{} words, the longest is {:?}", facts.words, facts.longest))
}

fn main() -> ExitCode {
    manager!()
}
