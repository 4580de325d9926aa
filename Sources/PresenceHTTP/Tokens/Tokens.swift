import Synchronization

/// The tokens that hold now, each with the bucket of its rate.
public final class Tokens: Sendable {
    private struct State {
        var tokens: [Token] = []
        var buckets: [String: RateBucket] = [:]
    }

    private let state: Mutex<State>
    private let rate: Int

    /// - Parameter rate: The calls a second that one token may make, and as many at once.
    public init(_ tokens: [Token], rate: Int) {
        state = Mutex(State(tokens: tokens))
        self.rate = rate
    }

    /// Other tokens hold from now on.
    public func replace(with tokens: [Token]) {
        state.withLock { state in
            state.tokens = tokens
            let names = Set(tokens.map(\.name))
            state.buckets = state.buckets.filter { names.contains($0.key) }
        }
    }

    /// The token of a secret; every one is compared, so that the time it takes tells nothing.
    func find(_ secret: String) -> Token? {
        let digest = Token.digest(of: secret)
        let tokens = state.withLock { $0.tokens }
        var found: Token?
        for token in tokens where Token.areEqual(token.digest, digest) { found = token }
        return found
    }

    /// Takes a call of the token's rate; returns after how many seconds there is one again if there is none.
    func take(_ token: Token, at nanoseconds: UInt64) -> Int64? {
        state.withLock { state in
            state.buckets[token.name, default: RateBucket(rate, at: nanoseconds)]
                .take(rate, at: nanoseconds)
        }
    }
}
