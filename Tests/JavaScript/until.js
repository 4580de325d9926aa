/** Awaits something that cannot be awaited otherwise, and says what was awaited in vain. */
export async function until(what, condition, { within = 20_000, every = 10 } = {}) {
    const deadline = Date.now() + within;
    for (;;) {
        const value = await condition();
        if (value) return value;
        if (Date.now() > deadline) throw new Error(`In vain: ${what}`);
        await new Promise((resolve) => { setTimeout(resolve, every); });
    }
}

/** Keeps what handlers are called with, for tests to await. */
export class Diary {
    entries = [];
    #waiting = new Set();

    /** A handler that writes down what it is called with. */
    on(event) {
        return (...values) => {
            this.entries.push([event, ...values]);
            for (const look of this.#waiting) look();
        };
    }

    /** A handler that writes down each status of its array by itself. */
    statuses() {
        const write = this.on('status');
        return { onPresenceStatusChange: (all) => all.forEach((status) => write(status)) };
    }

    /** Awaits an entry that fits, past or future. */
    find(what, fits, within = 20_000) {
        return new Promise((resolve, reject) => {
            const look = () => {
                const found = this.entries.find((entry) => fits(...entry));
                if (!found) return;
                clearTimeout(timer);
                this.#waiting.delete(look);
                resolve(found);
            };
            const timer = setTimeout(() => {
                this.#waiting.delete(look);
                reject(new Error(`In vain: ${what}; there was ${JSON.stringify(this.entries)}`));
            }, within);
            this.#waiting.add(look);
            look();
        });
    }

    /** Awaits a status. */
    async status(username, fits) {
        const [, status] = await this.find(`a status of ${username}`,
            (event, one) => event === 'status' && one.username === username && fits(one));
        return status;
    }
}
