// What glibc's Swift module does not show.
#pragma once
#include <sys/epoll.h>
