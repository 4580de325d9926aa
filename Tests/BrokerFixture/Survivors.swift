import Foundation

/// Sees to it that no program is left behind when the tests end, however they end.
///
/// A shell beside the tests reads from a pipe which programs run. When this process is gone, by
/// a crash too, the pipe ends, and the shell kills those that are left.
enum Survivors {
    private static let script = """
        trap '' INT TERM HUP
        left=" "
        while read -r sign pid; do
            case $sign in
            +) left="$left$pid " ;;
            -) left="${left%% $pid *} ${left#* $pid }" ;;
            esac
        done
        for pid in $left; do kill -9 "$pid"; done
        """

    /// The end of the pipe to write to, or -1 if there is no shell.
    private static let pipe: Int32 = {
        var pair: [Int32] = [-1, -1]
        guard Foundation.pipe(&pair) == 0 else { return -1 }
        defer { close(pair[0]) }
        do {
            _ = try Child.spawn(
                ["/bin/sh", "-c", script],
                environment: [:],
                output: "/dev/null",
                errors: "/dev/null",
                directory: "/",
                input: pair[0]
            )
        } catch {
            close(pair[1])
            return -1
        }
        return pair[1]
    }()

    /// Notes that a program runs.
    static func add(_ pid: pid_t) { tell("+ \(pid)\n") }

    /// Notes that a program has ended and its identifier may soon be another's.
    static func remove(_ pid: pid_t) { tell("- \(pid)\n") }

    private static func tell(_ line: String) {
        let bytes = Array(line.utf8)
        _ = write(pipe, bytes, bytes.count)
    }
}
