/* flame/svg/script/axis.js - the axis of a chart: time, or whatever the weights are */

const axisHeight = info.view === "chart" ? 22 : 0;
const TICK_PX = 105;

/* 1, 2 or 5 times a power of ten, so that ticks are at least TICK_PX apart. */
function tickStep(span, width) {
	const least = span * TICK_PX / Math.max(1, width);
	const power = 10 ** Math.floor(Math.log10(least));
	return [1, 2, 5, 10].map((digit) => digit * power).find((value) => value >= least);
}

/* As many decimals as the step needs. */
function tickText(value, step) {
	if (value === 0)
		return "0";
	for (const [factor, unit] of SCALES[info.unit] || [])
		if (step >= factor / 100 && value >= factor)
			return `${+(value / factor).toFixed(Math.max(0, Math.ceil(-Math.log10(step / factor))))} ${unit}`;
	return `${+value.toPrecision(12)} ${info.unit}`;
}

function paintAxis() {
	axis.replaceChildren();
	if (axisHeight === 0)
		return;
	const y = state.bottom - axisHeight + 4;
	const factor = Number(info.factor) / 10 ** info.decimals;
	const from = startOf[state.zoom] * factor;
	const span = widthOf[state.zoom] * factor;
	const width = state.graph - 2 * MARGIN;
	const step = tickStep(span, width);
	let path = `M${MARGIN} ${y}h${width}`;
	for (let value = Math.ceil(from / step) * step; value <= from + span; value += step) {
		const x = tenths(MARGIN + (value - from) / span * width);
		path += `M${x} ${y}v5`;
		/* At the right end, a label has no room but before its tick. */
		const fits = x < state.graph - MARGIN - TICK_PX / 2;
		axis.append(drawn("text", {class: "tick", x: fits ? x + 3 : x - 3, y: y + 14,
			"text-anchor": fits ? "start" : "end"}, tickText(value, step)));
	}
	axis.prepend(drawn("path", {class: "ticks", d: path}));
}
