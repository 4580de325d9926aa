import { tone } from './words.js';

/** How long a strip goes back, in seconds. */
export const day = 86_400;

/**
 * What is known of when a user was online, and how; what is not known stays a gap.
 *
 * A status tells more than the moment: the user is online, or was seen last, since `since`.
 */
export class Timeline {
    /** `{from, to, tone}` in Unix seconds, in order, none over another. */
    #parts = [];
    /** What holds from some second on: `{from, tone, seq}`. */
    #open = null;
    /** When the page stopped hearing of changes, if it has. */
    #lost = null;

    /** Takes in a status, as it was told. */
    learn(status) {
        const { seq, since, updated } = status;
        if (since === null || (this.#open && seq < this.#open.seq)) return;
        if (this.#open?.seq === seq) {
            // Nothing has changed while nobody listened.
            this.#lost = null;
            return;
        }
        const from = updated ?? since;
        if (this.#open) this.#add(this.#open.from, Math.min(from, this.#lost ?? from), this.#open.tone);
        this.#add(since, from, status.online ? 'here' : 'gone');
        this.#open = { from, tone: tone(status), seq };
        this.#lost = null;
    }

    /** Takes in the log of changes, the newest first, in the place of what was known. */
    read(changes) {
        this.#parts = [];
        this.#open = null;
        this.#lost = null;
        for (const { time, status } of [...changes].reverse()) {
            if (this.#open) this.#add(this.#open.from, time, this.#open.tone);
            this.#open = { from: time, tone: tone(status), seq: status.seq };
        }
    }

    /** From now on changes are not heard of, until the next status. */
    lose(now) { if (this.#open) this.#lost ??= now; }

    /** What is known of the time between two seconds. */
    parts(from, to) {
        const all = [...this.#parts];
        if (this.#open) {
            // What has just begun is seen, though the clock of here may be a little behind the bridge's.
            const start = this.#lost === null ? Math.min(this.#open.from, to - 1) : this.#open.from;
            all.push({ from: start, to: this.#lost ?? to, tone: this.#open.tone });
        }
        return all.map((part) => ({ ...part, from: Math.max(part.from, from), to: Math.min(part.to, to) }))
            .filter((part) => part.to > part.from);
    }

    /** Adds what is known of a time, where nothing is known yet. */
    #add(from, to, name) {
        let start = from;
        const gaps = [];
        for (const part of this.#parts) {
            if (part.from > start) gaps.push([start, Math.min(part.from, to)]);
            start = Math.max(start, part.to);
        }
        gaps.push([start, to]);
        for (const [first, last] of gaps) if (last > first) this.#parts.push({ from: first, to: last, tone: name });
        this.#parts.sort((one, other) => one.from - other.from);
    }
}

/** The times at which somebody was online, whatever the word: `[from, to]`. */
function presences(parts) {
    const all = [];
    for (const { from, to, tone: name } of parts) {
        if (name === 'gone') continue;
        const last = all.at(-1);
        if (last && from - last[1] < 2) last[1] = to;
        else all.push([from, to]);
    }
    return all;
}

/** A strip in words, for those who do not see it. */
export function words(parts, from, to) {
    const clock = (second) => new Date(second * 1000).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
    const times = presences(parts).map(([first, last]) => {
        const start = first <= from ? '' : `from ${clock(first)} `;
        return last >= to - 1 ? `${start}until now` : `${start}to ${clock(last)}`;
    });
    const known = parts.reduce((sum, part) => sum + part.to - part.from, 0);
    const rest = to - from - known < 60 ? '' : '; the rest is not known';
    if (known < 1) return 'Nothing is known of the last day';
    if (times.length === 0) return `Last day: not online${rest}`;
    const shown = times.length > 6 ? `${times.length} times, last ${times.at(-1)}` : times.join(', ');
    return `Last day: online ${shown}${rest}`;
}
