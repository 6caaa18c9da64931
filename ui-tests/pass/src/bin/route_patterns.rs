//! Patterns with everything that may stand in them, and what they capture.

#![deny(warnings)]

use std::collections::BTreeMap;

use manager_runtime::prelude::*;
use ui_tests::ask;

/// What was captured: `a=1 b=2`.
fn shown(captures: BTreeMap<String, String>) -> String {
    let each = captures.into_iter().map(|(name, value)| format!("{name}={value}"));
    each.collect::<Vec<_>>().join(" ")
}

#[handler(get = "/")]
async fn root() -> &'static str {
    "root"
}

#[handler(get = ["/größe", "/a b/100%/@me/a:b", "/{{braces}}/}}{{", "/\u{1F980}/\"/\\", r"/raw\d"])]
async fn texts() -> &'static str {
    "texts"
}

#[handler(get = ["/{name}.{ext}", "/v{major}/x-{a}-y", "/{n:[0-9]+}-days", "/pair/{a}{n:[0-9]{2}}"])]
async fn mixed(Path(captures): Path<BTreeMap<String, String>>) -> String {
    shown(captures)
}

#[handler(get = [r"/year/{year:\d{4}}", r"/brace/{b:\{x\}|y}", "/either/{e:a|b c}", "/größe/{größe}"])]
async fn regexes(Path(captures): Path<BTreeMap<String, String>>) -> String {
    shown(captures)
}

#[handler(get = ["/none/{*rest}", "/one/{+rest}"])]
async fn rests(Path((rest,)): Path<(String,)>) -> String {
    rest
}

#[handler(get = ["/strict !", "/lenient/ ?", "/below *", "/both/ ?*", "/{{id}}/strict *!", "/quiet !x"])]
async fn suffixes() -> &'static str {
    "suffixes"
}

#[handler(get = "/{a}/{b}/{c}/{d}/{e}/{f}/{g}/{h}/{i}/{j}/{k}/{l}/{m}/{n}/{o}/{p}")]
async fn sixteen(Path(captures): Path<BTreeMap<String, String>>) -> String {
    captures.into_values().collect()
}

/// Names that are words of the language, or begin like what is private.
#[handler(get = "/words/{type}/{fn}/{_x}/{Self}")]
async fn words(Path(captures): Path<BTreeMap<String, String>>) -> String {
    shown(captures)
}

/// By their names.
#[message]
struct Order {
    shop: String,
    r#type: u8,
}

#[handler(get = "/shops/{shop}/{type}")]
async fn named(Path(order): Path<Order>) -> String {
    format!("{} {}", order.shop, order.r#type)
}

/// By their places, those of the host first.
#[handler(get = "/host/{n:[0-9]+}", host = "{sub}.localhost")]
async fn placed(Path((sub, n)): Path<(String, u8)>) -> String {
    format!("{sub} {n}")
}

#[tokio::main]
async fn main() -> Result<()> {
    let running = Manager::new_default().with_bind("127.0.0.1:0").spawn().await?;
    let check = |path: &str, expected: &str| -> Result<()> {
        let found = ask(running.addr(), &format!("GET {path}"), "")?;
        assert_eq!(found, (200, expected.to_owned()), "{path}");
        Ok(())
    };
    check("/", "root")?;
    for path in ["/gr%C3%B6%C3%9Fe", "/a%20b/100%25/@me/a:b", "/%7Bbraces%7D/%7D%7B", "/raw%5Cd"] {
        check(path, "texts")?;
    }
    check("/cat.png", "ext=png name=cat")?;
    check("/v2/x-1-y", "a=1 major=2")?;
    check("/7-days", "n=7")?;
    check("/pair/x12", "a=x n=12")?;
    check("/year/2027", "year=2027")?;
    check("/brace/%7Bx%7D", "b={x}")?;
    check("/either/b%20c", "e=b c")?;
    check("/gr%C3%B6%C3%9Fe/%C3%B6", "größe=ö")?;
    check("/none", "")?;
    check("/none/a/b", "a/b")?;
    check("/one/a", "a")?;
    for path in ["/strict", "/lenient", "/lenient/", "/below", "/below/a/b", "/both", "/both/a"] {
        check(path, "suffixes")?;
    }
    check("/%7Bid%7D/strict", "suffixes")?;
    check("/quiet%20!x", "suffixes")?;
    check("/1/2/3/4/5/6/7/8/9/a/b/c/d/e/f/g", "123456789abcdefg")?;
    check("/words/a/b/c/d", "Self=d _x=c fn=b type=a")?;
    check("/shops/corner/5", "corner 5")?;
    check("http://my.localhost/host/5", "my 5")?;
    for path in ["/one", "/strict/"] {
        assert_eq!(ask(running.addr(), &format!("GET {path}"), "")?.0, 404, "{path}");
    }
    running.stop().await
}
