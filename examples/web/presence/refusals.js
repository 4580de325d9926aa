import { PresenceError } from './error.js';

// CONNACK codes of MQTT 3.1.1 and 5 that trying again does not mend.
const logins = {
    4: 'bad_login', 5: 'bad_login', 134: 'bad_login', 135: 'bad_login', 140: 'bad_login',
    133: 'not_authorized', 138: 'not_authorized',
};
const notAuthorized = 135;
// The first bytes of two packets of MQTT 5.
const connack = 0x20;
const disconnect = 0xe0;
const tooLarge = 149;
// Why a broker ends a connection, or refuses a message, as far as somebody can do something about it.
const reasons = {
    131: 'it does not say why', 137: 'it is busy', 139: 'it is being stopped', 141: 'nothing was heard for too long',
    142: 'another client has connected with the same client id', 143: 'it does not take such a filter',
    144: 'it does not take such a topic', 147: 'too much at once', 149: 'the message is larger than it takes',
    150: 'too many messages', 151: 'a quota is used up', 152: 'an administrator wants it so',
    158: 'it has no shared subscriptions', 162: 'it has no subscriptions with wildcards',
};

const why = (code) => `0x${code.toString(16)}${reasons[code] ? `: ${reasons[code]}` : ''}`;

/** Why MQTT.js has not connected, or has lost the connection to `url`. */
export function explain(cause, url) {
    if (cause instanceof PresenceError) return cause;
    // mosquitto answers so to what is larger than its message_size_limit; MQTT 5 has no such PUBACK, and
    // MQTT.js hears nothing any more after it.
    if (/puback reason code/.test(cause.message)) return new PresenceError('refused',
        `The broker refuses a message (${why(tooLarge)})`);
    const code = logins[cause.code];
    const message = code === 'bad_login' ? 'The broker refuses the username or password'
        : cause.message || `No broker answers at ${url}`;
    return new PresenceError(code ?? 'unreachable', message);
}

/** Why the broker ends the connection by the packet that begins with these bytes; null if it does not. */
export function refusalIn(bytes) {
    const body = bytes.subarray(bytes.findIndex((byte, index) => index > 0 && byte < 128) + 1);
    if (bytes[0] === disconnect) return ended(body[0] ?? 0);
    const code = bytes[0] === connack ? body[1] : 0;
    return code > 0 ? explain({ code, message: `The broker refuses the connection (${why(code)})` }) : null;
}

/** Why the broker has ended the connection by a DISCONNECT with this reason code. */
export function ended(code) {
    // What waits for its acknowledgement then is not sent again: it would end the next one, too.
    return new PresenceError(code === tooLarge ? 'refused' : 'unreachable', `The broker has ended the connection (${why(code)})`);
}

/** Why a message was not taken: the reason code of a PUBACK. */
export function unwritten(topic, code) {
    if (code === notAuthorized) {
        return new PresenceError('not_authorized', `The broker does not let this user write to ${topic}: see its ACL`);
    }
    return new PresenceError('refused', `The broker refuses a message to ${topic} (${why(code)})`);
}

/**
 * Why a filter was not subscribed to: the code of a SUBACK.
 *
 * @param right The line that mosquitto's ACL needs.
 */
export function unread(filter, code, right) {
    if (code !== notAuthorized) {
        return new PresenceError('refused', `The broker refuses the subscription to ${filter} (${why(code)})`);
    }
    return new PresenceError('not_authorized',
        `The broker does not let this user read ${filter}: its ACL needs "${right}"`);
}
