#ifndef CREADAHEAD_H
#define CREADAHEAD_H

#include <stdbool.h>
#include <stddef.h>

/// Bytes of a descriptor that were read before they were asked for.
///
/// libmosquitto asks the kernel three or four times for each packet, a byte at a time until it knows how
/// long the packet is, and offers no other way to read. So the process has a `read` of its own: between
/// `read_ahead_begin` and `read_ahead_end` the thread's reads of one descriptor take what is here, and
/// where there is nothing they fetch as much as fits. Every other read is the kernel's.
typedef struct read_ahead read_ahead;

/// Makes room for so many bytes; `NULL` where there is no memory.
read_ahead *_Nullable read_ahead_create(size_t capacity);

void read_ahead_destroy(read_ahead *_Nonnull ahead);

/// Whether everything that was read was asked for.
bool read_ahead_is_empty(const read_ahead *_Nonnull ahead);

/// Forgets what was not asked for, as when the descriptor stands for another socket.
void read_ahead_clear(read_ahead *_Nonnull ahead);

/// From now on this thread reads a descriptor by way of the bytes that are here.
void read_ahead_begin(read_ahead *_Nonnull ahead, int descriptor);

/// From now on this thread reads as ever.
void read_ahead_end(void);

#endif
