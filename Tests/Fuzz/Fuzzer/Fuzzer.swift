import Glibc

// The two functions that libFuzzer's own main calls. FUZZ_TARGET names the target; without it the names are printed.
// Built by scripts/fuzz alone, with the sanitizer that brings that main.

private let target = FuzzTarget.all.first { target in getenv("FUZZ_TARGET").map { String(cString: $0) } == target.name }

@c(LLVMFuzzerInitialize)
func initialize(
    _ count: UnsafeMutablePointer<Int32>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafePointer<CChar>?>?>
) -> Int32 {
    if target == nil {
        print(FuzzTarget.all.map(\.name).joined(separator: "\n"))
        exit(0)
    }
    return 0
}

@c(LLVMFuzzerTestOneInput)
func test(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    target?.run([UInt8](UnsafeBufferPointer(start: bytes, count: count)))
    return 0
}
