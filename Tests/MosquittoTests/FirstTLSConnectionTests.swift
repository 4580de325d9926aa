import Foundation
import Synchronization
import Testing

@testable import Mosquitto

@Suite("The first connection with TLS")
struct FirstTLSConnectionTests {
    /// Who is inside, and how many were at the same time at most.
    private struct Presence {
        var inside = 0
        var most = 0
    }

    private final class Gate: Sendable {
        let first = FirstTLSConnection()
        let presence = Mutex(Presence())

        /// Goes in, stays until the other threads had their chance, and comes out with a code.
        func pass(_ code: Int32) {
            _ = first.begin {
                presence.withLock {
                    $0.inside += 1
                    $0.most = max($0.most, $0.inside)
                }
                Thread.sleep(forTimeInterval: 0.02)
                presence.withLock { $0.inside -= 1 }
                return (code, 0)
            }
        }

        var most: Int { presence.withLock { $0.most } }
    }

    @Test("Whoever fails leaves the next ones one at a time")
    func failures() {
        let gate = Gate()
        DispatchQueue.concurrentPerform(iterations: 4) { _ in gate.pass(1) }
        #expect(gate.most == 1)
    }

    @Test("After one that worked nobody waits for another, and what it returned is handed on")
    func afterwards() {
        let gate = Gate()
        #expect(gate.first.begin { (7, 11) } == (7, 11))
        #expect(gate.first.begin { (0, 11) } == (0, 11))
        // One inside the other would wait for ever if there still were a lock.
        #expect(gate.first.begin { gate.first.begin { (3, 4) } } == (3, 4))
    }
}
