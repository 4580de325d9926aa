const key = 'presence-focus';

/** Where the keyboard was: a reload does not send it back to the beginning of the page. */
export class Place {
    constructor(room) {
        room.addEventListener('focusin', ({ target }) => {
            const path = name(target);
            try {
                if (path) sessionStorage.setItem(key, path);
            } catch {
                // Forbidden, or full.
            }
        });
    }

    /** Where it was last; `null` where that is not known. */
    get last() {
        try {
            return sessionStorage.getItem(key);
        } catch {
            return null;
        }
    }

    /** Goes back there, if it is there again. */
    restore(path) { document.querySelector(path)?.focus(); }

    forget() {
        try {
            sessionStorage.removeItem(key);
        } catch {
            // It was never there.
        }
    }
}

/** A selector that finds an element again. */
function name(element) {
    if (element.id) return `#${CSS.escape(element.id)}`;
    const row = element.closest('[data-name]')?.dataset.name;
    if (row !== undefined && element.classList.length > 0) {
        return `[data-name="${CSS.escape(row)}"] .${element.classList[element.classList.length - 1]}`;
    }
    const form = element.closest('form[id]');
    if (!form || !element.name) return form && element.tagName === 'BUTTON' ? `#${form.id} button` : null;
    const value = element.type === 'radio' ? `[value="${CSS.escape(element.value)}"]` : '';
    return `#${form.id} [name="${element.name}"]${value}`;
}
