/** Who is online and not followed yet, to be chosen. */
export class Choices {
    /** More than that nobody looks through; a name can be typed. */
    static most = 60;

    #client;
    #place;
    #list;
    #rest;
    #follow;
    #names = [];
    #total = 0;

    /**
     * @param place What is hidden where there is nobody to choose.
     * @param list Where the names go.
     * @param rest Where it says how many more there are.
     * @param follow `follow(name)`.
     */
    constructor({ client, place, list, rest, follow }) {
        this.#client = client;
        this.#place = place;
        this.#list = list;
        this.#rest = rest;
        this.#follow = follow;
    }

    /** Asks who is online. Where that is not allowed nobody is offered. */
    async read() {
        try {
            this.#total = await this.#client.getOnlineCount();
            this.#names = this.#total <= 2_000 ? await this.#client.getOnlineUsers() : [];
        } catch (error) {
            if (error.code === 'forbidden') [this.#names, this.#total] = [[], 0];
        }
    }

    /** Shows those whom `isKnown(name)` does not know and whose name has a text. */
    show(isKnown, text) {
        const wanted = text.trim().toLowerCase();
        const names = this.#names
            .filter((name) => name !== this.#client.username && !isKnown(name) && name.toLowerCase().includes(wanted))
            .sort((one, other) => one.localeCompare(other));
        const shown = names.slice(0, Choices.most);
        const before = [...this.#list.children].map((button) => button.dataset.name);
        if (before.join('/') !== shown.join('/')) this.#draw(shown);
        const more = this.#names.length > 0 ? names.length - shown.length : this.#total;
        this.#rest.textContent = more > 0 ? `and ${more} more: type a name` : '';
        this.#place.hidden = shown.length === 0 && more === 0;
    }

    #draw(names) {
        const focused = document.activeElement?.dataset.name;
        this.#list.replaceChildren(...names.map((name) => {
            const button = document.createElement('button');
            button.type = 'button';
            button.dataset.name = name;
            button.textContent = name;
            button.setAttribute('aria-label', `Follow ${name}, who is online`);
            button.addEventListener('click', () => this.#follow(name));
            return button;
        }));
        if (focused) [...this.#list.children].find(({ dataset }) => dataset.name === focused)?.focus();
    }

    clear() {
        [this.#names, this.#total] = [[], 0];
        this.#list.replaceChildren();
        this.#place.hidden = true;
    }
}
