import Glibc

struct FileProblem: Error {
    var reason: String
}

/// The whole file, at most 1 MiB: configuration and keys are small, and a device given by mistake is endless.
func readFile(_ path: String) -> Result<[UInt8], FileProblem> {
    let most = 1 << 20
    guard let file = fopen(path, "re") else { return .failure(FileProblem(reason: systemReason())) }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: most + 1)
    let count = fread(&bytes, 1, bytes.count, file)
    guard ferror(file) == 0 else { return .failure(FileProblem(reason: systemReason())) }
    guard count <= most else { return .failure(FileProblem(reason: "it is larger than \(most) bytes")) }
    return .success(Array(bytes[..<count]))
}

private func systemReason() -> String { String(cString: strerror(errno)).lowercased() }
