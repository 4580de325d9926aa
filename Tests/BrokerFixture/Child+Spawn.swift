import CSpawn
import Foundation

extension Child {
    /// The path of a program that is named without one.
    static func locate(_ program: String) throws -> String {
        guard !program.contains("/") else { return program }
        if program == "mosquitto", let given = BrokerProgram.given { return given }
        for folder in BrokerProgram.searchPath.split(separator: ":") {
            let path = "\(folder)/\(program)"
            if access(path, X_OK) == 0 { return path }
        }
        throw FixtureError("there is no program \(program); is its package installed?")
    }

    static func spawn(
        _ arguments: [String],
        environment: [String: String],
        output: String,
        errors: String,
        directory: String,
        input: Int32? = nil
    ) throws -> pid_t {
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        var all = sigset_t()
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setflags(
            &attributes,
            Int16(POSIX_SPAWN_SETSIGMASK) | Int16(POSIX_SPAWN_SETSIGDEF)
        )

        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        if let input {
            posix_spawn_file_actions_adddup2(&actions, input, 0)
        } else {
            posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        }
        let writing = O_WRONLY | O_CREAT | O_APPEND
        posix_spawn_file_actions_addopen(&actions, 1, output, writing, 0o644)
        posix_spawn_file_actions_addopen(&actions, 2, errors, writing, 0o644)
        posix_spawn_file_actions_addclosefrom_np(&actions, 3)
        posix_spawn_file_actions_addchdir_np(&actions, directory)

        var argv: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        var envp: [UnsafeMutablePointer<CChar>?] =
            environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for text in argv + envp { free(text) } }
        var pid: pid_t = 0
        var code: Int32 = 0
        // A program that was written a moment ago is still open for writing in a child that another thread
        // spawns at this moment, until that child is a program of its own.
        for _ in 0..<100 {
            code = posix_spawn(&pid, arguments[0], &actions, &attributes, &argv, &envp)
            guard code == ETXTBSY else { break }
            usleep(10_000)
        }
        guard code == 0 else {
            throw FixtureError("\(arguments[0]) does not start: \(String(cString: strerror(code)))")
        }
        return pid
    }
}
