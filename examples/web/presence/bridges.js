/**
 * What the retained states say of the bridge.
 *
 * There is one bridge, but its client id may have been another one once, and the last words of that
 * one may still be there.
 */
export class Bridges {
    #states = new Map();
    #epochs = new Map();

    /** The state of the one that is online, else of any, else `{state: 'unknown'}`. */
    get current() {
        const all = [...this.#states.values()];
        return all.find(({ state }) => state === 'online') ?? all[0] ?? { state: 'unknown' };
    }

    /** Whether any state has been read on this connection. */
    get isKnown() { return this.#states.size > 0; }

    /** A new connection reads all states anew. */
    forget() { this.#states.clear(); }

    /**
     * Takes in what one says.
     *
     * @returns {{changed: boolean, wasAway: boolean, brokerRestarted: boolean}} Whether it says
     *     something new; whether events may have been missed; and whether devices must state
     *     themselves again.
     */
    take(id, text) {
        const before = this.#states.get(id);
        const shown = JSON.stringify(this.current);
        const state = parse(text);
        if (!state) {
            this.#states.delete(id);
            const changed = JSON.stringify(this.current) !== shown;
            return { changed, wasAway: false, brokerRestarted: false };
        }
        this.#states.set(id, state);
        const isOnline = state.state === 'online';
        const epoch = this.#epochs.get(id);
        if (isOnline) this.#epochs.set(id, state.epoch);
        return {
            changed: JSON.stringify(this.current) !== shown,
            wasAway: isOnline && (before?.state !== 'online' || before.started !== state.started
                || before.epoch !== state.epoch),
            brokerRestarted: isOnline && epoch !== undefined && state.epoch > epoch,
        };
    }
}

function parse(text) {
    try {
        const state = JSON.parse(text);
        return state && typeof state === 'object' ? state : null;
    } catch {
        return null;
    }
}
