/* flame/svg/script/amounts.js - weights, shares and descriptions of boxes as text */

/* The same as amount_exact() in flame/style/amount.c. */
function exact(weight) {
	const value = BigInt(weight) * BigInt(info.factor);
	const digits = value.toString().padStart(info.decimals + 1, "0");
	const whole = digits.slice(0, digits.length - info.decimals);
	const fraction = digits.slice(digits.length - info.decimals).replace(/0+$/, "");
	return whole.replace(/\B(?=(\d{3})+$)/g, ",") + (fraction ? "." + fraction : "");
}

/* The weight on the old side, scaled to the new total if the reader asked for it. */
function before(weight) {
	if (!state.normalize)
		return weight;
	const scaledUp = BigInt(weight) * BigInt(info.total) / BigInt(info.old);
	return isBig ? scaledUp : Number(scaledUp);
}

/* The same as amount_percent() in flame/style/amount.c. */
function percent(part, whole) {
	if (!(whole > zero))
		return "0.00";
	const share = (BigInt(part) * 20000n + BigInt(whole)) / (BigInt(whole) * 2n);
	return `${share / 100n}.${(share % 100n).toString().padStart(2, "0")}`;
}

const TOWER_NAMES_MAX = 10;

const SCALES = {
	ns: [[8.64e13, "d"], [3.6e12, "h"], [6e10, "min"], [1e9, "s"], [1e6, "ms"], [1e3, "us"]],
	bytes: [[2 ** 60, "EiB"], [2 ** 50, "PiB"], [2 ** 40, "TiB"], [2 ** 30, "GiB"],
		[2 ** 20, "MiB"], [2 ** 10, "KiB"]]};

/* "12.3 ms" if the unit can be scaled; otherwise the exact value. */
function scaled(weight) {
	const value = Number(weight) * Number(info.factor) / 10 ** info.decimals;
	for (const [factor, unit] of SCALES[info.unit] || [])
		if (value >= factor)
			return `${(value / factor).toFixed(1)} ${unit}`;
	return exact(weight);
}

/* "12.3 ms (12,345,678 ns)": always includes the exact value. */
function amount(weight) {
	const text = `${exact(weight)} ${info.unit}`;
	const short = scaled(weight);
	return short === exact(weight) ? text : `${short} (${text})`;
}

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
	const lines = isTower(box) ? describeTower(box) : [nameOf(box)];
	if (boxes.part[box] === 1) {
		lines.push(`${amount(before(boxes.old[box]))} before, nothing now`);
		return lines;
	}
	lines.push(`${amount(boxes.total[box])}, ${shares(boxes.total[box])}`);
	if (isDiff)
		lines.push(describeChange(boxes.total[box], before(boxes.old[box])));
	else if (boxes.part[box] === 0 && selfOf(tailOf[box]) > zero)
		lines.push(`${amount(selfOf(tailOf[box]))} self`);
	if (boxes.name[box] !== NO_NAME && !isDiff)
		lines.push(TYPE_NAMES[names[boxes.name[box]].shade >> 3]);
	return lines;
}

function describeChange(now, then) {
	const times = then > zero ? `, \u00d7${(Number(now) / Number(then)).toFixed(2)}` : ", new";
	return `${scaled(then)} before, ${scaled(now)} now: ${signed(now, then, scaled)}${times}`;
}

/* The frames of a tower, the innermost one first. */
function describeTower(box) {
	const all = [];
	for (let at = tailOf[box]; at >= box; at--)
		all.push(nameOf(at));
	const shown = all.length > TOWER_NAMES_MAX + 1 ? all.slice(0, TOWER_NAMES_MAX) : all;
	const more = all.length - shown.length;
	return [shown[0], ...shown.slice(1), ...(more > 0 ? [`and ${more} more, to ${nameOf(box)}`] : []),
		`${all.length} frames without a branch: click to open`];
}
