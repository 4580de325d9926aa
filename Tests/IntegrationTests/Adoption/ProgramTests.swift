import BrokerFixture
import Foundation
import Presence
import Testing

/// Real programs beside a real broker and the built bridge, from their birth to the broker's second death.
@Suite(
    "Real programs that are adopted",
    .enabled(if: Python.isThatOfPrograms, "The programs are pinned for Python 3.11 and 3.12")
)
struct ProgramTests {
    @Test(
        "It comes, ends, comes back, is killed, and outlives its broker",
        arguments: AdoptedProgram.all
    )
    func life(of program: AdoptedProgram) async throws {
        let life = try await ProgramLife(program)
        defer { life.service.end() }
        try await life.begin()
        life.process.send(program.end)
        _ = try await life.process.wait(timeout: .seconds(30))
        try await life.isGone(program.cause)

        try await life.begin()
        life.process.kill()
        try await life.isGone("lost")

        try await life.begin()
        try await life.survives { try await $0.restart() }
        // It is killed, and has an older copy, which says that the program is there.
        try await life.survives { broker in
            try await broker.save()
            try await broker.restart(killing: true)
        }
        // It is killed, and has nothing.
        try await life.survives { broker in
            broker.kill()
            try? FileManager.default.removeItem(atPath: broker.folder.file("mosquitto.db"))
            try await broker.restart()
        }
        let before = try await life.statuses()
        try await life.service.stopBridge()
        try await life.service.startBridge()
        #expect(try await life.statuses() == before)
    }
}

/// A program, and the service that adopts it.
private final class ProgramLife {
    let program: AdoptedProgram
    let service: Service
    private let packages: String
    private(set) var process: Child
    private var restarts = 0

    /// A service whose bridge adopts the program, which is not started yet.
    init(_ program: AdoptedProgram) async throws {
        self.program = program
        packages = try await Self.packages(of: program)
        // Some of the programs take ten seconds to see that a broker is back.
        service = try await Service.adopting(
            [program.line],
            topics: program.topics,
            flags: ["broker_restart_grace": "15s"]
        ) {
            $0.persistence = true
        }
        process = try Child("/bin/true")
    }

    /// Where its packages are; cancels the test where they cannot be installed.
    private static func packages(of program: AdoptedProgram) async throws -> String {
        do {
            return try await ProgramPackages.shared.folder(of: program.packages)
        } catch {
            print("Skips \(program.script), whose packages cannot be installed:\n\(error)")
            try Test.cancel("The packages in \(program.packages).txt cannot be installed")
        }
    }

    /// Starts the program, and awaits that all that it makes is online.
    func begin() async throws {
        process = try program.launch(packages, of: service)
        for (user, devices) in program.users {
            do {
                try await service.status(of: user) {
                    $0["online"] == .bool(true) && $0["devices"]?.object?.keys.sorted() == devices
                }
            } catch {
                let words = process.output + process.errors
                throw FixtureError("\(error)\nThe program says:\n\(words)")
            }
        }
    }

    /// Awaits that nothing of it is online, and why.
    func isGone(_ cause: String) async throws {
        for user in program.users.keys {
            try await service.status(of: user) {
                $0["online"] == .bool(false) && $0["cause"]?.string == cause
            }
        }
    }

    /// What is known of each user.
    func statuses() async throws -> [String: JSONValue] {
        var statuses: [String: JSONValue] = [:]
        for user in program.users.keys { statuses[user] = try await service.status(of: user) }
        return statuses
    }

    /// Restarts the broker: who comes back was never away, and who does not is gone with the restart.
    func survives(_ restart: (Broker) async throws -> Void) async throws {
        if process.exit != nil { try await begin() }
        let before = try await statuses()
        // Past the tolerance with which a start of the broker is recognized.
        try await service.brokerHasRun(6)
        try await restart(service.broker)
        restarts += 1
        let (service, restarts) = (service, restarts)
        let words = "the grace after the restart of the broker is over"
        try await eventually("the grace is over", within: .seconds(60), log: service.bridgeLog) {
            service.bridgeProcess?.count(words) ?? 0 >= restarts ? true : nil
        }
        #expect(process.exit == nil)
        if program.comesBack {
            let after = try await statuses()
            #expect(after == before, "\(service.bridgeLog.suffix(2_000))")
        } else {
            try await isGone("restart")
            process.kill()
        }
    }
}
