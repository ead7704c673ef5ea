/* analyze/html/script/tables.js - tables that sort and filter */

const FILTER_FROM_ROWS = 8;

/* A number that the cell is sorted by, or its text. */
function valueOf(cell) {
	if (cell.dataset.v !== undefined)
		return BigInt(cell.dataset.v);
	const text = cell.textContent.replace(/,/g, "");
	return cell.classList.contains("n") && /^-?\d+$/.test(text) ? BigInt(text) : cell.textContent;
}

/* Durations and sizes are text with a unit. */
const UNIT_SIZES = {ns: 1, us: 1e3, "\u00b5s": 1e3, ms: 1e6, s: 1e9, m: 6e10, h: 3.6e12, d: 8.64e13,
	B: 1, KiB: 1024, MiB: 1048576, GiB: 1073741824};

const CLOCK = /^(?:(\d+)d )?(\d+):(\d\d):(\d\d)$/;

/* Nanoseconds of "6d 04:12:09" or "1.000s", bytes of "4.0 KiB"; NaN: the text is no quantity. */
function scaled(text) {
	const clock = text.match(CLOCK);
	if (clock) {
		const [days, hours, minutes, seconds] = clock.slice(1).map((part) => Number(part || 0));
		return (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * UNIT_SIZES.s;
	}
	let sum = 0;
	let any = false;
	for (const [, number, unit] of text.matchAll(/([\d.]+) ?([a-zA-Z\u00b5]+)/g)) {
		if (UNIT_SIZES[unit] === undefined)
			return NaN;
		sum += parseFloat(number) * UNIT_SIZES[unit];
		any = true;
	}
	return any ? sum : NaN;
}

/* Texts that are no quantity come after all that are. */
function compare(a, b) {
	const left = valueOf(a);
	const right = valueOf(b);
	if (typeof left === "bigint" && typeof right === "bigint")
		return left < right ? -1 : Number(left > right);
	const one = a.classList.contains("n") ? scaled(a.textContent) : NaN;
	const two = b.classList.contains("n") ? scaled(b.textContent) : NaN;
	if (Number.isNaN(one) && Number.isNaN(two))
		return a.textContent.localeCompare(b.textContent, "en", {numeric: true});
	if (Number.isNaN(one) || Number.isNaN(two))
		return Number.isNaN(one) ? 1 : -1;
	return one - two;
}

function sortBy(table, column) {
	const heads = all("thead th", table);
	const descending = heads[column].getAttribute("aria-sort") === "ascending";
	heads.forEach((head) => head.removeAttribute("aria-sort"));
	heads[column].setAttribute("aria-sort", descending ? "descending" : "ascending");
	const rows = all("tbody tr", table);
	rows.sort((a, b) => compare(a.cells[column], b.cells[column]) * (descending ? -1 : 1));
	table.tBodies[0].append(...rows);
}

function filterRows(table, text) {
	const wanted = text.toLowerCase();
	let shown = 0;
	for (const row of all("tbody tr", table)) {
		const fits = row.textContent.toLowerCase().includes(wanted);
		row.dataset.filtered = fits ? "" : "1";
		row.hidden = !fits || row.dataset.searched === "1";
		shown += row.hidden ? 0 : 1;
	}
	setStatus(wanted ? `${shown} rows` : "");
}

function startTable(details) {
	const table = details.querySelector("table");
	all("thead th", table).forEach((head, column) => {
		const text = head.textContent;
		head.replaceChildren(button(text, `Sort by ${text}`, () => sortBy(table, column)));
	});
	if (all("tbody tr", table).length < FILTER_FROM_ROWS)
		return;
	const box = make("input", {type: "search", placeholder: "Filter rows", "aria-label": "Filter rows", spellcheck: "false"});
	box.addEventListener("input", () => filterRows(table, box.value));
	details.querySelector("summary").after(make("div", {class: "tools"}, box));
}

all("details.table").forEach(startTable);
