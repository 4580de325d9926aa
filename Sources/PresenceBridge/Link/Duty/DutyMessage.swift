import Presence

/// What a bridge says to the other bridges of its prefix, below its own topic, where no user may
/// read or write.
struct DutyMessage: Hashable {
    enum Word: String {
        case asking
        case serving
    }

    var word: Word
    var process: BridgeProcessID
    /// Since when it serves, or has asked, in Unix milliseconds.
    var since: Int64

    var payload: [UInt8] {
        var json = JSONWriter(reserving: 160)
        json.beginObject()
        json.key("duty")
        json.string(word.rawValue)
        json.key("process")
        json.string(process.nonce)
        json.key("started")
        json.integer(process.started)
        json.key("since")
        json.integer(since)
        if process.term.isShared {
            json.member("term", process.term.number)
            json.member("store", process.term.store)
        }
        json.endObject()
        return json.bytes
    }

    init(_ word: Word, _ process: BridgeProcessID, since: Int64) {
        self.word = word
        self.process = process
        self.since = since
    }

    init?(reading payload: [UInt8], of bridge: String) {
        guard case .object(let object)? = try? JSONValue(parsing: payload),
            let word = object["duty"]?.string.flatMap(Word.init),
            let since = object["since"]?.integer,
            let nonce = object["process"]?.string, (1...64).contains(nonce.utf8.count),
            let started = object["started"]?.integer
        else { return nil }
        self.init(
            word,
            BridgeProcessID(
                bridge: bridge,
                nonce: nonce,
                started: started,
                term: StoreTerm(
                    number: object["term"]?.integer ?? 0,
                    store: object["store"]?.integer ?? 0
                )
            ),
            since: since
        )
    }
}

/// One process of a bridge.
struct BridgeProcessID: Hashable {
    /// The bridge id, which several processes may have by mistake.
    var bridge: String
    /// What no other process has.
    ///
    /// It is not the client id, which nobody else may know.
    var nonce: String
    /// The Unix second of its start, as its retained state has it.
    var started: Int64
    /// Under which term it owns its store.
    var term = StoreTerm()
}
