import Dispatch
import Glibc
import Synchronization
import Testing

@testable import Crypto

@Suite struct PasswordHasherTests {
    private let hasher = PasswordHasher(cost: ScryptCost(log2N: 4, blockSize: 1, parallelism: 1))

    /// RFC 7914, section 12.
    @Test(arguments: [
        (
            "", "", ScryptCost(log2N: 4, blockSize: 1, parallelism: 1),
            "77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442"
                + "fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906"
        ),
        (
            "password", "NaCl", ScryptCost(log2N: 10, blockSize: 8, parallelism: 16),
            "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162"
                + "2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640"
        ),
        (
            "pleaseletmein", "SodiumChloride", ScryptCost(log2N: 14, blockSize: 8, parallelism: 1),
            "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2"
                + "d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887"
        ),
    ])
    func `scrypt matches RFC 7914`(password: String, salt: String, cost: ScryptCost, key: String) {
        let derived = scrypt(Array(password.utf8), salt: Array(salt.utf8), cost: cost, count: 64)
        #expect(derived.map(Hex.encode) == key)
    }

    @Test(arguments: ["correct horse", "", "pässwörd 🔑", "with\0zero", String(repeating: "x", count: 10_000)])
    func `a password verifies against its own hash and no other`(password: String) {
        let hash = hasher.hash(password)
        #expect(hasher.verify(password, against: hash))
        #expect(!hasher.verify(password + " ", against: hash))
        #expect(hasher.hash(password) != hash)
    }

    @Test func `the hash carries its parameters, so that another hasher can read it`() {
        let hash = hasher.hash("secret")
        #expect(hash.hasPrefix("$scrypt$ln=4,r=1,p=1$"))
        #expect(PasswordHasher(cost: .interactive).verify("secret", against: hash))
    }

    @Test(arguments: [
        "", "secret", "$scrypt$", "$argon2id$v=19$m=65536$AAAA$AAAA", "$scrypt$ln=4,r=1,p=1$AAAA$AAAA",
        "$scrypt$ln=40,r=8,p=1$AAAA$AAAAAAAAAAAAAAAAAAAAAA", "$scrypt$ln=20,r=32,p=1$AAAA$AAAAAAAAAAAAAAAAAAAAAA",
        "$scrypt$ln=0,r=8,p=1$AAAA$AAAAAAAAAAAAAAAAAAAAAA", "$scrypt$ln=-4,r=8,p=1$AAAA$AAAAAAAAAAAAAAAAAAAAAA",
        "$scrypt$r=8,ln=4,p=1$AAAA$AAAAAAAAAAAAAAAAAAAAAA", "$scrypt$ln=4,r=8,p=1,x=1$AAAA$AAAAAAAAAAAAAAAAAAAAAA",
        "$scrypt$ln=4,r=8,p=1$A!AA$AAAAAAAAAAAAAAAAAAAAAA",
    ])
    func `a text that is no acceptable hash verifies nothing`(hash: String) {
        #expect(!hasher.verify("secret", against: hash))
    }

    @Test func `the default cost fits into the bounds and works`() {
        #expect(ScryptCost(text: ScryptCost.interactive.text) == .interactive)
        let hasher = PasswordHasher()
        let hash = hasher.hash("secret")
        #expect(hash.hasPrefix("$scrypt$ln=15,r=8,p=1$"))
        #expect(hasher.verify("secret", against: hash))
    }

    @Test func `an unknown user costs what a known one does`() {
        let hasher = PasswordHasher(cost: ScryptCost(log2N: 13, blockSize: 8, parallelism: 1))
        let hash = hasher.hash("secret")
        // The thread's own time: a busy machine must not decide.
        func fastest(_ body: () -> Void) -> Int {
            (0..<7).map { _ in
                let start = threadNanoseconds()
                body()
                return threadNanoseconds() - start
            }.min() ?? 0
        }
        let known = fastest { _ = hasher.verify("guess", against: hash) }
        let unknown = fastest { hasher.wasteTime("guess") }
        #expect(unknown * 2 > known)
        #expect(known * 2 > unknown)
    }

    @Test func `permits let only so many through at a time`() {
        let permits = Permits(2)
        let inside = Count()
        let most = Count()
        DispatchQueue.concurrentPerform(iterations: 4) { _ in
            for _ in 0..<200 {
                permits.take()
                most.value.max(inside.value.add(1, ordering: .relaxed).newValue, ordering: .relaxed)
                inside.value.subtract(1, ordering: .relaxed)
                permits.giveBack()
            }
        }
        #expect((1...2).contains(most.value.load(ordering: .relaxed)))
        #expect(inside.value.load(ordering: .relaxed) == 0)
    }
}

private func threadNanoseconds() -> Int {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return time.tv_sec * 1_000_000_000 + time.tv_nsec
}

private final class Count: Sendable {
    let value = Atomic<Int>(0)
}
