/* flame/svg/script/page.js - the state, and the elements that replace the drawing without the script */

function make(namespace, tag, attributes, ...children) {
	const element = document.createElementNS(namespace, tag);
	for (const [key, value] of Object.entries(attributes || {}))
		if (value !== undefined)
			element.setAttribute(key, value);
	element.append(...children);
	return element;
}

const drawn = (tag, attributes, ...children) => make(SVG, tag, attributes, ...children);
const html = (tag, attributes, ...children) => make(HTML, tag, attributes, ...children);

function button(text, title, action) {
	const element = html("button", {type: "button", title}, text);
	element.addEventListener("click", action);
	return element;
}

/* ---- state ---- */

/* `waiting`: the search is from a link, and the reader has not asked for it yet. */
const state = {
	zoom: 0, cursor: -1, inverted: info.inverted, table: false, sort: isDiff ? "selfChange" : "self", folds: true,
	arranged: false, cut: 0, layout: 0, painted: "", paintedFrom: 0, marked: null,
	search: "", ignoreCase: false, waiting: false, matches: null, match: -1, normalize: false,
	width: info.px[0], graph: info.px[0], row: info.px[1], bottom: 0};

const [, frameHeight, fontSize, fontWidth] = info.px;
const column = fontSize * fontWidth;

/* ---- the page: replaces the drawing without the script ---- */

for (const id of ["head", "legend", "frames", "foot"])
	find(id).remove();

const top = drawn("foreignObject", {id: "top", x: 0, y: 0, width: 100, height: 10});
const view = drawn("g", {id: "view", class: "f", tabindex: 0, role: "application",
	"aria-label": `${info.title}: flame graph; arrow keys move, Enter zooms, / searches`});
const bottom = drawn("foreignObject", {id: "bottom", x: 0, y: 0, width: 100, height: 10});
const tipLayer = drawn("foreignObject", {id: "tip", x: 0, y: 0, width: 100, height: 10});
const tip = html("div", {class: "tip", role: "tooltip"});
const catcher = drawn("rect", {id: "catcher", fill: "transparent"});
const ancestors = drawn("g", {class: "ancestors"});
const layer = drawn("g", {});
const axis = drawn("g", {id: "axis"});
const cursorRect = drawn("rect", {id: "cursor", rx: 2});
tipLayer.append(tip);
tipLayer.style.pointerEvents = "none";
view.append(ancestors, layer, axis, cursorRect, catcher);
svg.append(top, view, bottom, tipLayer);
svg.removeAttribute("role");

const searchBox = html("input", {type: "search", id: "search", placeholder: "Search functions  ( / )",
	"aria-label": "Search functions by regular expression", spellcheck: "false"});
const caseBox = html("button", {type: "button", id: "case", title: "Ignore case (Ctrl-I)",
	"aria-pressed": "false"}, "Aa");
const resetButton = button("Reset zoom", "Zoom out completely (0)", () => zoomTo(0));
const tableButton = button("Table", "Table of all functions (t)", () => toggleTable());
const flipButton = button("Flip", "Root at the top or at the bottom (i)", () => flip());
const foldButton = button("Unfold", "Draw every frame of towers without branches, and every level (f)", () => toggleFolds());
const normalizeButton = button("Same totals", "Compare shares: scale the old side to the new total",
	() => toggleNormalize());
const helpButton = button("?", "Help, and details of this flame graph (?)", () => toggleHelp());
const status = html("div", {class: "status", id: "status"});
const live = html("div", {class: "live", id: "live", "aria-live": "polite", role: "status"});
const help = html("div", {class: "help", id: "help", hidden: ""});
const content = html("div", {class: isDiff ? "content changes" : "content", id: "content"});

resetButton.id = "reset";
foldButton.id = "unfold";
foldButton.setAttribute("aria-pressed", "false");
normalizeButton.id = "normalize";
normalizeButton.setAttribute("aria-pressed", "false");
helpButton.id = "more";
tableButton.id = "table";
flipButton.id = "flip";
caseBox.addEventListener("click", () => toggleCase());

/* The same as the table in diag-flame(1), THE FLAME GRAPH. */
const KEYS = [
	["click, Enter", "Zoom in; open a tower"], ["Back, Esc", "Zoom out one step"], ["0", "Zoom out completely"],
	["arrows", "Move from frame to frame"], ["/", "Search (regular expression)"],
	["n, N", "Next, previous match"], ["c", "Copy the name of the function"],
	["C", "Copy the stack as a folded line"], ["t", "Table of all functions"],
	["i", "Root at the top or at the bottom"], ["f", "Fold or unfold towers without branches"],
	["?", "Help and details"]];

function fillHelp() {
	const keys = html("div", {class: "keys"});
	const details = html("div", {class: "details"});
	for (const [key, meaning] of KEYS)
		keys.append(html("kbd", {}, key), html("span", {}, meaning));
	for (const text of [...info.titleLines, describeDrawn()])
		details.append(html("p", {}, text));
	help.append(details, keys);
}

function swatch(name, text) {
	const chip = drawn("svg", {width: 11, height: 11});
	chip.append(drawn("rect", {class: name, width: 11, height: 11, rx: 2}));
	return html("span", {class: "swatch"}, chip, text);
}

function legend() {
	const box = html("div", {class: "legend"});
	if (isDiff) {
		box.append(swatch(info.negate ? "d12" : "d0", "less than before"),
			swatch("d6", "unchanged"), swatch(info.negate ? "d0" : "d12", "more than before"));
		if (boxes.part.includes(1))
			box.append(swatch("v", "only before"));
	} else {
		const used = new Set([...new Set(boxes.name)].filter((name) => name !== NO_NAME)
			.map((name) => names[name].shade >> 3));
		TYPE_NAMES.forEach((text, type) => {
			if (used.has(type) && !(info.groups && type === info.groupType))
				box.append(swatch(TYPE_LETTERS[type] + 4, text));
		});
		(info.groups || []).forEach((text, shade) =>
			text && box.append(swatch(TYPE_LETTERS[info.groupType] + shade, text)));
	}
	if (info.merged > 0)
		box.append(swatch("r", "merged"));
	return box;
}

/* At most three lines: the title; what and when; the total. All else is behind "?". */
function buildTop() {
	const lines = html("div", {class: "lines"});
	for (const text of [info.subtitle, info.summary])
		if (text)
			lines.append(html("p", {}, text));
	const searching = html("span", {class: "searching"}, searchBox, caseBox);
	const tools = html("div", {class: "tools"}, searching, resetButton);
	if (isDiff && info.old !== info.total && BigInt(info.old) > 0n)
		tools.append(normalizeButton);
	tools.append(tableButton, flipButton);
	tools.append(foldButton);
	tools.append(helpButton);
	const bar = html("div", {class: "bar-line"}, html("h1", {}, info.title), tools);
	fillHelp();
	top.append(html("div", {class: "top"}, bar, lines, help,
		html("div", {class: "under"}, legend(), status), live));
	bottom.append(content);
}

buildTop();

function showTip(found, x, y) {
	const lines = describe(found);
	tip.replaceChildren(html("b", {}, lines[0]), ...lines.slice(1).map((text) => html("div", {}, text)));
	tip.style.display = "block";
	tip.style.maxWidth = `${Math.min(680, state.width - 24)}px`;
	const width = tip.offsetWidth;
	const height = tip.offsetHeight;
	const bounds = svg.getBoundingClientRect();
	const seenTop = Math.max(0, -bounds.top);
	const left = Math.max(4, Math.min(x + 14, state.width - width - 8));
	const above = y - height - 12;
	tip.style.left = `${left}px`;
	tip.style.top = `${above >= seenTop ? above : y + 20}px`;
}

function hideTip() {
	tip.style.display = "none";
}

function say(text) {
	live.textContent = text;
}
