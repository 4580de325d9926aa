import { isRefusal, PresenceError } from './error.js';
import { randomName } from './names.js';

/**
 * Requests to the bridge that wait for their answers.
 *
 * One that is not answered is sent again until its deadline: all of the protocol's are idempotent.
 */
export class Requests {
    #send;
    #excuse;
    #resendAfter;
    #pending = new Map();
    // Another device or page of the same name may have asked with the same numbers.
    #name = randomName(8);
    #count = 0;

    /**
     * @param send `(operation, text, id)` → a promise; rejected when it could not be sent.
     * @param excuse Says why there is no answer, for the message of a time-out.
     * @param resendAfter Milliseconds.
     */
    constructor({ send, excuse, resendAfter }) {
        this.#send = send;
        this.#excuse = excuse;
        this.#resendAfter = resendAfter;
    }

    /** Asks, and is fulfilled with the `result`. */
    ask(operation, body, timeout) {
        const id = `${this.#name}-${this.#count += 1}`;
        return new Promise((resolve, reject) => {
            const request = {
                id, operation, text: JSON.stringify({ ...body, id }), resolve, reject,
                deadline: Date.now() + timeout, notBefore: 0,
            };
            request.expiry = setTimeout(() => {
                this.#settle(request).reject(new PresenceError('timeout',
                    `No answer to "${operation}" within ${timeout / 1000} s: ${this.#excuse()}`));
            }, timeout);
            this.#pending.set(id, request);
            this.#sendNow(request);
        });
    }

    /** Takes an answer in; one that nobody waits for is a second answer to a repeated request. */
    take(answer, correlation) {
        const request = this.#pending.get(answer.id ?? correlation);
        if (!request || request.operation !== answer.operation) return;
        if (!answer.error) {
            this.#settle(request).resolve(answer.result);
            return;
        }
        const { code, message, retryAfter } = answer.error;
        const wait = (retryAfter ?? 1) * 1000;
        if (code === 'rate_limited' && Date.now() + wait < request.deadline) {
            request.notBefore = Date.now() + wait;
            this.#again(request, wait);
            return;
        }
        this.#settle(request).reject(new PresenceError(code, message, retryAfter ? { retryAfter } : {}));
    }

    /** Sends all that wait again, since now there is somebody to answer. */
    resend() {
        for (const request of this.#pending.values()) {
            if (Date.now() >= request.notBefore) this.#sendNow(request);
        }
    }

    /** Ends all that wait. */
    fail(error) {
        for (const request of [...this.#pending.values()]) this.#settle(request).reject(error);
    }

    #sendNow(request) {
        this.#again(request, this.#resendAfter);
        this.#send(request.operation, request.text, request.id).catch((error) => {
            // Anything else may be better in a moment.
            if (isRefusal(error)) this.#settle(request).reject(error);
        });
    }

    #again(request, wait) {
        clearTimeout(request.timer);
        request.timer = setTimeout(() => this.#sendNow(request), wait);
    }

    #settle(request) {
        clearTimeout(request.timer);
        clearTimeout(request.expiry);
        this.#pending.delete(request.id);
        return request;
    }
}
