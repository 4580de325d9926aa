#ifndef CSOCKETBUFFER_H
#define CSOCKETBUFFER_H

#include <stdbool.h>
#include <stddef.h>

/// Bytes of a socket that were read before they were asked for, and bytes that wait to be sent together.
///
/// libmosquitto asks the kernel three or four times for each packet that comes, a byte at a time until it
/// knows how long the packet is, and once for each packet that goes; it offers no other way. So the process
/// has a `read` and a `write` of its own. Between `socket_buffer_begin` and `socket_buffer_end` the thread's
/// reads of one descriptor take what is here, and where there is nothing they fetch as much as fits; its
/// writes of that descriptor stay here until there is no more room, or until `socket_buffer_send`.
///
/// With each packet that is queued libmosquitto also writes a byte to a pair of sockets of its own, to wake
/// the thread that it would have started. Here nobody reads that pair, and most of those writes fail, since it
/// is full. So a write of one byte to any other descriptor is dropped there. All else is the kernel's.
typedef struct socket_buffer socket_buffer;

/// Makes room for so many bytes each way; `NULL` where there is no memory.
socket_buffer *_Nullable socket_buffer_create(size_t capacity);

void socket_buffer_destroy(socket_buffer *_Nonnull buffer);

/// Whether something was read that nobody has asked for.
bool socket_buffer_has_unread(const socket_buffer *_Nonnull buffer);

/// Whether something was written that the kernel has not taken.
bool socket_buffer_has_unsent(const socket_buffer *_Nonnull buffer);

/// Forgets all bytes, as when the descriptor stands for another socket.
void socket_buffer_clear(socket_buffer *_Nonnull buffer);

/// From now on this thread reads and writes a descriptor by way of the buffer.
void socket_buffer_begin(socket_buffer *_Nonnull buffer, int descriptor);

/// From now on this thread reads and writes as ever.
void socket_buffer_end(void);

/// Gives the kernel what was written, as much as it takes.
///
/// Returns 0, or the `errno` of what the kernel refused: `EAGAIN` where it takes no more for now.
int socket_buffer_send(socket_buffer *_Nonnull buffer, int descriptor);

#endif
