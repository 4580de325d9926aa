import Presence
import PresenceCore
import PresenceHTTP

/// What a turn was asked by other threads, until it is answered.
struct Inquiries {
    private var questions: [UInt64: @Sendable (Question.Answer) -> Void] = [:]
    private var others: [Inquiry] = []
    private var next: UInt64 = 0

    /// Takes what is asked; returns what of it the core is to be told, each question under a number of its own.
    mutating func take(_ inquiries: [Inquiry]) -> [Input] {
        var inputs: [Input] = []
        for inquiry in inquiries {
            switch inquiry {
            case .recalled(let number, let changes): inputs.append(.recalled(number, changes))
            case .question(var question, let answer):
                next &+= 1
                question.number = next
                questions[next] = answer
                inputs.append(.asked(question))
            case .standing, .measures: others.append(inquiry)
            }
        }
        return inputs
    }

    mutating func answer(_ number: UInt64, _ answer: Question.Answer) {
        questions.removeValue(forKey: number)?(answer)
    }

    /// Answers at the end of a turn what is not the core's to answer, and in a bridge that ends all that is left.
    ///
    /// The answer to a question may take the core more than one turn.
    mutating func close(
        _ standing: @autoclosure () -> Standing,
        isEnding: Bool = false,
        refusal: Refusal = Self.unasked,
        _ measures: () -> [Measure]
    ) {
        if !others.isEmpty {
            let standing = standing()
            var measured: [Measure]?
            for inquiry in others {
                switch inquiry {
                case .question, .recalled: break
                case .standing(let answer): answer(standing)
                case .measures(let answer):
                    let all = measured ?? measures()
                    measured = all
                    answer(all)
                }
            }
            others = []
        }
        // The core answers every question that it is told of, but for a bridge that ends.
        guard isEnding else { return }
        for answer in questions.values { answer(.failure(refusal)) }
        if !questions.isEmpty { questions = [:] }
    }

    /// What a question is answered while the bridge stands by, and has no store yet.
    static let standsBy = Refusal(
        .unavailable,
        "this bridge stands by for another one, which can be asked"
    )

    /// What a question is answered that the core was not told of.
    static let unasked = Refusal(.unavailable, "the bridge ends, or is far behind; try later")
}
