//! Cookies: read from the request, and added to the reply.

use std::fmt;

use cookie::{Cookie, CookieJar, Key};
use http::header::{COOKIE, SET_COOKIE};
use http::{HeaderMap, HeaderValue};

use crate::context::{Parts, Res};
use crate::error::{Error, Result};
use crate::fields::shown;
use crate::handler::{Needs, Parameter, Part, role};
use crate::reply::IntoHeaders;

/// The cookies of the request (RFC 6265), in the clear: whoever has the client can read and change them.
/// With the feature `cookies`.
///
/// As a parameter it holds what the client sent. What is added to it or removed from it goes to the client
/// if it stands in the reply, as [`IntoHeaders`]: `(cookies, Html(..))`. Names and values are percent-encoded on the way; what cannot be read is left
/// out, because a browser sends the cookies of other programs on the same host as well.
///
/// ```
/// use manager_runtime::cookie::Cookie;
/// use manager_runtime::prelude::*;
///
/// #[handler(get = "/theme")]
/// async fn theme(cookies: Cookies) -> String {
///     cookies.get("theme").map_or("light", |cookie| cookie.value()).to_owned()
/// }
///
/// #[handler(put = "/theme")]
/// async fn set_theme(mut cookies: Cookies, theme: String) -> (Cookies, NoContent) {
///     cookies.add(Cookie::build(("theme", theme)).path("/").http_only(true));
///     (cookies, NoContent)
/// }
/// # fn main() {}
/// ```
///
/// # Errors
///
/// `BadRequest` for a call that did not come over HTTP.
#[derive(Clone, Default)]
pub struct Cookies {
    jar: CookieJar,
}

impl Cookies {
    /// The cookie with this name.
    ///
    /// ```
    /// use manager_runtime::Cookies;
    /// assert!(Cookies::default().get("theme").is_none());
    /// ```
    pub fn get(&self, name: &str) -> Option<&Cookie<'static>> {
        self.jar.get(name)
    }

    /// All of them, in no order.
    ///
    /// ```
    /// use manager_runtime::Cookies;
    /// assert_eq!(Cookies::default().iter().count(), 0);
    /// ```
    pub fn iter(&self) -> impl Iterator<Item = &Cookie<'static>> {
        self.jar.iter()
    }

    /// Sets a cookie.
    ///
    /// ```
    /// use manager_runtime::Cookies;
    /// use manager_runtime::cookie::Cookie;
    ///
    /// let mut cookies = Cookies::default();
    /// cookies.add(Cookie::build(("theme", "dark")).path("/").http_only(true).secure(true));
    /// assert_eq!(cookies.get("theme").unwrap().value(), "dark");
    /// ```
    pub fn add(&mut self, cookie: impl Into<Cookie<'static>>) -> &mut Self {
        self.jar.add(cookie);
        self
    }

    /// Has the client forget a cookie that it sent. It needs the path and the domain that the cookie was
    /// set with.
    ///
    /// ```
    /// use manager_runtime::Cookies;
    /// use manager_runtime::cookie::Cookie;
    ///
    /// fn log_out(cookies: &mut Cookies) {
    ///     cookies.remove(Cookie::build("session").path("/"));
    /// }
    /// ```
    pub fn remove(&mut self, cookie: impl Into<Cookie<'static>>) -> &mut Self {
        self.jar.remove(cookie);
        self
    }
}

impl IntoHeaders for Cookies {
    fn into_headers(self) -> Result<HeaderMap> {
        set_cookies(&self.jar)
    }
}

impl Parameter for Cookies {
    type Role = role::Part;
}

impl Part for Cookies {
    async fn part(parts: &mut Parts<'_>) -> Result<Self> {
        Ok(Cookies { jar: jar(parts)? })
    }

    fn needs(_: &mut Needs) {}
}

/// The key of [`SignedCookies`] and [`PrivateCookies`], as a resource: `manager! { provide: [key] }`.
///
/// `Debug` shows nothing of it.
///
/// ```
/// use manager_runtime::CookieKey;
///
/// # fn example() -> manager_runtime::Result<()> {
/// let key = CookieKey::new(std::env::var("COOKIE_SECRET")?)?;
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct CookieKey(Key);

impl CookieKey {
    /// A key made of a secret of at least 32 bytes that nobody can guess. The same secret makes the same
    /// key.
    ///
    /// # Errors
    ///
    /// `Internal` for a shorter one.
    ///
    /// ```
    /// use manager_runtime::CookieKey;
    /// assert!(CookieKey::new("short").is_err());
    /// ```
    pub fn new(secret: impl AsRef<[u8]>) -> Result<Self> {
        match secret.as_ref() {
            secret if secret.len() < 32 => {
                Err(Error::internal("the secret of a cookie key has at least 32 bytes"))
            }
            secret => Ok(CookieKey(Key::derive_from(secret))),
        }
    }

    /// A key that nobody knows, and that ends with the process: so do the cookies.
    ///
    /// ```
    /// let key = manager_runtime::CookieKey::generate();
    /// ```
    pub fn generate() -> Self {
        CookieKey(Key::generate())
    }
}

impl fmt::Debug for CookieKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CookieKey(..)")
    }
}

macro_rules! jars {
    ($(
        $(#[$doc:meta])*
        $name:ident: $read:ident $write:ident;
    )*) => {
        $(
            $(#[$doc])*
            #[derive(Clone)]
            pub struct $name {
                jar: CookieJar,
                key: Res<CookieKey>,
            }

            impl $name {
                /// The cookie with this name, if this service made it and nobody changed it. The
                /// example on the type shows a use.
                pub fn get(&self, name: &str) -> Option<Cookie<'static>> {
                    self.jar.$read(&self.key.0).get(name)
                }

                /// Sets a cookie. The example on the type shows a use.
                pub fn add(&mut self, cookie: impl Into<Cookie<'static>>) -> &mut Self {
                    self.jar.$write(&self.key.0).add(cookie);
                    self
                }

                /// Has the client forget a cookie that it sent. It needs the path and the domain that
                /// the cookie was set with. [`Cookies::remove`] shows a use.
                pub fn remove(&mut self, cookie: impl Into<Cookie<'static>>) -> &mut Self {
                    self.jar.$write(&self.key.0).remove(cookie);
                    self
                }
            }

            impl IntoHeaders for $name {
                fn into_headers(self) -> Result<HeaderMap> {
                    set_cookies(&self.jar)
                }
            }

            impl fmt::Debug for $name {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    debug(stringify!($name), &self.jar, f)
                }
            }

            impl Parameter for $name {
                type Role = role::Part;
            }

            impl Part for $name {
                async fn part(parts: &mut Parts<'_>) -> Result<Self> {
                    let key = Res::<CookieKey>::part(parts).await?;
                    Ok($name { jar: jar(parts)?, key })
                }

                fn needs(needs: &mut Needs) {
                    needs.resource::<CookieKey>();
                }
            }
        )*
    };
}

jars! {
    /// Cookies that the client can read and not change: each carries a signature (HMAC with SHA-256). With
    /// the feature `cookies`. The [`CookieKey`] is a resource; a handler without one ends the start.
    ///
    /// ```
    /// use manager_runtime::prelude::*;
    ///
    /// #[handler(get = "/me")]
    /// async fn me(cookies: SignedCookies) -> Result<String> {
    ///     let user = cookies.get("user").ok_or_else(|| Error::unauthorized("log in first"))?;
    ///     Ok(user.value().to_owned())
    /// }
    ///
    /// # fn example() -> ExitCode {
    /// manager! { provide: [manager_runtime::CookieKey::generate()] }
    /// # }
    /// # fn main() {}
    /// ```
    ///
    /// # Errors
    ///
    /// As for [`Cookies`].
    SignedCookies: signed signed_mut;
    /// Cookies that the client can neither read nor change: they are encrypted (AES-256 in GCM). With the
    /// feature `cookies`. The [`CookieKey`] is a resource; a handler without one ends the start.
    ///
    /// ```
    /// use manager_runtime::prelude::*;
    ///
    /// #[handler(get = "/cart")]
    /// async fn cart(cookies: PrivateCookies) -> String {
    ///     cookies.get("cart").map_or_else(String::new, |cart| cart.value().to_owned())
    /// }
    /// # fn main() {}
    /// ```
    ///
    /// # Errors
    ///
    /// As for [`Cookies`].
    PrivateCookies: private private_mut;
}

impl fmt::Debug for Cookies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        debug("Cookies", &self.jar, f)
    }
}

/// Names only: values are secrets of the client.
fn debug(name: &str, jar: &CookieJar, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_str(name)?;
    f.debug_list().entries(jar.iter().map(Cookie::name)).finish()
}

/// What the client sent. HTTP/2 may have several headers of it (RFC 9113, section 8.2.3).
fn jar(parts: &Parts<'_>) -> Result<CookieJar> {
    let mut jar = CookieJar::new();
    for header in parts.head()?.headers().get_all(COOKIE) {
        let Ok(header) = header.to_str() else { continue };
        for cookie in Cookie::split_parse_encoded(header.to_owned()).flatten() {
            jar.add_original(cookie);
        }
    }
    Ok(jar)
}

/// What a reply says of what was added and removed (RFC 6265, section 4.1).
fn set_cookies(jar: &CookieJar) -> Result<HeaderMap> {
    let mut headers = HeaderMap::new();
    for cookie in jar.delta() {
        let value = HeaderValue::try_from(cookie.encoded().to_string()).map_err(|error| {
            let name = shown(cookie.name());
            Error::internal(format!("the cookie `{name}` cannot be sent")).with_source(error)
        })?;
        headers.append(SET_COOKIE, value);
    }
    Ok(headers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_added_and_removed_is_said_and_nothing_else() {
        let mut cookies = Cookies::default();
        cookies.jar.add_original(("old", "1"));
        cookies.jar.add_original(("kept", "1"));
        cookies.add(Cookie::build(("new", "a b;ü")).path("/")).remove("old").remove("never");
        let headers = cookies.into_headers().unwrap();
        let mut values: Vec<String> = headers
            .get_all(SET_COOKIE)
            .iter()
            .map(|value| value.to_str().unwrap().to_owned())
            .collect();
        values.sort();
        assert_eq!(values.len(), 2, "{values:?}");
        assert_eq!(values[0], "new=a%20b%3B%C3%BC; Path=/");
        assert!(values[1].starts_with("old=; Max-Age=0; Expires="), "{values:?}");
    }

    #[test]
    fn a_cookie_that_would_break_the_head_is_an_error() {
        let mut cookies = Cookies::default();
        cookies.add(Cookie::build(("a", "1")).path("/\r\nX: y"));
        assert!(cookies.into_headers().is_err());
    }

    #[test]
    fn keys_and_values_stay_out_of_debug() {
        let key = CookieKey::new([7; 32]).unwrap();
        assert_eq!(format!("{key:?}"), "CookieKey(..)");
        let mut cookies = Cookies::default();
        cookies.add(("name", "secret"));
        assert_eq!(format!("{cookies:?}"), r#"Cookies["name"]"#);
    }
}
