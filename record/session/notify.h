/* record/session/notify.h - notifies the service manager of the start and the stop
 *
 * It is the protocol of sd_notify(3): a datagram of lines to the Unix socket that the environment
 * variable NOTIFY_SOCKET names. The recorder may not create a socket once it has dropped
 * privileges, so it opens the socket before.
 */
#ifndef RECORD_SESSION_NOTIFY_H
#define RECORD_SESSION_NOTIFY_H

/* Connects to the socket that `name` gives: a path, or "@" and a name in the abstract namespace.
 * Returns its descriptor, which the caller must close, or -1: name is NULL, not valid, or there is
 * no such socket. */
int notify_open(const char *name);

/* Sends lines such as "READY=1". Never waits: a message that cannot be sent at once is lost. No
 * effect if fd is -1. */
void notify_send(int fd, const char *lines);

#endif
