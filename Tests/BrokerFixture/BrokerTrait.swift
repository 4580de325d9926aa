import Testing

/// Gives a suite or a test a broker of its own, which ``Broker/current`` then is.
///
/// On a suite all its tests share one broker; on a test with arguments each case has one.
public struct BrokerTrait: SuiteTrait, TestTrait, TestScoping {
    let options: BrokerOptions

    /// Starts the broker, runs the test, and stops the broker.
    public func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @Sendable () async throws -> Void
    ) async throws {
        let broker = try await Broker.start(options)
        defer { broker.kill() }
        try await Broker.$scoped.withValue(broker) { try await function() }
    }
}

extension Trait where Self == BrokerTrait {
    /// A broker that lets everyone do everything.
    public static var broker: Self { BrokerTrait(options: BrokerOptions()) }

    /// A broker with options.
    public static func broker(_ change: (inout BrokerOptions) -> Void) -> Self {
        BrokerTrait(options: BrokerOptions(change))
    }
}

extension Broker {
    @TaskLocal static var scoped: Broker?

    /// The broker that the trait `.broker` has started for this test.
    public static var current: Broker {
        get throws {
            guard let scoped else { throw FixtureError("the test lacks the trait .broker") }
            return scoped
        }
    }
}
