const letters = '0123456789abcdefghijklmnopqrstuvwxyz';

/** A name that nobody else has: for client ids, devices and sessions. */
export function randomName(length = 16) {
    const bytes = new Uint8Array(length);
    // Node 18 has no global crypto; a name must be unlike others there, not secret.
    if (globalThis.crypto) globalThis.crypto.getRandomValues(bytes);
    else bytes.forEach((_, index) => { bytes[index] = Math.floor(Math.random() * 256); });
    return Array.from(bytes, (byte) => letters[byte % letters.length]).join('');
}

/** Parts of a list of names, each short enough for one request: in number, and in bytes as JSON. */
export function inParts(names, most, bytes = 60_000) {
    const parts = [[]];
    let size = 0;
    for (const name of names) {
        const own = new TextEncoder().encode(JSON.stringify(name)).length + 1;
        const last = parts[parts.length - 1];
        if (last.length > 0 && (last.length === most || size + own > bytes)) {
            parts.push([name]);
            size = own;
        } else {
            last.push(name);
            size += own;
        }
    }
    return parts;
}
