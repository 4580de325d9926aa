/// A value that hardly any of many has: eight bytes where it is not there.
indirect enum Rare<Value> {
    case none
    case some(Value)

    var value: Value? {
        get {
            if case .some(let value) = self { value } else { nil }
        }
        set { self = newValue.map(Rare.some) ?? .none }
    }
}

extension Rare: Equatable where Value: Equatable {}
extension Rare: Hashable where Value: Hashable {}
extension Rare: Sendable where Value: Sendable {}
