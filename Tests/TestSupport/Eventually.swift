import Glibc

/// True as soon as the condition holds, which is looked at every millisecond; false if it does not within the limit.
package func eventually(within limit: Duration = .seconds(20), _ condition: () throws -> Bool) rethrows -> Bool {
    let deadline = ContinuousClock.now + limit
    while try !condition() {
        guard .now < deadline else { return false }
        usleep(1_000)
    }
    return true
}
