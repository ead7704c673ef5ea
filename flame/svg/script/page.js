/* flame/svg/script/page.js - the state, and the elements that replace what is drawn without the script */
/* ---- state ---- */

const state = {
	zoom: 0, cursor: -1, inverted: info.inverted, table: false, sort: "self",
	search: "", ignoreCase: false, matches: null, match: -1, width: info.px[0]};

const [, frameHeight, fontSize, fontWidth] = info.px;
const column = fontSize * fontWidth;

/* ---- the page: what the script adds replaces what is drawn without it ---- */

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
const resetButton = button("Reset zoom", "Show everything (0)", () => zoomTo(0));
const tableButton = button("Table", "Functions as a table (t)", () => toggleTable());
const flipButton = button("Flip", "Root at the top or the bottom (i)", () => flip());
const helpButton = button("?", "Keys", () => toggleHelp());
const status = html("div", {class: "status", id: "status"});
const live = html("div", {class: "live", id: "live", "aria-live": "polite", role: "status"});
const help = html("div", {class: "help", id: "help", hidden: ""});
const content = html("div", {class: "content", id: "content"});

resetButton.id = "reset";
tableButton.id = "table";
flipButton.id = "flip";
caseBox.addEventListener("click", () => toggleCase());

const KEYS = [
	["click, Enter", "zoom into a frame"], ["Back, Esc", "undo"], ["0", "show everything"],
	["arrows", "move from frame to frame"], ["/", "search (regular expression)"],
	["n, N", "next, previous match"], ["c", "copy the function's name"],
	["C", "copy the stack as a folded line"], ["t", "table"], ["i", "flip"], ["?", "this list"]];
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
		FAMILY_NAMES.forEach((text, family) => {
			if (used.has(family))
				box.append(swatch(FAMILY_LETTERS[family] + 4, text));
		});
	}
	if (info.merged > 0)
		box.append(swatch("r", "merged"));
	return box;
}

function buildTop() {
	const facts = html("div", {class: "words"});
	if (info.subtitle)
		facts.append(html("p", {class: "lead"}, info.subtitle));
	for (const fact of info.titleLines)
		facts.append(html("p", {}, fact));
	const searching = html("span", {class: "searching"}, searchBox, caseBox);
	const tools = html("div", {class: "tools"}, searching, resetButton, tableButton, flipButton,
		helpButton);
	const line = html("div", {class: "bar-line"}, html("h1", {}, info.title), tools);
	top.append(html("div", {class: "top"}, line, help, facts, legend(), status, live));
	bottom.append(content);
}

buildTop();
