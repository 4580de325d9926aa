import Foundation
import PresenceClient

/// A chat client's roster: shows how others are, and says how its own user is.
///
///     swift run roster alice bob carol
///
/// A line that is typed is the own mood: a word (`busy`), or a word and a description (`away back at
/// 5`). The end of the input logs out. The broker is the one of `make run`, or what `PRESENCE_HOST`,
/// `PRESENCE_PORT` and `PRESENCE_PASSWORD` say.
@main
struct Roster {
    static func main() async throws {
        let names = Array(CommandLine.arguments.dropFirst())
        guard let user = names.first, names.count > 1, !names.contains(where: { $0.hasPrefix("-") })
        else {
            print("roster: who are you, and whom do you want to see? roster alice bob carol")
            exit(2)
        }
        let environment = ProcessInfo.processInfo.environment
        let client = try PresenceClient(
            ClientOptions(
                host: environment["PRESENCE_HOST"] ?? "localhost",
                port: environment["PRESENCE_PORT"].flatMap(UInt16.init) ?? 1_883,
                username: user,
                password: environment["PRESENCE_PASSWORD"] ?? "demo-\(user)",
                device: "roster"
            )
        )
        let updates = client.updates()
        do {
            try await client.connect()
            try await client.subscribe(to: Array(names.dropFirst()), renews: true)
        } catch {
            print("roster: \(error)")
            exit(1)
        }
        listen(for: client)
        for await update in updates { show(update) }
    }

    static func show(_ update: Update) {
        switch update {
        case .status(let status):
            let devices = status.devices.map(\.name.text).joined(separator: ", ")
            say("\(status.username): \(status.status) [\(devices)] \(status.description)")
        case .subscriptionEnded(let username?, _): say("\(username): no longer told")
        case .bridge(let bridge):
            say(bridge == nil ? "the bridge is away" : "the bridge is there")
        case .connection(.down(let why)): say("no connection: \(why)")
        case .deviceRefused(let error): say("refused: \(error)")
        case .deviceReplaced: say("another program uses this device's name, too")
        case .missingEvents(let topic?): say("no events: may this user read \(topic)?")
        default: break
        }
    }

    /// Writes a line at once, also into a pipe.
    static func say(_ line: String) {
        FileHandle.standardOutput.write(Data("\(line)\n".utf8))
    }

    /// Says what is typed, line by line, and logs out at the end.
    ///
    /// Reading waits, so it has a thread of its own.
    static func listen(for client: PresenceClient) {
        let (lines, typed) = AsyncStream.makeStream(of: String.self)
        Thread.detachNewThread {
            while let line = readLine() { typed.yield(line) }
            typed.finish()
        }
        Task {
            for await line in lines { await speak(line, by: client) }
            await client.close()
        }
    }

    static func speak(_ line: String, by client: PresenceClient) async {
        let parts = line.split(separator: " ", maxSplits: 1).map(String.init)
        guard let word = parts.first else { return }
        do {
            try await client.setStatus(word)
            if parts.count > 1 { try await client.publish(description: parts[1]) }
        } catch {
            say("not said: \(error)")
        }
    }
}
