/* analyze/html/script/input.js - keys */

const actions = {
	"/": () => searchBox.focus(),
	"n": () => step(1),
	"N": () => step(-1),
	"e": toggleChains,
	"?": toggleHelp,
	"Escape": endSearch,
	"+": () => plot && zoom(ZOOM_STEP, 0.5),
	"=": () => plot && zoom(ZOOM_STEP, 0.5),
	"-": () => plot && zoom(1 / ZOOM_STEP, 0.5),
	"0": () => plot && zoomOut()};

const PAN = {"ArrowLeft": -0.2, "ArrowRight": 0.2};

function onKey(event) {
	if (event.ctrlKey || event.metaKey || event.altKey)
		return;
	if (event.target.closest("input")) {
		if (event.target === searchBox && event.key === "Enter") {
			clearTimeout(laterSearch);
			if (matches.length === 0)
				search(searchBox.value);
			step(event.shiftKey ? -1 : 1);
		} else if (event.key === "Escape") {
			event.preventDefault();
			endSearch();
		}
		return;
	}
	if (PAN[event.key] && plot && event.target.closest(".plot")) {
		event.preventDefault();
		pan(PAN[event.key]);
	} else if (actions[event.key]) {
		event.preventDefault();
		actions[event.key]();
	}
}

document.addEventListener("keydown", onKey);
