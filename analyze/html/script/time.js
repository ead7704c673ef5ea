/* analyze/html/script/time.js - zoom and pan of the time line */

const plot = find("plot");
const frame = plot && plot.parentElement;
const SVG = "http://www.w3.org/2000/svg";
const ZOOM_STEP = 1.6;
const NARROWEST_SHARE = 1e-7;
const MARKS = 6;

/* What is seen of the length, from 0 to 1. */
const seen = {left: 0, width: 1};
const placed = [];

function readPlaces() {
	for (const element of all("[x], [cx], [x1]", plot)) {
		if (element.closest(".axis, defs"))
			continue;
		const number = (name) => parseFloat(element.getAttribute(name)) / 100;
		if (element.hasAttribute("cx"))
			placed.push({element, at: number("cx"), names: ["cx"]});
		else if (element.hasAttribute("x1"))
			placed.push({element, at: number("x1"), names: ["x1", "x2"]});
		else
			placed.push({element, at: number("x"), width: number("width"), names: ["x"]});
	}
}

const percent = (share) => `${(share * 100).toFixed(4)}%`;
const onPlot = (at) => (at - seen.left) / seen.width;

/* Far outside of the plot, numbers would be too large for a drawing. */
const FAR = 4;

function place(item) {
	const left = onPlot(item.at);
	if (item.width === undefined) {
		const x = percent(Math.max(-FAR, Math.min(FAR, left)));
		for (const name of item.names)
			item.element.setAttribute(name, x);
		return;
	}
	const right = Math.min(FAR, left + item.width / seen.width);
	const start = Math.max(-FAR, Math.min(FAR, left));
	item.element.setAttribute("x", percent(start));
	item.element.setAttribute("width", percent(Math.max(0, right - start)));
}

const UNITS = [["s", 1e9], ["ms", 1e6], ["us", 1e3], ["ns", 1]];
const SECOND = 1e9;
const LONG_STEPS_S = [10, 20, 30, 60, 120, 300, 600, 1200, 3600, 7200, 14400, 28800, 86400, 172800, 604800];
const two = (number) => String(number).padStart(2, "0");

/* From one minute on "1m 30s", "2h 05m", "6d 04h", if the step has no smaller parts. */
function longDuration(seconds) {
	const [minutes, hours, days] = [60, 3600, 86400].map((size) => Math.floor(seconds / size));
	if (days > 0)
		return `${days}d ${two(hours % 24)}h`;
	return hours > 0 ? `${hours}h ${two(minutes % 60)}m` : `${minutes}m ${two(seconds % 60)}s`;
}

function duration(ns, step) {
	if (ns === 0)
		return "0";
	if (ns >= 60 * SECOND && step >= SECOND && ns % SECOND === 0)
		return longDuration(ns / SECOND);
	const [unit, size] = UNITS.find(([, each]) => ns >= each) || UNITS[3];
	const decimals = Math.max(0, Math.ceil(-Math.log10(step / size) - 1e-9));
	return `${(ns / size).toFixed(Math.min(9, decimals))} ${unit}`;
}

/* The same as nice_step() of html_time.c. */
function niceStep(length) {
	const fits = (step) => length / step <= MARKS;
	for (let power = 1; power < 10 * SECOND; power *= 10)
		for (const factor of [1, 2, 5])
			if (fits(factor * power))
				return factor * power;
	const found = LONG_STEPS_S.find((seconds) => fits(seconds * SECOND));
	return (found || Math.ceil(length / MARKS / SECOND / 604800) * 604800) * SECOND;
}

function drawAxis() {
	const axis = plot.querySelector(".axis");
	const length = Number(plot.dataset.length);
	const step = Math.max(1, niceStep(length * seen.width));
	const first = Math.ceil(seen.left * length / step);
	const height = plot.getAttribute("height");
	axis.replaceChildren();
	for (let mark = first; mark * step <= (seen.left + seen.width) * length; mark++) {
		const share = onPlot(mark * step / length);
		const line = document.createElementNS(SVG, "line");
		const text = document.createElementNS(SVG, "text");
		for (const [name, value] of [["x1", percent(share)], ["x2", percent(share)], ["y1", 18], ["y2", height]])
			line.setAttribute(name, value);
		text.setAttribute("x", percent(share));
		text.setAttribute("y", 13);
		text.textContent = `+${duration(mark * step, step)}`;
		axis.append(line);
		if (share < 0.94)
			axis.append(text);
	}
}

function look(left, width) {
	seen.width = Math.min(1, Math.max(NARROWEST_SHARE, width));
	seen.left = Math.min(1 - seen.width, Math.max(0, left));
	placed.forEach(place);
	drawAxis();
	plot.dataset.zoom = (1 / seen.width).toFixed(3);
}

/* `at`: the place that stays where it is, from 0 to 1 of what is seen. */
function zoom(factor, at) {
	const width = Math.min(1, Math.max(NARROWEST_SHARE, seen.width / factor));
	look(seen.left + at * (seen.width - width), width);
}

const pan = (share) => look(seen.left + share * seen.width, seen.width);
const zoomOut = () => look(0, 1);

const shareOf = (event) => {
	const bounds = plot.getBoundingClientRect();
	return Math.min(1, Math.max(0, (event.clientX - bounds.left) / bounds.width));
};

/* Without Ctrl, the wheel scrolls the page. */
function onWheel(event) {
	if (!event.ctrlKey && !event.metaKey && Math.abs(event.deltaX) <= Math.abs(event.deltaY))
		return;
	event.preventDefault();
	if (event.ctrlKey || event.metaKey)
		zoom(event.deltaY < 0 ? ZOOM_STEP : 1 / ZOOM_STEP, shareOf(event));
	else
		pan(event.deltaX / 400);
}

let dragged = null;

function onDrag(event) {
	if (!dragged)
		return;
	const share = shareOf(event);
	pan(dragged.share - share);
	dragged.share = share;
}

function startTime() {
	const tools = make("div", {class: "tools"},
		button("+", "Zoom in (+, Ctrl and wheel, double click)", () => zoom(ZOOM_STEP, 0.5)),
		button("\u2212", "Zoom out (-)", () => zoom(1 / ZOOM_STEP, 0.5)),
		button("Reset zoom", "Zoom out completely (0)", zoomOut));
	find("time").querySelector("h2").after(tools);
	tools.style.margin = "0 0 6px";
	readPlaces();
	frame.classList.add("zooms");
	frame.tabIndex = 0;
	frame.setAttribute("aria-label", "Time line: + and - zoom, arrows move");
	frame.addEventListener("wheel", onWheel, {passive: false});
	frame.addEventListener("dblclick", (event) => zoom(ZOOM_STEP * ZOOM_STEP, shareOf(event)));
	frame.addEventListener("pointerdown", (event) => {
		if (event.pointerType !== "touch")
			dragged = {share: shareOf(event)};
	});
	window.addEventListener("pointermove", onDrag);
	window.addEventListener("pointerup", () => {
		dragged = null;
	});
}

if (plot)
	startTime();
