/* dz/status.h - the one result type of libdz */
#ifndef DZ_STATUS_H
#define DZ_STATUS_H

#define DZ_MUST_CHECK __attribute__((warn_unused_result))

enum dz_status {
	DZ_OK,
	DZ_END,         /* nothing more; not an error */
	DZ_TRUNCATED,   /* the file ends inside of something */
	DZ_CORRUPT,     /* a checksum, a bound or a rule of the format does not hold */
	DZ_UNSUPPORTED, /* sound, but needs a newer reader */
	DZ_FOREIGN,     /* not a .dz file */
	DZ_LIMIT,       /* sound, but beyond a limit of the reader */
	DZ_IO,          /* errno tells why */
	DZ_NO_MEMORY,
};

/* A static English phrase, for use after "path: offset N: ". */
const char *dz_status_phrase(enum dz_status status);

#endif
