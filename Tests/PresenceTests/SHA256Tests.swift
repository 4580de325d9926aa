import Testing

@testable import Presence

@Suite("SHA-256")
struct SHA256Tests {
    private func text(_ bytes: [UInt8]) -> String { String(hexadecimal: bytes) }

    @Test("The examples of FIPS 180-4, and every length around the ends of blocks")
    func hashes() {
        #expect(
            text(SHA256.hash(Array("abc".utf8)))
                == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        )
        #expect(
            text(SHA256.hash([]))
                == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        )
        #expect(
            text(
                SHA256.hash(Array("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq".utf8))
            )
                == "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        )
        // All of them in one hash, as Python's hashlib has it.
        let all = (0..<200).flatMap { SHA256.hash([UInt8](repeating: UInt8($0), count: $0)) }
        #expect(
            text(SHA256.hash(all))
                == "6f979b0f53f1f6efc88ce8829b3e9c0d7711e102a3cfe31394c5d6c3232047ad"
        )
    }

    @Test("The test cases 1, 2 and 6 of RFC 4231")
    func codes() {
        #expect(
            text(
                SHA256.authenticationCode(
                    for: Array("Hi There".utf8),
                    key: [UInt8](repeating: 0x0B, count: 20)
                )
            )
                == "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        )
        #expect(
            text(
                SHA256.authenticationCode(
                    for: Array("what do ya want for nothing?".utf8),
                    key: Array("Jefe".utf8)
                )
            ) == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        )
        let long = "Test Using Larger Than Block-Size Key - Hash Key First"
        #expect(
            text(
                SHA256.authenticationCode(
                    for: Array(long.utf8),
                    key: [UInt8](repeating: 0xAA, count: 131)
                )
            )
                == "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        )
    }
}
