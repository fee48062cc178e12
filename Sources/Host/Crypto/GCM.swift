import COpenSSL

/// AES-256-GCM with a 12-byte nonce and a 16-byte tag behind the ciphertext.
enum GCM {
    private static let tagSize = 16
    // Fetched once; a fetched algorithm is immutable and may be shared between threads.
    nonisolated(unsafe) private static let algorithm = EVP_CIPHER_fetch(nil, "AES-256-GCM", nil)

    /// Ciphertext and tag. Nil only if OpenSSL fails.
    static func encrypt(_ plaintext: [UInt8], key: [UInt8], nonce: [UInt8], associated: [UInt8]) -> [UInt8]? {
        guard let context = EVP_CIPHER_CTX_new() else { return nil }
        defer { EVP_CIPHER_CTX_free(context) }
        var output = [UInt8](repeating: 0, count: plaintext.count + tagSize)
        var length: Int32 = 0
        var tag = [UInt8](repeating: 0, count: tagSize)
        guard EVP_EncryptInit_ex2(context, algorithm, key, nonce, nil) == 1,
            EVP_EncryptUpdate(context, nil, &length, associated, Int32(associated.count)) == 1,
            EVP_EncryptUpdate(context, &output, &length, plaintext, Int32(plaintext.count)) == 1,
            EVP_EncryptFinal_ex(context, &tag, &length) == 1,
            EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, Int32(tagSize), &tag) == 1
        else { return nil }
        output.replaceSubrange(plaintext.count..., with: tag)
        return output
    }

    /// Nil if the tag does not fit; nothing of the plaintext is given out then.
    static func decrypt(_ box: [UInt8], key: [UInt8], nonce: [UInt8], associated: [UInt8]) -> [UInt8]? {
        guard box.count >= tagSize, let context = EVP_CIPHER_CTX_new() else { return nil }
        defer { EVP_CIPHER_CTX_free(context) }
        let size = box.count - tagSize
        var tag = Array(box[size...])
        // One byte more than needed: the final step wants a place to point at even when nothing follows.
        var output = [UInt8](repeating: 0, count: size + 1)
        var length: Int32 = 0
        guard EVP_DecryptInit_ex2(context, algorithm, key, nonce, nil) == 1,
            EVP_DecryptUpdate(context, nil, &length, associated, Int32(associated.count)) == 1,
            EVP_DecryptUpdate(context, &output, &length, box, Int32(size)) == 1,
            EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, Int32(tagSize), &tag) == 1,
            EVP_DecryptFinal_ex(context, &output, &length) == 1
        else {
            ERR_clear_error()
            return nil
        }
        output.removeLast()
        return output
    }
}
