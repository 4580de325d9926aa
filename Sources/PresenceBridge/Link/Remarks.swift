/// The lines that were logged, so that each is logged once.
struct Remarks {
    private var said: Set<String> = []

    mutating func isNew(_ line: String) -> Bool {
        said.count < LinkBounds.remarks && said.insert(line).inserted
    }
}
