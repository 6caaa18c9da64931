//! Which media type a file has, by the end of its name.
//!
//! A table of our own, of what pages and programs fetch: a guess from a register of a thousand types is no
//! better, and a browser is told to guess no further.

use http::HeaderValue;

/// What is not known to be anything.
const BYTES: HeaderValue = HeaderValue::from_static("application/octet-stream");

/// The media type of a file of this name.
pub(super) fn of(name: &str) -> HeaderValue {
    let Some((_, extension)) = name.rsplit_once('.') else { return BYTES };
    let extension = extension.to_ascii_lowercase();
    let known = TYPES.iter().find(|(extensions, _)| extensions.contains(&&*extension));
    known.map_or(BYTES, |(_, kind)| HeaderValue::from_static(kind))
}

const TYPES: &[(&[&str], &str)] = &[
    (&["html", "htm"], "text/html; charset=utf-8"),
    (&["css"], "text/css; charset=utf-8"),
    (&["js", "mjs", "cjs"], "text/javascript; charset=utf-8"),
    (&["json", "map"], "application/json"),
    (&["wasm"], "application/wasm"),
    (&["svg"], "image/svg+xml"),
    (&["png"], "image/png"),
    (&["jpg", "jpeg"], "image/jpeg"),
    (&["gif"], "image/gif"),
    (&["webp"], "image/webp"),
    (&["avif"], "image/avif"),
    (&["apng"], "image/apng"),
    (&["jxl"], "image/jxl"),
    (&["ico"], "image/vnd.microsoft.icon"),
    (&["bmp"], "image/bmp"),
    (&["tif", "tiff"], "image/tiff"),
    (&["heic"], "image/heic"),
    (&["woff2"], "font/woff2"),
    (&["woff"], "font/woff"),
    (&["ttf"], "font/ttf"),
    (&["otf"], "font/otf"),
    (&["ttc"], "font/collection"),
    (&["eot"], "application/vnd.ms-fontobject"),
    (&["txt", "text", "log"], "text/plain; charset=utf-8"),
    (&["md", "markdown"], "text/markdown; charset=utf-8"),
    (&["csv"], "text/csv; charset=utf-8"),
    (&["tsv"], "text/tab-separated-values; charset=utf-8"),
    (&["ics"], "text/calendar; charset=utf-8"),
    (&["vcf"], "text/vcard; charset=utf-8"),
    (&["vtt"], "text/vtt; charset=utf-8"),
    (&["xml", "xsl"], "application/xml"),
    (&["xhtml"], "application/xhtml+xml"),
    (&["rss"], "application/rss+xml"),
    (&["atom"], "application/atom+xml"),
    (&["webmanifest"], "application/manifest+json"),
    (&["jsonld"], "application/ld+json"),
    (&["geojson"], "application/geo+json"),
    (&["ndjson", "jsonl"], "application/x-ndjson"),
    (&["yaml", "yml"], "application/yaml"),
    (&["toml"], "application/toml"),
    (&["pdf"], "application/pdf"),
    (&["epub"], "application/epub+zip"),
    (&["rtf"], "application/rtf"),
    (&["doc"], "application/msword"),
    (&["xls"], "application/vnd.ms-excel"),
    (&["ppt"], "application/vnd.ms-powerpoint"),
    (&["docx"], "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    (&["xlsx"], "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    (&["pptx"], "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
    (&["odt"], "application/vnd.oasis.opendocument.text"),
    (&["ods"], "application/vnd.oasis.opendocument.spreadsheet"),
    (&["zip"], "application/zip"),
    (&["gz", "tgz"], "application/gzip"),
    (&["zst"], "application/zstd"),
    (&["bz2"], "application/x-bzip2"),
    (&["xz"], "application/x-xz"),
    (&["7z"], "application/x-7z-compressed"),
    (&["tar"], "application/x-tar"),
    (&["mp3"], "audio/mpeg"),
    (&["m4a"], "audio/mp4"),
    (&["aac"], "audio/aac"),
    (&["flac"], "audio/flac"),
    (&["wav"], "audio/wav"),
    (&["oga", "ogg", "opus"], "audio/ogg"),
    (&["weba"], "audio/webm"),
    (&["mid", "midi"], "audio/midi"),
    (&["mp4", "m4v"], "video/mp4"),
    (&["webm"], "video/webm"),
    (&["ogv"], "video/ogg"),
    (&["mov"], "video/quicktime"),
    (&["mpg", "mpeg"], "video/mpeg"),
    (&["avi"], "video/x-msvideo"),
    (&["mkv"], "video/x-matroska"),
    (&["ts"], "video/mp2t"),
    (&["m3u8"], "application/vnd.apple.mpegurl"),
    (&["mpd"], "application/dash+xml"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_the_name_counts() {
        let check = |name: &str, expected: &str| assert_eq!(of(name), expected, "{name}");
        check("index.html", "text/html; charset=utf-8");
        check("APP.JS", "text/javascript; charset=utf-8");
        check("app.min.js.map", "application/json");
        check("x.tar.gz", "application/gzip");
        check("js", "application/octet-stream");
        check("x.unknown", "application/octet-stream");
        check("x.", "application/octet-stream");
    }

    #[test]
    fn no_end_stands_twice() {
        let mut ends: Vec<&str> = TYPES.iter().flat_map(|(ends, _)| *ends).copied().collect();
        let count = ends.len();
        ends.sort_unstable();
        ends.dedup();
        assert_eq!(ends.len(), count);
    }
}
