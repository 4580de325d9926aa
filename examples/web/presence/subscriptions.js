/** The name under which the subscription to everyone is kept: no username can have a slash. */
export const everyone = '/';

// setTimeout knows no longer wait than this, 24 days.
const longestWait = 2 ** 31 - 1;

/** The subscriptions of this user, when they end, and which of them are kept from ending. */
export class Subscriptions {
    #entries = new Map();
    #renew;
    #now;
    #timer;
    #isStopped = false;

    /**
     * @param renew `(names, expiry)` → a promise; subscribes again.
     * @param now The bridge's time in seconds.
     */
    constructor({ renew, now }) {
        this.#renew = renew;
        this.#now = now;
    }

    /** All that there are now, to compare with a later list. */
    snapshot() { return new Map(this.#entries); }

    get isEmpty() { return this.#entries.size === 0; }

    has(name) { return this.#entries.has(name); }

    /** A subscription was made, or made anew. One that is kept stays so unless `keep` says otherwise. */
    add(name, expires, { expiry, keep } = {}) {
        const keeps = keep ?? this.#entries.get(name)?.keeps ?? false;
        const due = this.#now() + (expires - this.#now()) * 0.75;
        this.#entries.set(name, { expires, expiry, keeps, due });
        this.#schedule();
    }

    /** A subscription is there that perhaps another device of the user has made. */
    note(name, expires) {
        const entry = this.#entries.get(name);
        if (entry) entry.expires = expires;
        else this.add(name, expires);
    }

    /** Whether a subscription is renewed before it ends. */
    keep(name, keeps) {
        const entry = this.#entries.get(name);
        if (entry) entry.keeps = keeps;
        this.#schedule();
    }

    /** A subscription is over. @returns what it was, if it was to be kept. */
    remove(name) {
        const entry = this.#entries.get(name);
        this.#entries.delete(name);
        return entry?.keeps ? entry : null;
    }

    /** Renews nothing any more. */
    stop() {
        this.#isStopped = true;
        clearTimeout(this.#timer);
    }

    #schedule(pause = 0) {
        clearTimeout(this.#timer);
        if (this.#isStopped) return;
        let due = Infinity;
        for (const entry of this.#entries.values()) if (entry.keeps) due = Math.min(due, entry.due);
        if (due === Infinity) return;
        const wait = Math.max(pause, (due - this.#now()) * 1000);
        this.#timer = setTimeout(() => this.#renewDue(), Math.min(longestWait, wait));
    }

    async #renewDue() {
        const groups = new Map();
        for (const [name, { keeps, due, expires, expiry }] of this.#entries) {
            // Those that are due soon go along, rather than each by itself.
            if (!keeps || due - (expires - due) / 5 > this.#now()) continue;
            const key = name === everyone ? everyone : expiry;
            if (!groups.has(key)) groups.set(key, { names: [], expiry });
            groups.get(key).names.push(name);
        }
        let pause = 0;
        for (const { names, expiry } of groups.values()) {
            try {
                await this.#renew(names, expiry);
            } catch {
                pause = 5000;
            }
        }
        this.#schedule(pause);
    }
}
