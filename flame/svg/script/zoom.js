/* flame/svg/script/zoom.js - zoom, and links that work for another width and another trace */

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

/* The hash of a path depends only on its names. It has two parts, each computed from that of the parent. */
function stepHash(parent, box) {
	const [own1, own2] = boxes.name[box] === NO_NAME ? [boxes.part[box], 7] : nameHash(boxes.name[box]);
	return [mix(parent[0], own1), mix(parent[1], own2)];
}

const HASH_START = [0x51ed270b, 0x2545f491];
const hashOf = (box) => pathTo(box).reduceRight(stepHash, HASH_START).map(hex).join("");

/* Tries every path: a hash cannot be reversed. */
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
	openZoomed();
	if (state.cursor >= 0 && !isVisible(state.cursor))
		state.cursor = state.zoom;
	hideTip();
	runSearch(!state.waiting, render);
}

function zoomTo(box) {
	if (box === state.zoom)
		return;
	setZoom(box);
	remember(false);
	say(state.zoom === 0 ? "Zoomed out completely" : `Zoomed into ${nameOf(state.zoom)}`);
}

function followLink() {
	const wanted = new URLSearchParams(location.hash.slice(1));
	const path = wanted.get("p");
	const box = path ? boxOfHash(path) : 0;
	const search = wanted.get("s") || "";
	/* A link must not make the browser search: its author chose the expression. */
	state.waiting = search !== "" && (state.waiting || search !== state.search);
	state.search = search;
	state.ignoreCase = wanted.get("i") === "1";
	searchBox.value = state.search;
	caseBox.setAttribute("aria-pressed", String(state.ignoreCase));
	setZoom(Math.max(0, box));
	if (box < 0)
		setStatus("The linked path is not drawn here: it may be merged, or from another trace", true);
}
