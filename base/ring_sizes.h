/* base/ring_sizes.h - sizes of the ring buffers that diag-record uses and diag-report advises */
#ifndef BASE_RING_SIZES_H
#define BASE_RING_SIZES_H

/* The default of each, in bytes, a power of two. */
#define RING_SIZE_EXIT       (8u << 20)
#define RING_SIZE_SIGNAL     (4u << 20)
#define RING_SIZE_SECTION    (8u << 20)
#define RING_SIZE_SCHED      (2u << 20)
#define RING_SIZE_PROBE      (16u << 20)
#define RING_SIZE_USER_STACK (2u << 20)

/* The largest that --ring-size takes. */
#define RING_SIZE_MAX (1u << 30)

#endif
