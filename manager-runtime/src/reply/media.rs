//! The media type of a file by the end of its name.

use std::path::Path;

use http::HeaderValue;

/// The registered media type (RFC 6838); `application/octet-stream` for what is not known.
pub(crate) fn of_path(path: &Path) -> HeaderValue {
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    let extension = extension.to_ascii_lowercase();
    let found = TYPES.iter().find(|(extensions, _)| {
        extensions.split(' ').any(|known| known == extension) && !extension.is_empty()
    });
    HeaderValue::from_static(found.map_or("application/octet-stream", |(_, kind)| kind))
}

const TYPES: &[(&str, &str)] = &[
    // Text; JavaScript by RFC 9239.
    ("html htm", "text/html; charset=utf-8"),
    ("css", "text/css; charset=utf-8"),
    ("js mjs cjs", "text/javascript; charset=utf-8"),
    ("txt text log", "text/plain; charset=utf-8"),
    ("md markdown", "text/markdown; charset=utf-8"),
    ("csv", "text/csv; charset=utf-8"),
    ("tsv", "text/tab-separated-values; charset=utf-8"),
    ("ics", "text/calendar; charset=utf-8"),
    ("vtt", "text/vtt; charset=utf-8"),
    // Data.
    ("json map", "application/json"),
    ("jsonld", "application/ld+json"),
    ("webmanifest", "application/manifest+json"),
    ("xml xsl", "application/xml"),
    ("atom", "application/atom+xml"),
    ("rss", "application/rss+xml"),
    ("geojson", "application/geo+json"),
    ("ndjson jsonl", "application/x-ndjson"),
    ("xhtml", "application/xhtml+xml"),
    ("yaml yml", "application/yaml"),
    ("toml", "application/toml"),
    ("wasm", "application/wasm"),
    ("sql", "application/sql"),
    // Pictures.
    ("png", "image/png"),
    ("jpg jpeg", "image/jpeg"),
    ("gif", "image/gif"),
    ("webp", "image/webp"),
    ("avif", "image/avif"),
    ("svg", "image/svg+xml"),
    ("ico", "image/vnd.microsoft.icon"),
    ("bmp", "image/bmp"),
    ("tif tiff", "image/tiff"),
    // Sound and films.
    ("mp3", "audio/mpeg"),
    ("m4a", "audio/mp4"),
    ("ogg oga opus", "audio/ogg"),
    ("wav", "audio/wav"),
    ("flac", "audio/flac"),
    ("mp4 m4v", "video/mp4"),
    ("webm", "video/webm"),
    ("ogv", "video/ogg"),
    ("mov", "video/quicktime"),
    ("m3u8", "application/vnd.apple.mpegurl"),
    ("mpd", "application/dash+xml"),
    // Fonts (RFC 8081).
    ("woff", "font/woff"),
    ("woff2", "font/woff2"),
    ("ttf", "font/ttf"),
    ("otf", "font/otf"),
    // Documents and archives.
    ("pdf", "application/pdf"),
    ("rtf", "application/rtf"),
    ("epub", "application/epub+zip"),
    ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ("pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
    ("odt", "application/vnd.oasis.opendocument.text"),
    ("ods", "application/vnd.oasis.opendocument.spreadsheet"),
    ("zip", "application/zip"),
    ("gz tgz", "application/gzip"),
    ("zst", "application/zstd"),
    ("tar", "application/x-tar"),
    ("7z", "application/x-7z-compressed"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_name_says_what_it_is() {
        let check = |name: &str, expected: &str| {
            assert_eq!(of_path(Path::new(name)), expected, "{name}");
        };
        check("a/index.html", "text/html; charset=utf-8");
        check("PICTURE.JPG", "image/jpeg");
        check("app.min.js", "text/javascript; charset=utf-8");
        check("a.tar.gz", "application/gzip");
        check("a", "application/octet-stream");
        check("a.", "application/octet-stream");
        check(".html", "application/octet-stream");
        check("a.unknown", "application/octet-stream");
    }
}
