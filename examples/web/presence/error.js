/**
 * What went wrong, with a `code` to decide by and a message to read.
 *
 * The bridge's codes are those of docs/protocol.md. The client's own are
 * `bad_login` (the broker refuses the username or password),
 * `not_authorized` (the broker's ACL forbids a topic),
 * `unreachable` (no connection), `timeout` (no answer before the deadline),
 * `closed` (logged out meanwhile) and `bad_argument` (a call that makes no sense).
 */
export class PresenceError extends Error {
    /**
     * @param {string} code
     * @param {string} message
     * @param {object} [details] `retryAfter` in seconds, of `rate_limited`; `result`, of a list in
     *     parts: what had been done when a later part failed.
     */
    constructor(code, message, details = {}) {
        super(message);
        this.name = 'PresenceError';
        this.code = code;
        Object.assign(this, details);
    }
}
