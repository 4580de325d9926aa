/**
 * The newest status of each user that has been handed on.
 *
 * The same status can come as an event, in a `sync` and in an answer, and a late one after a newer
 * one: `seq` tells which are news.
 */
export class Statuses {
    /** Whether those who are not known here are known to be offline. */
    coversEveryone = false;
    #newest = new Map();

    /**
     * Takes statuses in.
     *
     * @param statuses In the order in which they came.
     * @param isBaseline Whether a status of somebody unknown is what the caller asked for, not news.
     * @returns {{news: object[], edges: [string, boolean][]}} What must be handed on, in order;
     *     edges are those who logged in or out.
     */
    take(statuses, { isBaseline = false } = {}) {
        const news = [];
        const edges = [];
        for (const status of statuses) {
            const { username, online, seq } = status;
            const known = this.#newest.get(username);
            if (known && seq <= known.seq) continue;
            this.#newest.set(username, { seq, online });
            if (known || !isBaseline) news.push(status);
            const was = known ? known.online : this.coversEveryone ? false : online;
            if (was !== online) edges.push([username, online]);
        }
        return { news, edges };
    }

    /** The `seq` of the newest status of each user that was handed on. */
    snapshot() { return new Map([...this.#newest].map(([username, { seq }]) => [username, seq])); }

    /** Whether nothing newer than a status was handed on of its user. */
    isNewest({ username, seq }) { return seq >= (this.#newest.get(username)?.seq ?? 0); }

    /** Forgets somebody who is not watched any more. */
    forget(username) {
        if (!this.coversEveryone) this.#newest.delete(username);
    }
}
