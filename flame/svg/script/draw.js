/* flame/svg/script/draw.js - draws the boxes, and arranges the page */

const cell = (box) => {
	const side = sideOf(box);
	return rowOf(side, levelOf[box]);
};

function rowOf(side, level) {
	const rootRow = state.inverted ? levels.below : levels.above - 1;
	const down = state.inverted === (side === 0);
	return down ? rootRow + level : rootRow - level;
}

const yOf = (box) => state.y + cell(box) * state.row;
const scale = () => (state.graph - 2 * MARGIN) / (widthOf[state.zoom] || 1);
const xOf = (weight) => MARGIN + (weight - startOf[state.zoom]) * scale();

let largestChange = 0;

function findLargestChange() {
	largestChange = 0;
	for (let box = 1; box < count && isDiff; box++)
		if (boxes.name[box] !== NO_NAME)
			largestChange = Math.max(largestChange,
				Math.abs(Number(boxes.total[box]) - Number(before(boxes.old[box]))));
}

findLargestChange();

/* The same as colour_delta_class() in flame/style/colour.c. */
function deltaClass(box) {
	const change = Number(boxes.total[box]) - Number(before(boxes.old[box]));
	if (change === 0 || largestChange === 0)
		return "d6";
	const quotient = Math.min(1, Math.abs(change) / largestChange);
	const strength = Math.min(6, 1 + Math.floor(Math.sqrt(quotient) * 5 + 0.5));
	return `d${(change > 0) !== info.negate ? 6 + strength : 6 - strength}`;
}

const shadeClasses = names.map((name) => TYPE_LETTERS[name.shade >> 3] + (name.shade & 7));

function isMatch(box) {
	for (let at = box; state.matches && at <= tailOf[box]; at++)
		if (state.matches.names[boxes.name[at]])
			return true;
	return false;
}

function classOf(box) {
	if (isDiff)
		return boxes.part[box] === 1 ? "v" : deltaClass(box);
	return shadeClasses[boxes.name[box]];
}

const tenths = (x) => Math.round(x * 10) / 10;
const inked = (width) => (width > 3 ? width - 0.5 : width);

/* If the flame graph is far taller than the window, only rows near the window are painted. */
function paintedRange() {
	if ((levels.above + levels.below) * state.row < TALL_PX)
		return [-Infinity, Infinity];
	const seen = -svg.getBoundingClientRect().top;
	return [seen - TALL_PX / 2, seen + window.innerHeight + TALL_PX / 2];
}

class Painter {
	constructor() {
		this.paths = new Map();
		this.texts = [];
		this.coverage = [];
		this.edges = "";
		[this.from, this.to] = paintedRange();
	}
	/* As subpixel_add() in subpixel.c, for `times` rows that start at `row` and are `step` apart. */
	collect(left, right, row, step, times) {
		const pixel = Math.floor(left);
		const inOne = right <= pixel + 1;
		for (; times > 0; times--, row += step) {
			const pixels = this.coverage[row] || (this.coverage[row] = new Float32Array(state.graph + 1));
			if (inOne) {
				pixels[pixel] += right - left;
			} else {
				pixels[pixel] += pixel + 1 - left;
				pixels[pixel + 1] += right - pixel - 1;
			}
		}
	}
	/* As subpixel_next() in subpixel.c. */
	subpixelPath() {
		let path = "";
		this.coverage.forEach((pixels, row) => {
			const middle = state.y + row * state.row + (state.row - 1) / 2;
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
		return drawn("path", {class: "z", "stroke-width": state.row - 1, d: path});
	}
	add(name, left, right, y) {
		if (y < this.from || y > this.to)
			return;
		const x = tenths(left);
		const width = tenths(inked(tenths(right) - x));
		let path = this.paths.get(name);
		if (!path)
			this.paths.set(name, path = []);
		path.push(`M${x} ${y}h${width}v${state.row - 1}h${-width}z`);
	}
	/* The edges of a tower: two lines, as of boxes one above the other. */
	edge(left, right, y) {
		if (y < this.from || y > this.to || right - left < 3)
			return;
		const run = `h${tenths(inked(right - left))}`;
		this.edges += `M${tenths(left)} ${y + 1.5}${run}`;
		if (state.row >= ROW_PX)
			this.edges += `M${tenths(left)} ${y + state.row - 2.5}${run}`;
	}
	/* `fit` gives the text for a number of columns. */
	write(fit, left, right, y) {
		if (y < this.from || y > this.to)
			return;
		const columns = Math.floor((right - left - 5) / column);
		const fitting = columns < 2 ? "" : fit(columns);
		if (fitting)
			this.texts.push(drawn("text", {x: tenths(left + 2.5), y: y + textBase()}, fitting));
	}
	paint(group) {
		group.replaceChildren(this.subpixelPath(), ...[...this.paths].map(([name, path]) =>
			drawn("path", {class: name, d: path.join("")})),
		drawn("path", {class: "m", d: ""}), drawn("path", {class: "t", d: this.edges}), ...this.texts);
	}
}

function paintBox(painter, box, left, right) {
	const y = yOf(box);
	painter.add(classOf(box), left, right, y);
	if (isTower(box))
		painter.edge(left, right, y);
	painter.write((columns) => labelOf(box, columns), left, right, y);
}

/* A tower is named by its ends: the innermost frame says most. */
function labelOf(box, columns) {
	if (!isTower(box))
		return label(nameOf(box), columns);
	const tail = nameOf(tailOf[box]);
	const both = `${nameOf(box)} \u22ef ${tail} (${tailOf[box] - box + 1} frames)`;
	if (columnsOf(both) <= columns)
		return both;
	const short = columns >= 8 ? label(tail, columns - 2) : "";
	return short ? `\u22ef ${short}` : label(tail, columns);
}

function paintHidden(painter, box, factor) {
	const side = sideOf(box);
	let seen = (side === 0 ? levels.above - 1 : levels.below) - levelOf[box];
	const step = state.inverted === (side === 0) ? 1 : -1;
	const left = xOf(hiddenStartOf[box]);
	let row = rowOf(side, levelOf[box]) + step;
	for (let at = boxes.steps[box]; at < boxes.steps[box + 1]; at++) {
		const width = steps.widths[at];
		const right = left + width * factor;
		const run = Math.min(steps.runs[at], seen);
		seen -= run;
		if (right - left < NARROWEST_PX) {
			painter.collect(left, right, row, step, run);
			row += step * run;
			continue;
		}
		if (row === rowOf(side, levelOf[box]) + step) {
			const text = `${boxes.hiddenFrames[box].toLocaleString("en")} merged`;
			painter.write((columns) => label(text, columns), left, right, state.y + row * state.row);
		}
		for (let i = 0; i < run; i++, row += step)
			painter.add("r", left, right, state.y + row * state.row);
	}
}

/* Runs for every box, at first before the browser has compiled it: what can be computed once is. */
function paintSubtree(painter, from, to, factor) {
	const origin = startOf[state.zoom];
	const rowEnds = [rowEnd(0), rowEnd(1)];
	for (let box = from; box < to; box++) {
		if (levelOf[box] >= rowEnds[sideOf(box)]) {
			box = boxes.end[box] - 1;
			continue;
		}
		const left = MARGIN + (startOf[box] - origin) * factor;
		const right = left + widthOf[box] * factor;
		if (headOf[box] !== box && box !== state.zoom)
			; /* drawn with the head of its tower */
		else if (right - left < NARROWEST_PX)
			painter.collect(left, right, cell(box), 1, 1);
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
		if (headOf[box] === box)
			paintBox(painter, box === callersRoot ? 0 : box, MARGIN, state.graph - MARGIN);
	painter.paint(ancestors);
}

/* Says what has no row. */
function paintCut() {
	if (state.cut > 0)
		axis.append(drawn("text", {class: "tick", x: MARGIN, y: state.y - 5},
			`${state.cut} more ${state.cut === 1 ? "level" : "levels, together"} narrower than ${NARROW_SHARE * 100} % of the width: zoom in, or unfold`));
}

function paint() {
	const painter = new Painter();
	const all = state.zoom === 0;
	state.painted = layoutKey();
	paintAncestors();
	paintSubtree(painter, state.zoom, all ? count : boxes.end[state.zoom], scale());
	painter.paint(layer);
	paintMatches();
	paintAxis();
	paintCut();
	state.paintedFrom = painter.from;
	paintCursor();
}

/* What the painted boxes depend on. */
const layoutKey = () => [state.zoom, state.graph, state.y, state.row, state.layout, state.inverted, state.normalize,
	levels.above, levels.below].join();

/* Matches are painted over their boxes, below the labels: a search repaints nothing else. */
function paintMatches() {
	const path = [];
	const factor = scale();
	state.marked = state.matches;
	const [from, to] = paintedRange();
	const add = (box, left, right) => {
		const y = yOf(box);
		if (y >= from && y <= to && right - left >= NARROWEST_PX)
			path.push(`M${tenths(left)} ${y}h${tenths(inked(right - left))}v${state.row - 1}h${-tenths(inked(right - left))}z`);
	};
	let last = -1;
	for (const box of state.matches ? state.matches.boxes : []) {
		const head = headOf[box];
		const width = widthOf[head] * factor;
		if (head === last || width < NARROWEST_PX || levelOf[head] >= rowEnd(sideOf(head)))
			continue;
		last = head;
		const left = xOf(startOf[head]);
		add(head, left, left + width);
	}
	layer.querySelector(".m").setAttribute("d", path.join(""));
	path.length = 0;
	for (const box of state.zoom === 0 ? [] : pathTo(state.zoom).slice(1))
		if (headOf[box] === box && isMatch(box))
			add(box === callersRoot ? 0 : box, MARGIN, state.graph - MARGIN);
	ancestors.querySelector(".m").setAttribute("d", path.join(""));
}

function isVisible(box) {
	if (state.zoom === 0)
		return true;
	return (box >= state.zoom && box < boxes.end[state.zoom]) || pathTo(state.zoom).includes(box);
}

function extent(box) {
	if (state.zoom !== 0 && (box < state.zoom || box >= boxes.end[state.zoom]))
		return [MARGIN, state.graph - MARGIN];
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
	cursorRect.setAttribute("height", state.row - 1);
}

function place(element, x, y, width, height) {
	for (const [key, value] of Object.entries({x, y, width, height}))
		element.setAttribute(key, Math.ceil(value));
}

/*
 * Rows are as high as the window has room for, within limits, unless --height says how high. They
 * keep their height in a zoom.
 */
function chooseRow(room) {
	const [low, high] = frameHeight === ROW_PX && fontSize === FONT_PX ? [ROW_MIN_PX, ROW_MAX_PX] :
		[frameHeight, frameHeight];
	state.row = low;
	countRows(0, count, (state.graph - 2 * MARGIN) / (widthOf[0] || 1), room);
	state.row = Math.max(low, Math.min(high, Math.floor(room / (levels.above + levels.below))));
	return levels.above + levels.below <= room / low;
}

const textBase = () => Math.round(state.row / 2 + fontSize * 0.27);

/*
 * Sets the levels that have a row. If the window has no room for all of them, narrow ones at the far
 * end have none: a zoom shows them.
 */
function countRows(from, to, factor, room) {
	const all = countLevels(from, to, LEVEL_MIN_PX / factor);
	const fitting = Math.floor(room / state.row) - all.below;
	const narrow = countLevels(from, to, NARROW_SHARE * (state.graph - 2 * MARGIN) / factor);
	const cut = state.folds && all.above > fitting && all.below === 0;
	Object.assign(levels, all, cut && {above: Math.max(narrow.above, Math.min(all.above, fitting))});
	state.cut = all.above - levels.above;
}

function countShownLevels(room) {
	countRows(state.zoom, state.zoom === 0 ? count : boxes.end[state.zoom], scale(), room);
	const zoomSide = boxes.part[state.zoom] === 2 ? "below" : "above";
	levels[zoomSide] = Math.max(levels[zoomSide], levelOf[state.zoom] + 1);
}

/* The table of top functions stands beside the graph in a wide window, and above it in others. */
function placeContent(beside) {
	const x = beside ? state.graph : 0;
	const width = beside ? state.width - state.graph : state.width;
	content.classList.toggle("beside", beside);
	place(bottom, x, state.y, width, 10);
	const height = content.offsetHeight;
	place(bottom, x, state.y, width, height);
	return height;
}

/* Places the parts of the page; their heights follow from the width. */
function arrange() {
	const beside = isBeside();
	state.graph = beside ? state.width - BESIDE_PX : state.width;
	place(top, 0, 0, state.width, 10);
	const topHeight = top.firstChild.offsetHeight;
	place(top, 0, 0, state.width, topHeight);
	state.y = Math.ceil(topHeight);
	const tableHeight = placeContent(beside);
	if (!beside && !state.table)
		state.y += Math.ceil(tableHeight);
	const room = window.innerHeight - state.y - axisHeight - FOOT_PX - CUT_PX;
	const fits = chooseRow(room);
	/* At first sight, the root must be seen. */
	if (!state.arranged && !fits && info.view === "flame")
		state.inverted = true;
	state.arranged = true;
	countShownLevels(room);
	if (state.cut > 0)
		state.y += CUT_PX;
	const graphHeight = state.table ? 0 : (levels.above + levels.below) * state.row + axisHeight;
	state.bottom = state.y + graphHeight;
	view.style.display = state.table ? "none" : "";
	place(catcher, 0, state.y, state.graph, graphHeight);
	const height = Math.max(state.bottom, beside || state.table ? Math.ceil(topHeight) + tableHeight : 0) + FOOT_PX;
	place(tipLayer, 0, 0, state.width, height);
	svg.setAttribute("height", Math.ceil(height));
}

function render() {
	fillContent();
	arrange();
	if (state.table)
		return;
	if (state.painted !== layoutKey())
		paint();
	else if (state.marked !== state.matches)
		paintMatches();
	paintCursor();
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
