import { PresenceError } from './error.js';

const letters = '0123456789abcdefghijklmnopqrstuvwxyz';
let crypto = globalThis.crypto;

/** Whether `randomName` can be called; if not, `findRandomness` comes first. */
export const hasRandomness = () => Boolean(crypto);

/** Node 18 has what makes names that nobody can guess, but not as a global. */
export async function findRandomness() {
    // Not a literal, since a bundle for browsers would look for it.
    const name = 'node:crypto';
    crypto = (await import(name)).webcrypto;
}

/** A name that nobody else has, and nobody can guess: for client ids, devices and sessions. */
export function randomName(length = 16) {
    const bytes = crypto.getRandomValues(new Uint8Array(length));
    return Array.from(bytes, (byte) => letters[byte % letters.length]).join('');
}

/** Insists that a text can be the name of a user or a device; `most` is its length in bytes. */
export function checkName(what, name, most) {
    const isName = typeof name === 'string' && name !== '' && !/^\$|[/+#\u0000-\u001f\u007f-\u009f]/.test(name)
        && new TextEncoder().encode(name).length <= most;
    if (!isName) {
        throw new PresenceError('bad_argument', `"${what}" is 1 to ${most} bytes without / + # and control characters, `
            + `and does not begin with $; it is ${JSON.stringify(name)}`);
    }
}

/** What is wrong with a text as the levels that all topics begin with; `undefined` when nothing is. */
function prefixFault(text) {
    if (typeof text !== 'string') return 'is no text';
    // By UTF-8 bytes, as the broker counts.
    const { length } = new TextEncoder().encode(text);
    if (text.split('/').includes('')) return 'has an empty level';
    if (/[+#]/.test(text)) return 'has a wildcard';
    if (text.startsWith('$')) return "begins with '$', which is the broker's own";
    if (length > 256) return `is too long with ${length} bytes; 256 at most`;
    if (/[\u0000-\u001f\u007f-\u009f]|\p{Surrogate}|\p{Noncharacter_Code_Point}/u.test(text)) {
        return 'has a character that brokers need not take';
    }
    return undefined;
}

/** Insists that all topics can begin with a text, by the rule that the bridge is configured by. */
export function checkPrefix(prefix) {
    const fault = prefixFault(prefix);
    if (fault) {
        throw new PresenceError('bad_argument', `the topic prefix ${JSON.stringify(prefix)} ${fault}; allowed: `
            + "topic levels separated by '/', without '+', '#', and no '$' in front");
    }
}

/** Parts of a list of names, each short enough for one request: in number, and in bytes as JSON. */
export function inParts(names, most, bytes = 60_000) {
    const parts = [[]];
    let size = 0;
    for (const name of names) {
        const own = new TextEncoder().encode(JSON.stringify(name)).length + 1;
        const last = parts[parts.length - 1];
        if (last.length > 0 && (last.length === most || size + own > bytes)) {
            parts.push([name]);
            size = own;
        } else {
            last.push(name);
            size += own;
        }
    }
    return parts;
}
