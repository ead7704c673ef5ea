#!/usr/bin/env python3
"""page.py - the page of diag-report --html in headless Chromium

  usage: page.py BUILD-DIRECTORY SOURCE-TREE [--whole] [--shots FOLDER] [unittest arguments]

Without --whole, with the traces that have most to show; with it, with every recorded and made trace of the tree. --shots
writes pictures of each page at three widths, light and dark. Exits 77 without a browser, after the checks that need none.
"""
import argparse
import functools
import glob
import html
import http.server
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.parse

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "flame"))
from browser import Browser, available  # noqa: E402

PAGE_BYTES_MAX = 3 << 20
WIDTHS = (1400, 900, 480)  # the first one is that of the window
WAIT_S = 30
MADE = ("markup", "page")
RECORDED = ("tests/cli/traces/deaths.dz", "tests/flame/traces/sections.dz", "tests/cli/recordings/waits.dz")
READABLE = (0, 3)

options = argparse.Namespace()
pages = {}  # path of a trace: path of its page
folder = ""


def report(*arguments, check=True):
    """What diag-report prints."""
    result = subprocess.run([f"{options.build}/bin/diag-report", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            stdin=subprocess.DEVNULL, timeout=120, check=False, env={**os.environ, "COLUMNS": "160"})
    if check and result.returncode not in READABLE:
        raise RuntimeError(f"{arguments}: {result.returncode}: {result.stderr.decode()}")
    return result


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def make_page(trace, *arguments):
    path = os.path.join(folder, f"{len(os.listdir(folder))}-{os.path.basename(trace)[:-3]}.html")
    report("--html", path, "--utc", *arguments, trace)
    return path


def make_pages():
    traces = [os.path.join(folder, f"{name}.dz") for name in MADE]
    for name, trace in zip(MADE, traces):
        subprocess.run([f"{options.build}/tests/make_scenario", name, trace], check=True, timeout=60)
    traces += [os.path.join(options.source, name) for name in RECORDED]
    if options.whole:
        for pattern in ("tests/cli/traces/*.dz", "tests/flame/traces/*.dz", "samples/traces/*.dz"):
            traces += sorted(glob.glob(os.path.join(options.source, pattern)))
    for trace in dict.fromkeys(traces):
        # Of a file without a readable part there is no page.
        if report("--verify", trace, check=False).stdout:
            pages[trace] = make_page(trace)


def squeezed(text):
    return " ".join(text.split())


def is_same(shown, printed):
    """Whether a text of the page is that of the report; long ones end earlier."""
    start, dots, end = shown.partition("\u2026")
    return shown == printed or bool(dots and printed.startswith(start) and printed.endswith(end))


def printed_answers(trace):
    """First line and details of each answer of the text report, without line breaks."""
    answers = []
    for line in report("--utc", "--top", "200", "-e", "exit,signal", trace).stdout.decode().splitlines():
        if re.match(r"(\d{4}-\d\d-\d\d )?\d\d:\d\d:\d\d\.\d{3}  [A-Z]+( |$)", line):
            answers.append([line])
        elif answers and line.startswith(" " * 14):
            if line[14] != " " or line[23:25] == "  ":
                answers[-1].append(line)
            else:
                answers[-1][-1] += line
        else:
            if answers and not line:
                break
    return [[squeezed(part) for part in answer] for answer in answers]


class Handler(http.server.SimpleHTTPRequestHandler):
    """Files of the folder; remembers what was requested."""
    asked = []

    def do_GET(self):
        Handler.asked.append(self.path)
        super().do_GET()

    def log_message(self, *_):
        pass


class Files(unittest.TestCase):
    """What can be said without a browser."""

    def trace(self, name):
        return next(trace for trace in pages if os.path.basename(trace) == f"{name}.dz")

    def test_size(self):
        size = os.path.getsize(pages[self.trace("page")])
        print(f"100,000 events: {size:,} bytes")
        self.assertLessEqual(size, PAGE_BYTES_MAX)

    def test_command(self):
        trace = self.trace("markup")
        self.assertNotIn("secret-word", read(pages[trace]))
        self.assertIn("diag-record --secret-word -- run", read(make_page(trace, "--with-command")))

    def test_uuid(self):
        for trace, page in pages.items():
            header = report("--info", "--verbose", trace).stdout.decode()
            uuid = re.search(r"uuid +([-0-9a-f]{36})", header)
            self.assertIn(f"{os.path.basename(trace)} (<code>{uuid[1]}</code>)", read(page))
            self.assertNotIn(os.path.dirname(trace), read(page))

    def test_several(self):
        """The names of several traces are not in the header, which stays in view."""
        traces = [self.trace("deaths"), self.trace("sections")]
        text = read(make_page(traces[0], traces[1]))
        header = text.partition("</header>")[0].partition("<header")[2]
        names = text.partition('<section id="traces">')[2].partition("</section>")[0]
        self.assertIn("2 traces", header)
        for trace in traces:
            self.assertNotIn(os.path.basename(trace), header)
            self.assertIn(os.path.basename(trace), names)

    def test_scrub(self):
        """A page of a scrubbed trace has no name that was replaced."""
        scrubbed = os.path.join(folder, "scrubbed.dz")
        report("--scrub", "-o", scrubbed, self.trace("deaths"))
        text = read(make_page(scrubbed))
        for name in ("osd7", "ceph-osd", "app.service", "/usr/bin/program"):
            self.assertIn(name, read(pages[self.trace("deaths")]))
            self.assertNotIn(name, text)

    def test_sections(self):
        """The flame graph of sections has the time that diag-fold prints, in states."""
        trace = self.trace("sections")
        folded = subprocess.run([f"{options.build}/bin/diag-fold", "--weight", "time", trace], stdout=subprocess.PIPE, check=True,
                                timeout=60).stdout.decode()
        shown = urllib.parse.unquote(html.unescape(read(pages[trace])))
        for name in ("[page fault]", "touch", "spin_beside"):
            self.assertIn(f";{name}", folded)
            self.assertIn(f">{name}<", shown)

    def test_where_the_time_went(self):
        """The page has what the report says about waits and samples, and a flame graph of all time on and off CPUs."""
        trace = self.trace("waits")
        text = read(pages[trace])
        part = html.unescape(text.partition('<section id="where">')[2].partition("</section>")[0])
        causes = re.findall(r"^  \d\. .*$", report("--utc", trace).stdout.decode(), re.M)
        self.assertEqual(len(causes), 3)
        for line in causes:
            self.assertIn(line, part)
        self.assertIn("77 CPU waits; 100 CPU samples; 93 blocked times", text)
        for wanted in ("WHO RAN INSTEAD", "IN WHICH FUNCTION", ">Time on and off CPUs<"):
            self.assertIn(wanted, html.unescape(text))
        shown = urllib.parse.unquote(html.unescape(text))
        for name in ("hrtimer_nanosleep", "print_labels"):
            self.assertIn(f">{name}<", shown)

    def test_keys(self):
        """The manual names the keys of the page."""
        script = read(os.path.join(options.source, "analyze/html/script/page.js"))
        keys = re.findall(r'\["([^"]+)", "', script.partition("const KEYS")[2].partition("];")[0])
        manual = read(os.path.join(options.source, "docs/diag-report.1.md")).partition("# THE PAGE")[2].partition("# PAGER")[0]
        self.assertEqual(re.findall(r"^\| (.*?) \|", manual.partition("| key | action |")[2], re.M), keys)

    def test_replace(self):
        trace = self.trace("deaths")
        path = make_page(trace)
        self.assertEqual(report("--html", path, trace).returncode, 0)
        with open(path, "w", encoding="utf-8") as file:
            file.write("mine")
        self.assertEqual(report("--html", path, trace, check=False).returncode, 1)
        self.assertEqual(read(path), "mine")
        self.assertEqual(report("--html", path, "--force", trace).returncode, 0)

    def test_counts(self):
        """Rows and groups are all events of a kind."""
        trace = self.trace("page")
        text = read(pages[trace])
        for kind, table in (("exits", "exits"), ("signals", "signals"), ("sections", "sections")):
            rows = len(report("--rows", kind, trace).stdout.splitlines())
            part = text.partition(f"<summary>{table} <")[2].partition("</details>")[0]
            counts = [int(count) for count in re.findall(r'<td class="n" data-v="(\d+)">', part)]
            outside = re.search(r">([\d,]+) of these events, of further kinds", part)
            self.assertEqual(sum(counts) + int(outside[1].replace(",", "") if outside else 0), rows, table)


@unittest.skipUnless(available(), "chromium and chromium-driver are not installed")
class Page(unittest.TestCase):
    """What a reader sees and does."""

    @classmethod
    def setUpClass(cls):
        handler = functools.partial(Handler, directory=folder)
        cls.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=cls.server.serve_forever, daemon=True).start()
        cls.browser = Browser(1400, 1000)
        cls.browser.__enter__()

    @classmethod
    def tearDownClass(cls):
        cls.browser.__exit__()
        cls.server.shutdown()
        cls.server.server_close()

    shown = None

    def open(self, page, scripts=True, width=1400, dark=False):
        Page.shown = None
        self.browser.open("about:blank")
        self.browser.scripts(scripts)
        self.browser.dark(dark)
        self.browser.resize(width, 1000)
        self.browser.open(f"http://127.0.0.1:{self.server.server_address[1]}/{os.path.basename(page)}")

    def open_trace(self, name):
        """Opens a page, or goes on with it."""
        if Page.shown != name:
            self.open(next(page for trace, page in pages.items() if os.path.basename(trace) == f"{name}.dz"))
        Page.shown = name
        self.browser.run("document.activeElement.blur(); window.scrollTo(0, 0)")

    def wait(self, script, wanted):
        """Waits until the script has this value."""
        until = time.monotonic() + WAIT_S
        value = self.browser.run(script)
        while value != wanted and time.monotonic() < until:
            time.sleep(0.02)
            value = self.browser.run(script)
        self.assertEqual(value, wanted, script)

    def count(self, selector):
        return self.browser.run("return document.querySelectorAll(arguments[0]).length", selector)

    def test_each(self):
        """Each page requests nothing, says nothing on the console, fits each window, and has the answers of the report."""
        for trace, page in pages.items():
            Handler.asked.clear()
            self.browser.log()
            self.open(page)
            self.check_answers(trace)
            self.browser.run("document.querySelectorAll('details').forEach((e) => { e.open = true })")
            self.browser.run("document.querySelectorAll('iframe').forEach((e) => e.scrollIntoView())")
            for width in WIDTHS:
                self.browser.resize(width, 1000)
                self.assertLessEqual(self.browser.run("return document.documentElement.scrollWidth"), width, trace)
            self.assertEqual(self.browser.log(), [], page)
            self.assertEqual(Handler.asked, [f"/{os.path.basename(page)}"])
            self.assertEqual(self.browser.run("return performance.getEntriesByType('resource')"
                                              ".map((e) => e.name).filter((e) => !e.startsWith('data:'))"), [])

    def check_answers(self, trace):
        """The answers are those of the text report, word by word."""
        shown = self.browser.run("""
            return [...document.querySelectorAll(".answer")].map((answer) => {
                const parts = [answer.querySelector("h3").textContent];
                for (const label of answer.querySelectorAll("dt")) {
                    const text = label.nextElementSibling;
                    const words = `${label.textContent} ${(text.querySelector("summary") || text).textContent}`;
                    if (label.textContent)
                        parts.push(words);
                    else
                        parts[parts.length - 1] += words;
                }
                return parts;
            })""")
        shown = [[squeezed(part) for part in answer] for answer in shown]
        printed = printed_answers(trace)
        self.assertEqual(len(shown), len(printed), trace)
        for mine, theirs in zip(shown, printed):
            self.assertTrue(is_same(mine[0], theirs[0]), f"{trace}: {theirs[0]!r} is not {mine[0]!r}")
            for part in theirs[1:]:
                # A command line is cut in the text.
                self.assertTrue(any(is_same(each, part) for each in mine) or " ... " in part, f"{trace}: {part!r} is not in {mine}")

    def test_markup(self):
        self.open_trace("markup")
        self.assertEqual(self.browser.run("return document.title"), self.browser.text("h1"))
        self.assertEqual(self.count("script"), 1)
        for tag in ("img", "u", "object", "embed", "form", "[onmouseover]", "[onfocus]", "[autofocus]"):
            self.assertEqual(self.count(tag), 0, tag)
        text = self.browser.run("return document.body.textContent")
        for wanted in ("<script>document.title='taken'</script>", "&lt;b&gt;&#x3c;i&#62;&amp;amp;", "\\u{202e}nrut", "]]><!-- -->"):
            self.assertIn(wanted, text)
        self.assertLessEqual(self.browser.run("return document.documentElement.scrollWidth"), 1400)

    def test_deaths_search(self):
        self.open_trace("deaths")
        self.browser.press("/")
        self.browser.press(*"parser")
        self.wait("return document.querySelectorAll('.answer:not([hidden])').length", 1)
        self.assertIn("1 answer, 1 lane and ", self.browser.text("#status"))
        self.assertGreater(self.count(".names li.dim"), 5)
        self.browser.press("Enter")
        self.wait("return document.getElementById('status').textContent.startsWith('match 1 of ')", True)
        self.assertEqual(self.count(".found"), 1)
        self.browser.press("Escape")
        self.wait("return document.querySelectorAll('.answer[hidden], .dim, tr[hidden], .found').length", 0)

    def test_deaths_chains(self):
        self.open_trace("deaths")
        self.browser.press("e")
        self.assertEqual(self.count(".answer details[open]"), self.count(".answer details"))
        self.browser.press("e")
        self.assertEqual(self.count(".answer details[open]"), 0)
        self.browser.run("document.querySelector('.answer summary').focus()")
        self.browser.press("Enter")
        self.assertEqual(self.count(".answer details[open]"), 1)

    def zoom(self):
        return float(self.browser.run("return document.getElementById('plot').dataset.zoom"))

    def test_deaths_zoom(self):
        self.open_trace("deaths")
        place = "return document.querySelector('#plot .death').getAttribute('cx')"
        before = self.browser.run(place)
        self.browser.press("+", "+", "+")
        self.assertAlmostEqual(self.zoom(), 1.6 ** 3, places=2)
        self.assertNotEqual(self.browser.run(place), before)
        self.browser.run("document.querySelector('.plot').focus()")
        moved = self.browser.run(place)
        self.browser.press("ArrowLeft")
        self.assertNotEqual(self.browser.run(place), moved)
        self.browser.press("-")
        self.assertAlmostEqual(self.zoom(), 1.6 ** 2, places=2)
        self.browser.press("0")
        self.assertEqual(self.zoom(), 1)
        self.assertAlmostEqual(float(self.browser.run(place)[:-1]), float(before[:-1]), places=3)
        self.browser.press(*["+"] * 60)
        self.assertGreater(self.zoom(), 1e6)
        self.assertGreater(self.count("#plot .axis text"), 1)

    def column(self, number):
        return self.browser.run("return [...document.querySelectorAll('details.table tbody tr')].filter((e) => !e.hidden"
                                " && e.closest('details') === document.querySelector('details.table'))"
                                ".map((e) => e.cells[arguments[0]].textContent)", number)

    def test_deaths_sort(self):
        self.open_trace("deaths")
        heads = self.browser.run("return [...document.querySelectorAll('details.table')[0].querySelectorAll('th')]"
                                 ".map((e) => e.textContent)")
        pid = heads.index("PID")
        press = ("document.querySelectorAll('details.table')[0].querySelectorAll('th button')[arguments[0]].focus()")
        for wanted in (False, True):
            self.browser.run(press, pid)
            self.browser.press("Enter")
            self.assertEqual(self.column(pid), sorted(self.column(pid), key=int, reverse=wanted))
        self.browser.run(press, heads.index("LIFETIME"))
        self.browser.press("Enter")
        self.assertEqual(self.column(heads.index("LIFETIME"))[-4:], ["5.002s", "00:01:30", "01:10:00", "6d 04:12:09"])
        self.browser.run(press, 0)
        self.browser.press("Enter")
        self.assertEqual(self.column(0), sorted(self.column(0)))
        self.browser.run("document.querySelector('details.table .tools input').focus()")
        self.browser.press(*"batch")
        self.wait("return document.getElementById('status').textContent", "5 rows")
        self.assertEqual(set(self.column(heads.index("COMM"))), {"batch"})

    def test_deaths_flame(self):
        """The flame graphs run their own script."""
        self.open_trace("deaths")
        frame = self.browser.call("/element", {"using": "css selector", "value": "iframe.flame"})
        self.browser.call("/frame", {"id": frame})
        self.wait("return document.getElementById('search') !== null", True)
        self.assertGreater(self.browser.run("return document.querySelectorAll('#view text').length"), 3)
        self.browser.call("/frame", {"id": None})

    def rendered(self):
        """The text of the page as it is drawn."""
        snapshot = self.browser.devtools("DOMSnapshot.captureSnapshot", computedStyles=[])
        strings = snapshot["strings"]
        return " ".join(strings[text] for document in snapshot["documents"] for text in document["layout"]["text"] if text >= 0)

    def test_without_scripts(self):
        self.open(next(page for trace, page in pages.items() if os.path.basename(trace) == "deaths.dz"), scripts=False)
        text = self.rendered()
        for wanted in ("parser[30001]", "CRASHED", "Time line", "+2m 00s", "osd7, x86-64", "lifetime", "Flame graphs", "trace: deaths.dz"):
            self.assertIn(wanted.lower(), text.lower())
        self.browser.scripts(True)

    def test_shots(self):
        if not options.shots:
            self.skipTest("without --shots")
        for trace, page in pages.items():
            for width in WIDTHS:
                for dark in (False, True):
                    self.open(page, width=width, dark=dark)
                    self.browser.resize(width, min(6000, self.browser.run("return document.documentElement.scrollHeight")))
                    time.sleep(0.3)
                    name = f"{os.path.basename(trace)[:-3]}-{width}-{'dark' if dark else 'light'}.png"
                    self.browser.screenshot(os.path.join(options.shots, name))


def main():
    global folder
    parser = argparse.ArgumentParser()
    parser.add_argument("build", type=os.path.abspath)
    parser.add_argument("source", type=os.path.abspath)
    parser.add_argument("--whole", action="store_true")
    parser.add_argument("--shots", type=os.path.abspath)
    rest = parser.parse_known_args(namespace=options)[1]
    folder = tempfile.mkdtemp(prefix="diag-page-test-")
    try:
        make_pages()
        result = unittest.main(argv=[sys.argv[0], *rest], exit=False).result
    finally:
        shutil.rmtree(folder)
    if not result.wasSuccessful():
        sys.exit(1)
    if not available():
        print("SKIP: chromium and chromium-driver are not installed")
        sys.exit(77)


if __name__ == "__main__":
    main()
