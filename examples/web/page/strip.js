import { day, words } from './timeline.js';

const svg = 'http://www.w3.org/2000/svg';

/** Draws a timeline's last day into an `svg` element: what is not known shows the ground. */
export function draw(strip, timeline, now) {
    const from = now - day;
    const parts = timeline.parts(from, now);
    const rects = parts.map((part) => {
        const rect = document.createElementNS(svg, 'rect');
        // What is shorter than a pixel is seen all the same, also when it has just begun.
        const width = Math.max(part.to - part.from, 300);
        rect.setAttribute('x', Math.min(part.from - from, day - width));
        rect.setAttribute('width', width);
        rect.setAttribute('height', 1);
        rect.dataset.tone = part.tone;
        return rect;
    });
    strip.setAttribute('viewBox', `0 0 ${day} 1`);
    strip.setAttribute('preserveAspectRatio', 'none');
    strip.replaceChildren(...rects);
    const text = words(parts, from, now);
    strip.setAttribute('aria-label', text);
    strip.parentElement.title = text;
}
