import { isRefusal, PresenceError } from './error.js';

/** What a device says of itself: its word, its signs of life, and its will. */
export class Device {
    #options;
    #connection;
    #excuse;
    #status;
    #statements = new Set();
    #timer;

    /**
     * @param options Those of `PresenceClient.connect`: `status`, `announce`, `ttl`, `timeout`.
     * @param connection Where it is said: `publish`, `session`, `ready`.
     * @param topic Gives the topic of the device.
     * @param excuse Says why nothing can be said now, for the message of a time-out.
     */
    constructor(options, { connection, topic, excuse }) {
        this.#options = options;
        this.#connection = connection;
        this.topic = topic;
        this.#excuse = excuse;
        this.#status = options.status;
        if (!options.announce || !options.ttl) return;
        // Of three signs of life one can come late, and one be missed.
        this.#timer = setInterval(() => {
            if (connection.ready) this.announce().catch(() => {});
        }, options.ttl / 3 * 1000);
    }

    get status() { return this.#status; }

    /** What the broker says for it when the connection ends without a word. */
    will(session) {
        return this.#options.announce ? {
            topic: this.topic(), qos: 1, retain: true, payload: JSON.stringify({ status: 'lost', session }),
        } : undefined;
    }

    /** States a word; fulfilled when the broker has it. Without a connection, the next begins with it. */
    setStatus(word) {
        if (!this.#options.announce) {
            return Promise.reject(new PresenceError('bad_argument',
                'A client that does not announce itself has no status'));
        }
        this.#status = word;
        return new Promise((resolve, reject) => {
            const statement = { resolve, reject };
            statement.timer = setTimeout(() => {
                this.#statements.delete(statement);
                reject(new PresenceError('timeout', `"${word}" has not been stated: ${this.#excuse()}`));
            }, this.#options.timeout);
            this.#statements.add(statement);
            this.announce().catch(() => {});
        });
    }

    /** States the present word, for the first time or again; rejected when the broker has not got it. */
    async announce() {
        if (!this.#options.announce) return;
        const statements = [...this.#statements];
        const settle = (how, value) => {
            for (const statement of statements) {
                clearTimeout(statement.timer);
                this.#statements.delete(statement);
                statement[how](value);
            }
        };
        try {
            await this.#state(this.#status, this.#options.ttl || undefined);
            settle('resolve');
        } catch (error) {
            if (isRefusal(error)) settle('reject', error);
            throw error;
        }
    }

    /** Says `offline`, and waits for a while until the broker has it. */
    async farewell() {
        if (!this.#options.announce || !this.#connection.ready) return;
        let timer;
        await Promise.race([
            this.#state('offline').catch(() => {}),
            new Promise((resolve) => { timer = setTimeout(resolve, 2000); }),
        ]);
        clearTimeout(timer);
    }

    /** Says nothing by itself any more. */
    end(error) {
        clearInterval(this.#timer);
        for (const statement of this.#statements) {
            clearTimeout(statement.timer);
            statement.reject(error);
        }
        this.#statements.clear();
    }

    #state(status, ttl) {
        const text = JSON.stringify({ status, ttl, session: this.#connection.session });
        return this.#connection.publish(this.topic(), text, { retain: true });
    }
}
