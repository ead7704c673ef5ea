/* flame/svg/script.js - draws the picture from its data: zoom, search, tables, keyboard, links
 *
 * Comments have lines of their own; the build drops them (Embed.cmake). Nothing of the data reaches
 * anything but textContent, attribute values that are numbers, and regular expressions that a person
 * typed. docs/diag-flame.1.md, PICTURE DATA, describes what is decoded here.
 */
(() => {
"use strict";

const SVG = "http://www.w3.org/2000/svg";
const HTML = "http://www.w3.org/1999/xhtml";
const svg = document.documentElement;
const MARGIN = 10;
const NO_NAME = 0;
const NARROWEST_PX = 0.5;
const LEVEL_MIN_PX = 1;
const TALL_PX = 8000;
const TOUCH_SLOP_PX = 12;

/* ---- elements ---- */

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
const find = (id) => document.getElementById(id);

function button(text, title, action) {
	const element = html("button", {type: "button", title}, text);
	element.addEventListener("click", action);
	return element;
}

/* ---- data ---- */

const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_";
const digitValues = new Int8Array(128).fill(-1);
for (let i = 0; i < DIGITS.length; i++)
	digitValues[DIGITS.charCodeAt(i)] = i;

/* A stream of numbers; weights are read as BigInt if a double might not hold them. */
class Reader {
	constructor(id, big) {
		const element = find(id);
		this.text = element ? element.textContent : "";
		this.at = 0;
		this.weight = big ? this.big : this.number;
	}
	get more() {
		return this.at < this.text.length;
	}
	raw() {
		return digitValues[this.text.charCodeAt(this.at++)];
	}
	number() {
		let value = 0;
		let scale = 1;
		for (;;) {
			const digit = digitValues[this.text.charCodeAt(this.at++)];
			if (!(digit >= 0))
				throw new Error("picture data is damaged");
			value += (digit & 31) * scale;
			if (digit < 32)
				return value;
			scale *= 32;
		}
	}
	big() {
		let value = 0n;
		let shift = 0n;
		for (;;) {
			const digit = digitValues[this.text.charCodeAt(this.at++)];
			if (!(digit >= 0))
				throw new Error("picture data is damaged");
			value |= BigInt(digit & 31) << shift;
			if (digit < 32)
				return value;
			shift += 5n;
		}
	}
}

const info = JSON.parse(find("picture").textContent);
const isBig = BigInt(info.width) + BigInt(info.old || 0) > BigInt(Number.MAX_SAFE_INTEGER);
const zero = isBig ? 0n : 0;
const toWeight = (text) => (isBig ? BigInt(text) : Number(text));
const isDiff = info.old !== undefined;
const totalWeight = toWeight(info.total);
const FAMILY_LETTERS = "ulkjigxo";
const FAMILY_NAMES = ["user", "library", "kernel", "JIT", "inlined", "group", "unknown", "lost"];

function readNames() {
	const lines = find("names").textContent.split("\n");
	const totals = new Reader("totals", isBig);
	const names = [{text: "", shade: 40, total: zero, self: zero, old: zero, oldSelf: zero}];
	let previous = "";
	for (let i = 0; i < info.names; i++) {
		const line = lines[i];
		previous = previous.slice(0, digitValues[line.charCodeAt(0)]) + line.slice(1);
		names.push({text: previous, shade: totals.raw(), total: totals.weight(),
			self: totals.weight(), old: totals.weight(), oldSelf: totals.weight()});
	}
	return names;
}

const names = readNames();

/* The boxes, in preorder; a box's subtree is everything up to end[box]. */
const boxes = {
	name: [], parent: [], level: [], part: [], end: [], start: [], width: [], total: [],
	old: [], gone: [], hiddenFrames: [], hiddenOld: [], kids: [], steps: [0]};

/* What boxes merge, from the level above each outwards: for so many levels, so wide. */
const steps = {runs: [], widths: [], weights: []};

/* The steps of box n are those from boxes.steps[n] to boxes.steps[n + 1]. */
function readHidden(reader) {
	let width = reader.weight();
	while (width > zero) {
		steps.runs.push(reader.number());
		steps.widths.push(Number(width));
		steps.weights.push(width);
		width -= reader.weight();
	}
}

function readBox(reader, part, open, offset) {
	const index = boxes.name.length;
	const up = reader.number();
	const isMerging = up & 1;
	const name = reader.number();
	const gap = reader.weight();
	const top = open.length === 0;
	if (!top)
		for (let i = up >> 1; i > 0; i--)
			boxes.end[open.pop()] = index;
	const parent = top ? (part === 1 ? 0 : index) : open[open.length - 1];
	const width = top ? gap : boxes.width[parent] - boxes.kids[parent] - gap;
	boxes.name.push(name);
	boxes.parent.push(parent);
	boxes.part.push(part);
	boxes.level.push(top ? (part === 1 ? 1 : 0) : boxes.level[parent] + 1);
	boxes.width.push(width);
	boxes.total.push(part === 1 ? zero : width);
	boxes.start.push(top ? offset(width) : boxes.start[parent] + boxes.kids[parent]);
	boxes.kids.push(zero);
	boxes.end.push(index + 1);
	if (!top)
		boxes.kids[parent] += width;
	boxes.old.push(isDiff ? reader.weight() : zero);
	boxes.gone.push(isDiff ? reader.weight() : zero);
	boxes.hiddenFrames.push(isMerging ? reader.number() : 0);
	if (isMerging)
		readHidden(reader);
	boxes.steps.push(steps.runs.length);
	boxes.hiddenOld.push(isMerging && isDiff ? reader.weight() : zero);
	open.push(index);
}

const PARTS = ["boxes", "gone", "callers"];

function readBoxes() {
	PARTS.forEach((id, part) => {
		const reader = new Reader(id, isBig);
		const open = [];
		const offset = (width) => (part === 1 ? toWeight(info.width) - width : zero);
		while (reader.more)
			readBox(reader, part, open, offset);
		for (const box of open)
			boxes.end[box] = boxes.name.length;
	});
}

readBoxes();

const count = boxes.name.length;
const callersRoot = boxes.part.indexOf(2);
const startOf = Float64Array.from(boxes.start, Number);
const widthOf = Float64Array.from(boxes.width, Number);
const hiddenStartOf = Float64Array.from(boxes.start, (start, i) => Number(start + boxes.kids[i]));
/* The root also holds the band of what is only in the old input. */
startOf[0] = 0;
widthOf[0] = Number(info.width);
if (callersRoot >= 0)
	widthOf[callersRoot] = widthOf[0];

const merges = (box) => boxes.steps[box] < boxes.steps[box + 1];
const hiddenWidth = (box) => (merges(box) ? steps.weights[boxes.steps[box]] : zero);
const selfOf = (box) => (boxes.part[box] === 1 ? zero :
	boxes.total[box] - boxes.kids[box] - hiddenWidth(box));

/* Of a box's levels outwards: how wide everything there is together; as layout_make() in layout.c. */
function countLevels(from, to, least) {
	/* What each level has more than the one before it; summed up afterwards. */
	const changes = [[], []];
	const add = (side, level, width) => {
		side[level] = (side[level] || 0) + width;
	};
	for (let box = from; box < to; box++) {
		const side = changes[boxes.part[box] === 2 ? 1 : 0];
		let level = boxes.level[box];
		add(side, level, widthOf[box]);
		add(side, ++level, -widthOf[box]);
		for (let at = boxes.steps[box]; at < boxes.steps[box + 1]; at++) {
			add(side, level, steps.widths[at]);
			level += steps.runs[at];
			add(side, level, -steps.widths[at]);
		}
	}
	const sums = changes.map((side) => {
		let sum = 0;
		return Array.from(side, (change) => sum += change || 0);
	});
	const [above, below] = sums.map((side) => {
		let visible = side.length;
		while (visible > 1 && !(side[visible - 1] >= least))
			visible--;
		return visible;
	});
	return {above: Math.max(above, 1), below: Math.max(below - 1, 0)};
}

const levels = {above: 1, below: 0};

/* By part of the picture (callers apart) and level: the boxes from left to right. */
const rows = [[], []];
for (let box = 0; box < count; box++) {
	const side = boxes.part[box] === 2 ? 1 : 0;
	(rows[side][boxes.level[box]] = rows[side][boxes.level[box]] || []).push(box);
}

/* ---- words ---- */

const trimSuffix = (text) => text.replace(/(.)_\[[kwij]\]$/u, "$1");

function nameOf(box) {
	if (boxes.name[box] !== NO_NAME)
		return trimSuffix(names[boxes.name[box]].text);
	return boxes.part[box] === 1 ? "[only in the old input]" : info.root;
}

/* As amount_exact() in amount.c. */
function exact(weight) {
	const value = BigInt(weight) * BigInt(info.factor);
	const digits = value.toString().padStart(info.decimals + 1, "0");
	const whole = digits.slice(0, digits.length - info.decimals);
	const fraction = digits.slice(digits.length - info.decimals).replace(/0+$/, "");
	return whole.replace(/\B(?=(\d{3})+$)/g, ",") + (fraction ? "." + fraction : "");
}

/* As amount_percent() in amount.c. */
function percent(part, whole) {
	if (!(whole > zero))
		return "0.00";
	const share = (BigInt(part) * 20000n + BigInt(whole)) / (BigInt(whole) * 2n);
	return `${share / 100n}.${(share % 100n).toString().padStart(2, "0")}`;
}

const SCALES = {
	ns: [[8.64e13, "d"], [3.6e12, "h"], [6e10, "min"], [1e9, "s"], [1e6, "ms"], [1e3, "us"]],
	bytes: [[2 ** 60, "EiB"], [2 ** 50, "PiB"], [2 ** 40, "TiB"], [2 ** 30, "GiB"],
		[2 ** 20, "MiB"], [2 ** 10, "KiB"]]};

/* "12.3 ms" where the unit can be scaled, otherwise the exact value alone. */
function scaled(weight) {
	const value = Number(weight) * Number(info.factor) / 10 ** info.decimals;
	for (const [factor, unit] of SCALES[info.unit] || [])
		if (value >= factor)
			return `${(value / factor).toFixed(1)} ${unit}`;
	return exact(weight);
}

/* "12.3 ms (12,345,678 ns)": always with the exact value. */
function amount(weight) {
	const text = `${exact(weight)} ${info.unit}`;
	const short = scaled(weight);
	return short === exact(weight) ? text : `${short} (${text})`;
}

/* As label.c, so that a box has the same label with and without the script. */
const WIDE = new RegExp("[\\u1100-\\u115f\\u2e80-\\ua4cf\\uac00-\\ud7a3\\uf900-\\ufaff\\ufe30-\\ufe6f" +
	"\\uff00-\\uff60\\u{1f300}-\\u{1faff}\\u{20000}-\\u{3fffd}]", "u");

function columnsOf(text) {
	let columns = 0;
	for (const character of text)
		columns += WIDE.test(character) ? 2 : 1;
	return columns;
}

function cutColumns(text, columns) {
	let kept = "";
	for (const character of text) {
		columns -= WIDE.test(character) ? 2 : 1;
		if (columns < 0)
			break;
		kept += character;
	}
	return kept;
}

function isPartOfName(text, at) {
	const before = text.slice(0, at);
	return at === 0 || /operator[<>-]?$/.test(before) || before.endsWith("-") ||
		text.startsWith("(anonymous", at);
}

function findClose(text, at) {
	const open = text[at];
	const close = open === "(" ? ")" : ">";
	let depth = 0;
	for (; at < text.length; at++) {
		if (text[at] === open)
			depth++;
		else if (text[at] === close && text[at - 1] !== "-" && --depth === 0)
			return at;
	}
	return text.length;
}

function emptyBrackets(text, open, brackets) {
	let out = "";
	for (let at = 0; at < text.length; at++) {
		if (text[at] === open && !isPartOfName(text, at)) {
			const close = findClose(text, at);
			if (close < text.length) {
				out += brackets;
				at = close;
				continue;
			}
		}
		out += text[at];
	}
	return out;
}

function firstComponent(text) {
	let at = 0;
	while (at < text.length && (text[at] === "/" || text[at] === ":"))
		at++;
	for (; at + 1 < text.length; at++) {
		if (text[at] === "<" || text[at] === "(")
			at = findClose(text, at);
		else if (text[at] === "/" || text[at] === ".")
			return at + 1;
		else if (text[at] === ":" && text[at + 1] === ":")
			return at + 2 < text.length ? at + 2 : 0;
	}
	return 0;
}

function isPath(text) {
	if (text.includes("/") || text.includes("::"))
		return true;
	return text.split(".").length > 2 && text[text.indexOf(".") + 1] >= "a" &&
		!/\.(part|isra|constprop)\./.test(text);
}

function label(text, columns) {
	if (columns < 3)
		return "";
	text = text.slice(0, 1024);
	if (columnsOf(text) <= columns)
		return text;
	text = emptyBrackets(text, "(", "").replace(/ const$/, "");
	if (columnsOf(text) > columns) {
		text = emptyBrackets(text, "<", "<>");
		for (let skip; columnsOf(text) > columns && isPath(text) &&
		     (skip = firstComponent(text)) > 0;)
			text = text.slice(skip);
	}
	if (columnsOf(text) <= columns)
		return text;
	return columns < 5 ? "" : cutColumns(text, columns - 1) + "\u2026";
}

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
	for (const fact of info.facts)
		facts.append(html("p", {}, fact));
	const searching = html("span", {class: "searching"}, searchBox, caseBox);
	const tools = html("div", {class: "tools"}, searching, resetButton, tableButton, flipButton,
		helpButton);
	const line = html("div", {class: "bar-line"}, html("h1", {}, info.title), tools);
	top.append(html("div", {class: "top"}, line, help, facts, legend(), status, live));
	bottom.append(content);
}

buildTop();

/* ---- drawing ---- */

const cell = (box) => {
	const side = boxes.part[box] === 2 ? 1 : 0;
	return rowOf(side, boxes.level[box]);
};

function rowOf(side, level) {
	const rootRow = state.inverted ? levels.below : levels.above - 1;
	const down = state.inverted === (side === 0);
	return down ? rootRow + level : rootRow - level;
}

const yOf = (box) => state.y + cell(box) * frameHeight;
const scale = () => (state.width - 2 * MARGIN) / (widthOf[state.zoom] || 1);
const xOf = (weight) => MARGIN + (weight - startOf[state.zoom]) * scale();

let largestChange = 0;
if (isDiff)
	for (let box = 1; box < count; box++)
		if (boxes.name[box] !== NO_NAME)
			largestChange = Math.max(largestChange,
				Math.abs(Number(boxes.total[box]) - Number(boxes.old[box])));

/* As colour_delta_class() in colour.c. */
function deltaClass(box) {
	const change = Number(boxes.total[box]) - Number(boxes.old[box]);
	if (change === 0 || largestChange === 0)
		return "d6";
	const quotient = Math.min(1, Math.abs(change) / largestChange);
	const strength = Math.min(6, 1 + Math.floor(Math.sqrt(quotient) * 5 + 0.5));
	return `d${(change > 0) !== info.negate ? 6 + strength : 6 - strength}`;
}

const shadeClasses = names.map((name) => FAMILY_LETTERS[name.shade >> 3] + (name.shade & 7));

function classOf(box) {
	if (state.matches && state.matches.names[boxes.name[box]])
		return "m";
	if (isDiff)
		return boxes.part[box] === 1 ? "v" : deltaClass(box);
	return shadeClasses[boxes.name[box]];
}

const tenths = (x) => Math.round(x * 10) / 10;
const inked = (width) => (width > 3 ? width - 0.5 : width);

/* Of a picture far taller than the window only what is near the window is painted. */
function paintedRange() {
	if ((levels.above + levels.below) * frameHeight < TALL_PX)
		return [-Infinity, Infinity];
	const seen = -svg.getBoundingClientRect().top;
	return [seen - TALL_PX / 2, seen + window.innerHeight + TALL_PX / 2];
}

class Painter {
	constructor() {
		this.paths = new Map();
		this.texts = [];
		this.haze = [];
		[this.from, this.to] = paintedRange();
	}
	/* As haze.c: what is too narrow to draw is collected pixel by pixel, in so many rows from `row`. */
	blur(left, right, row, step, times) {
		const pixel = Math.floor(left);
		const inOne = right <= pixel + 1;
		for (; times > 0; times--, row += step) {
			const pixels = this.haze[row] || (this.haze[row] = new Float32Array(state.width + 1));
			if (inOne) {
				pixels[pixel] += right - left;
			} else {
				pixels[pixel] += pixel + 1 - left;
				pixels[pixel + 1] += right - pixel - 1;
			}
		}
	}
	hazePath() {
		let path = "";
		this.haze.forEach((pixels, row) => {
			const middle = state.y + row * frameHeight + (frameHeight - 1) / 2;
			let carry = 0;
			let run = 0;
			for (let pixel = 0; pixel < pixels.length; pixel++) {
				carry += pixels[pixel];
				if (carry >= 0.999 && pixel < pixels.length - 1) {
					carry -= 1;
					run++;
				} else if (run > 0) {
					path += `M${pixel - run} ${middle}h${run}`;
					run = 0;
				}
			}
		});
		return drawn("path", {class: "z", "stroke-width": frameHeight - 1, d: path});
	}
	add(name, left, right, y) {
		if (y < this.from || y > this.to)
			return;
		const x = tenths(left);
		const width = tenths(inked(tenths(right) - x));
		let path = this.paths.get(name);
		if (!path)
			this.paths.set(name, path = []);
		path.push(`M${x} ${y}h${width}v${frameHeight - 1}h${-width}z`);
	}
	write(text, left, right, y) {
		if (y < this.from || y > this.to)
			return;
		const words = label(text, Math.floor((right - left - 5) / column));
		if (words)
			this.texts.push(drawn("text", {x: tenths(left + 2.5), y: y + frameHeight - 5}, words));
	}
	paint(group) {
		group.replaceChildren(this.hazePath(), ...[...this.paths].map(([name, path]) =>
			drawn("path", {class: name, d: path.join("")})), ...this.texts);
	}
}

function paintBox(painter, box, left, right) {
	const y = yOf(box);
	painter.add(classOf(box), left, right, y);
	painter.write(nameOf(box), left, right, y);
}

function paintHidden(painter, box, factor) {
	const side = boxes.part[box] === 2 ? 1 : 0;
	let seen = (side === 0 ? levels.above - 1 : levels.below) - boxes.level[box];
	const step = state.inverted === (side === 0) ? 1 : -1;
	const left = xOf(hiddenStartOf[box]);
	let row = rowOf(side, boxes.level[box]) + step;
	for (let at = boxes.steps[box]; at < boxes.steps[box + 1]; at++) {
		const width = steps.widths[at];
		const right = left + width * factor;
		const run = Math.min(steps.runs[at], seen);
		seen -= run;
		if (right - left < NARROWEST_PX) {
			painter.blur(left, right, row, step, run);
			row += step * run;
			continue;
		}
		if (row === rowOf(side, boxes.level[box]) + step)
			painter.write(`${boxes.hiddenFrames[box].toLocaleString("en")} merged`, left, right,
				state.y + row * frameHeight);
		for (let i = 0; i < run; i++, row += step)
			painter.add("r", left, right, state.y + row * frameHeight);
	}
}

function paintSubtree(painter, from, to, factor) {
	for (let box = from; box < to; box++) {
		if (boxes.level[box] >= (boxes.part[box] === 2 ? levels.below + 1 : levels.above)) {
			box = boxes.end[box] - 1;
			continue;
		}
		const left = xOf(startOf[box]);
		const right = left + widthOf[box] * factor;
		if (right - left < NARROWEST_PX)
			painter.blur(left, right, cell(box), 1, 1);
		else if (box !== callersRoot)
			paintBox(painter, box, left, right);
		if (merges(box))
			paintHidden(painter, box, factor);
	}
}

function pathTo(box) {
	const path = [];
	for (; boxes.parent[box] !== box; box = boxes.parent[box])
		path.push(box);
	path.push(box);
	return path;
}

function paintAncestors() {
	const painter = new Painter();
	const all = state.zoom === 0 ? [] : pathTo(state.zoom).slice(1);
	for (const box of all)
		paintBox(painter, box === callersRoot ? 0 : box, MARGIN, state.width - MARGIN);
	painter.paint(ancestors);
}

function paint() {
	const painter = new Painter();
	const all = state.zoom === 0;
	paintAncestors();
	paintSubtree(painter, state.zoom, all ? count : boxes.end[state.zoom], scale());
	painter.paint(layer);
	state.painted = painter.from;
	paintCursor();
}

function isVisible(box) {
	if (state.zoom === 0)
		return true;
	return (box >= state.zoom && box < boxes.end[state.zoom]) || pathTo(state.zoom).includes(box);
}

function extent(box) {
	if (state.zoom !== 0 && (box < state.zoom || box >= boxes.end[state.zoom]))
		return [MARGIN, state.width - MARGIN];
	const left = xOf(startOf[box]);
	return [left, left + widthOf[box] * scale()];
}

function paintCursor() {
	const box = state.cursor;
	const shown = box >= 0 && !state.table && isVisible(box);
	cursorRect.style.display = shown ? "" : "none";
	if (!shown)
		return;
	const [left, right] = extent(box);
	cursorRect.setAttribute("x", tenths(left));
	cursorRect.setAttribute("y", yOf(box));
	cursorRect.setAttribute("width", Math.max(2, tenths(right - left)));
	cursorRect.setAttribute("height", frameHeight - 1);
}

function place(element, x, y, width, height) {
	for (const [key, value] of Object.entries({x, y, width, height}))
		element.setAttribute(key, Math.ceil(value));
}

/* Puts the parts of the page below each other; their heights follow from the width. */
function arrange() {
	const shown = state.zoom === 0 ? count : boxes.end[state.zoom];
	Object.assign(levels, countLevels(state.zoom, shown, LEVEL_MIN_PX / scale()));
	const zoomSide = boxes.part[state.zoom] === 2 ? "below" : "above";
	levels[zoomSide] = Math.max(levels[zoomSide], boxes.level[state.zoom] + 1);
	const graphHeight = state.table ? 0 : (levels.above + levels.below) * frameHeight;
	place(top, 0, 0, state.width, 10);
	const topHeight = top.firstChild.offsetHeight;
	place(top, 0, 0, state.width, topHeight);
	state.y = Math.ceil(topHeight);
	view.style.display = state.table ? "none" : "";
	place(catcher, 0, state.y, state.width, graphHeight);
	place(bottom, 0, state.y + graphHeight, state.width, 10);
	const bottomHeight = content.offsetHeight;
	place(bottom, 0, state.y + graphHeight, state.width, bottomHeight);
	const height = state.y + graphHeight + bottomHeight + 8;
	place(tipLayer, 0, 0, state.width, height);
	svg.setAttribute("height", Math.ceil(height));
}

function render() {
	fillContent();
	arrange();
	if (!state.table)
		paint();
}

function measure() {
	const width = info.fluid ? svg.getBoundingClientRect().width : info.px[0];
	return Math.max(200, Math.floor(width));
}

function resize() {
	const width = measure();
	if (width === state.width)
		return;
	state.width = width;
	hideTip();
	render();
}

/* ---- tables ---- */

const COLUMNS = isDiff ?
	[["self", "Self"], ["selfChange", "Change"], ["total", "Total"], ["totalChange", "Change"]] :
	[["self", "Self"], ["", ""], ["total", "Total"], ["", ""]];

const sorters = {
	self: (a, b) => compare(b.self, a.self),
	total: (a, b) => compare(b.total, a.total),
	selfChange: (a, b) => compare(change(b.self, b.oldSelf), change(a.self, a.oldSelf)),
	totalChange: (a, b) => compare(change(b.total, b.old), change(a.total, a.old)),
	name: (a, b) => compare(a.text, b.text)};

const compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
const change = (now, before) => (now > before ? now - before : before - now);
const signed = (now, before) => (now >= before ? "+" : "\u2212") + exact(change(now, before));

/* The texts of a row, each with what it is exactly. */
function cells(name) {
	if (isDiff)
		return [[exact(name.self)], [signed(name.self, name.oldSelf)], [exact(name.total)],
			[signed(name.total, name.old)]];
	return [[scaled(name.self), amount(name.self)], [`${percent(name.self, totalWeight)} %`],
		[scaled(name.total), amount(name.total)], [`${percent(name.total, totalWeight)} %`]];
}

function tableRow(name, longest) {
	const row = html("tr", {tabindex: 0});
	const share = Number(name.self) / Number(longest.self || 1);
	const shareAll = Number(name.total) / Number(longest.total || 1);
	cells(name).forEach(([text, title], i) => {
		const item = html("td", {class: "n", ...(title && {title})}, text);
		if (i === 1 && !isDiff)
			item.style.backgroundSize = `${Math.min(100, share * 100)}% 100%`;
		if (i === 3 && !isDiff)
			item.style.backgroundSize = `${Math.min(100, shareAll * 100)}% 100%`;
		if (i % 2 && !isDiff)
			item.classList.add("share");
		row.append(item);
	});
	row.append(html("td", {class: "name", title: name.text}, trimSuffix(name.text)));
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
	for (const [key, text] of [...COLUMNS, ["name", info.nameType]]) {
		const item = html("th", {class: key === "name" ? "name" : "n", scope: "col",
			"aria-sort": state.sort === key ? "descending" : "none"});
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
	const limit = state.table ? 500 : 20;
	let list = names.slice(1);
	let title = state.table ? "Functions" : "Top functions";
	if (state.matches) {
		list = list.filter((name, i) => state.matches.names[i + 1]);
		title = `${list.length.toLocaleString("en")} matching functions`;
	}
	const found = list.length;
	const counts = {self: (name) => name.self > zero || name.oldSelf > zero};
	const worthIt = counts[state.sort] || ((name) => name.total > zero || name.old > zero);
	list = list.filter((name) => state.table || worthIt(name))
		.sort(sorters[state.sort]).slice(0, limit);
	const longest = list.reduce((most, name) => ({
		self: name.self > most.self ? name.self : most.self,
		total: name.total > most.total ? name.total : most.total}), {self: zero, total: zero});
	const body = html("tbody", {}, ...list.map((name) => tableRow(name, longest)));
	const caption = html("h2", {}, list.length === limit && found > limit ? `${title}, the first ${limit}` : title);
	content.replaceChildren(html("p", {class: "drawn"}, describeDrawn()), caption,
		html("table", {}, tableHead(), body));
}

function describeDrawn() {
	const all = info.frames.toLocaleString("en");
	let text = info.merged === 0 ? `All ${all} frames are drawn.` :
		`${(info.frames - info.merged).toLocaleString("en")} of ${all} frames are drawn; narrower ` +
		"ones are merged into the grey boxes.";
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

function toggleHelp() {
	help.toggleAttribute("hidden");
	render();
}

/* ---- what is under the pointer ---- */

/* The last box of the row that starts at or before the weight, if it reaches so far. */
function boxInRow(side, level, weight) {
	const row = rows[side][level] || [];
	let low = 0;
	let high = row.length;
	while (low < high) {
		const middle = (low + high) >> 1;
		if (startOf[row[middle]] <= weight)
			low = middle + 1;
		else
			high = middle;
	}
	const box = low > 0 ? row[low - 1] : -1;
	return box >= 0 && weight < startOf[box] + widthOf[box] ? box : -1;
}

function mergedAt(box, level, weight) {
	let at = boxes.level[box] + 1;
	for (let step = boxes.steps[box]; step < boxes.steps[box + 1]; at += steps.runs[step++])
		if (level < at + steps.runs[step])
			return weight >= hiddenStartOf[box] &&
				weight < hiddenStartOf[box] + steps.widths[step] ? steps.weights[step] : null;
	return null;
}

/* {box} or, over what was merged, {box: the parent, merged: its weight at that level}; or null. */
function hitRow(side, level, weight) {
	const box = boxInRow(side, level, weight);
	if (box >= 0)
		return {box};
	for (let below = level - 1; below >= 0; below--) {
		const parent = boxInRow(side, below, weight);
		if (parent < 0)
			continue;
		const merged = mergedAt(parent, level, weight);
		return merged === null ? null : {box: parent, merged};
	}
	return null;
}

function hit(x, y) {
	const row = Math.floor((y - state.y) / frameHeight);
	const rootRow = state.inverted ? levels.below : levels.above - 1;
	const offset = row - rootRow;
	const side = (offset > 0) === state.inverted || offset === 0 ? 0 : 1;
	const level = Math.abs(offset);
	if (row < 0 || x < MARGIN || x > state.width - MARGIN)
		return null;
	if (state.zoom !== 0 && level < boxes.level[state.zoom] &&
	    side === (boxes.part[state.zoom] === 2 ? 1 : 0)) {
		const box = pathTo(state.zoom).find((ancestor) => boxes.level[ancestor] === level);
		return {box: box === callersRoot ? 0 : box};
	}
	if (level >= (side === 1 ? levels.below + 1 : levels.above))
		return null;
	const found = hitRow(side, level, startOf[state.zoom] + (x - MARGIN) / scale());
	return found && isVisible(found.box) ? found : null;
}

/* ---- words about a box ---- */

function shares(weight) {
	const parts = [`${percent(weight, totalWeight)} % of all`];
	if (state.zoom !== 0 && boxes.total[state.zoom] > zero)
		parts.push(`${percent(weight, boxes.total[state.zoom])} % of ${
			label(nameOf(state.zoom), 40)}`);
	return parts.join(", ");
}

function describe(found) {
	const {box, merged} = found;
	if (merged !== undefined)
		return [`${boxes.hiddenFrames[box].toLocaleString("en")} merged frames`,
			`${amount(merged)} at this depth, ${shares(merged)}`, `in ${nameOf(box)}`];
	const lines = [nameOf(box)];
	if (boxes.part[box] === 1) {
		lines.push(`${amount(boxes.old[box])} before, nothing now`);
		return lines;
	}
	lines.push(`${amount(boxes.total[box])}, ${shares(boxes.total[box])}`);
	if (isDiff)
		lines.push(describeChange(boxes.total[box], boxes.old[box]));
	else if (boxes.part[box] === 0 && selfOf(box) > zero)
		lines.push(`${amount(selfOf(box))} by itself`);
	if (boxes.name[box] !== NO_NAME && !isDiff)
		lines.push(FAMILY_NAMES[names[boxes.name[box]].shade >> 3]);
	return lines;
}

function describeChange(now, before) {
	const times = before > zero ? `, \u00d7${(Number(now) / Number(before)).toFixed(2)}` : ", new";
	return `${exact(before)} before, ${exact(now)} now: ${signed(now, before)}${times}`;
}

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

/* ---- zoom, and links that survive another width ---- */

function hashText(text, seed) {
	let hash = seed;
	for (let i = 0; i < text.length; i++)
		hash = Math.imul(hash ^ text.charCodeAt(i), 16777619);
	return hash ^ (hash >>> 15);
}

const nameHashes = new Array(names.length);
function nameHash(name) {
	const {text} = names[name];
	nameHashes[name] = nameHashes[name] || [hashText(text, 0x811c9dc5), hashText(text, 0x1000193)];
	return nameHashes[name];
}

const mix = (parent, own) => Math.imul((parent ^ own) + 0x9e3779b9, 0x85ebca6b) ^ (parent >>> 13);
const hex = (value) => (value >>> 0).toString(16).padStart(8, "0");

/* The hash of a path depends on the names in it only: two lanes, each from its parent's. */
function stepHash(parent, box) {
	const [own1, own2] = boxes.name[box] === NO_NAME ? [boxes.part[box], 7] : nameHash(boxes.name[box]);
	return [mix(parent[0], own1), mix(parent[1], own2)];
}

const HASH_START = [0x51ed270b, 0x2545f491];
const hashOf = (box) => pathTo(box).reduceRight(stepHash, HASH_START).map(hex).join("");

/* Every path is tried, since a hash does not tell where it is from. */
function boxOfHash(wanted) {
	const lanes = new Array(count);
	for (let box = 0; box < count; box++) {
		lanes[box] = stepHash(boxes.parent[box] === box ? HASH_START : lanes[boxes.parent[box]], box);
		if (lanes[box].map(hex).join("") === wanted)
			return box;
	}
	return -1;
}

function linkOfState() {
	const parts = [];
	if (state.zoom !== 0)
		parts.push(`p=${hashOf(state.zoom)}`);
	if (state.search)
		parts.push(`s=${encodeURIComponent(state.search)}`);
	if (state.search && state.ignoreCase)
		parts.push("i=1");
	return `#${parts.join("&")}`;
}

function remember(replace) {
	const link = linkOfState();
	if (link === (location.hash || "#"))
		return;
	try {
		history[replace ? "replaceState" : "pushState"](null, "", link);
	} catch (error) {
		location.hash = link;
	}
}

function setZoom(box) {
	state.zoom = box === callersRoot ? 0 : box;
	if (state.cursor >= 0 && !isVisible(state.cursor))
		state.cursor = state.zoom;
	hideTip();
	runSearch();
}

function zoomTo(box) {
	if (box === state.zoom)
		return;
	setZoom(box);
	remember(false);
	say(state.zoom === 0 ? "Everything is shown" : `Zoomed into ${nameOf(state.zoom)}`);
}

function followLink() {
	const wanted = new URLSearchParams(location.hash.slice(1));
	const path = wanted.get("p");
	const box = path ? boxOfHash(path) : 0;
	state.search = wanted.get("s") || "";
	state.ignoreCase = wanted.get("i") === "1";
	searchBox.value = state.search;
	caseBox.setAttribute("aria-pressed", String(state.ignoreCase));
	setZoom(Math.max(0, box));
	if (box < 0)
		setStatus("The linked path is not drawn here: it may be merged, or of another trace.", true);
}

/* ---- search ---- */

function setStatus(text, isError) {
	status.textContent = text;
	status.classList.toggle("error", Boolean(isError));
}

function compile(text) {
	try {
		return new RegExp(text, state.ignoreCase ? "iu" : "u");
	} catch (error) {
		try {
			return new RegExp(text, state.ignoreCase ? "i" : "");
		} catch (second) {
			return null;
		}
	}
}

function matchNames(expression) {
	const matched = new Uint8Array(names.length);
	let functions = 0;
	for (let i = 1; i < names.length; i++)
		if (expression.test(trimSuffix(names[i].text))) {
			matched[i] = 1;
			functions++;
		}
	return {names: matched, functions};
}

/* The stacks that were picked out of what is merged: {box, picks, names}. */
function readSample() {
	const reader = new Reader("sample", false);
	const stacks = [];
	let box = 0;
	let previous = [];
	while (reader.more) {
		box += reader.number();
		const picks = reader.number();
		const own = previous.slice(0, reader.number());
		for (let left = reader.number(); left > 0; left--)
			own.push(reader.number());
		stacks.push({box, picks, names: own});
		previous = own;
	}
	return stacks;
}

function readWords() {
	const reader = new Reader("words", isBig);
	const words = new Map();
	while (reader.more) {
		const key = [reader.number(), reader.number(), reader.number()].join();
		words.set(key, reader.weight());
	}
	return words;
}

const sample = readSample();
const words = readWords();

/* As words_hash() in words.c. */
function rankHash(rank, lane) {
	let hash = (Math.imul(rank, 0x9e3779b1) + (lane ? 0x7f4a7c15 : 0)) | 0;
	hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b);
	hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
	return (hash ^ (hash >>> 16)) >>> 0;
}

/* What all stacks give for exactly these names, if that is known; or undefined. */
function knownWeight(matched, functions) {
	if (info.view === "focus" || info.namesLeftOut > 0)
		return undefined;
	if (functions === 0)
		return zero;
	if (functions === 1)
		return names[matched.indexOf(1)].total;
	const key = [0, 0];
	for (let rank = 1; rank < matched.length; rank++)
		if (matched[rank]) {
			key[0] = (key[0] + rankHash(rank, 0)) >>> 0;
			key[1] = (key[1] + rankHash(rank, 1)) >>> 0;
		}
	return words.get(`${key[0]},${key[1]},${functions}`);
}

/*
 * Stacks with a match, each once: below a box that matches nothing is looked at. Of the stacks that
 * are merged the picked ones answer, unless the answer is known.
 */
function matchedWeight(found, from, to) {
	const open = new Uint8Array(count);
	let weight = zero;
	let merged = 0;
	for (let box = from; box < to;) {
		if (found.names[boxes.name[box]]) {
			weight += boxes.total[box];
			box = boxes.end[box];
		} else {
			open[box] = 1;
			merged += Number(hiddenWidth(box));
			box++;
		}
	}
	found.weight = weight;
	found.error = 0;
	const known = from === 0 ? knownWeight(found.names, found.functions) : undefined;
	if (merged === 0 || found.functions === 0)
		return;
	if (known !== undefined)
		found.weight = known;
	else
		estimate(found, open, merged);
}

function estimate(found, open, merged) {
	let all = 0;
	let hits = 0;
	for (const stack of sample)
		if (open[stack.box]) {
			all += stack.picks;
			if (stack.names.some((name) => found.names[name]))
				hits += stack.picks;
		}
	if (all === 0) {
		found.error = merged;
		return;
	}
	const share = hits / all;
	const guess = Math.round(share * merged);
	found.weight += isBig ? BigInt(guess) : guess;
	/* Three standard errors, and never less than one pick. */
	found.error = Math.max(3 * Math.sqrt(share * (1 - share) / all), 1 / all) * merged;
}

function matchedBoxes(matched, from, to) {
	const found = [];
	for (let box = from; box < to; box++)
		if (matched[boxes.name[box]])
			found.push(box);
	return found;
}

function matchedShare(whole) {
	const {weight, error} = state.matches;
	const text = `${percent(weight, whole)} %`;
	if (error === 0)
		return text;
	const spread = Math.max(0.01, error / Number(whole) * 100).toFixed(2);
	return `about ${text} (\u00b1 ${spread} %)`;
}

function describeMatches() {
	const {matches} = state;
	const where = [`${matchedShare(totalWeight)} of all`];
	if (state.zoom !== 0)
		where.unshift(`${matchedShare(boxes.total[state.zoom])} of ${
			label(nameOf(state.zoom), 40)}`);
	const many = matches.boxes.length.toLocaleString("en");
	const at = state.match >= 0 ? `match ${state.match + 1} of ${many}` : `${many} boxes`;
	const undrawn = matches.boxes.length === 0 && matches.functions > 0 ? ", too narrow to draw" : "";
	return `Matched: ${where.join(", ")}; ${matches.functions.toLocaleString("en")} functions, ${at}${
		undrawn}`;
}

function runSearch() {
	state.matches = null;
	state.match = -1;
	setStatus("");
	if (state.search) {
		const expression = compile(state.search);
		if (expression) {
			const to = state.zoom === 0 ? boxes.end[0] : boxes.end[state.zoom];
			const found = matchNames(expression);
			matchedWeight(found, state.zoom, to);
			found.boxes = matchedBoxes(found.names, state.zoom, state.zoom === 0 ? count : to);
			state.matches = found;
			setStatus(describeMatches());
		} else {
			setStatus(`"${state.search}" is not a regular expression`, true);
		}
	}
	resetButton.disabled = state.zoom === 0;
	render();
}

function searchFor(text, remembered) {
	state.search = text;
	searchBox.value = text;
	runSearch();
	if (remembered)
		remember(true);
	say(status.textContent);
}

function toggleCase() {
	state.ignoreCase = !state.ignoreCase;
	caseBox.setAttribute("aria-pressed", String(state.ignoreCase));
	runSearch();
	remember(true);
}

/* Moves to another match, and zooms if it is too narrow to be seen. */
function step(direction) {
	const {matches} = state;
	if (!matches || matches.boxes.length === 0)
		return;
	const all = matches.boxes.length;
	const next = state.match < 0 ? (direction > 0 ? 0 : all - 1) : (state.match + direction + all) % all;
	const box = matches.boxes[next];
	if (widthOf[box] * scale() < 3)
		zoomTo(boxes.parent[box]);
	state.match = state.matches.boxes.indexOf(box);
	setStatus(describeMatches());
	moveCursor(box);
}

/* ---- cursor and keyboard ---- */

function moveCursor(box) {
	state.cursor = box;
	paintCursor();
	if (box < 0)
		return;
	const [left, right] = extent(box);
	showTip({box}, Math.min(Math.max(left, (left + right) / 2), state.width - MARGIN), yOf(box));
	const text = describe({box}).join(", ");
	view.setAttribute("aria-label", text);
	say(text);
	cursorRect.scrollIntoView({block: "nearest", inline: "nearest"});
}

function widestChild(box) {
	let best = -1;
	for (let child = box + 1; child < boxes.end[box]; child = boxes.end[child])
		if (best < 0 || widthOf[child] > widthOf[best])
			best = child;
	return best;
}

function neighbour(box, direction) {
	const row = rows[boxes.part[box] === 2 ? 1 : 0][boxes.level[box]];
	const factor = scale();
	for (let at = row.indexOf(box) + direction; at >= 0 && at < row.length; at += direction)
		if (isVisible(row[at]) && widthOf[row[at]] * factor >= NARROWEST_PX)
			return row[at];
	return -1;
}

function moveTo(box) {
	if (box >= 0)
		moveCursor(box === callersRoot ? 0 : box);
}

function move(key) {
	if (state.cursor < 0) {
		moveCursor(state.zoom);
		return;
	}
	const box = state.cursor;
	const side = boxes.part[box] === 2;
	const outwards = (key === "ArrowDown") === (state.inverted !== side);
	if (key === "ArrowLeft" || key === "ArrowRight")
		moveTo(neighbour(box, key === "ArrowLeft" ? -1 : 1));
	else if (outwards)
		moveTo(widestChild(box));
	else if (box === 0 && callersRoot >= 0)
		moveTo(widestChild(callersRoot));
	else
		moveTo(boxes.parent[box]);
}

function foldedLine(box) {
	const path = pathTo(box).filter((index) => boxes.name[index] !== NO_NAME)
		.map((index) => names[boxes.name[index]].text);
	if (boxes.part[box] !== 2)
		path.reverse();
	const weight = boxes.part[box] === 1 ? boxes.old[box] : boxes.total[box];
	return `${path.join(";")} ${exact(weight).replace(/,/g, "")}`;
}

async function copy(text) {
	try {
		await navigator.clipboard.writeText(text);
	} catch (error) {
		const area = html("textarea", {});
		area.value = text;
		content.append(area);
		area.select();
		document.execCommand("copy");
		area.remove();
	}
	setStatus(`Copied: ${label(text, 120)}`);
	say("Copied");
}

function escape() {
	if (state.search) {
		searchFor("", true);
		view.focus({preventScroll: true});
	} else if (state.zoom !== 0) {
		zoomTo(boxes.parent[state.zoom]);
	} else {
		moveCursor(-1);
		hideTip();
	}
}

const actions = {
	"/": () => searchBox.focus(),
	"n": () => step(1),
	"N": () => step(-1),
	"0": () => zoomTo(0),
	"t": () => toggleTable(),
	"i": () => flip(),
	"?": () => toggleHelp(),
	"Escape": () => escape(),
	"Enter": () => state.cursor >= 0 && zoomTo(state.cursor),
	"c": () => state.cursor >= 0 && copy(nameOf(state.cursor)),
	"C": () => state.cursor >= 0 && copy(foldedLine(state.cursor)),
	"ArrowUp": () => move("ArrowUp"),
	"ArrowDown": () => move("ArrowDown"),
	"ArrowLeft": () => move("ArrowLeft"),
	"ArrowRight": () => move("ArrowRight")};

function onKey(event) {
	const typing = event.target === searchBox;
	if (event.key === "F3" || ((event.ctrlKey || event.metaKey) && event.key === "f")) {
		event.preventDefault();
		searchBox.focus();
		searchBox.select();
		return;
	}
	if ((event.ctrlKey || event.metaKey) && event.key === "i") {
		event.preventDefault();
		toggleCase();
		return;
	}
	if (event.ctrlKey || event.metaKey || event.altKey)
		return;
	if (typing && event.key === "Enter") {
		remember(true);
		step(event.shiftKey ? -1 : 1);
	} else if (typing && event.key === "Escape") {
		searchBox.blur();
		escape();
	} else if (!typing && actions[event.key] &&
		   !(event.key === "Enter" && event.target.closest("button"))) {
		event.preventDefault();
		actions[event.key]();
	}
}

/* ---- pointer ---- */

const point = (event) => {
	const bounds = svg.getBoundingClientRect();
	return [event.clientX - bounds.left, event.clientY - bounds.top];
};

let pressed = null;

function onMove(event) {
	if (event.pointerType === "touch")
		return;
	const [x, y] = point(event);
	const found = hit(x, y);
	view.style.cursor = found ? "pointer" : "default";
	if (!found) {
		hideTip();
		return;
	}
	if (found.merged === undefined && state.cursor !== found.box) {
		state.cursor = found.box;
		paintCursor();
	}
	showTip(found, x, y);
}

/* The first tap tells, the second one zooms. */
function onRelease(event) {
	if (event.pointerType !== "touch" || !pressed)
		return;
	const [x, y] = point(event);
	if (Math.hypot(x - pressed[0], y - pressed[1]) > TOUCH_SLOP_PX)
		return;
	const found = hit(x, y);
	if (!found)
		hideTip();
	else if (found.merged === undefined && state.cursor === found.box)
		zoomTo(found.box);
	else {
		moveCursor(found.box);
		showTip(found, x, y);
	}
}

function onClick(event) {
	if (event.pointerType === "touch")
		return;
	const found = hit(...point(event));
	if (found)
		zoomTo(found.box);
}

catcher.addEventListener("pointermove", onMove);
catcher.addEventListener("pointerleave", hideTip);
catcher.addEventListener("pointerdown", (event) => {
	pressed = point(event);
});
catcher.addEventListener("pointerup", onRelease);
catcher.addEventListener("click", onClick);
document.addEventListener("keydown", onKey);
searchBox.addEventListener("input", () => {
	state.search = searchBox.value;
	runSearch();
	remember(true);
});
window.addEventListener("popstate", followLink);
window.addEventListener("hashchange", followLink);
window.addEventListener("resize", resize);
window.addEventListener("scroll", () => {
	const [from] = paintedRange();
	if (from === -Infinity || Math.abs(from - state.painted) < TALL_PX / 4 || state.table)
		return;
	paint();
});

if (info.fluid) {
	svg.setAttribute("width", "100%");
	svg.removeAttribute("viewBox");
}
state.width = measure();
followLink();
})();
