extension Differences {
    /// Compares the bridges that share a database with what is right at rest: one of them owns the store and serves, at the
    /// broker, too, and the others stand by.
    static func inCluster(
        _ cluster: ClusterState,
        _ found: RetainedState,
        of bridges: [String]
    ) -> [String] {
        var lines: [String] = []
        let serving = cluster.states.flatMap { id, states in
            states.filter { $0 == "serves" }.map { _ in id }
        }
        if serving.count != 1 {
            lines.append("the cluster: expected one that serves, found \(cluster.states)")
        }
        if cluster.owner != serving.first || found.serving != serving {
            lines.append(
                "the cluster: \(cluster.owner ?? "nobody") owns the store, of \(cluster.states), "
                    + "and \(found.serving) serve at the broker"
            )
        }
        for id in bridges where !serving.contains(id) {
            // What a killed process has left is silent.
            let states = cluster.states[id, default: []].filter { $0 != "silent" }
            if states != ["stands by"] {
                lines.append("the cluster: expected that \(id) stands by, found \(states)")
            }
        }
        return lines
    }
}
