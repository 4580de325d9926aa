import Presence

extension BridgeCall.Answer {
    /// What an answer that is none says, for a person, with what can be done.
    public var refusal: String {
        let problem = (try? JSONValue(parsing: body))?.object
        let words = problem?["detail"]?.string ?? "HTTP \(status)"
        return switch (status, problem?["code"]?.string) {
        case (401, _): "the bridge does not know this token: \(words)"
        case (403, _): words
        case (404, _), (405, _):
            "what answers there is no bridge, or one of an earlier version: \(words)"
        case (503, _): "the bridge runs, and cannot tell now: \(words)"
        case (_, let code?): "\(words) (\(code))"
        case (_, nil): words
        }
    }
}
