/** The first look comes after so many milliseconds. */
const soonest = 5000;
/** Two looks are never farther apart. */
const longest = 300_000;
/** While events do not arrive, looks take their place. */
const instead = 10_000;
/** An event that is on its way has so long to come. */
const grace = 3000;

/**
 * Whether events arrive.
 *
 * Many brokers, mosquitto among them, grant a subscription for which the user has no right, and then
 * deliver nothing. So until the first event of a connection has come the client asks, now and then and
 * ever more rarely: when an answer brings what an event should have brought, and none comes soon,
 * events do not arrive.
 */
export class EventProof {
    /** Whether it was found that they do not arrive. */
    isMissing = false;
    #look;
    #onChange;
    #timers;
    #timer;
    // Counts what makes a look that is under way worthless: an event, another connection, the end.
    #round = 0;

    /**
     * @param look → a promise: `true` when the answer has what an event should have brought, `false`
     *     when not, `null` when there was nothing to look for.
     * @param onChange Called when events are found not to arrive, and when they do after all.
     * @param timers What sets and clears timeouts.
     */
    constructor({ look, onChange, timers = globalThis }) {
        this.#look = look;
        this.#onChange = onChange;
        this.#timers = timers;
    }

    /** A new connection: what was proven for the old one need not hold for it. */
    connected() {
        this.stop();
        this.#plan(soonest);
    }

    /** An event has come. */
    heard() {
        this.stop();
        if (!this.isMissing) return;
        this.isMissing = false;
        this.#onChange();
    }

    /** Looks no more. */
    stop() {
        this.#round += 1;
        this.#timers.clearTimeout(this.#timer);
    }

    #plan(pause) { this.#later(pause, () => this.#step(pause)); }

    async #step(pause) {
        const round = this.#round;
        const hasNews = await this.#look().catch(() => false);
        if (round !== this.#round) return;
        if (hasNews) this.#later(grace, () => this.#miss());
        else if (hasNews === null) this.#plan(pause);
        else this.#plan(this.isMissing ? instead : Math.min(2 * pause, longest));
    }

    #miss() {
        const isNews = !this.isMissing;
        this.isMissing = true;
        this.#plan(instead);
        if (isNews) this.#onChange();
    }

    #later(wait, action) { this.#timer = this.#timers.setTimeout(action, wait); }
}
