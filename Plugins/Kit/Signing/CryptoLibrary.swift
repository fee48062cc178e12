import COpenSSL

/// OpenSSL as plugins use it: no configuration file is read, at no time, because a plugin may run where no file can be.
/// Where the host has set the library up already, that stands.
enum CryptoLibrary {
    static let start: Void = {
        OPENSSL_init_crypto(UInt64(OPENSSL_INIT_NO_LOAD_CONFIG), nil)
    }()

    /// What failed is told by our own sentences; OpenSSL's would stay in the thread's queue for somebody else to find.
    static func forgetErrors() { ERR_clear_error() }
}
