import Presence
import PresenceAdoption

/// What a turn has learned of topics that are to be listened to, and of those that are not any more.
///
/// A broker that is found may have thousands of messages which describe things, and a SUBSCRIBE for each topic would be
/// as many packets. Of what is decided twice about a topic the last decision holds.
struct LearnedTopics: Sendable {
    private var filters: [ExactText: TopicFilter?] = [:]
    private var questions: Set<ExactText> = []

    var isEmpty: Bool { filters.isEmpty && questions.isEmpty }

    mutating func listen(to filters: [TopicFilter]) {
        for filter in filters { self.filters[ExactText(filter.text)] = .some(filter) }
    }

    mutating func stopListening(to topics: [String]) {
        for topic in topics { filters[ExactText(topic)] = .some(nil) }
    }

    /// What is retained on topics is to be read once.
    mutating func ask(for topics: [String]) {
        for topic in topics { questions.insert(ExactText(topic)) }
    }

    /// What is to be listened to, sorted by the bytes of the topics.
    var begun: [TopicFilter] {
        filters.values.compactMap(\.self)
            .sorted { $0.text.utf8.lexicographicallyPrecedes($1.text.utf8) }
    }

    /// What is not to be listened to any more.
    var ended: [String] { filters.filter { $0.value == nil }.map(\.key).sorted }

    /// What is to be read once.
    var asked: [String] { Array(questions).sorted }
}

extension [ExactText] {
    fileprivate var sorted: [String] {
        map(\.text).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }
}
