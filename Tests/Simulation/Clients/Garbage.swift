/// What is no statement and no request, and what is on the edge of being one.
enum Garbage {
    /// Payloads of device topics that change nothing.
    static let statements: [[UInt8]] =
        [
            "{", "{}x", "{\"state\":\"offline\"}", "on line", "[\"online\"]", "{\"status\":1}",
            "{\"status\":\"\"}",
            "{\"ttl\":4}", "{\"ttl\":86401}", "{\"ttl\":5.5}", "{\"session\":null}",
            "{\"status\":\"online\",\"ttl\":null}", String(repeating: "a", count: 33),
            String(repeating: "x", count: 1_025), "\u{0}", "{\"status\":\"away\"}}",
        ].map { Array($0.utf8) } + [[0xff], [0x7b, 0xff], [0xc3, 0x28]]

    /// Requests that are refused, each with its operation.
    static let requests: [(operation: String, payload: String)] = [
        ("get", "{"), ("get", "[]"), ("get", "{}"), ("get", "{\"usernames\":[]}"),
        ("get", "{\"usernames\":[\"a/b\"]}"), ("get", "{\"usernames\":\"bob\"}"),
        ("subscribe", "{\"usernames\":[\"u1\"],\"expiry\":0}"),
        ("subscribe", "{\"usernames\":[\"u1\"],\"all\":true}"),
        ("subscribe", "{\"usernames\":[\"u1\"],\"expiry\":2592001}"),
        ("subscribe", "{\"usernames\":[\"u1\"],\"expiry\":\"1\"}"),
        ("subscribe", "{\"usernames\":[\"\"]}"), ("unsubscribe", "{}"),
        ("publish", "{\"description\":7}"), ("publish", "{}"),
        ("online", "{\"pageSize\":501}"), ("online", "{\"cursor\":\"x\"}"),
        ("subscriptions", "{\"pageNum\":-1}"), ("sync", "{\"after\":\"now\"}"),
        ("watchers", "{\"pageSize\":-1}"), ("dance", "{}"), ("get", "\u{0}"),
        (
            "get",
            "{\"usernames\":[\((0...100).map { "\"x\($0)\"" }.joined(separator: ","))]}"
        ),
        ("publish", "{\"description\":\"\(String(repeating: "d", count: 1_025))\"}"),
    ]

    /// Topics that nobody can have, with something retained on them.
    static let topics = [
        "presence/device/u1/$x", "presence/device/$u/x", "presence/device//x",
        "presence/request/$u/x/get",
    ]
}
