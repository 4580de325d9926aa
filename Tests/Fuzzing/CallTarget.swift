import Foundation
import Presence
import PresenceHTTP

/// Calls by HTTP: what their targets and bodies ask, read once more by Foundation's decoder.
public struct CallTarget: Target {
    /// See ``Target/name``.
    public let name = "calls"

    /// See ``Target/draw(_:)``.
    public func draw(_ dice: inout Dice) -> Case {
        let (method, path, body) = call(&dice)
        var target = Array((path + query(&dice)).utf8)
        ByteMutation.maybe(&target, oneIn: 6, &dice)
        return Case([[Array(method.utf8), target, body]])
    }

    private func call(_ dice: inout Dice) -> (method: String, path: String, body: [UInt8]) {
        let user = "/v1/users/" + encoded(NameGrammar.user(&dice), &dice)
        let device = "\(user)/devices/" + encoded(NameGrammar.device(&dice), &dice)
        switch dice.roll(14) {
        case 0: return ("GET", user, [])
        case 1: return ("DELETE", user, [])
        case 2: return ("POST", "/v1/users/query", RequestGrammar.payload(of: "get", &dice))
        case 3: return ("GET", "/v1/online", [])
        case 4:
            return ("PUT", "\(user)/description", RequestGrammar.payload(of: "publish", &dice))
        case 5, 6: return ("PUT", device, StatementGrammar.payload(&dice))
        case 7: return ("DELETE", device, [])
        case 8: return ("GET", "\(user)/subscriptions", [])
        case 9:
            let body = RequestGrammar.payload(of: "subscribe", &dice)
            return ("POST", "\(user)/subscriptions", body)
        case 10: return ("DELETE", "\(user)/subscriptions", [])
        case 11: return ("GET", "\(user)/watchers", [])
        case 12: return ("GET", "\(user)/explanation", [])
        default: return (dice.pick("HEAD", "GET", ""), dice.pick("/livez", "/v1", "*", "/"), [])
        }
    }

    private func query(_ dice: inout Dice) -> String {
        var pairs: [String] = []
        while dice.once(in: 2), pairs.count < 5 {
            let user = encoded(NameGrammar.user(&dice), &dice)
            pairs.append(
                dice.pick(
                    "username=\(user)",
                    "username=\(user)",
                    "all=\(dice.pick("true", "false", "", "1"))",
                    "pageSize=\(dice.pick("1", "500", "-1", "+1", "99999999999999999999", "x"))",
                    "pageNum=\(dice.pick("0", "7", ""))",
                    "as=\(user)",
                    "cursor=\(dice.pick("1-1", "%", "%ff", "%2525"))"
                )
            )
        }
        return pairs.isEmpty ? "" : "?" + pairs.joined(separator: dice.pick("&", "&", "&&"))
    }

    /// A name as a client may write it: some bytes as they are, others by their numbers.
    private func encoded(_ name: String, _ dice: inout Dice) -> String {
        let digits = Array(dice.pick("0123456789abcdef", "0123456789ABCDEF"))
        let encodesAll = dice.once(in: 3)
        return name.utf8.map { byte in
            let isPlain = UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte
            if isPlain, !encodesAll { return String(UnicodeScalar(byte)) }
            return "%\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
        }.joined()
    }

    // MARK: - Judging

    /// See ``Target/judge(_:reached:)``.
    public func judge(_ input: Case, reached: inout Set<String>) -> [String] {
        guard let words = input.lines.first, words.count > 2 else { return [] }
        let (method, target) = (words[0].text, words[1].text)
        let question: Question?
        do throws(Refusal) {
            question = try Question.reading(method: method, target: target, body: words[2])
        } catch {
            reached.insert(error.code.rawValue)
            return error.message.isEmpty ? ["\(error.code) without a word"] : []
        }
        guard let question else {
            reached.insert("no call")
            return []
        }
        let halves = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let segments = halves[0].split(separator: "/", omittingEmptySubsequences: false)
            .map { String($0).removingPercentEncoding }
        let pairs = (halves.count > 1 ? halves[1] : "").split(separator: "&").map { pair in
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (
                String(parts[0]).removingPercentEncoding,
                (parts.count > 1 ? String(parts[1]) : "").removingPercentEncoding
            )
        }
        func values(_ name: String) -> [String?] { pairs.filter { $0.0 == name }.map(\.1) }
        var complaints: [String] = []
        func check(_ word: String, _ read: String?, _ expected: String?) {
            if read.map({ Array($0.utf8) }) != expected.map({ Array($0.utf8) }) {
                complaints.append("\(word) is read as \(read ?? "none"), not \(expected ?? "none")")
            }
        }
        if question.user != nil { check("the user", question.user, segments[3]) }
        if question.viewer != nil { check("as", question.viewer, values("as").first ?? nil) }
        switch question.act {
        case .status: reached.insert("status")
        case .explanation: reached.insert("explanation")
        case .erasure: reached.insert("erasure")
        case .statement(let device, let payload):
            reached.insert(payload.isEmpty ? "emptied" : "statement")
            check("the device", device, segments[5])
        case .request(.unsubscribe(.users(let names))) where method == "DELETE":
            reached.insert("unsubscribe")
            var expected: [String] = []
            for value in values("username") {
                guard let value else { continue }
                if !expected.contains(where: { $0.utf8.elementsEqual(value.utf8) }) {
                    expected.append(value)
                }
            }
            check("usernames", names.joined(separator: "/"), expected.joined(separator: "/"))
        case .request(let request): reached.insert("\(request.operation)")
        }
        return complaints
    }
}
