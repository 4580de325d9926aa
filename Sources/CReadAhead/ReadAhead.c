#include "CReadAhead.h"

#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

struct read_ahead {
    int descriptor;
    size_t capacity, start, end;
    unsigned char bytes[];
};

/// What this thread reads by way of; `NULL` for nothing.
static _Thread_local read_ahead *current;

read_ahead *read_ahead_create(size_t capacity) {
    read_ahead *ahead = calloc(1, sizeof(read_ahead) + capacity);
    if (ahead) ahead->capacity = capacity;
    return ahead;
}

void read_ahead_destroy(read_ahead *ahead) { free(ahead); }

bool read_ahead_is_empty(const read_ahead *ahead) { return ahead->start == ahead->end; }

void read_ahead_clear(read_ahead *ahead) { ahead->start = ahead->end = 0; }

void read_ahead_begin(read_ahead *ahead, int descriptor) {
    ahead->descriptor = descriptor;
    current = ahead;
}

void read_ahead_end(void) { current = NULL; }

#if defined(__linux__) && defined(__GLIBC__)

/// The same as `read`, under the name that glibc keeps for itself.
extern ssize_t __read(int descriptor, void *buffer, size_t count);

/// Takes the place of glibc's `read` for the program that this is linked into, and all of its libraries.
__attribute__((visibility("default")))
ssize_t read(int descriptor, void *buffer, size_t count) {
    read_ahead *ahead = current;
    if (!ahead || ahead->descriptor != descriptor) return __read(descriptor, buffer, count);
    if (ahead->start == ahead->end) {
        // What is as long goes where it is wanted.
        if (count >= ahead->capacity) return __read(descriptor, buffer, count);
        ssize_t length = __read(descriptor, ahead->bytes, ahead->capacity);
        if (length <= 0) return length;
        ahead->start = 0;
        ahead->end = (size_t)length;
    }
    size_t rest = ahead->end - ahead->start;
    if (count > rest) count = rest;
    memcpy(buffer, ahead->bytes + ahead->start, count);
    ahead->start += count;
    return (ssize_t)count;
}

#endif
