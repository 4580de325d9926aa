/// What one step of cutting the change log has done.
struct CutStep: Sendable {
    /// How many rows are kept no more that were not old.
    var young: Int64 = 0
    /// How many rows went.
    var gone: Int64 = 0
    /// Through which id was looked for what receivers want no more, and whether that was the last.
    var thinned: Int64 = 0
    var isThin = true
    /// Whether another step has more to do.
    var isMore = false
}
