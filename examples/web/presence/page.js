// How often the clock is looked at, and how late a timer can be by itself: browsers let the timers
// of a hidden page wait for a minute.
const beat = 15_000;
const latest = 75_000;

/**
 * What happens to the page that a client lives in, as far as it ends connections.
 *
 * A page that is left by a link may be kept, frozen with its connection open; so may one in the
 * background. It can do nothing then, not even answer the broker. In Node there is no page, but a
 * machine can sleep there, too.
 */
export class Page {
    #listener;
    #document;
    #handlers = [];
    #timer;
    #last;

    /**
     * @param listener `onLeave()`: nothing will run from now on, perhaps for ever; `onReturn()`: the
     *     page is there again; `onDoubt()`: a connection may have been lost without a word. Each
     *     can come twice.
     * @param place The page's window, and its clock in ms.
     */
    constructor(listener, { window = globalThis.window, now = Date.now } = {}) {
        this.#listener = listener;
        const document = window?.document;
        this.#document = document;
        this.#on(window, 'pagehide', () => listener.onLeave());
        this.#on(window, 'pageshow', ({ persisted }) => { if (persisted) listener.onReturn(); });
        this.#on(document, 'freeze', () => listener.onLeave());
        this.#on(document, 'resume', () => listener.onReturn());
        this.#on(window, 'online', () => listener.onDoubt());
        this.#on(document, 'visibilitychange', () => {
            if (document.visibilityState === 'visible') listener.onDoubt();
        });
        this.#last = now();
        this.#timer = setInterval(() => this.look(now()), beat);
        // No reason for a program in Node to go on.
        this.#timer.unref?.();
    }

    /** Calls at once, but in a page that the browser prepares unseen only when somebody looks at it. */
    begin(start) {
        if (this.#document?.prerendering) this.#on(this.#document, 'prerenderingchange', start);
        else start();
    }

    /** Looks at the clock: a machine that has slept is told by it alone. */
    look(now) {
        const passed = now - this.#last;
        this.#last = now;
        if (passed > beat + latest) this.#listener.onDoubt();
    }

    /** Hears nothing any more. */
    stop() {
        clearInterval(this.#timer);
        for (const [target, event, handler] of this.#handlers) target.removeEventListener(event, handler);
        this.#handlers = [];
    }

    #on(target, event, handler) {
        if (!target) return;
        target.addEventListener(event, handler);
        this.#handlers.push([target, event, handler]);
    }
}
