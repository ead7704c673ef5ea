/* flame/svg/script/input.js - cursor, keyboard and pointer */

/* ---- cursor and keyboard ---- */

function moveCursor(target) {
	const box = target < 0 ? target : headOf[target];
	state.cursor = box;
	paintCursor();
	if (box < 0)
		return;
	const [left, right] = extent(box);
	showTip({box}, Math.min(Math.max(left, (left + right) / 2), state.graph - MARGIN), yOf(box));
	const text = describe({box}).join(", ");
	view.setAttribute("aria-label", text);
	say(text);
	cursorRect.scrollIntoView({block: "nearest", inline: "nearest"});
}

function widestChild(box) {
	let best = -1;
	box = tailOf[box];
	for (let child = box + 1; child < boxes.end[box]; child = boxes.end[child])
		if (best < 0 || widthOf[child] > widthOf[best])
			best = child;
	return best;
}

function neighbour(box, direction) {
	const row = rows[sideOf(box)][levelOf[box]];
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

function foldedLine(head) {
	const box = tailOf[head];
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
	"f": () => toggleFolds(),
	"?": () => toggleHelp(),
	"Escape": () => escape(),
	"Enter": () => (state.waiting ? runSearch(true, renderSoon) : state.cursor >= 0 && enter(state.cursor)),
	"c": () => state.cursor >= 0 && copy(nameOf(tailOf[state.cursor])),
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
		if (state.waiting)
			runSearch(true, renderSoon);
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

/* The box of the row that contains the weight, or -1. */
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
	const tail = tailOf[box];
	let at = levelOf[box] + 1;
	for (let step = boxes.steps[tail]; step < boxes.steps[tail + 1]; at += steps.runs[step++])
		if (level < at + steps.runs[step])
			return weight >= hiddenStartOf[tail] &&
				weight < hiddenStartOf[tail] + steps.widths[step] ? steps.weights[step] : null;
	return null;
}

/* Returns {box}, or for merged frames {box: the parent, merged: the weight at this level}, or null. */
function hitRow(side, level, weight) {
	const box = boxInRow(side, level, weight);
	if (box >= 0)
		return {box};
	for (let below = level - 1; below >= 0; below--) {
		const parent = boxInRow(side, below, weight);
		if (parent < 0)
			continue;
		const merged = mergedAt(parent, level, weight);
		return merged === null ? null : {box: tailOf[parent], merged};
	}
	return null;
}

function hit(x, y) {
	const row = Math.floor((y - state.y) / state.row);
	const rootRow = state.inverted ? levels.below : levels.above - 1;
	const offset = row - rootRow;
	const side = (offset > 0) === state.inverted || offset === 0 ? 0 : 1;
	const level = Math.abs(offset);
	if (row < 0 || x < MARGIN || x > state.graph - MARGIN)
		return null;
	if (state.zoom !== 0 && level < levelOf[state.zoom] &&
	    side === (boxes.part[state.zoom] === 2 ? 1 : 0)) {
		const box = headOf[pathTo(state.zoom).find((ancestor) => levelOf[ancestor] === level)];
		return {box: box === callersRoot ? 0 : box};
	}
	if (level >= rowEnd(side))
		return null;
	const found = hitRow(side, level, startOf[state.zoom] + (x - MARGIN) / scale());
	return found && isVisible(found.box) ? found : null;
}

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

/* The first tap shows the details, the second one zooms. */
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
		enter(found.box);
	else {
		moveCursor(found.box);
		showTip(found, x, y);
	}
}

/* A tower opens; any other box becomes the zoom. */
function enter(box) {
	if (isTower(box))
		openTower(headOf[box]);
	else
		zoomTo(box);
}

function onClick(event) {
	if (event.pointerType === "touch")
		return;
	const found = hit(...point(event));
	if (found)
		enter(found.box);
}

/* The address follows when the reader has stopped typing. */
const REMEMBER_AFTER_MS = 250;
let rememberLater = 0;

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
	afterSearch = null;
	runSearch(true, renderSoon);
	clearTimeout(rememberLater);
	rememberLater = setTimeout(() => remember(true), REMEMBER_AFTER_MS);
});
window.addEventListener("popstate", followLink);
window.addEventListener("hashchange", followLink);
window.addEventListener("resize", resize);
window.addEventListener("scroll", () => {
	const [from] = paintedRange();
	if (from === -Infinity || Math.abs(from - state.paintedFrom) < TALL_PX / 4 || state.table)
		return;
	paint();
});

/* On paper, the page is as wide as the paper, whatever the window was. */
window.addEventListener("beforeprint", () => {
	hideTip();
	svg.setAttribute("viewBox", `0 0 ${state.width} ${svg.getAttribute("height")}`);
});
window.addEventListener("afterprint", () => svg.removeAttribute("viewBox"));

svg.removeAttribute("viewBox");
if (info.fluid)
	svg.setAttribute("width", "100%");
layRows(state.folds);
state.width = measure();
followLink();
prepareSearch();
