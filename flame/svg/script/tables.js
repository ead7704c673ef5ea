/* flame/svg/script/tables.js - the table of functions, and the buttons that change the view */

/* Beside the graph and in a narrow window, there is room for the shares only or, in a difference, for the changes. */
function columns() {
	const all = isDiff ?
		[["self", "Self"], ["selfChange", "Self \u00b1"], ["total", "Total"], ["totalChange", "Total \u00b1"]] :
		[["self", "Self"], ["self", ""], ["total", "Total"], ["total", ""]];
	if (!isBrief())
		return all;
	return isDiff ? [all[1], all[3]] : [["self", "Self"], ["total", "Total"]];
}

/* Characters of a name beside or above the graph; the whole table has all. */
function nameColumns() {
	if (isBeside())
		return isDiff ? BESIDE_COLUMNS_DIFF : BESIDE_COLUMNS;
	const numbers = isBrief() ? 2 * NARROW_NUMBER_PX : 4 * NUMBER_PX;
	return Math.floor((state.width - numbers - 2 * MARGIN) / NAME_COLUMN_PX);
}

const isBeside = () => !state.table && state.width >= BESIDE_FROM_PX;
const isBrief = () => isBeside() || state.width <= NARROW_PX;

const sorters = {
	self: (a, b) => compare(b.self, a.self),
	total: (a, b) => compare(b.total, a.total),
	selfChange: (a, b) => compare(change(b.self, before(b.oldSelf)), change(a.self, before(a.oldSelf))),
	totalChange: (a, b) => compare(change(b.total, before(b.old)), change(a.total, before(a.old))),
	name: (a, b) => compare(a.text, b.text)};

const compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
const change = (now, then) => (now > then ? now - then : then - now);
const signed = (now, then, format) => (now >= then ? "+" : "\u2212") + format(change(now, then));

/* The texts of a row, each with its exact value for a tooltip. */
function cells(name) {
	const now = (weight) => [scaled(weight), amount(weight)];
	const changed = (weight, then) => [signed(weight, then, scaled), signed(weight, then, amount)];
	if (isDiff)
		return [now(name.self), changed(name.self, before(name.oldSelf)), now(name.total),
			changed(name.total, before(name.old))];
	return [[scaled(name.self), amount(name.self)], [`${percent(name.self, totalWeight)} %`, amount(name.self)],
		[scaled(name.total), amount(name.total)], [`${percent(name.total, totalWeight)} %`, amount(name.total)]];
}

function tableRow(name, longest) {
	const row = html("tr", {tabindex: 0});
	const share = Number(name.self) / Number(longest.self || 1);
	const shareAll = Number(name.total) / Number(longest.total || 1);
	cells(name).forEach(([text, title], i) => {
		if (isBrief() && i % 2 === 0)
			return;
		const item = html("td", {class: "n", ...(title && {title})}, text);
		if (i === 1 && !isDiff)
			item.style.backgroundSize = `${Math.min(100, share * 100)}% 100%`;
		if (i === 3 && !isDiff)
			item.style.backgroundSize = `${Math.min(100, shareAll * 100)}% 100%`;
		if (i % 2 && !isDiff)
			item.classList.add("share");
		row.append(item);
	});
	const text = trimSuffix(name.text);
	row.append(html("td", {class: "name", title: name.text}, state.table ? text : label(text, nameColumns())));
	const show = () => {
		state.table = false;
		tableButton.setAttribute("aria-pressed", "false");
		searchFor(`^${trimSuffix(name.text).replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}$`, true);
	};
	row.addEventListener("click", show);
	row.addEventListener("keydown", (event) => {
		if (event.key === "Enter") {
			event.stopPropagation();
			show();
		}
	});
	return row;
}

function tableHead() {
	const row = html("tr", {});
	for (const [key, text] of [...columns(), ["name", info.nameType]]) {
		const item = html("th", {class: key === "name" ? "name" : "n", scope: "col",
			"aria-sort": state.sort === key && text ? "descending" : "none"});
		if (text)
			item.append(button(text, `Sort by ${text}`, () => {
				state.sort = key;
				render();
			}));
		row.append(item);
	}
	return html("thead", {}, row);
}

function fillContent() {
	const limit = state.table ? 500 : topLimit();
	let list = names.slice(1);
	let title = state.table ? "Functions" : isDiff ? "Top changes" : "Top functions";
	if (state.matches) {
		list = list.filter((name, i) => state.matches.names[i + 1]);
		title = `${list.length.toLocaleString("en")} matching functions`;
	}
	const found = list.length;
	const counts = {self: (name) => name.self > zero || name.oldSelf > zero};
	const worthIt = counts[state.sort] || ((name) => name.total > zero || name.old > zero);
	list = list.filter((name) => state.table || (worthIt(name) && name.shade >> 3 !== TYPE_GROUP))
		.sort(sorters[state.sort]).slice(0, limit);
	const longest = list.reduce((most, name) => ({
		self: name.self > most.self ? name.self : most.self,
		total: name.total > most.total ? name.total : most.total}), {self: zero, total: zero});
	const body = html("tbody", {}, ...list.map((name) => tableRow(name, longest)));
	const caption = html("h2", {}, state.table && list.length === limit && found > limit ? `${title}, the first ${limit}` : title);
	content.replaceChildren(caption, html("table", {}, tableHead(), body));
}

/* Above the graph, a few rows leave room for it; beside it, as many as fit the window. */
function topLimit() {
	if (!isBeside())
		return 5;
	return Math.max(10, Math.min(60, Math.floor((window.innerHeight - 150) / 20)));
}

function describeDrawn() {
	const all = info.frames.toLocaleString("en");
	let text = info.merged === 0 ? `All ${all} frames are drawn.` :
		`${(info.frames - info.merged).toLocaleString("en")} of ${all} frames are drawn; narrower ` +
		"ones are merged into the grey shapes, and searched.";
	if (info.namesLeftOut > 0)
		text += ` ${info.namesLeftOut.toLocaleString("en")} functions with the least weight are ` +
			"not in this file and cannot be searched.";
	return text;
}

function toggleTable() {
	state.table = !state.table;
	tableButton.setAttribute("aria-pressed", String(state.table));
	hideTip();
	render();
}

function flip() {
	state.inverted = !state.inverted;
	hideTip();
	render();
}

function toggleFolds() {
	state.folds = !state.folds;
	opened.clear();
	layRows(state.folds);
	foldButton.setAttribute("aria-pressed", String(!state.folds));
	openZoomed();
	hideTip();
	render();
}

function openTower(head) {
	opened.set(head, findTail(head));
	layRows(state.folds);
	hideTip();
	render();
	say(`${opened.get(head) - head + 1} frames opened`);
}

/* The zoomed box must have a separate row. */
function openZoomed() {
	if (isTower(state.zoom)) {
		opened.set(headOf[state.zoom], tailOf[state.zoom]);
		layRows(state.folds);
	}
}

function toggleNormalize() {
	state.normalize = !state.normalize;
	normalizeButton.setAttribute("aria-pressed", String(state.normalize));
	findLargestChange();
	hideTip();
	render();
}

function toggleHelp() {
	help.toggleAttribute("hidden");
	render();
}
