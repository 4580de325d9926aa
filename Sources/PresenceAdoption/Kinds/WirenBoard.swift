import Presence

/// Wiren Board's conventions (their text): a device has an error or none.
///
/// An empty error is health and is not kept by the broker, so that a device is known by its name. The
/// topics begin with a slash: their first level is empty.
extension AdoptionKind {
    static let wirenBoard = AdoptionKind(
        "wirenboard",
        [
            KindTopic("/devices/{name}/meta/error") { payload in
                payload.bytes.isEmpty ? .online(.online) : .lost
            }.with {
                $0.isMain = false
                $0.readsEmpty = true
                $0.isError = true
            },
            KindTopic("/devices/{name}/meta/name") { _ in .present },
        ]
    )
}
