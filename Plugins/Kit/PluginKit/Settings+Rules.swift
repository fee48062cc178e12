// Rules that a JSON Schema cannot express, or that are worth a clearer sentence.
extension Settings {
    /// A required text that can stand in a header or a form: not blank, and without CR, LF and NUL. The sentence of
    /// the refusal names the member, never its value.
    public func checkLine(_ name: String) throws(PluginError) {
        let line = try secret(name)
        try line.withBytes { bytes throws(PluginError) in
            try refuseControlCharacters(in: bytes, of: name)
            guard !isBlank(bytes) else { throw .invalidSettings("\(name) must not be blank.", at: position(of: name)) }
        }
    }

    /// The same for a member that may be missing, null or blank.
    public func checkLine(ifPresent name: String) throws(PluginError) {
        guard try text(ifPresent: name) != nil else { return }
        let line = try secret(name)
        try line.withBytes { bytes throws(PluginError) in try refuseControlCharacters(in: bytes, of: name) }
    }

    /// The name of a header that a plugin may set: the host would refuse each request that sets another.
    public func headerName(_ member: String, default fallback: String? = nil) throws(PluginError) -> String {
        guard let name = try text(ifPresent: member) ?? fallback else { return try text(member) }
        guard !isReservedHeader(name) else {
            throw .invalidSettings(
                "\(member) must not be \(name), which is set by the sender itself.", at: position(of: member))
        }
        return name
    }

    private func refuseControlCharacters(
        in bytes: UnsafeBufferPointer<UInt8>, of name: String
    ) throws(PluginError) {
        for byte in bytes where byte == 0x0D || byte == 0x0A || byte == 0 {
            throw .invalidSettings(
                "\(name) must not contain a carriage return, line feed or zero byte.", at: position(of: name))
        }
    }
}

/// Whether there is nothing but Unicode white space. It decodes byte by byte, so that no string is left behind.
private func isBlank(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    var decoder = Unicode.UTF8()
    var iterator = bytes.makeIterator()
    while case .scalarValue(let scalar) = decoder.decode(&iterator) {
        if !scalar.properties.isWhitespace { return false }
    }
    return true
}

/// Names that belong to HTTP itself or to the host (authenticator.h, set_header).
private func isReservedHeader(_ name: String) -> Bool {
    let name = name.lowercased()
    return ["host", "content-length", "content-type", "transfer-encoding", "connection"].contains { name.isExactly($0) }
        || ["x-hooksentry-", "webhook-"].contains { name.utf8.starts(with: $0.utf8) }
}
