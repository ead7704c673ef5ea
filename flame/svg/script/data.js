/* flame/svg/script/data.js - reads the picture data from the metadata elements
 *
 * text/svg_data_format.h defines the data, and docs/diag-flame.1.md, PICTURE DATA, describes it: keep
 * all three equal. In all parts of the script, data reaches only textContent, attribute values that
 * are numbers, and regular expressions that the user typed. A comment must start and end its lines,
 * because the build drops comments (Embed.cmake).
 */

const SVG = "http://www.w3.org/2000/svg";
const HTML = "http://www.w3.org/1999/xhtml";
const svg = document.documentElement;
const MARGIN = 10;
const NO_NAME = 0;
const NARROWEST_PX = 0.5;
const LEVEL_MIN_PX = 1;
const TALL_PX = 8000;
const TOUCH_SLOP_PX = 12;
/* Of a row: as drawn without the script, and between which limits the script chooses. */
const ROW_PX = 17;
const ROW_MIN_PX = 15;
const ROW_MAX_PX = 21;
const FONT_PX = 12;
const FOOT_PX = 8;
/* Levels that are narrower in total are not drawn if the window has no room for them. */
const NARROW_SHARE = 0.04;
const CUT_PX = 18;
/* The table is beside the graph from this width of the window on. */
const BESIDE_FROM_PX = 1200;
const BESIDE_PX = 380;
const BESIDE_COLUMNS = 31;
const BESIDE_COLUMNS_DIFF = 27;
/* Of the table above the graph, as in text/page_style.css: a column of numbers, and a character of a name. */
const NUMBER_PX = 112;
const NAME_COLUMN_PX = 7;
/* Windows up to this width have two narrow columns of numbers. */
const NARROW_PX = 760;
const NARROW_NUMBER_PX = 74;

const find = (id) => document.getElementById(id);

const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_";
const digitValues = new Int8Array(256).fill(-1);
for (let i = 0; i < DIGITS.length; i++)
	digitValues[DIGITS.charCodeAt(i)] = i;

/* A stream of numbers. Weights are read as BigInt if a double cannot hold all of them. */
class Reader {
	constructor(id, big) {
		const element = find(id);
		this.bytes = new TextEncoder().encode(element ? element.textContent : "");
		this.at = 0;
		this.weight = big ? this.big : this.number;
	}
	get more() {
		return this.at < this.bytes.length;
	}
	raw() {
		return digitValues[this.bytes[this.at++]];
	}
	number() {
		let value = 0;
		let scale = 1;
		for (;;) {
			const digit = digitValues[this.bytes[this.at++]];
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
			const digit = digitValues[this.bytes[this.at++]];
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
const TYPE_LETTERS = "ulkjigxo";
const TYPE_NAMES = ["user", "library", "kernel", "JIT", "inlined", "group", "unknown", "lost"];

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

const PARTS = ["boxes", "gone", "callers"];
/* A box has at least three digits, a level of merged frames at least two. */
const digitsOfBoxes = PARTS.reduce((sum, id) => sum + (find(id) ? find(id).textContent.length : 0), 0);
const BOXES_MAX = Math.ceil(digitsOfBoxes / 3) + 1;
const STEPS_MAX = Math.ceil(digitsOfBoxes / 2) + 1;
const Weights = isBig ? BigUint64Array : Float64Array;

/* The boxes, in preorder. The subtree of a box is box to end[box] - 1. */
const boxes = {
	name: new Uint32Array(BOXES_MAX), parent: new Uint32Array(BOXES_MAX), level: new Uint32Array(BOXES_MAX),
	part: new Uint8Array(BOXES_MAX), end: new Uint32Array(BOXES_MAX), start: new Weights(BOXES_MAX),
	width: new Weights(BOXES_MAX), total: new Weights(BOXES_MAX), old: new Weights(BOXES_MAX), gone: new Weights(BOXES_MAX),
	hiddenFrames: new Float64Array(BOXES_MAX), hiddenOld: new Weights(BOXES_MAX), kids: new Weights(BOXES_MAX),
	steps: new Uint32Array(BOXES_MAX + 1)};

/* The merged frames of boxes, from the level above the box: runs[i] levels with widths[i]. */
const steps = {runs: new Uint32Array(STEPS_MAX), widths: new Float64Array(STEPS_MAX), weights: new Weights(STEPS_MAX)};

/* The steps of box n are boxes.steps[n] to boxes.steps[n + 1] - 1. Returns where those of the next box start. */
function readHidden(reader, at) {
	let width = reader.weight();
	for (; width > zero; at++) {
		steps.runs[at] = reader.number();
		steps.widths[at] = Number(width);
		steps.weights[at] = width;
		width -= reader.weight();
	}
	return at;
}

/* Places a box below its parent; the top of a part is its own. */
function placeBox(box, parent, part, gap, offset) {
	const isTop = parent < 0;
	const width = isTop ? gap : boxes.width[parent] - boxes.kids[parent] - gap;
	boxes.parent[box] = isTop ? (part === 1 ? 0 : box) : parent;
	boxes.part[box] = part;
	boxes.level[box] = isTop ? part & 1 : boxes.level[parent] + 1;
	boxes.width[box] = width;
	boxes.total[box] = part === 1 ? zero : width;
	boxes.start[box] = isTop ? offset(width) : boxes.start[parent] + boxes.kids[parent];
	if (!isTop)
		boxes.kids[parent] += width;
}

function readBox(reader, part, open, box, offset) {
	const up = reader.number();
	boxes.name[box] = reader.number();
	const gap = reader.weight();
	for (let i = open.length > 0 ? up >> 1 : 0; i > 0; i--)
		boxes.end[open.pop()] = box;
	placeBox(box, open.length > 0 ? open[open.length - 1] : -1, part, gap, offset);
	if (isDiff) {
		boxes.old[box] = reader.weight();
		boxes.gone[box] = reader.weight();
	}
	boxes.steps[box + 1] = boxes.steps[box];
	if (up & 1) {
		boxes.hiddenFrames[box] = reader.number();
		boxes.steps[box + 1] = readHidden(reader, boxes.steps[box]);
		if (isDiff)
			boxes.hiddenOld[box] = reader.weight();
	}
	open.push(box);
}

/* Returns the number of boxes. */
function readBoxes() {
	let box = 0;
	PARTS.forEach((id, part) => {
		const reader = new Reader(id, isBig);
		const open = [];
		const offset = (width) => (part === 1 ? toWeight(info.width) - width : zero);
		for (; reader.more; box++)
			readBox(reader, part, open, box, offset);
		for (const last of open)
			boxes.end[last] = box;
	});
	return box;
}

const count = readBoxes();
for (const key of Object.keys(boxes))
	boxes[key] = boxes[key].subarray(0, key === "steps" ? count + 1 : count);

const callersRoot = boxes.part.indexOf(2);
const toNumbers = (weights) => (isBig ? Float64Array.from(weights, Number) : new Float64Array(weights));
const startOf = toNumbers(boxes.start);
const widthOf = toNumbers(boxes.width);
const hiddenStartOf = new Float64Array(count);
for (let box = 0; box < count; box++)
	hiddenStartOf[box] = Number(boxes.start[box] + boxes.kids[box]);
/* The root also contains the band of paths that only the old side has. */
startOf[0] = 0;
widthOf[0] = Number(info.width);
if (callersRoot >= 0)
	widthOf[callersRoot] = widthOf[0];

const merges = (box) => boxes.steps[box] < boxes.steps[box + 1];
const hiddenWidth = (box) => (merges(box) ? steps.weights[boxes.steps[box]] : zero);
const selfOf = (box) => (boxes.part[box] === 1 ? zero :
	boxes.total[box] - boxes.kids[box] - hiddenWidth(box));

/* ---- towers: frames one above the other, as wide as each other, drawn as one box ---- */

const TOWER_FRAMES_MIN = 4;
/* The roots that --roots asks for are drawn one by one. */
const TYPE_GROUP = 5;

/* By box: the outermost and the innermost box that are drawn with it, and the row, counted from the root. */
const headOf = new Int32Array(count);
const tailOf = new Int32Array(count);
const levelOf = new Int32Array(count);
/* The towers that are open: from the head to the tail. */
const opened = new Map();

function continues(box, child) {
	if (boxes.width[child] !== boxes.width[box])
		return false;
	const type = names[boxes.name[box]].shade >> 3;
	return !merges(box) && boxes.name[box] !== NO_NAME && type === names[boxes.name[child]].shade >> 3 && type !== TYPE_GROUP &&
		boxes.old[child] === boxes.old[box] && boxes.gone[child] === boxes.gone[box];
}

/* The innermost box of the tower that starts at this box; the box itself if there is no tower. */
function findTail(box) {
	let tail = box;
	while (tail + 1 < boxes.end[tail] && continues(tail, tail + 1))
		tail++;
	return tail - box + 1 >= TOWER_FRAMES_MIN ? tail : box;
}

/* The side of a box: 1 for callers, otherwise 0. */
const sideOf = (box) => boxes.part[box] === 2 ? 1 : 0;

/* By side and row: the boxes from left to right. */
const rows = [[], []];

function layRows(folds) {
	let tail = -1;
	knownWidths.clear();
	state.layout++;
	rows[0] = [];
	rows[1] = [];
	let openTail = -1; /* the last box of the open towers so far */
	for (let box = 0; box < count; box++) {
		const isTop = boxes.level[box] === 0;
		const side = sideOf(box);
		if (opened.size > 0 && opened.has(box))
			openTail = Math.max(openTail, opened.get(box));
		if (box <= tail) {
			headOf[box] = headOf[box - 1];
			levelOf[box] = levelOf[box - 1];
			tailOf[box] = tail;
			continue;
		}
		headOf[box] = box;
		levelOf[box] = isTop ? 0 : levelOf[boxes.parent[box]] + 1;
		tail = folds && box > openTail ? findTail(box) : box;
		tailOf[box] = tail;
		const row = rows[side];
		(row[levelOf[box]] || (row[levelOf[box]] = [])).push(box);
	}
}

const isTower = (box) => tailOf[box] !== headOf[box];

/* Adds to both sides, level by level, the change of width from the level before. */
function addChanges(changes, from, to) {
	const add = (side, level, width) => {
		side[level] = (side[level] || 0) + width;
	};
	for (let box = from; box < to; box++) {
		const side = changes[sideOf(box)];
		let level = levelOf[box];
		if (headOf[box] === box) {
			add(side, level, widthOf[box]);
			add(side, level + 1, -widthOf[box]);
		}
		level++;
		for (let at = boxes.steps[box]; at < boxes.steps[box + 1]; at++) {
			add(side, level, steps.widths[at]);
			level += steps.runs[at];
			add(side, level, -steps.widths[at]);
		}
	}
}

/* Of the whole graph and of the last zoom: a search does not change them. */
const knownWidths = new Map();

/* The width of each level, on both sides. */
function levelWidths(from, to) {
	const key = `${from} ${to}`;
	if (knownWidths.has(key))
		return knownWidths.get(key);
	const changes = [[], []];
	addChanges(changes, from, to);
	const sums = changes.map((side) => {
		let sum = 0;
		return Array.from(side, (change) => sum += change || 0);
	});
	if (knownWidths.size > 20)
		knownWidths.clear();
	knownWidths.set(key, sums);
	return sums;
}

/* Returns the number of levels that are wide enough on both sides, as layout_make() in layout.c. */
function countLevels(from, to, least) {
	const [above, below] = levelWidths(from, to).map((side) => {
		let visible = side.length;
		while (visible > 1 && !(side[visible - 1] >= least))
			visible--;
		return visible;
	});
	return {above: Math.max(above, 1), below: Math.max(below - 1, 0)};
}

const levels = {above: 1, below: 0};

/* The first row of a side that is not drawn. */
const rowEnd = (side) => side === 1 ? levels.below + 1 : levels.above;
