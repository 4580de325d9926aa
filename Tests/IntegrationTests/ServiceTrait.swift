import BrokerFixture
import Testing

/// Gives a suite or a test a service of its own, which ``Service/current`` then is.
///
/// On a suite all its tests share one service, and should differ in their users; on a test with
/// arguments each case has one.
struct ServiceTrait: SuiteTrait, TestTrait, TestScoping {
    let flags: [String: String]
    let users: [String]

    /// Starts the service, runs the test, and ends the service.
    func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @Sendable () async throws -> Void
    ) async throws {
        let service = try await Service.start(flags, users: users)
        defer { service.end() }
        try await Service.$scoped.withValue(service) { try await function() }
        guard service.bridgeProcess.map({ $0.exit == nil }) ?? true else {
            throw FixtureError("the bridge has ended by itself: \(service.bridgeLog)")
        }
    }
}

extension Trait where Self == ServiceTrait {
    /// A service whose bridge has these flags, and with further users.
    static func service(_ flags: [String: String] = [:], users: [String] = []) -> Self {
        ServiceTrait(flags: flags, users: users)
    }
}

extension Service {
    @TaskLocal static var scoped: Service?

    /// The service that the trait `.service` has started for this test.
    static var current: Service {
        get throws {
            guard let scoped else { throw FixtureError("the test lacks the trait .service") }
            return scoped
        }
    }
}
