#include "CSocketBuffer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

/// Bytes that lie one behind the other, from `start` to before `end`.
typedef struct {
    unsigned char *bytes;
    size_t start, end;
} span;

struct socket_buffer {
    int descriptor;
    size_t capacity;
    span unread, unsent;
    unsigned char bytes[];
};

/// What this thread reads and writes by way of; `NULL` for nothing.
static _Thread_local socket_buffer *current;

socket_buffer *socket_buffer_create(size_t capacity) {
    socket_buffer *buffer = calloc(1, sizeof(socket_buffer) + 2 * capacity);
    if (!buffer) return NULL;
    buffer->capacity = capacity;
    buffer->unread.bytes = buffer->bytes;
    buffer->unsent.bytes = buffer->bytes + capacity;
    return buffer;
}

void socket_buffer_destroy(socket_buffer *buffer) { free(buffer); }

static size_t length(const span *span) { return span->end - span->start; }

bool socket_buffer_has_unread(const socket_buffer *buffer) { return length(&buffer->unread) > 0; }

bool socket_buffer_has_unsent(const socket_buffer *buffer) { return length(&buffer->unsent) > 0; }

void socket_buffer_clear(socket_buffer *buffer) {
    buffer->unread.start = buffer->unread.end = 0;
    buffer->unsent.start = buffer->unsent.end = 0;
}

void socket_buffer_begin(socket_buffer *buffer, int descriptor) {
    buffer->descriptor = descriptor;
    current = buffer;
}

void socket_buffer_end(void) { current = NULL; }

int socket_buffer_send(socket_buffer *buffer, int descriptor) {
    span *unsent = &buffer->unsent;
    while (length(unsent) > 0) {
        ssize_t sent = send(descriptor, unsent->bytes + unsent->start, length(unsent), MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        if (sent < 0) return errno == EWOULDBLOCK ? EAGAIN : errno;
        unsent->start += (size_t)sent;
    }
    unsent->start = unsent->end = 0;
    return 0;
}

#if defined(__linux__) && defined(__GLIBC__)

/// The same as `read` and `write`, under the names that glibc keeps for itself.
extern ssize_t __read(int descriptor, void *bytes, size_t count);
extern ssize_t __write(int descriptor, const void *bytes, size_t count);

/// Takes the place of glibc's `read` for the program that this is linked into, and all of its libraries.
__attribute__((visibility("default")))
ssize_t read(int descriptor, void *bytes, size_t count) {
    socket_buffer *buffer = current;
    if (!buffer || buffer->descriptor != descriptor) return __read(descriptor, bytes, count);
    span *unread = &buffer->unread;
    if (length(unread) == 0) {
        // What is as long goes where it is wanted.
        if (count >= buffer->capacity) return __read(descriptor, bytes, count);
        ssize_t fetched = __read(descriptor, unread->bytes, buffer->capacity);
        if (fetched <= 0) return fetched;
        unread->start = 0;
        unread->end = (size_t)fetched;
    }
    if (count > length(unread)) count = length(unread);
    memcpy(bytes, unread->bytes + unread->start, count);
    unread->start += count;
    return (ssize_t)count;
}

/// Takes the place of glibc's `write` as `read` does of its `read`.
__attribute__((visibility("default")))
ssize_t write(int descriptor, const void *bytes, size_t count) {
    socket_buffer *buffer = current;
    if (!buffer) return __write(descriptor, bytes, count);
    if (buffer->descriptor != descriptor) return count == 1 ? 1 : __write(descriptor, bytes, count);
    span *unsent = &buffer->unsent;
    if (count > buffer->capacity - unsent->end) {
        // What was written before goes first, and all of it.
        int refused = socket_buffer_send(buffer, descriptor);
        if (refused) {
            errno = refused;
            return -1;
        }
        if (count > buffer->capacity) return __write(descriptor, bytes, count);
    }
    memcpy(unsent->bytes + unsent->end, bytes, count);
    unsent->end += count;
    return (ssize_t)count;
}

#endif
