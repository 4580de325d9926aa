import Foundation

@testable import PresenceBridge

/// A folder with files for one test, removed with it.
final class ConfigurationSample {
    private let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "presence-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(at: folder)
    }

    /// The path of a file of that name.
    func path(_ name: String) -> String {
        folder.appending(path: name).path(percentEncoded: false)
    }

    /// Writes a file and returns its path.
    func write(_ text: String, as name: String = "bridge.conf") throws -> String {
        try write(Data(text.utf8), as: name)
    }

    /// Writes a file and returns its path.
    func write(_ data: Data, as name: String = "bridge.conf") throws -> String {
        let path = path(name)
        let isDone = FileManager.default.createFile(
            atPath: path,
            contents: data,
            attributes: [.posixPermissions: 0o600]
        )
        guard isDone else {
            throw CocoaError(.fileWriteUnknown)
        }
        return path
    }

    /// The problems of a configuration, one a line, with the folder cut off every path.
    func problems(
        _ text: String? = nil,
        arguments: [String] = [],
        environment: [String: String] = [:]
    ) throws -> [String] {
        do {
            let file = try text.map { try write($0) }
            _ = try Configuration.load(
                .init(arguments: arguments, environment: environment, file: file)
            )
            return []
        } catch let error as ConfigurationError {
            return error.problems.map {
                $0.description.replacing(folder.path(percentEncoded: false) + "/", with: "")
            }
        }
    }

    /// The configuration, which must have no problem.
    func load(
        _ text: String? = nil,
        arguments: [String] = [],
        environment: [String: String] = [:]
    ) throws -> Configuration {
        let file = try text.map { try write($0) }
        return try Configuration.load(
            .init(arguments: arguments, environment: environment, file: file)
        )
    }
}
