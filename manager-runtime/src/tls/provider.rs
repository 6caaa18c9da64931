//! Who does the cryptography. It is always named: rustls cannot choose where both are built in.

use std::sync::{Arc, OnceLock};

use rustls::crypto::CryptoProvider;

#[cfg(not(any(feature = "tls", feature = "tls-ring")))]
compile_error!("`_tls` is no feature to choose; choose `tls` or `tls-ring`");

pub(super) fn provider() -> Arc<CryptoProvider> {
    static PROVIDER: OnceLock<Arc<CryptoProvider>> = OnceLock::new();
    #[cfg(feature = "tls")]
    use rustls::crypto::aws_lc_rs::default_provider;
    #[cfg(not(feature = "tls"))]
    use rustls::crypto::ring::default_provider;
    PROVIDER.get_or_init(|| Arc::new(default_provider())).clone()
}
