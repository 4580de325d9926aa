import Foundation

/// What a process has used so far, as its clock and `/proc` tell it.
struct ProcessUsage: Codable, Hashable, Sendable {
    /// Seconds on a processor, in user and system mode.
    var seconds = 0.0
    /// The most memory that it had at once, in bytes.
    var peak = 0
    /// The memory that it has now, in bytes.
    var resident = 0

    /// What this process, or another, has used; nothing if there is none of that number.
    init(of pid: pid_t = getpid()) {
        let file = { (name: String) in
            (try? String(contentsOfFile: "/proc/\(pid)/\(name)", encoding: .utf8)) ?? ""
        }
        // Finer than the hundredths of a second in /proc/PID/stat.
        var (clock, time) = (clockid_t(), timespec())
        if pid > 0, clock_getcpuclockid(pid, &clock) == 0, clock_gettime(clock, &time) == 0 {
            seconds = Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
        }
        for line in file("status").split(separator: "\n") {
            let words = line.split(whereSeparator: \.isWhitespace)
            guard words.count == 3, let size = Int(words[1]) else { continue }
            if words[0] == "VmHWM:" { peak = size * 1_024 }
            if words[0] == "VmRSS:" { resident = size * 1_024 }
        }
    }

    /// Together with what another process used, one after the other.
    func adding(_ other: ProcessUsage) -> ProcessUsage {
        var both = self
        both.seconds += other.seconds
        both.peak = max(peak, other.peak)
        both.resident = other.resident
        return both
    }

    /// What was used since an earlier moment.
    func since(_ earlier: ProcessUsage) -> ProcessUsage {
        var used = self
        used.seconds -= earlier.seconds
        return used
    }
}

/// What all those who took part used while the bridge was measured.
struct Usage: Codable, Hashable, Sendable {
    /// The broker.
    var broker: ProcessUsage
    /// The bridge.
    var bridge: ProcessUsage
    /// This process, which plays all clients.
    var generator: ProcessUsage
    /// How many seconds it took.
    var elapsed: Double

    /// Whether this process had no time left while the others had.
    var isBoundByGenerator: Bool {
        let busy = elapsed * 0.9
        return generator.seconds > busy && broker.seconds < busy && bridge.seconds < busy
    }

    /// What was used since an earlier moment, which is some seconds ago.
    func since(_ earlier: Usage, elapsed: Double) -> Usage {
        Usage(
            broker: broker.since(earlier.broker),
            bridge: bridge.since(earlier.bridge),
            generator: generator.since(earlier.generator),
            elapsed: elapsed
        )
    }

    /// Begins to count anew.
    mutating func reset() { self = since(self, elapsed: 0) }

    /// Adds what another round used.
    mutating func add(_ other: Usage) {
        for part in [\Usage.broker, \.bridge, \.generator] {
            self[keyPath: part] = self[keyPath: part].adding(other[keyPath: part])
        }
        elapsed += other.elapsed
    }
}

extension Usage: CustomStringConvertible {
    /// As in a table.
    var description: String {
        let parts = [("broker", broker), ("bridge", bridge), ("generator", generator)].map {
            "\($0) \(Figure.text($1.seconds)) s and \(Figure.bytes($1.peak))"
        }
        let words =
            "of \(Figure.text(elapsed)) s the CPU, and at most: \(parts.joined(separator: ", "))"
        return isBoundByGenerator ? "\(words); the generator was the bottleneck" : words
    }
}
