/* analyze/html/script/page.js - the controls of the page
 *
 * Text of the trace is only ever read from the page and written with textContent. A comment must
 * start and end its lines, because the build drops comments (Embed.cmake).
 */

const find = (id) => document.getElementById(id);
const all = (selector, from) => [...(from || document).querySelectorAll(selector)];

function make(tag, attributes, ...children) {
	const element = document.createElement(tag);
	for (const [key, value] of Object.entries(attributes || {}))
		element.setAttribute(key, value);
	element.append(...children);
	return element;
}

function button(text, title, action) {
	const element = make("button", {type: "button", title}, text);
	element.addEventListener("click", action);
	return element;
}

/* The same as the table in diag-report(1), THE PAGE. */
const KEYS = [
	["/", "Search answers, lanes and tables"], ["Enter, n, N", "Next, previous match"],
	["Esc", "End the search"], ["e", "Unfold or fold all call chains"],
	["+, -", "Zoom the time line"], ["arrows", "Move in the zoomed time line"],
	["0", "Zoom out completely"], ["?", "Help"]];

const searchBox = make("input", {type: "search", id: "search", placeholder: "Search  ( / )",
	"aria-label": "Search answers, lanes and tables", spellcheck: "false"});
const status = find("status");
const help = find("help");

function setStatus(text) {
	status.textContent = text;
}

function toggleHelp() {
	help.hidden = !help.hidden;
}

function toggleChains() {
	const chains = all(".answer details");
	const open = chains.some((chain) => !chain.open);
	for (const chain of chains)
		chain.open = open;
}

function fillHelp() {
	const keys = make("div", {class: "keys"});
	for (const [key, meaning] of KEYS)
		keys.append(make("kbd", {}, key), make("span", {}, meaning));
	help.append(keys);
}

function buildTools() {
	const places = make("nav", {"aria-label": "Sections"});
	for (const section of all("main > section[id]")) {
		const head = section.querySelector("h2");
		if (head)
			places.append(make("a", {href: `#${section.id}`}, head.textContent));
	}
	const tools = find("tools");
	tools.append(places, make("span", {class: "searching"}, searchBox));
	if (document.querySelector(".answer details"))
		tools.append(button("Chains", "Unfold or fold all call chains (e)", toggleChains));
	tools.append(button("?", "Help (?)", toggleHelp));
	searchBox.style.borderRadius = "6px";
	fillHelp();
}

buildTools();
