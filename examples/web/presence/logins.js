import { everyone } from './subscriptions.js';

/**
 * Who logs in and out: the calls of deepstream's `client.presence`.
 *
 * What differs from deepstream: each call also returns a promise, rejected where deepstream would
 * not tell; a subscription outlives a connection, so nobody need subscribe again after an absence,
 * and what was missed is told then (somebody who left and came back meanwhile is not); it belongs to
 * the user, so what this device ends is ended for the user's other devices, too; following
 * everyone needs the operator's leave (`allow_subscribe_all`).
 */
export class Logins {
    #client;
    #callbacks = new Map();
    #subscribing = new Map();

    constructor(client) {
        this.#client = client;
    }

    /**
     * Calls back with `(username, isLoggedIn)` whenever a user logs in or out.
     *
     * However many callbacks a user has, there is one subscription; it is renewed by itself.
     *
     * @param {string|string[]} [username] Whom to follow; without it, everyone.
     * @param {(username: string, isLoggedIn: boolean) => void} callback
     */
    async subscribe(username, callback) {
        if (typeof username === 'function') [username, callback] = [everyone, username];
        if (typeof callback !== 'function') throw this.#client.badArgument('subscribe() needs a callback');
        const names = [username].flat();
        for (const name of names) {
            if (!this.#callbacks.has(name)) this.#callbacks.set(name, new Set());
            this.#callbacks.get(name).add(callback);
        }
        const fresh = names.filter((name) => !this.#subscribing.has(name));
        if (fresh.length > 0) {
            const done = this.#client.follow(fresh);
            for (const name of fresh) this.#subscribing.set(name, done);
            done.catch(() => {
                for (const name of fresh) {
                    if (this.#subscribing.get(name) !== done) continue;
                    this.#subscribing.delete(name);
                    this.#callbacks.delete(name);
                }
            });
        }
        await Promise.all(names.map((name) => this.#subscribing.get(name)));
    }

    /**
     * Takes a callback away, or all of a user, or without arguments all that there are.
     *
     * Whoever has no callback left is not subscribed to any more.
     *
     * @param {string|string[]|Function} [username] A function alone is taken away from everyone's.
     * @param {Function} [callback]
     */
    async unsubscribe(username, callback) {
        if (typeof username === 'function') [username, callback] = [everyone, username];
        const names = username === undefined ? [...this.#callbacks.keys()] : [username].flat();
        const ended = [];
        for (const name of names) {
            const callbacks = this.#callbacks.get(name);
            if (!callbacks) continue;
            if (callback) callbacks.delete(callback);
            if (callback && callbacks.size > 0) continue;
            this.#callbacks.delete(name);
            this.#subscribing.delete(name);
            ended.push(name);
        }
        if (ended.length > 0) await this.#client.unfollow(ended);
    }

    /**
     * Who is online: an array of all usernames, without one's own; or of the given users an object
     * of username → Boolean.
     *
     * @param {string[]} [usernames]
     * @param {(error: Error|null, clients?: string[]|object) => void} [callback] Called besides the
     *     promise, which is then never rejected.
     */
    getAll(usernames, callback) {
        if (typeof usernames === 'function') [usernames, callback] = [undefined, usernames];
        const answer = usernames ? this.#client.areOnline(usernames) : this.#everyoneElse();
        if (!callback) return answer;
        return answer.then((clients) => { callback(null, clients); }, (error) => { callback(error); });
    }

    /** Nothing is subscribed to any more, by a call or since it ended. */
    ended(name) {
        this.#callbacks.delete(name);
        this.#subscribing.delete(name);
    }

    clear() {
        this.#callbacks.clear();
        this.#subscribing.clear();
    }

    /** Those to call when a user logs in or out. */
    callbacks(username) {
        return [
            ...(this.#callbacks.get(username) ?? []),
            ...(this.#callbacks.get(everyone) ?? []),
        ];
    }

    async #everyoneElse() {
        const own = this.#client.username;
        return (await this.#client.getOnlineUsers()).filter((name) => name !== own);
    }
}
