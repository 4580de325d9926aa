const units = [[86_400, 'day'], [3_600, 'hour'], [60, 'minute'], [1, 'second']];

/** A duration in words: its largest unit, rounded. */
export function duration(seconds) {
    const whole = Math.max(0, Math.round(seconds));
    // Two of the next smaller unit say more than one of the larger.
    const [size, name] = units.find(([unit]) => whole >= unit * (unit === 1 ? 0 : 1.95)) ?? units[3];
    const count = Math.max(whole > 0 ? 1 : 0, Math.round(whole / size));
    return `${count} ${name}${count === 1 ? '' : 's'}`;
}

/** How long ago something was. */
function ago(time, now) {
    const seconds = now - time;
    return seconds < 10 ? 'just now' : `${duration(seconds)} ago`;
}

/** Which colour a status has: `here`, `away`, `busy` or `gone`. */
export function tone({ online, status }) {
    if (!online) return 'gone';
    if (['busy', 'dnd'].includes(status)) return 'busy';
    return ['away', 'idle', 'xa', 'sleeping'].includes(status) ? 'away' : 'here';
}

/** Since when, how it ended, and on which devices. */
export function details({ online, devices, cause, since }, now) {
    if (since === null) return 'never seen';
    if (!online) {
        const how = cause === 'logout' ? 'signed out' : 'connection lost';
        return `${how} ${ago(since, now)}`;
    }
    const names = Object.keys(devices);
    const where = names.length > 3 ? `${names.length} devices` : names.join(', ');
    const seconds = now - since;
    return `${where} · ${seconds < 10 ? 'came just now' : `here for ${duration(seconds)}`}`;
}

/** How long a subscription lasts. */
export function timeLeft(expires, now) {
    const seconds = expires - now;
    return seconds > 0 ? `${duration(seconds)} left` : 'ending';
}

/** What a screen reader is told of a change. */
export function sentence({ username, online, status, description }) {
    if (!online) return `${username} is offline`;
    return `${username} is ${status}${description ? `: ${description}` : ''}`;
}
