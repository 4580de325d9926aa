/** Whether the broker has refused something that it will refuse the next time, too. */
export const isRefusal = ({ code }) => code === 'not_authorized' || code === 'refused';

/**
 * What went wrong, with a `code` to decide by and a message to read.
 *
 * The bridge's codes are those of docs/protocol.md. The client's own are
 * `bad_login` (the broker refuses the username or password),
 * `not_authorized` (the broker's ACL forbids a topic),
 * `refused` (the broker refuses something else, and says what), `unreachable` (no connection),
 * `left` (the page was left or frozen; it connects when it is there again), `timeout` (no answer
 * before the deadline), `closed` (logged out meanwhile) and `bad_argument` (a call that makes no
 * sense).
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
