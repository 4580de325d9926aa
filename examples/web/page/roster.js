import { draw } from './strip.js';
import { Timeline } from './timeline.js';
import { details, timeLeft, tone } from './words.js';

/** The people on the page: a row for each subscription, those who are online in a list of their own. */
export class Roster {
    #groups;
    #template;
    #actions;
    #now;
    #rows = new Map();
    #statuses = new Map();
    #timelines = new Map();
    #filter = { text: '', isOnlineOnly: false };

    /**
     * @param groups `{here, gone}`: each `{place, list, count}`, of which the place is hidden while nobody is in it.
     * @param template The template of a row.
     * @param actions `renew(name)` and `unfollow(name)`.
     * @param now The bridge's time in seconds.
     */
    constructor({ groups, template, actions, now }) {
        this.#groups = groups;
        this.#template = template;
        this.#actions = actions;
        this.#now = now;
        for (const { list } of Object.values(groups)) {
            list.addEventListener('focusin', ({ target }) => this.#step(target.closest('li')));
            list.addEventListener('keydown', (event) => this.#move(event));
        }
        // In another width other words are cut off.
        globalThis.addEventListener('resize', () => {
            for (const row of this.#rows.values()) row.isMeasured = false;
        });
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
        for (const { username, expires } of subscriptions) this.#put(username, expires);
        this.#sort();
    }

    /** Shows a subscription, or its new end. */
    add(name, expires) {
        this.#put(name, expires);
        this.#sort();
    }

    #put(name, expires) {
        if (!this.#rows.has(name)) this.#rows.set(name, { element: this.#make(name) });
        this.#rows.get(name).expires = expires;
        this.#show(name);
    }

    remove(name) {
        const row = this.#rows.get(name);
        if (!row) return;
        // The keyboard stays in the list.
        const all = this.#visible();
        const place = all.indexOf(row.element);
        const next = all[place + 1] ?? all[place - 1];
        const hadFocus = row.element.contains(document.activeElement);
        row.element.remove();
        this.#rows.delete(name);
        this.#sort();
        if (hadFocus) next?.querySelector('.unfollow').focus();
    }

    /** Takes a status in; it may come before its subscription is known. */
    update(status) {
        const name = status.username;
        if ((this.#statuses.get(name)?.seq ?? -1) > status.seq) return;
        this.#statuses.set(name, status);
        if (!this.#timelines.has(name)) this.#timelines.set(name, new Timeline());
        this.#timelines.get(name).learn(status);
        if (!this.#rows.has(name)) return;
        this.#rows.get(name).drawn = 0;
        this.#show(name);
        this.#sort();
    }

    /** Changes are not heard of from now on. */
    lose() {
        for (const timeline of this.#timelines.values()) timeline.lose(this.#now());
    }

    /** Shows those alone whose name, words or devices have a text, or who are online. */
    filter(text, isOnlineOnly) {
        this.#filter = { text: text.trim().toLowerCase(), isOnlineOnly };
        this.#sort();
    }

    clear() {
        this.#rows.clear();
        this.#statuses.clear();
        this.#timelines.clear();
        for (const { list } of Object.values(this.#groups)) list.replaceChildren();
        this.#sort();
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
        const [description, more] = [element.querySelector('.description'), element.querySelector('.more')];
        more.setAttribute('aria-label', `All that ${name} says`);
        more.addEventListener('click', () => {
            const isWhole = description.classList.toggle('whole');
            more.textContent = isWhole ? 'less' : 'more';
            more.setAttribute('aria-expanded', isWhole);
        });
        return element;
    }

    #show(name) {
        const row = this.#rows.get(name);
        const { element, expires } = row;
        const status = this.#statuses.get(name);
        const set = (selector, text) => {
            const place = element.querySelector(selector);
            if (place.textContent !== text) place.textContent = text;
        };
        element.dataset.tone = status ? tone(status) : 'gone';
        set('.word', status?.status ?? '');
        this.#say(row, status?.description ?? '');
        set('.details', status ? details(status, this.#now()) : '');
        set('.left', timeLeft(expires, this.#now()));
        element.dataset.ending = expires - this.#now() < 300;
        // A strip moves by less than a pixel in a minute.
        if (this.#now() - (row.drawn ?? 0) < 60) return;
        row.drawn = this.#now();
        draw(element.querySelector('.strip'), this.#timelines.get(name) ?? new Timeline(), this.#now());
    }

    /** Shows somebody's words, and a button where they are cut off. */
    #say(row, text) {
        const description = row.element.querySelector('.description');
        if (description.textContent !== text) {
            description.textContent = text;
            row.isMeasured = false;
        }
        // What is hidden has no height; and to measure is to lay the page out.
        if (row.isMeasured || description.classList.contains('whole') || !description.checkVisibility()) return;
        row.isMeasured = true;
        row.element.querySelector('.more').hidden = description.scrollHeight <= description.clientHeight + 1;
    }

    /** Each in its list, by name; what the filter leaves out is hidden. */
    #sort() {
        const focused = document.activeElement;
        const isOnline = (name) => Boolean(this.#statuses.get(name)?.online);
        for (const [group, { place, list, count }] of Object.entries(this.#groups)) {
            const names = [...this.#rows.keys()].filter((name) => isOnline(name) === (group === 'here'))
                .sort((one, other) => one.localeCompare(other));
            let shown = 0;
            names.forEach((name, index) => {
                const { element } = this.#rows.get(name);
                element.hidden = !this.#matches(name);
                if (!element.hidden) shown += 1;
                const there = list.children[index];
                if (there !== element) list.insertBefore(element, there ?? null);
            });
            place.hidden = shown === 0;
            count.textContent = shown;
        }
        if (focused !== document.activeElement && focused.isConnected) focused.focus();
        const all = this.#visible();
        if (!all.some((element) => 'current' in element.dataset)) this.#step(all[0]);
    }

    #matches(name) {
        const { text, isOnlineOnly } = this.#filter;
        const status = this.#statuses.get(name);
        if (isOnlineOnly && !status?.online) return false;
        if (!text) return true;
        return [name, status?.status ?? '', status?.description ?? '', ...Object.keys(status?.devices ?? {})]
            .some((part) => part.toLowerCase().includes(text));
    }

    #visible() {
        return Object.values(this.#groups).flatMap(({ list }) => [...list.children]).filter(({ hidden }) => !hidden);
    }

    /** One row alone is reached by Tab, so that the list is two stops and not two for each person. */
    #step(row) {
        if (!row) return;
        for (const { element } of this.#rows.values()) {
            const isCurrent = element === row;
            if (isCurrent) element.dataset.current = '';
            else delete element.dataset.current;
            for (const button of element.querySelectorAll('button')) button.tabIndex = isCurrent ? 0 : -1;
        }
    }

    /** The arrow keys go from row to row. */
    #move(event) {
        const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
        const row = event.target.closest('li');
        if (!step || !row) return;
        const all = this.#visible();
        const next = all[all.indexOf(row) + step];
        if (!next) return;
        event.preventDefault();
        const kind = ['renew', 'more'].find((name) => event.target.classList.contains(name)) ?? 'unfollow';
        const target = next.querySelector(`.${kind}`);
        (target.hidden ? next.querySelector('.unfollow') : target).focus();
    }
}
