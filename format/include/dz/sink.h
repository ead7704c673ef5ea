/* dz/sink.h - where the bytes of a new file go: append only */
#ifndef DZ_SINK_H
#define DZ_SINK_H

#include <sys/uio.h>

#include <dz/status.h>

/* write() takes all the pieces or fails; after a failure it is not called again. */
struct dz_sink {
	void *context;
	enum dz_status (*write)(void *context, const struct iovec *pieces, int count);
};

#endif
