import { everyone } from './subscriptions.js';

// Errors that another attempt may not meet. A cursor ends with the bridge that gave it.
const passing = ['timeout', 'unreachable', 'unavailable', 'rate_limited', 'invalid_page'];

/** Asks the bridge for what was missed during an absence, until all of it is there. */
export class CatchUp {
    #ask;
    #subscriptions;
    #listener;
    #after = 0;
    #isWanted = false;
    #isRunning = false;
    #isStopped = false;
    #pause;

    /** Whether there is something to catch up on. */
    get isBehind() { return this.#isWanted || this.#isRunning; }

    /**
     * @param ask `(operation, body)` → a promise of the result.
     * @param listener `onStatuses(statuses)`, `onTime(seconds)`, `onGone(name, expires)`, `onError(error)`.
     */
    constructor({ ask, subscriptions, listener }) {
        this.#ask = ask;
        this.#subscriptions = subscriptions;
        this.#listener = listener;
    }

    /** There was an absence. */
    async begin() {
        this.#isWanted = true;
        this.#pause?.();
        if (this.#isRunning) return;
        this.#isRunning = true;
        while (this.#isWanted && !this.#isStopped) {
            this.#isWanted = false;
            try {
                await this.#run();
            } catch (error) {
                if (this.#isStopped) break;
                if (passing.includes(error.code)) {
                    this.#isWanted = true;
                    await new Promise((resolve) => {
                        const timer = setTimeout(resolve, 1000);
                        this.#pause = () => { clearTimeout(timer); resolve(); };
                    });
                } else {
                    this.#listener.onError(error);
                }
            }
        }
        this.#isRunning = false;
    }

    stop() {
        this.#isStopped = true;
        this.#pause?.();
    }

    /** The pages of a `sync`. */
    async* pages(after) {
        let cursor;
        do {
            const page = await this.#ask('sync', { after, pageSize: 500, cursor });
            yield page;
            cursor = page.cursor;
        } while (cursor);
    }

    /** What has changed since the last time; fulfilled with all of it. */
    async look() {
        const users = [];
        for await (const page of this.pages(this.#after)) users.push(...page.users);
        return users;
    }

    async #run() {
        let time;
        for await (const page of this.pages(this.#after)) {
            this.#listener.onTime(page.time);
            time ??= page.time;
            this.#listener.onStatuses(page.users);
        }
        await this.#compare(time);
        // Only now: an interrupted catching up must begin where this one began.
        this.#after = time;
    }

    /** Compares the subscriptions that the bridge has with those that are known here. */
    async #compare(time) {
        const before = this.#subscriptions.snapshot();
        const there = new Map();
        let pageNum = 0;
        let page;
        do {
            page = await this.#ask('subscriptions', { pageNum, pageSize: 500 });
            for (const { username, expires } of page.subscriptions) there.set(username, expires);
            if (page.all) there.set(everyone, page.all.expires);
            pageNum += 1;
        } while (page.subscriptions.length > 0 && pageNum * page.pageSize < page.total);
        const now = this.#subscriptions.snapshot();
        for (const [name, expires] of there) {
            // One that was made or ended meanwhile is known better here.
            if (before.get(name) === now.get(name)) this.#subscriptions.note(name, expires);
        }
        for (const [name, entry] of before) {
            if (there.has(name) || now.get(name) !== entry) continue;
            this.#listener.onGone(name, entry.expires <= time ? 'expired' : 'gone');
        }
    }
}
