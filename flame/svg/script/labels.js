/* flame/svg/script/labels.js - names of boxes, shortened to a width as in flame/svg/label.c */

const trimSuffix = (text) => (text.endsWith("]") ? text.replace(/(.)_\[[kwijlgu01]\]$/u, "$1") : text);

function nameOf(box) {
	if (boxes.name[box] !== NO_NAME)
		return trimSuffix(names[boxes.name[box]].text);
	return boxes.part[box] === 1 ? "[only in the old input]" : info.root;
}

/* The same as label.c, so that a box has the same label with and without the script. */
const WIDE = new RegExp("[\\u1100-\\u115f\\u2e80-\\ua4cf\\uac00-\\ud7a3\\uf900-\\ufaff\\ufe30-\\ufe6f" +
	"\\uff00-\\uff60\\u{1f300}-\\u{1faff}\\u{20000}-\\u{3fffd}]", "u");

const ASCII = /^[\0-\x7f]*$/;

function columnsOf(text) {
	if (ASCII.test(text))
		return text.length;
	let columns = 0;
	for (const character of text)
		columns += WIDE.test(character) ? 2 : 1;
	return columns;
}

function cutColumns(text, columns) {
	if (ASCII.test(text))
		return text.slice(0, columns);
	let kept = "";
	for (const character of text) {
		columns -= WIDE.test(character) ? 2 : 1;
		if (columns < 0)
			break;
		kept += character;
	}
	return kept;
}

function isPartOfName(text, at) {
	const before = text.slice(0, at);
	return at === 0 || /operator[<>-]?$/.test(before) || before.endsWith("-") ||
		text.startsWith("(anonymous", at);
}

function findClose(text, at) {
	const open = text[at];
	const close = open === "(" ? ")" : ">";
	let depth = 0;
	for (; at < text.length; at++) {
		if (text[at] === open)
			depth++;
		else if (text[at] === close && text[at - 1] !== "-" && --depth === 0)
			return at;
	}
	return text.length;
}

function emptyBrackets(text, open, brackets) {
	let out = "";
	for (let at = 0; at < text.length; at++) {
		if (text[at] === open && !isPartOfName(text, at)) {
			const close = findClose(text, at);
			if (close < text.length) {
				out += brackets;
				at = close;
				continue;
			}
		}
		out += text[at];
	}
	return out;
}

/* The type that a function returns is before its name, if its arguments were removed. */
function dropResult(text) {
	let from = 0;
	for (let at = 0; at < text.length - 1; at++) {
		if (text[at] === "<" || text[at] === "(")
			at = findClose(text, at);
		else if (text[at] === " ")
			from = at + 1;
	}
	return text.slice(0, from).endsWith("operator ") ? text : text.slice(from);
}

function withoutArguments(text) {
	const short = emptyBrackets(text, "(", "");
	return short === text ? text : dropResult(short.replace(/ const$/, ""));
}

function firstComponent(text) {
	let at = 0;
	while (at < text.length && (text[at] === "/" || text[at] === ":"))
		at++;
	for (; at + 1 < text.length; at++) {
		if (text[at] === "<" || text[at] === "(")
			at = findClose(text, at);
		else if (text[at] === "/" || text[at] === ".")
			return at + 1;
		else if (text[at] === ":" && text[at + 1] === ":")
			return at + 2 < text.length ? at + 2 : 0;
	}
	return 0;
}

function isPath(text) {
	if (text.includes("/") || text.includes("::"))
		return true;
	return text.split(".").length > 2 && text[text.indexOf(".") + 1] >= "A" &&
		!/\.(part|isra|constprop)\./.test(text);
}

/* The part of a name without what a run-time adds, as in flame/tree/frame_name.c. */
const NODE = /^(?:LazyCompile|Function|InterpretedFunction|Script|Eval|JS|Builtin|BytecodeHandler|Stub):(?!:)[~*^+]*(?=.)/su;

function core(text) {
	const node = NODE.exec(text);
	if (node) {
		const rest = text.slice(node[0].length);
		return (rest.startsWith(" ") ? rest.slice(1) : rest.split(" ")[0]) || text;
	}
	if (text.startsWith("[") && text.includes("] ") && text.includes("::"))
		return text.slice(text.indexOf("] ") + 2).replace(/\)\[.*$/su, ")") || text;
	return (text.startsWith("py::") && text.slice(4).split(":")[0]) || text;
}

/* The address in the name of a Java lambda says nothing, and would be all that fits. */
const dropAddress = (text) => text.replace(/(\$\$Lambda[$0-9]*)[./]0x[0-9a-f]+/u, "$1");

function label(text, columns) {
	if (columns < 2)
		return "";
	text = text.slice(0, 1024);
	if (columnsOf(text) <= columns)
		return text;
	const isName = !text.startsWith("RegExp:");
	if (isName)
		text = withoutArguments(dropAddress(core(text)));
	if (isName && columnsOf(text) > columns) {
		text = emptyBrackets(text, "<", "<>").replace(/(.)(::<>)+$/u, "$1");
		for (let skip; columnsOf(text) > columns && isPath(text) &&
		     (skip = firstComponent(text)) > 0;)
			text = text.slice(skip);
	}
	if (columnsOf(text) <= columns)
		return text;
	return columns < 3 ? "" : cutColumns(text, columns - 1) + "\u2026";
}
