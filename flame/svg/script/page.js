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

const state = {
	zoom: 0, cursor: -1, inverted: info.inverted, table: false, sort: "self",
	search: "", ignoreCase: false, matches: null, match: -1, width: info.px[0]};

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
const cursorRect = drawn("rect", {id: "cursor", rx: 2});
tipLayer.append(tip);
tipLayer.style.pointerEvents = "none";
view.append(ancestors, layer, cursorRect, catcher);
svg.append(top, view, bottom, tipLayer);
svg.removeAttribute("role");

const searchBox = html("input", {type: "search", id: "search", placeholder: "Search functions  ( / )",
	"aria-label": "Search functions by regular expression", spellcheck: "false"});
const caseBox = html("button", {type: "button", id: "case", title: "Ignore case (Ctrl-I)",
	"aria-pressed": "false"}, "Aa");
const resetButton = button("Reset zoom", "Zoom out completely (0)", () => zoomTo(0));
const tableButton = button("Table", "Table of all functions (t)", () => toggleTable());
const flipButton = button("Flip", "Root at the top or at the bottom (i)", () => flip());
const helpButton = button("?", "Help (?)", () => toggleHelp());
const status = html("div", {class: "status", id: "status"});
const live = html("div", {class: "live", id: "live", "aria-live": "polite", role: "status"});
const help = html("div", {class: "help", id: "help", hidden: ""});
const content = html("div", {class: "content", id: "content"});

resetButton.id = "reset";
tableButton.id = "table";
flipButton.id = "flip";
caseBox.addEventListener("click", () => toggleCase());

const KEYS = [
	["click, Enter", "Zoom in"], ["Back, Esc", "Zoom out one step"], ["0", "Zoom out completely"],
	["arrows", "Move from frame to frame"], ["/", "Search (regular expression)"],
	["n, N", "Next, previous match"], ["c", "Copy the name of the function"],
	["C", "Copy the stack as a folded line"], ["t", "Table of all functions"],
	["i", "Root at the top or at the bottom"], ["?", "Help"]];
for (const [key, meaning] of KEYS)
	help.append(html("kbd", {}, key), html("span", {}, meaning));

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
		const used = new Set(boxes.name.filter((name) => name !== NO_NAME)
			.map((name) => names[name].shade >> 3));
		TYPE_NAMES.forEach((text, type) => {
			if (used.has(type))
				box.append(swatch(TYPE_LETTERS[type] + 4, text));
		});
	}
	if (info.merged > 0)
		box.append(swatch("r", "merged"));
	return box;
}

function buildTop() {
	const lines = html("div", {class: "lines"});
	if (info.subtitle)
		lines.append(html("p", {class: "lead"}, info.subtitle));
	for (const text of info.titleLines)
		lines.append(html("p", {}, text));
	const searching = html("span", {class: "searching"}, searchBox, caseBox);
	const tools = html("div", {class: "tools"}, searching, resetButton, tableButton, flipButton,
		helpButton);
	const bar = html("div", {class: "bar-line"}, html("h1", {}, info.title), tools);
	top.append(html("div", {class: "top"}, bar, help, lines, legend(), status, live));
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
