import Glibc

/// Waits until the condition holds, looking every few milliseconds. False if it did not hold in time.
func eventually(within limit: Duration = .seconds(20), _ condition: () -> Bool) -> Bool {
    let deadline = ContinuousClock.now + limit
    while !condition() {
        guard .now < deadline else { return false }
        _ = poll(nil, 0, 5)
    }
    return true
}
