import Presence

/// A transaction of which nobody has said whether it was done.
///
/// Who wanted it was told that nothing was stored. Where it was done all the same, it is undone before anything else
/// is: what stays would come back with the next start.
struct Doubt {
    /// The number of the transaction before it.
    let base: Int64
    /// What puts back what the transaction would have changed, and what is not written again by itself.
    let undoing: [Change]
    /// The highest number that was given to it, and to what was tried to undo it.
    var last: Int64

    init(base: Int64, undoing: [Change]) {
        (self.base, self.undoing) = (base, undoing)
        last = base + 1
    }

    /// Which numbers the last transaction has where it was done.
    var numbers: ClosedRange<Int64> { base + 1...last }
}
