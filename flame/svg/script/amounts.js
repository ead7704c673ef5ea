/* flame/svg/script/amounts.js - weights and shares as text, the same as in flame/style/amount.c */
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
