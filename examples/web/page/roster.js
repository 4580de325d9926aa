import { details, timeLeft, tone } from './words.js';

/** The list of people on the page: a row for each subscription. */
export class Roster {
    #list;
    #template;
    #actions;
    #now;
    #rows = new Map();
    #statuses = new Map();

    /**
     * @param list The list element.
     * @param template The template of a row.
     * @param actions `renew(name)` and `unfollow(name)`.
     * @param now The bridge's time in seconds.
     */
    constructor({ list, template, actions, now }) {
        this.#list = list;
        this.#template = template;
        this.#actions = actions;
        this.#now = now;
    }

    get size() { return this.#rows.size; }

    get onlineCount() {
        return [...this.#rows.keys()].filter((name) => this.#statuses.get(name)?.online).length;
    }

    has(name) { return this.#rows.has(name); }

    /** Shows exactly these subscriptions. */
    replace(subscriptions) {
        const names = new Set(subscriptions.map(({ username }) => username));
        for (const name of [...this.#rows.keys()]) if (!names.has(name)) this.remove(name);
        for (const { username, expires } of subscriptions) this.add(username, expires);
    }

    /** Shows a subscription, or its new end. */
    add(name, expires) {
        if (!this.#rows.has(name)) this.#rows.set(name, { element: this.#make(name) });
        this.#rows.get(name).expires = expires;
        this.#show(name);
        this.#sort();
    }

    remove(name) {
        const row = this.#rows.get(name);
        if (!row) return;
        // The keyboard stays in the list.
        const next = row.element.nextElementSibling ?? row.element.previousElementSibling;
        if (row.element.contains(document.activeElement)) next?.querySelector('.unfollow').focus();
        row.element.remove();
        this.#rows.delete(name);
    }

    /** Takes a status in; it may come before its subscription is known. */
    update(status) {
        if ((this.#statuses.get(status.username)?.seq ?? -1) > status.seq) return;
        this.#statuses.set(status.username, status);
        if (!this.#rows.has(status.username)) return;
        this.#show(status.username);
        this.#sort();
    }

    clear() {
        this.#rows.clear();
        this.#statuses.clear();
        this.#list.replaceChildren();
    }

    /** Shows what time has changed. */
    tick() {
        for (const name of this.#rows.keys()) this.#show(name);
    }

    #make(name) {
        const element = this.#template.content.firstElementChild.cloneNode(true);
        element.dataset.name = name;
        element.querySelector('.name').textContent = name;
        element.querySelector('.avatar').textContent = [...name][0].toUpperCase();
        for (const action of ['renew', 'unfollow']) {
            const button = element.querySelector(`.${action}`);
            button.setAttribute('aria-label', `${button.textContent} ${name}`);
            button.addEventListener('click', () => this.#actions[action](name));
        }
        return element;
    }

    #show(name) {
        const { element, expires } = this.#rows.get(name);
        const status = this.#statuses.get(name);
        const set = (selector, text) => {
            const place = element.querySelector(selector);
            if (place.textContent !== text) place.textContent = text;
        };
        element.dataset.tone = status ? tone(status) : 'gone';
        set('.word', status?.status ?? '');
        set('.description', status?.description ?? '');
        set('.details', status ? details(status, this.#now()) : '');
        set('.left', timeLeft(expires, this.#now()));
        element.dataset.ending = expires - this.#now() < 300;
    }

    /** Those who are online first, then by name. */
    #sort() {
        const rank = (name) => (this.#statuses.get(name)?.online ? 0 : 1);
        const names = [...this.#rows.keys()].sort((one, other) => rank(one) - rank(other)
            || one.localeCompare(other));
        const focused = document.activeElement;
        names.forEach((name, index) => {
            const { element } = this.#rows.get(name);
            const there = this.#list.children[index];
            if (there !== element) this.#list.insertBefore(element, there ?? null);
        });
        if (focused !== document.activeElement) focused.focus();
    }
}
