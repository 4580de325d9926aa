/// One topic of a kind: its form, and what its messages mean.
struct KindTopic: Sendable {
    /// How a payload is read that is not empty.
    enum Reading: Sendable {
        /// By words; a line may have words of its own.
        case words(WordList)
        /// By code, where words are not enough.
        case code(@Sendable (Payload) -> Saying)
    }

    /// The form, with the kind's settings between braces, too: `{base}/{name}/availability`.
    var topic: String
    var reading: Reading
    /// What the thing is called where the topic has no `{name}`.
    var name: String?
    /// Whether the topic is about a thing that becomes a device.
    var isThing = true
    /// Whether other things are behind what the topic is about.
    var isGateway = false
    /// What a gateway is known by to what is behind it; its topic, if nothing is given.
    var key: String?
    /// The topic or the key of the gateway that must be there.
    var source: String?
    /// For a message that names the gateway: that one's key, with `{}` for its name.
    var sourceByName: String?
    /// Whether it is the topic that the thing is known by, among several of one thing.
    var isMain = true
    /// Whether births are retained here, so that what is found is the last word.
    var isRetained = true
    /// Whether an empty payload is a word, and not the removal of the topic.
    var readsEmpty = false
    /// Whether it says that a thing is not well; while it is, nothing is retained here.
    var isError = false
    /// Whether a thing must speak anew when its gateway is back.
    var startsAnew = false
    /// Where the gateway may be asked to tell anew what is behind it, if a line allows that.
    var command: String?
    /// Whether the messages describe things, and say on which other topics those are heard.
    var describes = false
    /// The patterns of user and device, if not those of the kind.
    var user: String?
    var device: String?

    /// A topic whose words are known.
    init(_ topic: String, _ words: WordList, name: String? = nil, source: String? = nil) {
        self.topic = topic
        reading = .words(words)
        self.name = name
        self.source = source
    }

    /// A topic that is read by code.
    init(
        _ topic: String,
        source: String? = nil,
        reading: @escaping @Sendable (Payload) -> Saying
    ) {
        self.topic = topic
        self.reading = .code(reading)
        self.source = source
    }

    /// The same with a change.
    func with(_ change: (inout Self) -> Void) -> Self {
        var topic = self
        change(&topic)
        return topic
    }

    /// The same, of a gateway that is a thing as well.
    var asGateway: Self { with { $0.isGateway = true } }

    /// The same, where births are not retained.
    var unretained: Self { with { $0.isRetained = false } }
}
