/// A key that was pressed.
enum Key: Hashable, Sendable {
    case text(Character)
    case up, down, pageUp, pageDown, home, end
    case enter, backspace, escape
}
