/* flame/svg/script/pattern.js - regular expressions that match in linear time
 *
 * The browser's own engine tries one path after the other, and can take hours for a short expression
 * and a short name. This one follows all paths at once, and remembers where each character leads. It
 * decides only whether there is a match. Look-around and references to groups are not supported.
 *
 * Most expressions of readers cannot take long: where the number of paths has a low limit, the browser's
 * engine is used, which is faster in the first milliseconds.
 */

const PATTERN_LENGTH_MAX = 1000;
const PATTERN_STEPS_MAX = 2000;
const PATTERN_STATES_MAX = 1000;
const WORK_BETWEEN_LOOKS = 20000;
/* Steps of the browser's engine in one name: about a millisecond. */
const BROWSER_STEPS_MAX = 1 << 19;

const TOO_LONG = "the search took too long: use a simpler expression";

class PatternError extends Error {
}

/* What was before the current character. */
const AT_START = 0;
const AFTER_WORD = 1;
const AFTER_OTHER = 2;

const isDigit = (code) => code >= 48 && code <= 57;
const isWord = (code) => isDigit(code) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122) || code === 95;
const isSpace = (code) => /\s/u.test(String.fromCodePoint(code));
const CLASSES = {
	d: isDigit, w: isWord, s: isSpace, D: (code) => !isDigit(code), W: (code) => !isWord(code),
	S: (code) => !isSpace(code)};
const CONTROLS = {t: 9, n: 10, v: 11, f: 12, r: 13, 0: 0};

/* Whether the test accepts any spelling of the character. */
function anyCase(test) {
	return (code) => {
		const text = String.fromCodePoint(code);
		const upper = text.toUpperCase();
		const lower = text.toLowerCase();
		return test(code) || test(lower.codePointAt(0)) || (upper.length === text.length && test(upper.codePointAt(0)));
	};
}

/*
 * Parses the text to steps: {test, to}, {forks: [steps]}, {assert, to} or {match}. `to` and `forks` are
 * indexes.
 */
class PatternParser {
	constructor(text, ignoreCase) {
		if (text.length > PATTERN_LENGTH_MAX)
			throw new PatternError("the expression is too long");
		this.text = Array.from(text);
		this.copies = 0;
		this.at = 0;
		/* What the browser's engine tries: not more paths than these choices, and each number of each repeat. */
		this.choices = 1;
		this.repeats = 0;
		this.isPlain = ASCII.test(text);
		this.spelling = ignoreCase ? anyCase : (test) => test;
		this.steps = [];
	}
	peek() {
		return this.text[this.at];
	}
	take(expected) {
		if (this.text[this.at] !== expected)
			return false;
		this.at++;
		return true;
	}
	step(step) {
		if (this.steps.length >= PATTERN_STEPS_MAX)
			throw new PatternError("the expression is too large");
		this.steps.push(step);
		return this.steps.length - 1;
	}
	/* A node emits its steps, given where they continue, and returns the first one. */
	parse() {
		const node = this.choice();
		if (this.at < this.text.length)
			throw new PatternError("the expression is not supported");
		this.first = node(this.step({match: true}));
		return this;
	}
	choice() {
		const nodes = [this.sequence()];
		while (this.take("|")) {
			this.choices *= 2;
			nodes.push(this.sequence());
		}
		return nodes.length === 1 ? nodes[0] : (to) => this.step({forks: nodes.map((node) => node(to))});
	}
	sequence() {
		const nodes = [];
		while (this.at < this.text.length && this.peek() !== "|" && this.peek() !== ")")
			nodes.push(this.repeated());
		return (to) => nodes.reduceRight((next, node) => node(next), to);
	}
	repeated() {
		const isGroup = this.peek() === "(";
		let node = this.atom();
		for (let bounds; (bounds = this.bounds());) {
			this.take("?");
			this.repeats++;
			this.isPlain = this.isPlain && !isGroup;
			node = this.repeat(node, ...bounds);
		}
		return node;
	}
	bounds() {
		if (this.take("*"))
			return [0, Infinity];
		if (this.take("+"))
			return [1, Infinity];
		if (this.take("?"))
			return [0, 1];
		const found = this.peek() === "{" && /^\{(\d+)(,(\d*))?\}/.exec(this.text.slice(this.at).join(""));
		if (!found)
			return null;
		this.at += found[0].length;
		const least = Number(found[1]);
		return [least, !found[2] ? least : found[3] ? Number(found[3]) : Infinity];
	}
	repeat(node, least, most) {
		return (to) => {
			let next = to;
			if (most === Infinity) {
				next = this.step({forks: [to]});
				this.steps[next].forks.push(node(next));
			}
			for (let i = least; i < most && most !== Infinity; i++)
				next = this.step({forks: [to, this.copy(node, next)]});
			for (let i = 0; i < least; i++)
				next = this.copy(node, next);
			return next;
		};
	}
	copy(node, to) {
		if (++this.copies > PATTERN_STEPS_MAX)
			throw new PatternError("the expression is too large");
		return node(to);
	}
	test(test) {
		return (to) => this.step({test, to});
	}
	atom() {
		const character = this.text[this.at++];
		switch (character) {
		case "(":
			return this.group();
		case "[":
			return this.test(this.set());
		case ".":
			return this.test(() => true);
		case "^":
		case "$":
			return (to) => this.step({assert: character, to});
		case "\\":
			return this.escaped();
		default: {
			const code = character.codePointAt(0);
			/* Where the engines could disagree about a repeat, the browser's is not used. */
			this.isPlain = this.isPlain && character !== "{";
			return this.test(this.spelling((other) => other === code));
		}
		}
	}
	group() {
		if (this.take("?") && !this.take(":")) {
			if (!this.take("<") || this.peek() === "=" || this.peek() === "!")
				throw new PatternError("look-around is not supported");
			while (!this.take(">"))
				this.at++;
		}
		const node = this.choice();
		if (!this.take(")"))
			throw new PatternError("the expression is not supported");
		return node;
	}
	escaped() {
		const letter = this.peek();
		if (letter === "b" || letter === "B") {
			this.at++;
			return (to) => this.step({assert: letter, to});
		}
		const found = this.escape();
		return this.test(typeof found === "function" ? found : this.spelling((other) => other === found));
	}
	/* After the backslash: returns a test, or a code. */
	escape() {
		const letter = this.text[this.at++];
		if (CLASSES[letter])
			return CLASSES[letter];
		/* The browser reads digits behind \0, and a letter behind \c. */
		this.isPlain = this.isPlain && letter !== "0" && letter !== "c";
		if (CONTROLS[letter] !== undefined)
			return CONTROLS[letter];
		if (/[1-9kpP]/.test(letter))
			throw new PatternError(`\\${letter} is not supported`);
		const digits = {x: 2, u: 4}[letter];
		if (!digits)
			return letter.codePointAt(0);
		const hex = this.text.slice(this.at, this.at + digits).join("");
		if (!/^[0-9a-f]+$/i.test(hex) || hex.length < digits)
			throw new PatternError(`\\${letter} is not supported in this form`);
		this.at += digits;
		return parseInt(hex, 16);
	}
	set() {
		const tests = [];
		const negated = this.take("^");
		while (this.at < this.text.length && !this.take("]"))
			tests.push(this.setItem());
		const any = this.spelling((code) => tests.some((test) => test(code)));
		return negated ? (code) => !any(code) : any;
	}
	setItem() {
		const from = this.setCode();
		const isFrom = typeof from === "function" ? from : (code) => code === from;
		if (this.peek() !== "-" || this.text[this.at + 1] === "]")
			return isFrom;
		this.at++;
		const to = this.setCode();
		/* Beside a class, the hyphen and what follows it are no range. */
		if (typeof to === "function")
			return (code) => isFrom(code) || code === 45 || to(code);
		if (typeof from === "function")
			return (code) => isFrom(code) || code === 45 || code === to;
		return (code) => code >= from && code <= to;
	}
	setCode() {
		const character = this.text[this.at++];
		if (character === "\\" && this.take("b"))
			return 8;
		return character === "\\" ? this.escape() : character.codePointAt(0);
	}
}

/* Matches names until the time is over; then throws. */
class Pattern {
	constructor(text, ignoreCase) {
		const parsed = new PatternParser(text, ignoreCase).parse();
		this.steps = parsed.steps;
		this.first = parsed.first;
		this.size = text.length;
		this.choices = parsed.choices;
		this.repeats = parsed.repeats;
		this.browser = parsed.isPlain ? new RegExp(text, ignoreCase ? "is" : "s") : null;
		this.deadline = Infinity;
		this.work = 0;
		/* Of the browser's engine, at most, since the searcher looked at the clock. */
		this.browserSteps = 0;
		this.marks = new Uint32Array(this.steps.length);
		this.mark = 0;
		this.forget();
	}
	forget() {
		this.states = new Map();
		this.start = this.state([], AT_START);
	}
	/* The same steps after the same kind of character are one state. */
	state(list, before) {
		const key = `${before},${list.join()}`;
		let state = this.states.get(key);
		if (!state)
			this.states.set(key, state = {list, before, next: new Array(128), others: new Map()});
		return state;
	}
	/* Whether the browser's engine takes few steps, which are counted: the places where a match and its repeats start are in order. */
	isQuick(text) {
		let steps = this.choices * this.size;
		for (let i = 0; i <= this.repeats; i++)
			steps *= (text.length + 1 + i) / (i + 1);
		if (steps >= BROWSER_STEPS_MAX || !ASCII.test(text))
			return false;
		this.browserSteps += steps;
		return true;
	}
	spend(work) {
		this.work += work;
		if (this.work < WORK_BETWEEN_LOOKS)
			return;
		this.work = 0;
		if (performance.now() > this.deadline)
			throw new PatternError(TOO_LONG);
	}
	holds(assertion, before, code) {
		const wordBefore = before === AFTER_WORD;
		const wordAfter = code >= 0 && isWord(code);
		switch (assertion) {
		case "^":
			return before === AT_START;
		case "$":
			return code < 0;
		case "b":
			return wordBefore !== wordAfter;
		default:
			return wordBefore === wordAfter;
		}
	}
	/* The tests that can be reached before the character, or null after a match. A code below 0 is the end. */
	reach(state, code) {
		const open = [this.first, ...state.list];
		const found = [];
		this.mark++;
		while (open.length > 0) {
			const index = open.pop();
			const step = this.steps[index];
			if (this.marks[index] === this.mark)
				continue;
			this.marks[index] = this.mark;
			if (step.match)
				return null;
			if (step.forks)
				open.push(...step.forks);
			else if (step.test)
				found.push(step);
			else if (this.holds(step.assert, state.before, code))
				open.push(step.to);
		}
		this.spend(this.steps.length);
		return found;
	}
	/* Returns the state after the character, or null after a match. */
	follow(state, code) {
		const reached = this.reach(state, code);
		if (!reached)
			return null;
		const list = [...new Set(reached.filter((step) => step.test(code)).map((step) => step.to))].sort((a, b) => a - b);
		if (this.states.size > PATTERN_STATES_MAX)
			this.forget();
		return this.state(list, isWord(code) ? AFTER_WORD : AFTER_OTHER);
	}
	next(state, code) {
		const known = code < 128 ? state.next[code] : state.others.get(code);
		if (known !== undefined)
			return known;
		const next = this.follow(state, code);
		if (code < 128)
			state.next[code] = next;
		else
			state.others.set(code, next);
		return next;
	}
	test(text) {
		if (this.browser && this.isQuick(text))
			return this.browser.test(text);
		return this.run(text);
	}
	run(text) {
		let state = this.start;
		this.spend(text.length + 1);
		for (let at = 0; at < text.length; at++) {
			const code = text.codePointAt(at);
			if (code > 0xffff)
				at++;
			state = this.next(state, code);
			if (state === null)
				return true;
		}
		if (state.ends === undefined)
			state.ends = this.reach(state, -1) === null;
		return state.ends;
	}
}
