/* dz/status.h - result type of libdz */
#ifndef DZ_STATUS_H
#define DZ_STATUS_H

#define DZ_MUST_CHECK __attribute__((warn_unused_result))

enum dz_status {
	DZ_OK,
	DZ_END,         /* no more data; not an error */
	DZ_TRUNCATED,   /* the file ends inside a header or a block */
	DZ_CORRUPT,     /* damaged: it breaks a rule of the format */
	DZ_UNSUPPORTED, /* valid, but requires a newer reader */
	DZ_FOREIGN,     /* not a .dz file */
	DZ_LIMIT,       /* valid, but exceeds a limit of the reader */
	DZ_IO,          /* reading or writing failed; errno is set */
	DZ_NO_MEMORY,   /* an allocation failed */
};

/* Returns a static phrase, for use after "path: offset N: ". */
const char *dz_status_phrase(enum dz_status status);

#endif
