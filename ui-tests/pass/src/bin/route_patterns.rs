//! Patterns with everything that may stand in them.

#![deny(warnings)]

use manager_runtime::prelude::*;
use ui_tests::ask;

#[handler(get = "/")]
async fn root() -> &'static str {
    "root"
}

#[handler(get = ["/größe", "/a b/100%/@me/a:b", "/{{braces}}/}}{{", "/\u{1F980}/\"/\\", r"/raw\d"])]
async fn texts() -> &'static str {
    "texts"
}

#[handler(get = ["/{name}.{ext}", "/v{major}/x-{a}-y", "/{n:[0-9]+}-days", "/pair/{a}{n:[0-9]{2}}"])]
async fn mixed() -> &'static str {
    "mixed"
}

#[handler(get = [r"/year/{year:\d{4}}", r"/brace/{b:\{x\}|y}", "/either/{e:a|b c}", "/größe/{größe}"])]
async fn regexes() -> &'static str {
    "regexes"
}

#[handler(get = ["/none/{*rest}", "/one/{+rest}"])]
async fn rests() -> &'static str {
    "rests"
}

#[handler(get = ["/strict !", "/lenient/ ?", "/below *", "/both/ ?*", "/{id}/strict *!", "/quiet !x"])]
async fn suffixes() -> &'static str {
    "suffixes"
}

#[handler(get = "/{a}/{b}/{c}/{d}/{e}/{f}/{g}/{h}/{i}/{j}/{k}/{l}/{m}/{n}/{o}/{p}")]
async fn sixteen() -> &'static str {
    "sixteen"
}

/// Names that are words of the language, or begin like what is private.
#[handler(get = "/words/{type}/{fn}/{_x}/{Self}")]
async fn words() -> &'static str {
    "words"
}

#[tokio::main]
async fn main() -> Result<()> {
    let running = Manager::new_default().with_bind("127.0.0.1:0").spawn().await?;
    let check = |path: &str, status: u16, expected: &str| -> Result<()> {
        let (found, body) = ask(running.addr(), &format!("GET {path}"), "")?;
        assert_eq!(found, status, "{path}");
        assert!(status != 200 || body == expected, "{path}: {body}");
        Ok(())
    };
    check("/", 200, "root")?;
    for path in ["/gr%C3%B6%C3%9Fe", "/a%20b/100%25/@me/a:b", "/%7Bbraces%7D/%7D%7B", "/raw%5Cd"] {
        check(path, 200, "texts")?;
    }
    for path in ["/cat.png", "/v2/x-1-y", "/7-days", "/pair/x12"] {
        check(path, 200, "mixed")?;
    }
    for path in ["/year/2027", "/brace/%7Bx%7D", "/either/b%20c", "/gr%C3%B6%C3%9Fe/5"] {
        check(path, 200, "regexes")?;
    }
    for path in ["/none", "/none/a/b", "/one/a"] {
        check(path, 200, "rests")?;
    }
    check("/one", 404, "")?;
    for path in ["/strict", "/lenient", "/lenient/", "/below", "/below/a/b", "/both", "/5/strict"] {
        check(path, 200, "suffixes")?;
    }
    check("/strict/", 404, "")?;
    check("/quiet%20!x", 200, "suffixes")?;
    check("/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16", 200, "sixteen")?;
    check("/words/a/b/c/d", 200, "words")?;
    running.stop().await
}
