/* flame/svg/script/zoom.js - zoom, links to a zoom, and the details of a box */
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
