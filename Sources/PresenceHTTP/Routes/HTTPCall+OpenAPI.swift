/// What the document says of each call.
extension HTTPCall {
    var summary: String {
        switch self {
        case .livez: "Whether the bridge's loop turns"
        case .readyz: "Whether the bridge serves"
        case .openAPI: "This document"
        case .metrics: "What is counted and measured, for Prometheus"
        case .status: "How a user is"
        case .query: "How many users are, or who of them is online"
        case .online: "Who is online, page by page"
        case .describe: "Sets a user's own words"
        case .state: "States something for a device"
        case .forgetDevice: "Logs a device out, and forgets it"
        case .subscriptions: "Whom a user is subscribed to"
        case .subscribe: "Subscribes a user to others"
        case .unsubscribe: "Ends subscriptions of a user"
        case .watchers: "Who is subscribed to a user"
        case .history: "What has changed of a user, the newest first"
        case .explanation: "All that is known of a user, and why its status is what it is"
        case .changes: "What has changed of all users, in order, in parts or as server-sent events"
        case .erase: "Erases a user"
        }
    }

    var query: [OpenAPIParameter] {
        let viewer = OpenAPIParameter("as", .user)
        let page = [
            OpenAPIParameter("pageSize", .whole(0...500)), OpenAPIParameter("cursor", .text),
        ]
        return switch self {
        case .status, .query: [viewer]
        case .online: page + [viewer]
        case .watchers: page
        case .history:
            [
                OpenAPIParameter("after", .integer), OpenAPIParameter("before", .integer),
                OpenAPIParameter("pageSize", .whole(1...500)), OpenAPIParameter("cursor", .text),
            ]
        case .changes:
            [
                OpenAPIParameter("after", .natural), OpenAPIParameter("limit", .whole(1...1_000)),
                OpenAPIParameter("wait", .whole(0...60)),
            ]
        case .subscriptions:
            [
                OpenAPIParameter("pageNum", .natural),
                OpenAPIParameter("pageSize", .whole(1...500)),
            ]
        case .unsubscribe: [OpenAPIParameter("username", .users), OpenAPIParameter("all", .truth)]
        default: []
        }
    }

    /// The schema of the body; `nil` where there is none.
    var bodySchema: String? {
        switch self {
        case .query: "Query"
        case .describe: "Description"
        case .state: "Statement"
        case .subscribe: "Subscribe"
        default: nil
        }
    }

    /// The schema of the answer; `nil` where there is nothing to say.
    var resultSchema: String? {
        switch self {
        case .livez, .readyz, .openAPI: "Object"
        case .metrics: "Text"
        case .status, .describe: "Status"
        case .query: "Statuses"
        case .online, .watchers: "Names"
        case .subscriptions: "Subscriptions"
        case .subscribe: "Subscribed"
        case .unsubscribe: "Unsubscribed"
        case .history: "History"
        case .explanation: "Explanation"
        case .changes: "Changes"
        case .state, .forgetDevice, .erase: nil
        }
    }
}
