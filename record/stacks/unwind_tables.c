/* record/stacks/unwind_tables.c - tables of call frame information in the maps of the BPF programs
 */
#include "record/stacks/unwind_tables.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "bpf/event.h"
#include "symbols/unwind_rows.h"

#define BUCKETS         4096u /* a power of two */
#define PAGE_ROWS_MAX   (UNWIND_PAGE_BLOCKS * UNWIND_BLOCK_ROWS)
#define FILE_BLOCKS_MAX (UNWIND_BLOCKS_MAX / 4) /* no file can displace all others */
/* Making a table takes several times as much for a short time. */
#define FRAME_BYTES_MAX (4u << 20)
#define MINOR_BITS      20 /* of a device number in the kernel */

_Static_assert(sizeof(struct unwind_rule) == sizeof(struct unwind_block_rule) &&
		       offsetof(struct unwind_rule, addend) ==
			       offsetof(struct unwind_block_rule, addend) &&
		       UNWIND_RULES_MAX == UNWIND_RULE_COUNT,
	       "rules are copied");

/* A file with a table, or one that got none. */
struct table {
	struct unwind_file_key key;
	uint32_t number; /* 0: no table */
	uint32_t blocks;
	uint64_t last_delta; /* of the rows */
	struct table *next;  /* in the bucket */
};

struct unwind_tables {
	struct unwind_table_maps maps;
	struct unwind_rule_set *rules;
	size_t rules_sent;
	uint32_t last_number;
	size_t entries;
	struct table *buckets[BUCKETS];
	struct unwind_tables_statistics statistics;
};

/* The rows of one page on their way to the maps. */
struct page {
	struct unwind_block_row rows[PAGE_ROWS_MAX];
	size_t count;
};

struct unwind_tables *unwind_tables_new(const struct unwind_table_maps *maps)
{
	struct unwind_tables *tables = calloc(1, sizeof(*tables));

	if (!tables)
		return NULL;
	tables->maps = *maps;
	tables->rules = unwind_rule_set_new();
	if (!tables->rules) {
		free(tables);
		return NULL;
	}
	return tables;
}

void unwind_tables_free(struct unwind_tables *tables)
{
	if (!tables)
		return;
	for (size_t i = 0; i < BUCKETS; i++) {
		while (tables->buckets[i]) {
			struct table *next = tables->buckets[i]->next;

			free(tables->buckets[i]);
			tables->buckets[i] = next;
		}
	}
	unwind_rule_set_free(tables->rules);
	free(tables);
}

static struct unwind_file_key key_of(const struct file_facts *facts)
{
	return (struct unwind_file_key){
		.inode = facts->inode,
		.size_bytes = facts->size_bytes,
		.changed_s = facts->modified_s,
		.changed_ns = facts->modified_ns,
		.device = facts->device_major << MINOR_BITS | facts->device_minor,
	};
}

static struct table **find(struct unwind_tables *tables, const struct unwind_file_key *key)
{
	uint64_t hash = (key->inode ^ key->size_bytes << 20) * UINT64_C(0x9e3779b97f4a7c15);
	struct table **at = &tables->buckets[(hash >> 40) % BUCKETS];

	while (*at && memcmp(&(*at)->key, key, sizeof(*key)) != 0)
		at = &(*at)->next;
	return at;
}

/* Deletes the blocks and pages of a table; the programs find them no more. */
static void delete_pages(struct unwind_tables *tables, const struct table *table)
{
	for (uint64_t i = 0; i <= table->last_delta >> UNWIND_PAGE_SHIFT; i++) {
		const struct unwind_page_key key = {.file = table->number, .page = (uint32_t)i};
		struct unwind_block_key block = {.file = table->number, .page = (uint16_t)i};
		struct unwind_page page;

		if (bpf_map_lookup_elem(tables->maps.pages, &key, &page) != 0)
			continue;
		(void)bpf_map_delete_elem(tables->maps.pages, &key);
		for (; block.block < page.count; block.block++)
			(void)bpf_map_delete_elem(tables->maps.blocks, &block);
	}
	tables->statistics.blocks -= table->blocks;
}

static void remove_table(struct unwind_tables *tables, struct table **at)
{
	struct table *table = *at;

	if (table->number) {
		(void)bpf_map_delete_elem(tables->maps.files, &table->key);
		delete_pages(tables, table);
		tables->statistics.files--;
	}
	*at = table->next;
	tables->entries--;
	free(table);
}

/* Returns when the programs have used a table last; 0: never, or there is none. */
static uint64_t used_ns_of(const struct unwind_tables *tables, const struct table *table)
{
	struct unwind_file file;

	if (!table->number || bpf_map_lookup_elem(tables->maps.files, &table->key, &file) != 0)
		return 0;
	return file.used_ns;
}

/* Removes the table that was used least recently, or the entry of a file without one, unless
 * `for_blocks`. Returns false if there is none. */
static bool evict(struct unwind_tables *tables, bool for_blocks)
{
	struct table **oldest = NULL;
	uint64_t oldest_ns = UINT64_MAX;

	for (size_t i = 0; i < BUCKETS; i++) {
		for (struct table **at = &tables->buckets[i]; *at; at = &(*at)->next) {
			uint64_t used_ns = used_ns_of(tables, *at);

			if (used_ns >= oldest_ns || (for_blocks && !(*at)->number))
				continue;
			oldest = at;
			oldest_ns = used_ns;
		}
	}
	if (!oldest)
		return false;
	remove_table(tables, oldest);
	tables->statistics.evicted++;
	return true;
}

/* New rules come before the rows that use them. */
static bool send_rules(struct unwind_tables *tables)
{
	size_t count;
	const struct unwind_rule *rules = unwind_rule_set_rules(tables->rules, &count);

	for (; tables->rules_sent < count; tables->rules_sent++) {
		const uint32_t number = (uint32_t)tables->rules_sent;

		if (bpf_map_update_elem(tables->maps.rules, &number, &rules[number], BPF_ANY) != 0)
			return false;
	}
	return true;
}

static bool send_block(struct unwind_tables *tables, struct table *table, const struct page *page,
		       const struct unwind_block_key *key)
{
	const size_t first = (size_t)key->block * UNWIND_BLOCK_ROWS;
	struct unwind_block block;

	for (size_t i = 0; i < UNWIND_BLOCK_ROWS; i++)
		block.rows[i] = page->rows[first + i < page->count ? first + i : page->count - 1];
	if (bpf_map_update_elem(tables->maps.blocks, key, &block, BPF_ANY) != 0)
		return false;
	table->blocks++;
	tables->statistics.blocks++;
	return true;
}

static bool send_page(struct unwind_tables *tables, struct table *table, uint32_t number,
		      const struct page *page)
{
	const struct unwind_page_key key = {.file = table->number, .page = number};
	struct unwind_block_key block = {.file = table->number, .page = (uint16_t)number};
	struct unwind_page out = {.count = 0};

	for (size_t i = 0; i < page->count; i += UNWIND_BLOCK_ROWS)
		out.first[out.count++] = page->rows[i].low;
	/* First, so that delete_pages() finds the blocks if there is no memory for all of them. */
	if (bpf_map_update_elem(tables->maps.pages, &key, &out, BPF_ANY) != 0)
		return false;
	for (; block.block < out.count; block.block++) {
		if (!send_block(tables, table, page, &block))
			return false;
	}
	return true;
}

/* A page begins with the rule that is in force there. One without rules is not sent. */
static bool send_pages(struct unwind_tables *tables, struct table *table,
		       const struct unwind_rows *rows, struct page *page)
{
	uint16_t rule = 0;
	size_t i = 0;

	for (uint32_t number = 0; i < rows->count; number++) {
		page->count = 0;
		if (rows->rows[i].delta != number << UNWIND_PAGE_SHIFT)
			page->rows[page->count++] = (struct unwind_block_row){.rule = rule};
		for (; i < rows->count && rows->rows[i].delta >> UNWIND_PAGE_SHIFT == number; i++) {
			if (page->count == PAGE_ROWS_MAX)
				return false;
			rule = rows->rows[i].rule;
			page->rows[page->count++] = (struct unwind_block_row){
				.low = (uint16_t)rows->rows[i].delta, .rule = rule};
		}
		if ((page->count > 1 || page->rows[0].rule) &&
		    !send_page(tables, table, number, page))
			return false;
	}
	return true;
}

static bool send_file(struct unwind_tables *tables, const struct table *table,
		      const struct module *module, const struct unwind_rows *rows)
{
	struct unwind_file file = {.number = table->number};
	size_t count = 0;

	for (size_t i = 0; i < module->image.segment_count; i++) {
		const struct elf_segment *segment = &module->image.segments[i];

		if (!segment->executable)
			continue;
		if (count == UNWIND_SEGMENTS_MAX || segment->address < rows->base_address ||
		    segment->address - rows->base_address + segment->file_bytes > UINT32_MAX)
			return false;
		file.segments[count++] = (struct unwind_segment){
			.file_offset = segment->file_offset,
			.size_bytes = segment->file_bytes,
			.delta = segment->address - rows->base_address,
		};
	}
	return count > 0 &&
	       bpf_map_update_elem(tables->maps.files, &table->key, &file, BPF_ANY) == 0;
}

/* An estimate of the blocks that a file needs, from above. */
static size_t blocks_of(const struct unwind_rows *rows)
{
	return rows->count / UNWIND_BLOCK_ROWS + 1 +
	       (rows->rows[rows->count - 1].delta >> UNWIND_PAGE_SHIFT);
}

static bool send_table(struct unwind_tables *tables, struct table *table,
		       const struct module *module, const struct unwind_rows *rows)
{
	struct page *page;
	bool is_sent;

	if (blocks_of(rows) > FILE_BLOCKS_MAX)
		return false;
	while (tables->statistics.blocks + blocks_of(rows) > UNWIND_BLOCKS_MAX) {
		if (!evict(tables, true))
			return false;
	}
	page = malloc(sizeof(*page));
	if (!page)
		return false;
	table->number = ++tables->last_number;
	table->last_delta = rows->rows[rows->count - 1].delta;
	is_sent = send_rules(tables) && send_pages(tables, table, rows, page) &&
		  send_file(tables, table, module, rows);
	free(page);
	if (is_sent)
		return true;
	delete_pages(tables, table);
	table->number = table->blocks = 0;
	return false;
}

static struct table *add_entry(struct unwind_tables *tables, const struct unwind_file_key *key)
{
	struct table **at = find(tables, key);
	struct table *table;

	if (*at || tables->entries == UNWIND_FILES_MAX)
		return NULL;
	table = calloc(1, sizeof(*table));
	if (!table)
		return NULL;
	table->key = *key;
	*at = table;
	tables->entries++;
	return table;
}

static bool is_same_content(const struct unwind_file_key *left, const struct unwind_file_key *right)
{
	return left->size_bytes == right->size_bytes && left->changed_s == right->changed_s &&
	       left->changed_ns == right->changed_ns;
}

void unwind_tables_add(struct unwind_tables *tables, const struct module *module,
		       const struct file_facts *facts, const struct unwind_file_key *seen)
{
	struct unwind_file_key key = key_of(facts);
	struct unwind_rows rows;
	struct table *table;

	/* Without names it is not known where stacks end, or change. */
	if (module->status != SYMBOLS_OK || module->lacks_names ||
	    (seen && !is_same_content(seen, &key)))
		return;
	if (seen)
		key = *seen;
	if (tables->entries == UNWIND_FILES_MAX && !*find(tables, &key))
		(void)evict(tables, false);
	table = add_entry(tables, &key);
	if (!table)
		return;
	if (module->eh_frame.size_bytes + module->debug_frame.size_bytes > FRAME_BYTES_MAX ||
	    unwind_rows_build(module, registers_native()->elf_machine, tables->rules, &rows) !=
		    SYMBOLS_OK) {
		tables->statistics.failed++;
		return;
	}
	if (send_table(tables, table, module, &rows)) {
		tables->statistics.files++;
		tables->statistics.added++;
	} else {
		tables->statistics.failed++;
	}
	unwind_rows_release(&rows);
}

void unwind_tables_get_statistics(const struct unwind_tables *tables,
				  struct unwind_tables_statistics *ret_statistics)
{
	*ret_statistics = tables->statistics;
}
