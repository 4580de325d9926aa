import HTTPTypes
import Presence

extension Question {
    /// Reads a call as the server does, but for who makes it; `nil` for what is no call of `/v1`.
    ///
    /// - Throws: what is wrong with it before the bridge is asked.
    package static func reading(
        method: String,
        target text: String,
        body: [UInt8]
    ) throws(Refusal) -> Question? {
        guard let target = RequestTarget(text),
            let route = Route.all.first(where: {
                $0.method.rawValue == method && $0.matches(target)
            }),
            route.call.isAboutUsers
        else { return nil }
        let body = route.call.hasBody ? body : []
        return try Question(route.call, Parameters(target, route), body: body)
    }
}
