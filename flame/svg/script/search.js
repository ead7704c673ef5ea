/* flame/svg/script/search.js - search by regular expression, over drawn and merged frames */

const SEARCH_LIMIT_MS = 1000;
/* A part of a frame: the rest is for the weights, the painting, and what the browser does. */
const SEARCH_SLICE_MS = 5;
/* Names between two looks at the clock, and steps of the browser's engine: a millisecond. */
const NAMES_BETWEEN_LOOKS = 8;
const STEPS_BETWEEN_LOOKS = 1 << 19;

function setStatus(text, isError) {
	status.textContent = text;
	status.classList.toggle("error", Boolean(isError));
}

/* Whether the browser accepts the expression. Which engine runs it depends on the name: see pattern.js. */
function isExpression(text) {
	try {
		return Boolean(new RegExp(text, ""));
	} catch (error) {
		return false;
	}
}

/* Calls `read` once, when its result is needed. */
function lazily(read) {
	let result = null;
	return () => result || (result = read());
}

/* The names as they are searched. */
const searchedNames = lazily(() => names.map((name) => trimSuffix(name.text)));

/*
 * Finds the names that match, a slice of time after the other, so that typing never waits. All
 * slices together take no more than the limit.
 */
class NameSearch {
	constructor(key, text, ignoreCase) {
		this.key = key;
		this.pattern = new Pattern(text, ignoreCase);
		this.left = SEARCH_LIMIT_MS;
		this.next = 1;
		this.texts = searchedNames();
		this.names = new Uint8Array(names.length);
		this.functions = 0;
	}
	get isDone() {
		return this.next >= names.length;
	}
	/* Throws if the time is over. */
	advance() {
		const start = performance.now();
		this.pattern.deadline = start + this.left;
		while (!this.isDone) {
			this.look(this.next++);
			if (this.isTimeToLook() && performance.now() - start > SEARCH_SLICE_MS)
				break;
		}
		this.left -= performance.now() - start;
		if (this.left <= 0 && !this.isDone)
			throw new PatternError(TOO_LONG);
	}
	isTimeToLook() {
		const {pattern} = this;
		if (this.next % NAMES_BETWEEN_LOOKS !== 0 && pattern.browserSteps < STEPS_BETWEEN_LOOKS)
			return false;
		pattern.browserSteps = 0;
		return true;
	}
	look(index) {
		if (!this.pattern.test(this.texts[index]))
			return;
		this.names[index] = 1;
		this.functions++;
	}
}

/* The sample of merged stacks, by stack: the box, the picks, how many names are those of the stack before, and where the others end. */
function readSample() {
	const reader = new Reader("searchSample", false);
	const sample = {boxes: [], picks: [], shared: [], ends: [], names: []};
	let box = 0;
	while (reader.more) {
		box += reader.number();
		sample.boxes.push(box);
		sample.picks.push(reader.number());
		sample.shared.push(reader.number());
		for (let left = reader.number(); left > 0; left--)
			sample.names.push(reader.number());
		sample.ends.push(sample.names.length);
	}
	return sample;
}

function readTerms() {
	const reader = new Reader("searchTerms", isBig);
	const terms = new Map();
	while (reader.more) {
		const key = [reader.number(), reader.number(), reader.number()].join();
		terms.set(key, reader.weight());
	}
	return terms;
}

const searchSample = lazily(readSample);
const searchTerms = lazily(readTerms);

/* Reads what the first search needs, when the browser has nothing else to do. */
function prepareSearch() {
	const wait = window.requestIdleCallback || setTimeout;
	for (const read of [searchedNames, searchTerms, searchSample])
		wait(() => read());
}

/* The same as search_terms_hash() in search_terms.c. */
function rankHash(rank, lane) {
	let hash = (Math.imul(rank, 0x9e3779b1) + (lane ? 0x7f4a7c15 : 0)) | 0;
	hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b);
	hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
	return (hash ^ (hash >>> 16)) >>> 0;
}

/* The exact weight of all stacks with any of these names, if the data has it; or undefined. */
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
	return searchTerms().get(`${key[0]},${key[1]},${functions}`);
}

/*
 * Sums up the weight of stacks with a match, each once: the subtree of a box that matches is not
 * visited. For merged stacks, the exact result of the data counts or, without one, an estimate from
 * the sample.
 */
function matchedWeight(found, from, to) {
	const known = from === 0 ? knownWeight(found.names, found.functions) : undefined;
	found.weight = known;
	found.error = 0;
	if (known === undefined)
		addWeights(found, from, to);
}

function addWeights(found, from, to) {
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
	if (merged > 0 && found.functions > 0)
		estimate(found, open, merged);
}

/* How many of these names come before one that matches; Infinity if none does. */
function matchAfter(matched, list, from, to) {
	for (let at = from; at < to; at++)
		if (matched[list[at]])
			return at - from;
	return Infinity;
}

function estimate(found, open, merged) {
	const sample = searchSample();
	let all = 0;
	let hits = 0;
	let level = Infinity; /* of the outermost match in the stack */
	for (let stack = 0, from = 0; stack < sample.ends.length; from = sample.ends[stack++]) {
		if (level >= sample.shared[stack])
			level = sample.shared[stack] + matchAfter(found.names, sample.names, from, sample.ends[stack]);
		if (!open[sample.boxes[stack]])
			continue;
		all += sample.picks[stack];
		if (level < Infinity)
			hits += sample.picks[stack];
	}
	if (all === 0) {
		found.error = merged;
		return;
	}
	const share = hits / all;
	const guess = Math.round(share * merged);
	found.weight += isBig ? BigInt(guess) : guess;
	/* Three standard errors, but at least one pick. */
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

/* The last search: a zoom does not change its names. */
let nameSearch = null;
/* Timers, 0 if there is none: the next slice of the search, and the drawing of what it found. */
let nextSlice = 0;
let nextRender = 0;
/* What the reader asked for while the search goes on. */
let afterSearch = null;

function showBusy() {
	status.setAttribute("aria-busy", String(nextSlice !== 0 || nextRender !== 0));
}

function stopTimers() {
	clearTimeout(nextSlice);
	clearTimeout(nextRender);
	nextSlice = nextRender = 0;
	showBusy();
}

/* Paints the matches at once, and the table, which can change the layout, after it. */
function renderSoon() {
	if (!state.table && state.painted === layoutKey())
		paintMatches();
	clearTimeout(nextRender);
	nextRender = setTimeout(() => {
		nextRender = 0;
		render();
		showBusy();
	}, 0);
	showBusy();
}

/* Weighs the names that were found. */
function showFound() {
	const to = boxes.end[state.zoom];
	const found = {names: nameSearch.names, functions: nameSearch.functions};
	matchedWeight(found, state.zoom, to);
	found.boxes = matchedBoxes(found.names, state.zoom, state.zoom === 0 ? count : to);
	state.matches = found;
	setStatus(describeMatches());
}

/* Searches for one slice. The next one follows after what the reader did meanwhile. */
function searchSlice() {
	nextSlice = 0;
	nameSearch.advance();
	if (nameSearch.isDone) {
		showFound();
		return;
	}
	setStatus(`Searching: ${Math.floor(nameSearch.next / names.length * 100)} %`);
	nextSlice = setTimeout(() => {
		reportErrors(searchSlice);
		endSearch();
		renderSoon();
	}, 0);
}

function search() {
	const key = `${state.ignoreCase} ${state.search}`;
	if (!nameSearch || nameSearch.key !== key)
		nameSearch = new NameSearch(key, state.search, state.ignoreCase);
	searchSlice();
}

function reportErrors(action) {
	try {
		action();
	} catch (error) {
		if (!(error instanceof PatternError))
			throw error;
		nameSearch = null;
		setStatus(`"${label(state.search, 60)}": ${error.message}`, true);
	}
}

function endSearch() {
	showBusy();
	if (nextSlice !== 0 || !afterSearch)
		return;
	const action = afterSearch;
	afterSearch = null;
	action();
}

function offerSearch() {
	setStatus("The link asks to search for ");
	status.append(html("code", {}, label(state.search, 60)), " ",
		button("Search", "Search for the expression of the link (Enter)", () => runSearch(true, renderSoon)));
}

/* `asked`: by the reader, and not by a link. `draw`: render, or renderSoon. */
function runSearch(asked, draw) {
	stopTimers();
	state.waiting = state.waiting && !asked;
	state.matches = null;
	state.match = -1;
	setStatus("");
	if (state.search && state.waiting)
		offerSearch();
	else if (state.search && !isExpression(state.search))
		setStatus(`"${state.search}" is not a regular expression`, true);
	else if (state.search)
		reportErrors(search);
	resetButton.disabled = state.zoom === 0;
	draw();
	endSearch();
}

function searchFor(text, remembered) {
	state.search = text;
	searchBox.value = text;
	afterSearch = () => say(status.textContent);
	runSearch(true, render);
	if (remembered)
		remember(true);
}

function toggleCase() {
	state.ignoreCase = !state.ignoreCase;
	caseBox.setAttribute("aria-pressed", String(state.ignoreCase));
	runSearch(true, renderSoon);
	remember(true);
}

/* Moves to another match. If it is too narrow to see, zooms into its parent. */
function step(direction) {
	const {matches} = state;
	if (nextSlice !== 0)
		afterSearch = () => step(direction);
	if (!matches || matches.boxes.length === 0)
		return;
	const all = matches.boxes.length;
	const next = state.match < 0 ? (direction > 0 ? 0 : all - 1) : (state.match + direction + all) % all;
	const box = matches.boxes[next];
	if (isTower(box)) {
		opened.set(headOf[box], tailOf[box]);
		layRows(state.folds);
		render();
	}
	if (widthOf[box] * scale() < 3)
		zoomTo(boxes.parent[box]);
	state.match = state.matches.boxes.indexOf(box);
	setStatus(describeMatches());
	moveCursor(box);
}
