/* analyze/html/script/search.js - one search for answers, lanes and rows */

let matches = [];
let current = -1;
let laterSearch = 0;
const SEARCH_AFTER_MS = 120;

const has = (element, wanted) => element.textContent.toLowerCase().includes(wanted);

function searchAnswers(wanted) {
	const found = [];
	for (const answer of all(".answer")) {
		const fits = has(answer, wanted);
		answer.hidden = !fits;
		if (fits)
			found.push(answer);
	}
	return found;
}

/* Other lanes become pale, so that the picture stays as it is. */
function searchLanes(wanted) {
	const found = [];
	const fitting = new Set();
	for (const name of all(".names li")) {
		const fits = has(name, wanted);
		name.classList.toggle("dim", !fits);
		if (fits) {
			found.push(name);
			fitting.add(name.dataset.lane);
		}
	}
	for (const lane of all("#plot .lane"))
		lane.classList.toggle("dim", !fitting.has(lane.dataset.lane));
	return found;
}

function searchRows(wanted) {
	const found = [];
	for (const table of all("details.table")) {
		let any = false;
		for (const row of all("tbody tr", table)) {
			const fits = has(row, wanted);
			row.dataset.searched = fits ? "" : "1";
			row.hidden = !fits || row.dataset.filtered === "1";
			if (!row.hidden) {
				any = true;
				found.push(row);
			}
		}
		if (any && wanted)
			table.open = true;
	}
	return found;
}

const counted = (count, thing) => `${count.toLocaleString("en")} ${thing}${count === 1 ? "" : "s"}`;

function search(text) {
	const wanted = text.trim().toLowerCase();
	const answers = searchAnswers(wanted);
	const lanes = searchLanes(wanted);
	const rows = searchRows(wanted);
	for (const element of all(".found"))
		element.classList.remove("found");
	matches = wanted ? [...answers, ...lanes, ...rows] : [];
	current = -1;
	setStatus(wanted ? `${counted(answers.length, "answer")}, ${counted(lanes.length, "lane")} and ` +
		`${counted(rows.length, "row")} match` : "");
}

function step(direction) {
	if (matches.length === 0)
		return;
	if (current >= 0)
		matches[current].classList.remove("found");
	current = current < 0 && direction < 0 ? matches.length - 1
		: (current + direction + matches.length) % matches.length;
	matches[current].classList.add("found");
	matches[current].scrollIntoView({block: "center"});
	setStatus(`match ${current + 1} of ${matches.length}`);
}

function endSearch() {
	searchBox.value = "";
	search("");
	searchBox.blur();
}

searchBox.addEventListener("input", () => {
	clearTimeout(laterSearch);
	laterSearch = setTimeout(() => search(searchBox.value), SEARCH_AFTER_MS);
});
