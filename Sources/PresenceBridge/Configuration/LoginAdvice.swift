extension Settings.Broker {
    /// What to look at when the broker refuses the login.
    var loginAdvice: String {
        switch (username, password) {
        case (nil, nil): "neither username nor password is set"
        case (nil, _): "username is not set, only a password"
        case (let username?, nil):
            "neither password nor password_file is set for user \(username)"
        case (let username?, _):
            "check username and password, or password_file, of user \(username)"
        }
    }
}
