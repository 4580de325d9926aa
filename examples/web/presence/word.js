import { PresenceError } from './error.js';

// What the bridge takes for another word, since things say it by habit.
const meanings = new Map([
    ...['1', 'true', 'on', 'connected', 'available'].map((word) => [word, 'online']),
    ...['0', 'false', 'off', 'disconnected', 'unavailable', 'dead'].map((word) => [word, 'lost']),
]);

/** The status word that a text is to the bridge, if a device can state it. */
export function wordOf(text) {
    const said = String(text).trim().toLowerCase();
    const word = meanings.get(said) ?? said;
    if (!/^[a-z0-9_-]{1,32}$/.test(word)) {
        throw new PresenceError('invalid_status', `"${text}" is no status: 1 to 32 of a-z, 0-9, _ and -`);
    }
    if (word === 'offline' || word === 'lost') {
        throw new PresenceError('invalid_status', `"${text}" is stated by logout() and by the will`);
    }
    return word;
}
