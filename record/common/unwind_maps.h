/* record/common/unwind_maps.h - descriptors of the BPF maps with tables of call frame information
 */
#ifndef RECORD_COMMON_UNWIND_MAPS_H
#define RECORD_COMMON_UNWIND_MAPS_H

/* See bpf/unwind.h. */
struct unwind_table_maps {
	int files;
	int pages;
	int blocks;
	int rules;
	int counts;
};

#endif
