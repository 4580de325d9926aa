import { draw } from './strip.js';
import { Timeline, day } from './timeline.js';

/** One's own last day: the operator's log of changes, or, where none is kept, what the page has seen. */
export class OwnDay {
    #client;
    #strip;
    #note;
    #timeline = new Timeline();
    #again;

    constructor({ client, strip, note }) {
        this.#client = client;
        this.#strip = strip;
        this.#note = note;
    }

    /** Reads and draws it; what fails is drawn when it is read next. */
    async show() {
        const now = this.#client.now();
        try {
            const changes = await this.#client.getHistory({ after: Math.floor(now - day), limit: 1000 });
            // How the day began is told by the change before it.
            changes.push(...await this.#client.getHistory({ before: Math.floor(now - day), limit: 1 }));
            this.#timeline.read(changes);
            this.#note.textContent = '';
        } catch (error) {
            if (error.code !== 'forbidden') return;
            this.#note.textContent = 'No history is kept here: this is what the page has seen.';
            const { users: [me] } = await this.#client.getPresenceStatus({ usernames: [this.#client.username] });
            this.#timeline.learn(me);
        }
        draw(this.#strip, this.#timeline, now);
    }

    /** Shows it now, and once more when what was just said is in the log. */
    async showSoon() {
        clearTimeout(this.#again);
        this.#again = setTimeout(() => { this.show().catch(() => {}); }, 1500);
        await this.show();
    }

    lose() { this.#timeline.lose(this.#client.now()); }

    clear() {
        clearTimeout(this.#again);
        this.#timeline = new Timeline();
        this.#strip.replaceChildren();
    }
}
