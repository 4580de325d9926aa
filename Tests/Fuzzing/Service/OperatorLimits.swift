import PresenceCore

/// Limits that an operator may choose.
enum OperatorLimits {
    /// The choices; the first one refuses nobody for speaking much.
    static let all: [Limits] = [patient, Limits(), tight, instant]

    /// Of a number beyond the last the first.
    static func limits(_ number: Int) -> Limits {
        all.indices.contains(number) ? all[number] : patient
    }

    private static var patient: Limits {
        var limits = Limits()
        limits.deviceBurst = 100_000
        limits.requestBurst = 100_000
        limits.historyKeep = .seconds(3_600)
        return limits
    }

    private static var tight: Limits {
        var limits = Limits()
        limits.maxSubscriptions = 3
        limits.maxUsernames = 3
        limits.maxWatchers = 2
        limits.maxDevices = 2
        limits.maxMessage = 1_024
        limits.maxDescription = 64
        limits.requestRate = 1
        limits.requestBurst = 3
        limits.deviceRate = 1
        limits.deviceBurst = 2
        limits.allowSubscribeAll = .everyone
        limits.allowOnline = .nobody
        return limits
    }

    private static var instant: Limits {
        var limits = patient
        limits.allowSubscribeAll = .everyone
        limits.offlineGrace = .zero
        limits.logoutGrace = .zero
        limits.eventInterval = .zero
        limits.auditInterval = .zero
        limits.maxDescription = 65_536
        limits.watchesBrokerRestart = false
        return limits
    }
}
